"""An example of a call, made from the document: arguments that validate, and how Python and a shell would say it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from .._bind import UNSET, Binder
from .._examples import example
from .._operations import MediaType, Operation, Parameter
from ._payloads import takes_values

_LINE = 76


class Sample(NamedTuple):
    """Is an example of a call; `body` is UNSET where there is none, `as_values` says that it is written as JSON."""

    operation: str
    arguments: dict[str, Any]
    body: Any
    as_values: bool

    def python(self) -> str:
        """Return the call as Python would be formatted."""
        named = all(name.isidentifier() for name in self.arguments)
        words = [partial(_literal, self.operation)]
        words += [] if self.body is UNSET else [partial(_literal, self.body)]
        if named:
            words += [partial(_keyword, name, value) for name, value in self.arguments.items()]
        elif self.arguments:
            words.append(partial(_unpacked, self.arguments))
        return _layout("api.call(", ")", words, 0)

    def shell(self) -> str:
        """Return the call as a command for a POSIX shell."""
        words = ["odp", "call", self.operation]
        words += [_argument(name, value) for name, value in self.arguments.items()]
        if self.body is not UNSET:
            words += ["--body", json.dumps(self.body, ensure_ascii=False) if self.as_values else str(self.body)]
        return " ".join(shlex.quote(word) for word in words)


def sample_of(operation: Operation) -> Sample | None:
    """Return an example of a call: what is required, and a body; None where none could be made that validates."""
    binder = Binder(operation)
    try:
        arguments = _arguments(binder)
        body = _body(operation, binder.media_type)
    except ValueError:
        return None
    problems = list(binder.problems(binder.bind(body, arguments)))
    return None if problems else Sample(operation.id, arguments, body, takes_values(binder.media_type))


def _arguments(binder: Binder) -> dict[str, Any]:
    """Return the required arguments; the members of an exploded object by their own names."""
    arguments: dict[str, Any] = {}
    for name, parameter in zip(binder.names, binder.operation.parameters, strict=True):
        if parameter.required:
            value = _value(binder.operation, parameter)
            in_parts = isinstance(value, dict) and value and all(binder.parent(member) is parameter for member in value)
            arguments.update(value if in_parts else {name: value})
    return arguments


def _value(operation: Operation, parameter: Parameter) -> Any:
    return example(operation.document.root, parameter.schema.pointer) if parameter.schema else "value"


def _body(operation: Operation, media: MediaType | None) -> Any:
    if operation.request_body is None or media is None:
        return UNSET
    return example(operation.document.root, media.schema.pointer, "request") if media.schema else {}


def _literal(value: Any, column: int) -> str:
    """Return a value as Python code that begins in a column."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
    if isinstance(value, dict) and value:
        return _layout("{", "}", [partial(_pair, *pair) for pair in value.items()], column)
    if isinstance(value, list) and value:
        return _layout("[", "]", [partial(_literal, item) for item in value], column)
    return repr(value)


def _pair(key: str, value: Any, column: int) -> str:
    return f"{_literal(key, column)}: {_literal(value, column)}"


def _keyword(name: str, value: Any, column: int) -> str:
    return f"{name}={_literal(value, column)}"


def _unpacked(arguments: dict[str, Any], column: int) -> str:
    return f"**{_literal(arguments, column)}"


def _layout(opening: str, closing: str, words: Sequence[Callable[[int], str]], column: int) -> str:
    """Return words between brackets: in one line where it is short, else each on its own."""
    line = f"{opening}{', '.join(word(0) for word in words)}{closing}"
    if "\n" not in line and column + len(line) <= _LINE:
        return line
    inner = " " * (column + 4)
    lines = "".join(f"{inner}{word(column + 4)},\n" for word in words)
    return f"{opening}\n{lines}{' ' * column}{closing}"


def _argument(name: str, value: Any) -> str:
    if isinstance(value, (dict, list)) or value is None:
        return f"{name}:={json.dumps(value, ensure_ascii=False)}"
    return f"{name}={value if isinstance(value, str) else json.dumps(value)}"
