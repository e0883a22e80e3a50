"""Calls, as a transport sees them: what was asked for, rather than the bytes that ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._bind import Binder
from .._operations import Operation
from .._plain import NotJSON, plain
from .._values import Request
from .._wire._bodies import decode


class Call(NamedTuple):
    """Is one call: `arguments` are the parameters that were given, by the names that callers use.

    They and `body` are what JSON makes of them: a date is its text. `body` is what was sent, decoded; None where there
    was none.
    """

    operation: str
    arguments: Mapping[str, Any]
    body: Any

    def __str__(self) -> str:
        return shown(self.operation, self.arguments, {} if self.body is None else {"body": self.body})


def call_of(operation: Operation, request: Request) -> Call:
    """Return the call behind a request."""
    return Call(operation.id, _named(Binder(operation).names, request), body_of(request))


def placed_arguments(operation: Operation, request: Request) -> dict[str, Any]:
    """Return the arguments of a request by the places of their parameters, such as ``"path.id"``."""
    return _named([parameter.where for parameter in operation.parameters], request)


def body_of(request: Request) -> Any:
    """Return what was sent, decoded; its bytes where they cannot be, None where there was nothing."""
    return decoded(request.body or b"", request.headers.get("Content-Type"))


def decoded(content: bytes, content_type: str | None) -> Any:
    """Return a decoded body, its bytes where it cannot be decoded."""
    try:
        return decode(content, content_type or "application/json")
    except ValueError:
        return content


def shown(operation: str, arguments: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> str:
    """Return a call as one line of Python."""
    words = [f"{name}={value!r}" for name, value in {**arguments, **(more or {})}.items()]
    return _shortened(f"{operation}({', '.join(words)})")


def _shortened(line: str, most: int = 200) -> str:
    return line if len(line) <= most else f"{line[: most - 2]}…)"


def _named(names: Sequence[str], request: Request) -> dict[str, Any]:
    given = zip(names, request.arguments, strict=False)  # a request that was made by hand has no arguments
    return {name: _plain(value) for name, value in given if value is not None}


def _plain(value: Any) -> Any:
    try:
        return plain(value)
    except NotJSON:
        return value
