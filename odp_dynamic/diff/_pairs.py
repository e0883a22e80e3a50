"""One operation of both documents, and what is worked out once for all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple, TypeVar

from .._document import Document
from .._operations import Operation, operations_of
from .._schema import Schema
from ._changes import Change, Direction, Level
from ._paths import place_of
from ._verdicts import Verdicts

T = TypeVar("T")


def matched(
    old: Iterable[T], new: Iterable[T], *likes: Callable[[T], Hashable]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Return what became what, what is gone, and what is new: alike by the first of `likes`, or else by the next."""
    left, rest = list(old), list(new)
    order, became = {id(one): n for n, one in enumerate(left)}, []
    for like in likes:
        counts = Counter(map(like, left)), Counter(map(like, rest))
        alike = {like(other): other for other in rest if all(count[like(other)] == 1 for count in counts)}
        found = [(one, alike[like(one)]) for one in left if like(one) in alike]
        became += found
        taken = {id(one) for pair in found for one in pair}
        left, rest = ([one for one in side if id(one) not in taken] for side in (left, rest))
    return sorted(became, key=lambda pair: order[id(pair[0])]), left, rest


class Both:
    """Is two documents with their operations, and the verdicts on their schemas for either way that values go."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old = old
        self.new = new
        self.before = operations_of([old])
        self.after = operations_of([new])
        self.callbacks = 0  # that were compared
        self._verdicts: dict[Direction, Verdicts] = {way: Verdicts(old, new, way) for way in _WAYS}

    @cached_property
    def places(self) -> tuple[Mapping[tuple[str, str], Operation], Mapping[tuple[str, str], Operation]]:
        """The operations of the one and of the other document by where their requests go."""
        before, after = ({place_of(one): one for one in known.values()} for known in (self.before, self.after))
        return before, after

    def have_met(self, old: Schema, new: Schema) -> bool:
        """Return whether two schemas were compared as part of some operation."""
        return any(verdicts.have_met(old, new) for verdicts in self._verdicts.values())

    def verdicts(self, direction: Direction) -> Verdicts:
        """Return the verdicts on schemas for values that go this way."""
        return self._verdicts[direction]


_WAYS: tuple[Direction, ...] = ("request", "response")
_TURNED: dict[Direction, Direction] = {"request": "response", "response": "request", "": ""}


class Pair(NamedTuple):
    """Is one operation as it was, and as it is.

    `id` is what its changes are told of. `depth` is 0 for what callers call. A webhook, and a callback, is a request
    of the other side: each is one deeper, and its requests go the way of the answers around it. `callback` is the name
    of a callback, with those that it is within.
    """

    both: Both
    old: Operation
    new: Operation
    id: str
    depth: int = 0
    callback: str = ""

    @property
    def is_called(self) -> bool:
        """Whether callers call it, by its id."""
        return self.depth == 0

    @property
    def is_turned(self) -> bool:
        """Whether the service asks, and callers answer."""
        return self.depth % 2 == 1

    def part(self, name: str, side: Direction = "") -> Part:
        """Return a part of it, "" for the whole; `side` says whether it is of requests or of answers, whoever asks."""
        return Part(self, name, _TURNED[side] if self.is_turned else side)


class Part(NamedTuple):
    """Is a part of an operation, and which way its values go: a "request" is what callers say to the service."""

    pair: Pair
    name: str
    direction: Direction

    @property
    def is_taken(self) -> bool:
        """Whether it is the service that reads it, and that may refuse it."""
        return self.direction == "request"

    @property
    def where(self) -> str:
        """Its name as changes have it."""
        callback = self.pair.callback
        return f"{self.name} of {callback}" if self.name and callback else self.name or callback or "operation"

    def within(self, media_type: str) -> Part:
        """Return what is of one media type."""
        return self._replace(name=f"{self.name} ({media_type})")

    def change(
        self, level: Level, rule: str, reason: str, places: tuple[str | None, str | None] | None = None
    ) -> Change:
        """Return a change of it; `places` are the pointers in both documents, by default the operation's."""
        old, new = places or (self.pair.old.pointer, self.pair.new.pointer)
        return Change(level, rule, self.pair.id, self.direction, self.where, "", reason, old, new)

    def values(self, old: Schema | None, new: Schema | None) -> Iterator[Change]:
        """Yield what two schemas differ in, for its values."""
        for found, level, shown in self.pair.both.verdicts(self.direction).between(old, new):
            told = self.change(level, found.rule, found.reason, (found.old, found.new))
            yield told._replace(pointer=found.pointer, witness=shown)
