"""Rules that are compared only for being the same: what they allow cannot be read off them one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._meaning import Form, Opaque, Side
from .._patterns import matches
from ._differences import Difference
from ._places import Place

# What these allow depends on their neighbours: nothing in a form that has one is sure to go one way only.
ENTANGLED = frozenset({"unevaluatedProperties", "unevaluatedItems", "patternProperties"})


def opaque_differences(place: Place, old: Form, new: Form) -> Iterator[Difference]:
    """Yield which such rules are gone, new, or say something else."""
    gone = [rule for rule in old.opaque if not any(_is_same(place, rule, other) for other in new.opaque)]
    rest = [rule for rule in new.opaque if not any(_is_same(place, other, rule) for other in old.opaque)]
    for rule in gone:
        other = next((other for other in rest if _named(other) == _named(rule)), None)
        if other is None:
            told, places = f"{_named(rule)} is gone", {"old": rule.pointer, "rules": (rule, None)}
            yield place.widened(f"{rule.keyword}-removed", told, {}, **places)
            continue
        rest.remove(other)
        told, ways = f"{_named(rule)} says something else", {"narrows": True, "widens": True}
        places = {"old": rule.pointer, "new": other.pointer, "rules": (rule, other)}
        yield place.difference(f"{rule.keyword}-changed", told, **ways, lost=({},), gained=({},), **places)
    for rule in rest:
        told, places = f"{_named(rule)} is new", {"new": rule.pointer, "rules": (None, rule)}
        yield place.narrowed(f"{rule.keyword}-added", told, {}, **places)


def _named(rule: Opaque) -> str:
    """Return what a rule is called: its keyword, and the property that it depends on."""
    if rule.keyword == "dependentRequired":
        return f"dependentRequired of {json.loads(rule.detail)[0]}"
    return f"{rule.keyword} of {rule.detail}" if rule.keyword == "dependentSchemas" else rule.keyword


def is_broken(side: Side, rule: Opaque, value: Any) -> bool:
    """Return whether a value breaks such a rule, taken by itself; true of one that only its neighbours explain."""
    fits = [side.accepts(node, value) for node in rule.nodes]
    if rule.keyword in _BROKEN:
        return _BROKEN[rule.keyword](fits)
    if rule.keyword == "contains" and isinstance(value, list):
        least, most = json.loads(rule.detail)
        count = sum(side.accepts(rule.nodes[0], item) for item in value)
        return count < least or (most is not None and count > most)
    if rule.keyword in _OF_OBJECTS and isinstance(value, dict):
        return _OF_OBJECTS[rule.keyword](side, rule, value)
    return rule.keyword in ENTANGLED


_BROKEN: Mapping[str, Callable[[list[bool]], bool]] = {
    "not": any,
    "if": lambda fits: not (fits[1] if fits[0] else fits[2]),
    "oneOf": lambda fits: sum(fits) != 1,
    "anyOf": lambda fits: not any(fits),
    "allOf": lambda fits: not all(fits),
    "$ref": lambda fits: not all(fits),
}


def _lacks(_: Side, rule: Opaque, value: Mapping[str, Any]) -> bool:
    name, others = json.loads(rule.detail)
    return name in value and not value.keys() >= set(others)


_OF_OBJECTS: Mapping[str, Callable[[Side, Opaque, Mapping[str, Any]], bool]] = {
    "propertyNames": lambda side, rule, value: not all(side.accepts(rule.nodes[0], name) for name in value),
    "dependentSchemas": lambda side, rule, value: rule.detail in value and not side.accepts(rule.nodes[0], value),
    "dependentRequired": _lacks,
    "names": lambda side, rule, value: any(
        matches(rule.detail, name) and not side.accepts(rule.nodes[0], inner) for name, inner in value.items()
    ),
}


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
