"""Python sources: where they call operations, with which arguments; nothing of them is run or imported."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from tokenize import detect_encoding
from typing import Any, NamedTuple

from .._bind import UNSET
from ._following import Follower
from ._literals import Literals
from ._modules import Modules
from ._names import Module, Place, Scope, last_name
from ._notebooks import Notebook, Unfit
from ._parsing import UNREADABLE, why_unread
from ._receivers import Receivers
from ._values import UNKNOWN, UNNAMED, Found, Kind, Unread, Use

_CALLING = frozenset({"call", "request", "prepare"})
_LOADING = frozenset({"bulk_load", "loader"})
# What takes a function and then its arguments.
_DEFERRING = frozenset({"partial", "partialmethod", "submit", "to_thread", "run_in_executor", "start_soon", "Process"})
# What an Api has of its own hides an operation of that name.
_OWN = frozenset({"operations", "schemas", "drift", "send", "reload", "using", "close", *_CALLING})


class Sources:
    """Reads the sources among some files, which may import each other, for uses of operations with some ids."""

    def __init__(self, files: Iterable[Path], ids: Collection[str]) -> None:
        self._ids = ids
        self._attributes = {name for name in ids if name.isidentifier()} - _OWN
        self._modules = Modules(files, self._attributes | _CALLING | _LOADING)
        self._follower = Follower(self._modules)

    def uses_in(self, content: bytes, path: str) -> Found:
        """Return the uses in a source, and what of it could not be read."""
        return self._uses(content, path)

    def uses_in_notebook(self, content: bytes, path: str) -> Found:
        """Return the uses in a notebook, and which of its cells could not be read."""
        try:
            notebook = Notebook(content, path)
        except Unfit as error:
            return Found((), (Unread(path, 0, str(error)),))
        return notebook.located(self._uses(notebook.text, path))

    def _uses(self, source: bytes | str, path: str) -> Found:
        try:
            module = self._modules.module(source, Path(path))
            reading = _Reading(self._ids, self._attributes, Literals(self._follower), Receivers(module, self._follower))
            return _Source(module, path, _lines(source), reading).found()
        except UNREADABLE as error:
            return Found((), (Unread(path, *why_unread(error)),))


def _lines(source: bytes | str) -> list[bytes]:
    """Return the lines of a source as UTF-8, whose bytes are what the parser counts."""
    if isinstance(source, bytes):
        encoding, _ = detect_encoding(BytesIO(source).readline)
        source = source.decode(encoding, "replace")
    return source.encode().splitlines()


class _Given(NamedTuple):
    """Is what a call gives beside the operation's id."""

    positional: Sequence[ast.expr]
    keywords: Sequence[ast.keyword]


class _Reading(NamedTuple):
    """Is what a source is read with: the ids, those of them that are attributes, too, and what is known of names."""

    ids: Collection[str]
    attributes: Collection[str]
    literals: Literals
    receivers: Receivers


class _Source:
    """Is one module, and what is known of its names."""

    def __init__(self, module: Module, path: str, lines: Sequence[bytes], reading: _Reading) -> None:
        self._places = module.places
        self._path = path
        self._lines = lines
        self._ids, self._attributes, self._literals, self._receivers = reading
        self._told: set[int] = set()  # the functions that have been told with their call

    def found(self) -> Found:
        """Return the uses in the order of their places."""
        both = [one for place in self._places for one in self._of(place)]
        uses = {(one.line, one.column, one.operation): one for one in both if isinstance(one, Use)}
        return Found(
            tuple(uses[place] for place in sorted(uses)),
            tuple(dict.fromkeys(one for one in both if isinstance(one, Unread))),
        )

    def _of(self, place: Place) -> Iterator[Use | Unread]:
        node, scope, parent = place
        if isinstance(node, ast.Call):
            yield from self._of_call(node, scope)
        elif isinstance(node, ast.Subscript) and last_name(node.value) == "operations":
            yield from self._by_id("lookup", node.value, node.slice, None, scope)
        elif isinstance(node, ast.Attribute) and node.attr in self._attributes and id(node) not in self._told:
            called = isinstance(parent, ast.Call) and parent.func is node
            if not called and isinstance(node.ctx, ast.Load) and self._receivers.is_api(node.value, scope):
                yield self._use("reference", node, node.attr, None, scope)

    def _of_call(self, node: ast.Call, scope: Scope) -> Iterator[Use | Unread]:
        function, name, given = node.func, last_name(node.func), _Given(node.args, node.keywords)
        receiver = function.value if isinstance(function, ast.Attribute) else None
        if receiver is not None and name in self._attributes and self._receivers.is_api(receiver, scope):
            yield self._use("call", function, name, given, scope)
        elif name in _DEFERRING:
            yield from self._deferred(given, scope)
        elif name in _LOADING and len(node.args) > 1:
            yield from self._by_id("load", function, node.args[1], _Given((), node.keywords), scope)
        elif receiver is not None and node.args:
            rest = given._replace(positional=node.args[1:])
            if name in _CALLING:
                yield from self._by_id("call", function, node.args[0], rest, scope)
            elif name == "get" and last_name(receiver) == "operations":
                yield from self._by_id("lookup", receiver, node.args[0], None, scope)
            elif name == "on" and "stub" in last_name(receiver):  # what a test expects of a call
                yield from self._by_id("reference", function, node.args[0], rest, scope)

    def _deferred(self, given: _Given, scope: Scope) -> Iterator[Use | Unread]:
        """Yield what is called later with what is given now, and more, it may be."""
        for number, function in enumerate(given.positional):
            rest = given.positional[number + 1 :]
            if not isinstance(function, ast.Attribute):
                continue
            if function.attr in _CALLING and rest:
                yield from self._by_id("reference", function, rest[0], given._replace(positional=rest[1:]), scope)
            elif function.attr in self._attributes and self._receivers.is_api(function.value, scope):
                self._told.add(id(function))
                yield self._use("reference", function, function.attr, given._replace(positional=rest), scope)
            return

    def _by_id(
        self, kind: Kind, function: ast.expr, written: ast.expr, given: _Given | None, scope: Scope
    ) -> Iterator[Use | Unread]:
        names = self._literals.texts(written, scope)
        yield from (self._use(kind, function, name, given, scope) for name in names if name in self._ids)
        receiver = function.value if isinstance(function, ast.Attribute) else None
        if kind == "lookup" or receiver is None or UNKNOWN not in names:
            return
        if self._receivers.is_api(receiver, scope):
            line, _ = self._position(function)
            yield Unread(self._path, line, UNNAMED)

    def _use(self, kind: Kind, function: ast.expr, operation: str, given: _Given | None, scope: Scope) -> Use:
        line, column = self._position(function)
        if given is None:
            return Use(self._path, line, column, kind, operation, open=kind == "reference")
        arguments, is_open = self._arguments(given, scope)
        body = arguments.pop("body", UNSET)
        if given.positional and not isinstance(given.positional[0], ast.Starred):
            body = self._literals.value(given.positional[0], scope)
        if kind == "load":
            body = UNKNOWN
        starred = any(isinstance(argument, ast.Starred) for argument in given.positional)
        is_open = is_open or starred or kind == "reference"
        return Use(self._path, line, column, kind, operation, arguments, body, is_open)

    def _arguments(self, given: _Given, scope: Scope) -> tuple[dict[str, Any], bool]:
        """Return the arguments by name, and whether there may be others."""
        found: dict[str, Any] = {}
        is_open = False
        for word in given.keywords:
            value = self._literals.value(word.value, scope)
            if word.arg is not None:
                found[word.arg] = value
            elif isinstance(value, dict):
                is_open = is_open or UNKNOWN in value
                found |= {name: inner for name, inner in value.items() if isinstance(name, str)}
            else:
                is_open = True
        return found, is_open

    def _position(self, function: ast.expr) -> tuple[int, int]:
        """Return the line and the column of the name that is called, which may stand far behind its receiver."""
        line, end = function.end_lineno or function.lineno, function.end_col_offset or 0
        before = self._lines[line - 1][: end - len(last_name(function).encode())] if line <= len(self._lines) else b""
        return line, len(before.decode("utf-8", "replace")) + 1
