"""Where rows go: an operation, as a loader needs it. Its body is an array of rows, or each row is a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple

import orjson

from .._api import Api
from .._operations import Operation
from .._plain import NotJSON
from .._pointers import join, split
from .._schema import Schema
from .._values import Problem, Request
from .._wire._content import json_bytes
from ..errors import InvalidRequest, OdpError


class LoadError(OdpError):
    """Says that a load cannot begin, or go on, and what to do; the caller must act."""


class Checked(NamedTuple):
    """Is what the document makes of rows: the places of those that fit, and the problems of those that do not."""

    good: list[int]
    bad: dict[int, tuple[Problem, ...]]


class Arrays:
    """Sends rows together, as the body of one request.

    The request is prepared once: the next one differs in its body alone.
    """

    together = True

    def __init__(self, api: Api, operation: Operation, arguments: Mapping[str, Any], *, replayable: bool) -> None:
        self._api = api
        self._operation = operation
        self._arguments = dict(arguments)
        self._replayable = operation.replayable or replayable
        self._template: Request | None = None
        self._lock = Lock()
        body = operation.request_body
        self._problems = body.problems if body is not None else _no_problems

    def make_sure(self) -> None:
        """Raise InvalidRequest where no row can be sent, whatever it is: an argument or a key is missing or wrong."""
        _make_sure(self._api, self._operation, [], self._arguments, lambda problem: problem.where != "body")

    def check(self, rows: Sequence[Any]) -> Checked:
        """Judge rows, together and, where that finds anything, one by one."""
        if not self._problems(list(rows)):
            return Checked(list(range(len(rows))), {})
        found = {place: _within(self._problems([row])) for place, row in enumerate(rows)}
        bad = {place: problems for place, problems in found.items() if problems}
        good = [place for place in range(len(rows)) if place not in bad]
        of_all = self._problems([rows[place] for place in good]) if good else ()
        if of_all:  # such as two that are alike, where they must not be: nobody can say which is one too many
            return Checked([], {**bad, **dict.fromkeys(good, tuple(of_all))})
        return Checked(good, bad)

    def request(self, rows: Sequence[Any]) -> Request:
        """Return the request that sends these rows; raise InvalidRequest, which tells the places, where it cannot."""
        with self._lock:
            if self._template is None:
                self._template = _prepared(self._api, self._operation, [rows[0]], self._arguments)
        try:
            body = _body_of(list(rows))
        except NotJSON as error:
            raise InvalidRequest(self._operation.id, [Problem("body", error.pointer, "type", error.reason)]) from None
        return self._template._replace(body=body, replayable=self._replayable)


class Objects:
    """Sends each row by a call of its own: what a row names as a parameter is one, the rest is the body."""

    together = False

    def __init__(self, api: Api, operation: Operation, arguments: Mapping[str, Any], *, replayable: bool) -> None:
        self._api = api
        self._operation = operation
        self._arguments = dict(arguments)
        self._replayable = operation.replayable or replayable

    def make_sure(self) -> None:
        """Raise InvalidRequest where no row can be sent, whatever it is: a key is missing or wrong."""
        _make_sure(
            self._api, self._operation, None, self._arguments, lambda problem: problem.where in {"security", "server"}
        )

    def check(self, rows: Sequence[Any]) -> Checked:
        """Judge rows, one by one."""
        bad: dict[int, tuple[Problem, ...]] = {}
        for place, row in enumerate(rows):
            if not isinstance(row, dict) or not all(isinstance(name, str) for name in row):
                bad[place] = (Problem("body", "", "type", "must be an object, whose members are named"),)
                continue
            try:
                _prepared(self._api, self._operation, None, {**self._arguments, **row})
            except InvalidRequest as error:
                bad[place] = tuple(error.problems)
        return Checked([place for place in range(len(rows)) if place not in bad], bad)

    def request(self, rows: Sequence[Any]) -> Request:
        """Return the request that sends this one row."""
        [row] = rows
        return _prepared(self._api, self._operation, None, {**self._arguments, **row})._replace(
            replayable=self._replayable
        )


Target = Arrays | Objects


def target_of(api: Api, operation_id: str, arguments: Mapping[str, Any], *, replayable: bool) -> Target:
    """Return how rows are sent to an operation; raise LoadError where it takes none, or an argument is missing."""
    operation = api.operations[operation_id]
    schema = schema_of_body(operation)
    if schema is None:
        raise LoadError(f"{operation_id} takes no JSON body, so there is nothing to load")
    kind = Arrays if is_array(schema) else Objects
    return kind(api, operation, arguments, replayable=replayable)


def schema_of_body(operation: Operation) -> Schema | None:
    """Return the schema of an operation's JSON body, None where it has none."""
    content = operation.request_body.content if operation.request_body else {}
    found = next((media for name, media in content.items() if "json" in name), None)
    return found.schema if found else None


def is_array(schema: Schema) -> bool:
    """Tell whether a body is an array."""
    kind = schema.definition.get("type") if isinstance(schema.definition, dict) else None
    return kind == "array" or "array" in (kind if isinstance(kind, list) else ())


def schema_of_row(operation: Operation) -> Schema | None:
    """Return the schema of one row, None where the document has none."""
    schema = schema_of_body(operation)
    if schema is None or not is_array(schema):
        return schema
    node, pointer = schema.document.resolve(schema.pointer)
    return Schema(schema.document, join(pointer, "items"), "request") if "items" in node else None


def most_items(schema: Schema) -> int | None:
    """Return how many items a body may have, None where the document does not say."""
    most = schema.definition.get("maxItems") if isinstance(schema.definition, dict) else None
    return most if isinstance(most, int) else None


def _make_sure(
    api: Api, operation: Operation, body: Any, arguments: Mapping[str, Any], counts: Callable[[Problem], bool]
) -> None:
    try:
        _prepared(api, operation, body, arguments)
    except InvalidRequest as error:
        problems = [problem for problem in error.problems if counts(problem)]
        if problems:
            raise InvalidRequest(operation.id, problems) from None


def _prepared(api: Api, operation: Operation, body: Any, arguments: Mapping[str, Any]) -> Request:
    return api.prepare(operation.id, **arguments) if body is None else api.prepare(operation.id, body, **arguments)


def raw_of(row: Any) -> bytes:
    """Return a row as JSON, NaN as null; what orjson does not know is written as the client would."""
    try:
        return orjson.dumps(row)
    except TypeError:  # a Decimal, a number of more than 64 bits; or NotJSON says why not
        return json_bytes(row)


def _body_of(rows: list[Any]) -> bytes:
    """Return rows as JSON; raise NotJSON, which tells the place, where one has no JSON form."""
    raw = raw_of(rows)
    return raw if b"null" not in raw or orjson.loads(raw) == rows else json_bytes(rows)


def _within(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return problems of a list of one row as those of the row."""
    return tuple(problem._replace(pointer=_cut(problem.pointer)) for problem in problems)


def _cut(pointer: str) -> str:
    first = split(pointer)[:1]
    return pointer[2:] if first == ["0"] else pointer


def _no_problems(_: Any) -> tuple[Problem, ...]:
    return ()
