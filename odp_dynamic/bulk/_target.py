"""Where rows go: an operation, as a loader needs it. Its body is an array of rows, or each row is a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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

# Where problems are of what it takes to send a request, and to judge rows it does not.
_OF_SENDING = frozenset({"security", "server"})


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

    def __init__(
        self, api: Api, operation: Operation, schema: Schema, arguments: Mapping[str, Any], *, replayable: bool
    ) -> None:
        self._api = api
        self._operation = operation
        self._arguments = dict(arguments)
        self._replayable = operation.replayable or replayable
        self._template: Request | None = None
        self._lock = Lock()
        self._schema = schema
        self.limit = _most_items(schema)
        self._of_row = schema_of_row(operation)

    def wrong(self, *, sending: bool) -> list[Problem]:
        """Return what no row can mend: an argument that is missing or wrong and, where rows are to be sent, a key."""
        problems = _problems_of(self._api, self._operation, [], self._arguments, sending=sending)
        return [problem for problem in problems if problem.where != "body"]

    def check(self, rows: Sequence[Any]) -> Checked:
        """Judge rows, together and, where that finds anything, one by one."""
        places = range(len(rows))
        if self._fit(rows, places):
            return Checked(list(places), {})
        # To say what is wrong with a batch takes as long as with all its rows, so they are asked first.
        bad = _bad(rows, places, self._of_row.problems) if self._of_row else {}
        good = [place for place in places if place not in bad]
        if self._fit(rows, good):
            return Checked(good, bad)
        bad |= _bad(rows, good, lambda row: _within(self._schema.problems([row])))
        good = [place for place in good if place not in bad]
        of_all = self._schema.problems([rows[place] for place in good]) if good else ()
        if of_all:  # such as two that are alike, where they must not be: nobody can say which is one too many
            return Checked([], {**bad, **dict.fromkeys(good, tuple(of_all))})
        return Checked(good, bad)

    def _fit(self, rows: Sequence[Any], places: Sequence[int]) -> bool:
        """Tell whether rows may be sent together; none always may, for then nothing is sent."""
        return not places or self._schema.is_valid([rows[place] for place in places])

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
    limit: int | None = None

    def __init__(self, api: Api, operation: Operation, arguments: Mapping[str, Any], *, replayable: bool) -> None:
        self._api = api
        self._operation = operation
        self._arguments = dict(arguments)
        self._replayable = operation.replayable or replayable

    def wrong(self, *, sending: bool) -> list[Problem]:
        """Return what no row can mend: an argument that is wrong and, where rows are to be sent, a key.

        What is missing may be in the rows.
        """
        problems = _problems_of(self._api, self._operation, None, self._arguments, sending=sending)
        return [problem for problem in problems if problem.where != "body" and problem.keyword != "required"]

    def check(self, rows: Sequence[Any]) -> Checked:
        """Judge rows, one by one."""
        bad: dict[int, tuple[Problem, ...]] = {}
        for place, row in enumerate(rows):
            if not isinstance(row, dict) or not all(isinstance(name, str) for name in row):
                bad[place] = (Problem("body", "", "type", "must be an object, whose members are named"),)
                continue
            # What it takes to send has been told, or nothing will be sent.
            problems = _problems_of(self._api, self._operation, None, {**self._arguments, **row}, sending=False)
            if problems:
                bad[place] = problems
        return Checked([place for place in range(len(rows)) if place not in bad], bad)

    def request(self, rows: Sequence[Any]) -> Request:
        """Return the request that sends this one row."""
        [row] = rows
        return _prepared(self._api, self._operation, None, {**self._arguments, **row})._replace(
            replayable=self._replayable
        )


Target = Arrays | Objects


def target_of(api: Api, operation_id: str, arguments: Mapping[str, Any], *, replayable: bool) -> Target:
    """Return how rows are sent to an operation; raise LoadError where it takes none."""
    operation = api.operations[operation_id]
    schema = schema_of_body(operation)
    if schema is None:
        raise LoadError(f"{operation_id} takes no JSON body, so there is nothing to load")
    if is_array(schema):
        return Arrays(api, operation, schema, arguments, replayable=replayable)
    return Objects(api, operation, arguments, replayable=replayable)


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


def _most_items(schema: Schema) -> int | None:
    """Return how many items a body may have, None where the document does not say."""
    most = schema.definition.get("maxItems") if isinstance(schema.definition, dict) else None
    return most if isinstance(most, int) else None


def _problems_of(
    api: Api, operation: Operation, body: Any, arguments: Mapping[str, Any], *, sending: bool
) -> tuple[Problem, ...]:
    """Return what is wrong with a call; what it takes to send it only where it is to be sent."""
    try:
        _prepared(api, operation, body, arguments)
    except InvalidRequest as error:
        return tuple(problem for problem in error.problems if sending or problem.where not in _OF_SENDING)
    return ()


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


def _bad(
    rows: Sequence[Any], places: Iterable[int], problems_of: Callable[[Any], tuple[Problem, ...]]
) -> dict[int, tuple[Problem, ...]]:
    found = {place: problems_of(rows[place]) for place in places}
    return {place: problems for place, problems in found.items() if problems}


def _within(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return problems of a list of one row as those of the row."""
    return tuple(problem._replace(pointer=_cut(problem.pointer)) for problem in problems)


def _cut(pointer: str) -> str:
    first = split(pointer)[:1]
    return pointer[2:] if first == ["0"] else pointer
