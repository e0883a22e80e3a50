"""From what two schemas differ in to what that means for the values that go one way."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._bind import UNSET
from .._document import Document
from .._examples import Effort
from .._meaning import ANY, Node, Side
from .._schema import Schema
from ._changes import Direction, Level
from ._differences import Difference
from ._schemas import Comparison
from ._witness import Party, witness

_EFFORT = 200_000  # to be spent on witnesses: thousands of those that are found at once, a hundred searches in vain


class Verdict(NamedTuple):
    """Is a difference with its level, and the value that proves it."""

    difference: Difference
    level: Level
    witness: Any


class Verdicts:
    """Judges the schemas of two documents, for values that go one way; "" is both ways."""

    def __init__(self, old: Document, new: Document, direction: Direction) -> None:
        self.old = Side(old, direction)
        self.new = Side(new, direction)
        self.direction = direction
        self._comparison = Comparison(self.old, self.new)
        self._known: dict[tuple[Node, Node], tuple[Verdict, ...]] = {}
        self._effort = Effort(_EFFORT)

    def between(self, old: Schema | None, new: Schema | None) -> tuple[Verdict, ...]:
        """Return all verdicts on two schemas; None allows everything."""
        nodes = self._node(self.old, old), self._node(self.new, new)
        if nodes not in self._known:
            self._known[nodes] = tuple(self._verdict(found, *nodes) for found in self._comparison.differences(*nodes))
        return self._known[nodes]

    def have_met(self, old: Schema, new: Schema) -> bool:
        """Return whether these two were compared, by themselves or within others."""
        return self._comparison.has_met(self._node(self.old, old), self._node(self.new, new))

    @staticmethod
    def _node(side: Side, schema: Schema | None) -> Node:
        return ANY if schema is None else side.node(schema.pointer)

    def _verdict(self, found: Difference, old: Node, new: Node) -> Verdict:
        if not self._harms(found):
            return Verdict(found, found.least, UNSET)
        shown = self._witness(found, old, new) if found.most == "breaking" and self.direction else UNSET
        return Verdict(found, "maybe" if shown is UNSET else "breaking", shown)

    def _harms(self, found: Difference) -> bool:
        """Return whether callers, or the readers of answers, can meet what they could not meet before."""
        narrows = found.narrows and self.direction != "response"
        return narrows or (found.widens and self.direction != "request")

    def _witness(self, found: Difference, old: Node, new: Node) -> Any:
        before, after = Party(self.old, old, self._effort), Party(self.new, new, self._effort)
        if self.direction == "request":
            return witness(before, after, found.trail, found.lost, found.rules)
        return witness(after, before, found.trail, found.gained, found.rules[::-1])
