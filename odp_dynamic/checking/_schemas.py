"""Schemas that can be compiled, and still cannot mean what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._document import Document
from .._pointers import from_fragment, join
from .._schema import endless_among
from ..errors import closest
from ._census import Census, Place
from ._findings import Finding

_BOUNDS = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minimum", "maximum"),
)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "number": (int, float),
    "integer": (int, float),
    "string": (str,),
}


def findings(census: Census) -> Iterator[Finding]:
    """Yield schemas that only refer to themselves, that nothing fits, and that ask for what they do not describe."""
    yield from _endless(census)
    yield from _explosive(census)
    for place in census.of("schema"):
        yield from _bounds(place)
        yield from _listed(place)
        yield from _required(census.document, place)


def _explosive(census: Census) -> Iterator[Finding]:
    for pointer in census.explosive & census.reached:
        told = "one value is judged more than a million times, for schemas refer to others twice, and those again"
        yield Finding("error", "explosive-schema", pointer, f"{told}; refer to each once")


def _endless(census: Census) -> Iterator[Finding]:
    for pointer in endless_among(census.schemas):
        told = "this schema only refers to itself, so that no value can be judged by it; give it a type"
        yield Finding("error", "endless-schema", pointer, told)


def _bounds(place: Place) -> Iterator[Finding]:
    for low, high in _BOUNDS:
        least, most = place.node.get(low), place.node.get(high)
        if _is_number(least) and _is_number(most) and least > most:
            told = f"{low} is {least} and {high} {most}: nothing fits both; correct one"
            yield Finding("warning", "nothing-fits", join(place.pointer, low), told)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _listed(place: Place) -> Iterator[Finding]:
    """Yield the values of an enum that are of none of the types beside it."""
    kinds = place.node.get("type")
    names = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(names, list) or not isinstance(place.node.get("enum"), list):
        return
    for number, value in enumerate(place.node["enum"]):
        if not any(_is_of(value, name) for name in names):
            told = f"this value is listed, and is not of the type beside it, {' or '.join(names)}; nothing sends it"
            yield Finding("warning", "nothing-fits", join(place.pointer, "enum", number), f"{told}: correct one")


def _is_of(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if isinstance(value, float) and name == "integer":
        return value.is_integer()
    return isinstance(value, _TYPES.get(name, (object,)))


def _required(document: Document, place: Place) -> Iterator[Finding]:
    """Yield required names that look like misspelt properties: the object has one that is near, and not required."""
    required = place.node.get("required")
    if not isinstance(required, list) or not isinstance(place.node.get("properties"), dict):
        return
    known = _properties(document, place.node)
    free = [name for name in known if name not in required]
    for number, name in enumerate(required):
        if isinstance(name, str) and name not in known:
            near = closest(name, free)
            if near is not None:
                told = f"{name!r} is required, and no property has this name; did you mean {near!r}?"
                yield Finding("warning", "required-undeclared", join(place.pointer, "required", number), told)


def _properties(document: Document, schema: Any) -> set[str]:
    """Return the names of all properties that a schema and what it is made of describe."""
    names: set[str] = set()
    waiting, seen = [schema], set()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        names |= (node.get("properties") or {}).keys()
        for keyword in ("allOf", "anyOf", "oneOf"):
            waiting += node.get(keyword) or ()
        if isinstance(node.get("$ref"), str):
            waiting.append(document.at(from_fragment(node["$ref"])))
    return names
