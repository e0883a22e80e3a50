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
    gone = [rule for rule in old.opaque if not any(_is_same(place, rule, other) for other in new.opaque)]
    rest = [rule for rule in new.opaque if not any(_is_same(place, other, rule) for other in old.opaque)]
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
    are_same, rest = place.comparison.accept_the_same, list(other.nodes)
    for number, node in enumerate(one.nodes):
        candidates = rest if one.keyword == "oneOf" else [other.nodes[number]]  # the others have an order
        same = next((candidate for candidate in candidates if are_same(node, candidate)), None)
        if same is None:
            return False
        rest.remove(same)
    return True
