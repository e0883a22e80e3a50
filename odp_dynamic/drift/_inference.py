"""Schemas of what was seen: as much as it shows, and no more; nothing is required, and no value is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._pointers import split
from ._findings import TYPES
from ._outlines import Outline
from ._places import ANY
from ._tallies import SEEN, Tally

REST = {"description": "more names than were listed"}


class Tree:
    """Is what was seen at one place: JSON types, and what was beneath; `more` says that not all was kept.

    `listed` False says that the items of lists were not looked at: what stands behind ``*`` is of objects alone; `cut`
    that nothing beneath was.
    """

    __slots__ = ("cut", "inner", "listed", "more", "types")

    def __init__(self, *, more: bool = False) -> None:
        self.types: set[str] = set()
        self.inner: dict[str, Tree] = {}
        self.more = more
        self.listed = True
        self.cut = False

    def at(self, place: str) -> Tree:
        """Return what is beneath; it is made where nothing was seen there."""
        tree = self
        for token in split(place):
            tree = tree.inner.setdefault(token, Tree(more=self.more))
        return tree

    def of_type(self, kind: str) -> Tree:
        """Return it as if it had one JSON type only."""
        tree = Tree(more=self.more)
        tree.take(self)
        tree.types = {kind}
        return tree

    def take(self, other: Tree) -> None:
        """Add all of another."""
        self.types |= other.types
        self.more |= other.more
        self.cut |= other.cut
        self.listed &= other.listed
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


def together_of(trees: Iterable[Tree]) -> Tree:
    """Return what was seen at several places as if it were one."""
    whole = Tree()
    for tree in trees:
        whole.take(tree)
    return whole


def within(tree: Tree, outlines: Sequence[Outline]) -> Tree:
    """Return as much of what was seen as may be named where the document has these outlines for it.

    Where one of them lets anything be, nothing in it was looked at; what another told of the same place is no reason to
    name properties there.
    """
    found = Tree(more=tree.more)
    found.types |= tree.types
    if any(outline.flat or (outline.free and "object" in tree.types) for outline in outlines):
        found.cut = True
        return found
    found.cut = tree.cut
    found.listed = tree.listed and all(outline.items is not None for outline in outlines)
    for token, inner in tree.inner.items():
        found.inner[token] = within(inner, [one for outline in outlines for one in outline.behind(token, ANY)])
    return found


def alternatives_of(tree: Tree, *, old: bool) -> list[dict[str, Any]]:
    """Return the schemas of what was seen, of which one fits each; only OpenAPI 3.0 needs more than one."""
    if not old or "binary" in tree.types:
        return [schema_of(tree, old=old)]
    found = [
        schema_of(tree.of_type(kind), old=old)
        for kind in TYPES
        if kind in tree.types - {"null"} and not (kind == "integer" and "number" in tree.types)
    ]
    return [*found, *([{"enum": [None]}] if "null" in tree.types else [])] or [{}]


def schema_of(tree: Tree, *, old: bool) -> dict[str, Any]:
    """Return the schema of what was seen; `old` writes it for OpenAPI 3.0."""
    found = typed(tree.types, old=old)
    if tree.cut:
        return found
    others = tree.inner.get(ANY)
    names = {
        # What is one of many in one place may be named in another of which no more is known than that it is the same.
        name: schema_of(together_of([inner, *([others] if others else [])]), old=old)
        for name, inner in sorted(tree.inner.items())
        if name != ANY
    }
    any_of_them = schema_of(others, old=old) if others else None
    if "array" in tree.types and tree.listed and any_of_them is not None:
        found["items"] = any_of_them
    if "object" in tree.types:
        if names:
            found["properties"] = names
        if tree.more:
            found["additionalProperties"] = REST
        elif any_of_them is not None:
            found["additionalProperties"] = any_of_them
    return found


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
