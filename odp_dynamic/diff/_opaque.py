"""Rules that are compared only for being the same: what they allow cannot be read off them one by one."""

from __future__ import annotations

from collections.abc import Iterator

from ._differences import Difference
from ._forms import Form, Opaque
from ._places import Place

# What these allow depends on their neighbours: nothing in a form that has one is sure to go one way only.
ENTANGLED = frozenset({"unevaluatedProperties", "unevaluatedItems", "patternProperties"})


def opaque_differences(place: Place, old: Form, new: Form) -> Iterator[Difference]:
    """Yield which such rules are gone, new, or say something else."""
    rest = list(new.opaque)
    gone = []
    for rule in old.opaque:
        same = next((other for other in rest if _is_same(place, rule, other)), None)
        if same is None:
            gone.append(rule)
        else:
            rest.remove(same)
    for rule in gone:
        other = next((other for other in rest if other.keyword == rule.keyword), None)
        if other is None:
            yield place.widened(f"{rule.keyword}-removed", f"{rule.keyword} is gone", {}, old=rule.pointer)
            continue
        rest.remove(other)
        told, ways = f"{rule.keyword} says something else", {"narrows": True, "widens": True}
        places = {"old": rule.pointer, "new": other.pointer}
        yield place.difference(f"{rule.keyword}-changed", told, **ways, lost=({},), gained=({},), **places)
    for rule in rest:
        yield place.narrowed(f"{rule.keyword}-added", f"{rule.keyword} is new", {}, new=rule.pointer)


def _is_same(place: Place, one: Opaque, other: Opaque) -> bool:
    if (one.keyword, one.detail, len(one.nodes)) != (other.keyword, other.detail, len(other.nodes)):
        return False
    return all(place.comparison.accept_the_same(a, b) for a, b in zip(one.nodes, other.nodes, strict=True))
