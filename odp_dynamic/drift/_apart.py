"""Alternatives that no value can fit together, by their types or by what one property must be."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .._document import Document
from .._meaning import KINDS, key_of
from .._pointers import join


def are_apart(document: Document, one: str, other: str, loosened: Collection[str]) -> bool:
    """Tell whether no value fits the schemas at two pointers, as far as their own rules and no others tell.

    What tells them apart must not be loosened itself: neither they nor what they say of the property.
    """
    (mine, at), (others, there) = document.resolve(one), document.resolve(other)
    if {at, there} & set(loosened) or not isinstance(mine, dict) or not isinstance(others, dict):
        return False
    if not _kinds(mine) & _kinds(others):
        return True
    properties = [node.get("properties") or {} for node in (mine, others)]
    required = {*(mine.get("required") or ()), *(others.get("required") or ())}
    both = required & properties[0].keys() & properties[1].keys()
    return _kinds(mine) == _kinds(others) == {"object"} and any(
        _are_other_values(document, [join(place, "properties", name) for place in (at, there)], loosened)
        for name in both
    )


def _are_other_values(document: Document, pointers: list[str], loosened: Collection[str]) -> bool:
    resolved = [document.resolve(pointer) for pointer in pointers]
    if any(place in loosened for _, place in resolved) or any(pointer in loosened for pointer in pointers):
        return False
    one, other = (_listed(node) for node, _ in resolved)
    return one is not None and other is not None and not one & other


def _listed(node: Any) -> set[str] | None:
    """Return the only values that a schema allows, None where it lists none."""
    if not isinstance(node, dict):
        return None
    if "const" in node:
        return {key_of(node["const"])}
    return set(map(key_of, node["enum"])) if isinstance(node.get("enum"), list) else None


def _kinds(node: dict[str, Any]) -> set[str]:
    """Return the JSON types that a schema allows; an integer is a number."""
    types = node.get("type", list(KINDS))
    return {"number" if kind == "integer" else kind for kind in ([types] if isinstance(types, str) else types)}
