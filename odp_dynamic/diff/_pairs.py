"""One operation of both documents, and what is worked out once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .._document import Document
from .._operations import Operation
from .._schema import Schema
from ._changes import Change, Direction, Level
from ._verdicts import Verdicts


class Both:
    """Is two documents, and the verdicts on their schemas for either way that values go."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old = old
        self.new = new
        self._verdicts = {way: Verdicts(old, new, way) for way in _WAYS}

    def have_met(self, old: Schema, new: Schema) -> bool:
        """Return whether two schemas were compared as part of some operation."""
        return any(verdicts.have_met(old, new) for verdicts in self._verdicts.values())

    def verdicts(self, direction: Direction) -> Verdicts:
        """Return the verdicts on schemas for values that go this way."""
        return self._verdicts[direction]


_WAYS: tuple[Direction, ...] = ("request", "response")


class Pair(NamedTuple):
    """Is one operation as it was, and as it is."""

    both: Both
    old: Operation
    new: Operation

    def change(
        self, level: Level, rule: str, where: str, reason: str, places: tuple[str | None, str | None] | None = None
    ) -> Change:
        """Return a change of a part; `places` are the pointers in both documents, by default the operation's."""
        old, new = places or (self.old.pointer, self.new.pointer)
        return Change(level, rule, self.old.id, _way(where), where, "", reason, old, new)

    def values(self, direction: Direction, where: str, old: Schema | None, new: Schema | None) -> Iterator[Change]:
        """Yield what two schemas differ in, for the values of a part."""
        for found, level, shown in self.both.verdicts(direction).between(old, new):
            places = found.old, found.new
            yield Change(level, found.rule, self.old.id, direction, where, found.pointer, found.reason, *places, shown)


def _way(where: str) -> Direction:
    """Return which way the values of a part go."""
    if where in ("operation", "security", "servers"):
        return ""
    return "response" if "response" in where.split(" ") else "request"
