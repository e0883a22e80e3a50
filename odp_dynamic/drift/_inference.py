"""Schemas of what was seen: as much as it shows, and no more; nothing is required, and no value is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._pointers import split
from ._findings import TYPES
from ._places import ANY
from ._tallies import SEEN, Tally

REST = {"description": "more names than were listed"}


class Tree:
    """Is what was seen at one place: JSON types, and what was beneath; `more` says that not all was kept."""

    __slots__ = ("inner", "more", "types")

    def __init__(self, *, more: bool = False) -> None:
        self.types: set[str] = set()
        self.inner: dict[str, Tree] = {}
        self.more = more

    def at(self, place: str) -> Tree:
        """Return what is beneath; it is made where nothing was seen there."""
        tree = self
        for token in split(place):
            tree = tree.inner.setdefault(token, Tree(more=self.more))
        return tree

    def take(self, other: Tree) -> None:
        """Add all of another."""
        self.types |= other.types
        self.more |= other.more
        for token, tree in other.inner.items():
            self.inner.setdefault(token, Tree(more=tree.more)).take(tree)


def trees_of(tally: Tally) -> Mapping[tuple[str, str], Tree]:
    """Return what was seen in the bodies of an operation, by status and media type."""
    trees: dict[tuple[str, str], Tree] = {}
    for entry in sorted(tally.entries):
        if entry.kind == SEEN:
            root = trees.setdefault((entry.status, entry.media), Tree(more=tally.more > 0))
            root.at(entry.place).types.add(entry.type)
    return trees


def schema_of(trees: Iterable[Tree], *, old: bool) -> dict[str, Any]:
    """Return the schema of what was seen at several places together; `old` writes it for OpenAPI 3.0."""
    whole = Tree()
    for tree in trees:
        whole.take(tree)
    return _schema(whole, old=old)


def typed(kinds: Iterable[str], *, old: bool) -> dict[str, Any]:
    """Return what allows these JSON types; 3.0 has no list of them, and then more is allowed."""
    there = set(kinds)
    if "number" in there:
        there -= {"integer"}
    ordered = [kind for kind in TYPES if kind in there]
    if not ordered or "binary" in there:
        return {}
    if not old:
        return {"type": ordered[0] if len(ordered) == 1 else ordered}
    single = [kind for kind in ordered if kind != "null"]
    if len(single) != 1:
        return {}
    return {"type": single[0], **({"nullable": True} if "null" in there else {})}


def _schema(tree: Tree, *, old: bool) -> dict[str, Any]:
    found = typed(tree.types, old=old)
    names = {name: _schema(inner, old=old) for name, inner in sorted(tree.inner.items()) if name != ANY}
    any_of_them = _schema(tree.inner[ANY], old=old) if ANY in tree.inner else None
    if "array" in tree.types and any_of_them is not None:
        found["items"] = any_of_them
    if "object" in tree.types:
        if names:
            found["properties"] = names
        if tree.more:
            found["additionalProperties"] = REST
        elif any_of_them is not None:
            found["additionalProperties"] = any_of_them
    return found
