"""What an answer says of the operations that it leads to, before and after.

An answer is what it is without its links (OAS 3.1.1, 4.8.20: they do not even promise that the call succeeds), so that
none of them is breaking; but programs follow them by name, so that what they lose is not for people alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._document import Document
from .._meaning import key_of
from .._operations import DeclaredResponse, Operation
from .._pointers import from_fragment, join, split
from .._templates import Template
from ._changes import Change
from ._pairs import Pair
from ._paths import place_of

Links = Mapping[str, tuple[Mapping[str, Any], str]]
_GIVEN = {
    "parameters": "gives other parameters",
    "requestBody": "gives another requestBody",
    "server": "goes to another server",
}


def link_changes(pair: Pair, where: str, before: DeclaredResponse, after: DeclaredResponse) -> Iterator[Change]:
    """Yield which links of an answer are gone, new, or lead elsewhere."""
    old, new = _links(pair.old.document, before.pointer), _links(pair.new.document, after.pointer)
    for name in dict.fromkeys([*old, *new]):
        part = pair.part(f"link {name} of {where}", "response")
        if name not in new:
            told = "is gone: programs that follow it find nothing"
            yield part.change("maybe", "link-removed", told, (old[name][1], None))
        elif name not in old:
            yield part.change("compatible", "link-added", "is new", (None, new[name][1]))
        else:
            (mine, old_place), (other, new_place) = old[name], new[name]
            for told in _differences(pair, mine, other):
                yield part.change("maybe", "link-changed", f"it {told}", (old_place, new_place))
            if mine.get("description") != other.get("description"):
                told, places = "its description is another", (old_place, new_place)
                yield part.change("docs", "description-changed", told, places)


def _links(document: Document, pointer: str) -> Links:
    links = document.at(pointer).get("links") or {}
    return {name: document.resolve(join(pointer, "links", name)) for name in links}


def _differences(pair: Pair, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    both = pair.both
    mine, other = _target(both.before, both.places[0], before), _target(both.after, both.places[1], after)
    if not _is_same(mine, other):
        yield f"leads to {_named(other)} now, no longer to {_named(mine)}"
    for keyword, told in _GIVEN.items():
        one, another = (link.get(keyword, {}) for link in (before, after))
        if key_of(one) != key_of(another):
            yield f"{told} now"


def _target(
    operations: Mapping[str, Operation], places: Mapping[tuple[str, str], Operation], link: Mapping[str, Any]
) -> Operation | str:
    """Return the operation that a link leads to, or what it says where that is none of the document."""
    name, reference = link.get("operationId") or "", link.get("operationRef") or ""
    if name:
        return operations[name] if name in operations else str(name)
    found = split(from_fragment(reference)) if reference.startswith("#/paths/") else []
    if len(found) == 3:  # paths, one of them, and its method
        return places.get((found[2].upper(), Template.of(found[1]).form), reference)
    return reference


def _is_same(mine: Operation | str, other: Operation | str) -> bool:
    if isinstance(mine, str) or isinstance(other, str):
        return mine == other
    return mine.id == other.id or place_of(mine) == place_of(other)


def _named(target: Operation | str) -> str:
    return target if isinstance(target, str) else target.id
