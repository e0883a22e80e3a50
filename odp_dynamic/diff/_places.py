"""One place in the values, and the schemas that they must fit there: where differences are found."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from .._meaning import ANY, HIDDEN_IN, Node, Side, written_at
from ._differences import Difference, Step, Trail

if TYPE_CHECKING:
    from ._schemas import Comparison

Waiting = deque[tuple[Node, Node, Trail]]


class Place:
    """Is one place in the values: the nodes of both documents there, and the trail that leads to it.

    What stands within it is put to what is `waiting`.
    """

    def __init__(self, of: Comparison, old: Node, new: Node, trail: Trail, waiting: Waiting) -> None:
        self.comparison = of
        self.old_side: Side = of.old
        self.new_side: Side = of.new
        self.old = old
        self.new = new
        self.trail = trail
        self._waiting = waiting

    def difference(self, rule: str, reason: str, **more: Any) -> Difference:
        """Return a difference here, written where the nodes are unless something else is said."""
        more.setdefault("old", written_at(self.old))
        more.setdefault("new", written_at(self.new))
        return Difference(rule, self.trail, reason=reason, **more)

    def narrowed(self, rule: str, reason: str, *lost: Any, **more: Any) -> Difference:
        """Return a difference that takes values away, such as `lost` would give."""
        return self.difference(rule, reason, narrows=True, lost=lost, **more)

    def widened(self, rule: str, reason: str, *gained: Any, **more: Any) -> Difference:
        """Return a difference that adds values, such as `gained` would give."""
        return self.difference(rule, reason, widens=True, gained=gained, **more)

    def hiding(self, *, is_hidden: bool) -> tuple[str, str]:
        """Return the rule and the reason of a property that this way hides, or no longer hides."""
        way = self.old_side.direction
        marker = HIDDEN_IN[way]
        if is_hidden:
            return f"{marker}-added", f"the property is {marker} now: it is no part of a {way} any more"
        return f"{marker}-removed", f"the property is no longer {marker}: it may be part of a {way} now"

    def queue(self, old: Node, new: Node, step: Step) -> None:
        """Have the nodes compared that a value one step further must fit."""
        if old != ANY or new != ANY:
            self._waiting.append((old, new, (*self.trail, step)))
