"""Delivering a batch: what the server refuses is narrowed down until the bad rows are alone; the others are stored."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any, NamedTuple

from .._api import Api
from .._pointers import split
from .._values import Problem, Request
from ..errors import InvalidRequest, OdpError, StatusError, TransportError
from ._rows import Row
from ._target import Target

# What is wrong with the rows, and not with the request, the key or the service (RFC 9110, 15.5).
_ABOUT_ROWS = frozenset({400, 409, 422})
_TOO_LARGE = 413
_NOT_DONE = 503


class Refused(NamedTuple):
    """Is a row that the server refused: with which status, and why."""

    row: Row
    status: int
    problems: tuple[Problem, ...]


class Delivered(NamedTuple):
    """Is what became of a batch: the rows that the server took, those that it may have taken, those that it refused.

    `unwritable` are those that fit the document and have no JSON form, as NaN has none: they were not sent. `stopped`
    says what ended the delivery before all rows had been sent: it concerns every batch, and not these rows.
    """

    acknowledged: list[Row]
    doubtful: list[Row]
    refused: list[Refused]
    unwritable: list[tuple[Row, tuple[Problem, ...]]]
    stopped: OdpError | None = None


class Delivery:
    """Delivers batches; threads share it. `count` is called for each request that is sent."""

    def __init__(self, api: Api, target: Target, largest: int, count: Callable[[], None]) -> None:
        self._api = api
        self._target = target
        self._largest = largest
        self._count = count

    def deliver(self, rows: Sequence[Row], values: Sequence[Any]) -> Delivered:
        """Send rows, in as many requests as it takes; `values` is what is sent of each."""
        delivered = Delivered([], [], [], [])
        waiting = [_Part(list(rows), list(values))]
        while waiting:
            try:
                waiting.extend(reversed(self._parts_left(waiting.pop(), delivered)))
            except OdpError as error:
                return delivered._replace(stopped=error)
        return delivered

    def _parts_left(self, part: _Part, delivered: Delivered) -> list[_Part]:
        """Send a part, and return what is to be sent in its place where the server did not take it."""
        try:
            request = self._target.request(part.values)
        except InvalidRequest as error:
            return self._unwritten(part, error, delivered)
        if len(request.body or b"") > self._largest and len(part.rows) > 1:
            return part.halves()
        try:
            self._send(request)
        except StatusError as error:
            return self._narrowed(part, error, delivered)
        except TransportError as error:
            if error.sent and not request.replayable:
                delivered.doubtful.extend(part.rows)
                return []
            raise
        delivered.acknowledged.extend(part.rows)
        return []

    def _send(self, request: Request) -> None:
        self._count()
        self._api.send(request)

    def _unwritten(self, part: _Part, error: InvalidRequest, delivered: Delivered) -> list[_Part]:
        named = _named(error.problems, len(part.rows))
        if not named:
            raise error
        delivered.unwritable.extend((part.rows[place], problems) for place, problems in named.items())
        rest = part.without(named)
        return [rest] if rest.rows else []

    def _narrowed(self, part: _Part, error: StatusError, delivered: Delivered) -> list[_Part]:
        if error.status == _TOO_LARGE and len(part.rows) > 1:
            return part.halves()
        if error.status not in _ABOUT_ROWS | {_TOO_LARGE}:
            if error.status >= 500 and error.status != _NOT_DONE and not error.response.request.replayable:
                delivered.doubtful.extend(part.rows)
                return []
            raise error
        named = _named(error.details, len(part.rows))
        if len(part.rows) == 1:
            delivered.refused.append(Refused(part.rows[0], error.status, tuple(error.details) or _unsaid(error)))
            return []
        if not named:
            return part.halves()
        delivered.refused.extend(Refused(part.rows[place], error.status, named[place]) for place in named)
        rest = part.without(named)
        # A server may name the first bad row only: then halves find the others in fewer requests.
        return rest.halves() if rest.rounds > 1 and len(rest.rows) > 1 else [rest] if rest.rows else []


class _Part(NamedTuple):
    """Is rows that are sent together; `rounds` is how often rows that the server named were taken out of it."""

    rows: list[Row]
    values: list[Any]
    rounds: int = 0

    def halves(self) -> list[_Part]:
        middle = len(self.rows) // 2
        return [
            _Part(self.rows[:middle], self.values[:middle], self.rounds),
            _Part(self.rows[middle:], self.values[middle:], self.rounds),
        ]

    def without(self, places: Container[int]) -> _Part:
        left = [place for place in range(len(self.rows)) if place not in places]
        return _Part([self.rows[place] for place in left], [self.values[place] for place in left], self.rounds + 1)


def _named(details: Sequence[Problem], count: int) -> dict[int, tuple[Problem, ...]]:
    """Return the faults of each row that the server names by its place in the request."""
    named: dict[int, tuple[Problem, ...]] = {}
    for problem in details:
        first, *rest = split(problem.pointer) or [""]
        if first.isascii() and first.isdigit() and int(first) < count:
            own = problem._replace(pointer="".join(f"/{token}" for token in rest))
            named[int(first)] = (*named.get(int(first), ()), own)
    return named


def _unsaid(error: StatusError) -> tuple[Problem, ...]:
    return (Problem("server", "", "", f"answered {error.status} without a reason"),)
