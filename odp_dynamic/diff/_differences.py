"""What two schemas differ in at one place of the values, before anybody says what that means."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._meaning import Opaque
from .._pointers import join
from ._changes import Level


class Step(NamedTuple):
    """Is one step from a value to one within it: ``"property"``, ``"item"`` or ``"pattern"``.

    `name` is that of a property, the index of an item, or a pattern of names; None is any other property, or any item.
    """

    kind: str
    name: str | int | None = None


Trail = tuple[Step, ...]


class Difference(NamedTuple):
    """Is what two schemas differ in at one place of the values.

    `narrows` says that the new one may refuse what the old one accepted, `widens` that it may accept what the old one
    refused; `lost` and `gained` are schemas for values that would show the one and the other at this place. `rules` are
    the old and the new rule where such values have to be searched for. `least` and `most` bound its level where values
    do not tell all, `name` is the property of the value that is meant.
    """

    rule: str
    trail: Trail
    old: str | None
    new: str | None
    reason: str
    narrows: bool = False
    widens: bool = False
    lost: tuple[Any, ...] = ()
    gained: tuple[Any, ...] = ()
    rules: tuple[Opaque | None, Opaque | None] = (None, None)
    name: str | None = None
    least: Level = "compatible"
    most: Level = "breaking"

    @property
    def pointer(self) -> str:
        """The place in a value, as a pointer in which ``*`` is any item or any other property."""
        tokens = ["*" if step.name is None else step.name for step in self.trail]
        return join("", *tokens, *([] if self.name is None else [self.name]))

    @property
    def is_about_values(self) -> bool:
        """Whether there may be a value that one of the schemas accepts and the other refuses."""
        return self.narrows or self.widens
