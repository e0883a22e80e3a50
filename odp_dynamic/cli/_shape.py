"""A schema as a person reads it: a tree of names with their types, and what is said of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._bind import speaks_of_objects
from .._document import Document
from .._pointers import join, split

_MOST_LEVELS = 8
_HIDDEN_IN: Mapping[str | None, str] = {"request": "readOnly", "response": "writeOnly"}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "matches {}",
    "default": "default {}",
}
_FLAGS = {
    "readOnly": "read-only",
    "writeOnly": "write-only",
    "deprecated": "deprecated",
    "uniqueItems": "no item twice",
}


class Shape(NamedTuple):
    """Is one place of a schema: its `name` in what it is part of, and the places inside."""

    name: str
    type: str
    required: bool
    description: str
    enum: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()
    inside: tuple[Shape, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the tree as JSON; what says nothing is left out."""
        told = {"name": self.name, "type": self.type, "required": self.required}
        more = {"description": self.description, "enum": list(self.enum), "notes": list(self.notes)}
        inside = {"properties": [shape.as_json() for shape in self.inside]}
        return {**told, **{key: value for key, value in {**more, **inside}.items() if value}}


def shape_of(document: Document, pointer: str, name: str = "", *, direction: str | None = None) -> Shape:
    """Return the tree of the schema at `pointer`; a schema that contains itself is told once."""
    return _Reader(document, direction).read(pointer, name, required=False, outer=())


class _Reader:
    """Reads the schemas of one document for one direction."""

    def __init__(self, document: Document, direction: str | None) -> None:
        self._document = document
        self._hidden = _HIDDEN_IN.get(direction)

    def read(self, pointer: str, name: str, *, required: bool, outer: tuple[str, ...]) -> Shape:
        beside = self._document.at(pointer)
        node, place = self._document.resolve(pointer)
        component = _component(place)
        if not isinstance(node, dict):
            return Shape(name, "anything" if node else "nothing", required, "")
        if place in outer or len(outer) > _MOST_LEVELS:
            return Shape(name, component or "object", required, "", notes=("as above",) if place in outer else ("…",))
        parts = list(self._parts(place, ()))
        flat = _merged([part for part, _ in parts])
        inside = tuple(self._inside(parts, flat, (*outer, place)))
        kind, inside = self._typed(flat, component, inside)
        description = str(beside.get("description") or flat.get("description") or "")
        return Shape(name, kind, required, description, tuple(flat.get("enum", ())), tuple(_notes(flat)), inside)

    def _parts(self, pointer: str, seen: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield a schema and all that its allOf demands too, each with its place."""
        node, place = self._document.resolve(pointer)
        if isinstance(node, dict) and place not in seen:
            yield node, place
            for number in range(len(node.get("allOf") or ())):
                yield from self._parts(join(place, "allOf", number), (*seen, place))

    def _inside(
        self, parts: list[tuple[dict[str, Any], str]], flat: Mapping[str, Any], outer: tuple[str, ...]
    ) -> Iterator[Shape]:
        required = flat.get("required", ())
        for part, place in parts:
            for name in part.get("properties") or ():
                pointer = join(place, "properties", name)
                if not self._hides(pointer):
                    yield self.read(pointer, name, required=name in required, outer=outer)
            for pattern in part.get("patternProperties") or ():
                pointer = join(place, "patternProperties", pattern)
                yield self.read(pointer, f"/{pattern}/", required=False, outer=outer)
            if isinstance(part.get("additionalProperties"), dict):
                yield self.read(join(place, "additionalProperties"), "(any name)", required=False, outer=outer)
            told = [*_numbered(part, "prefixItems", "[{}]"), *_alone(part)]
            told += [*_numbered(part, "oneOf", "(one of)"), *_numbered(part, "anyOf", "(any of)")]
            for tokens, words in told:
                yield self.read(join(place, *tokens), words, required=False, outer=outer)

    def _hides(self, pointer: str) -> bool:
        node, _ = self._document.resolve(pointer)
        return self._hidden is not None and isinstance(node, dict) and node.get(self._hidden) is True

    @staticmethod
    def _typed(flat: Mapping[str, Any], component: str, inside: tuple[Shape, ...]) -> tuple[str, tuple[Shape, ...]]:
        """Return the words for the type, and what is to be told inside: of a list's item, what is inside that."""
        kinds = _kinds(flat, inside)
        item = next((shape for shape in inside if shape.name == _ITEM), None)
        if item is not None:
            told = any((item.description, item.notes, item.enum)) and not item.inside
            others = tuple(shape for shape in inside if shape.name != _ITEM)
            inside = others + ((item._replace(name="(item)"),) if told else item.inside)
            kinds = [f"array of {item.type}" if kind == "array" else kind for kind in kinds]
        one = next((shape for shape in inside if shape.name == _ONE), None)
        if one is not None:
            inside = tuple(shape for shape in inside if shape.name != _ONE) or one.inside
            kinds = [one.type if kind == "object" else kind for kind in kinds]
        kind = " or ".join(kinds)
        if component and kind in {"object", "anything"}:
            kind = component
        form = flat.get("format")
        return f"{kind} ({form})" if isinstance(form, str) else kind, inside


_ITEM = "[]"
_ONE = "{}"


def _numbered(part: Mapping[str, Any], keyword: str, words: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield where the schemas of a list stand, each with its name."""
    for number in range(len(part.get(keyword) or ())):
        yield (keyword, number), words.format(number)


def _alone(part: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield where the schemas of items stand, and of the one object that will do in their place."""
    if "items" in part:
        yield ("items",), _ITEM
    if speaks_of_objects(part):
        yield ("then",), _ONE


def _component(place: str) -> str:
    tokens = split(place)
    return tokens[-1] if tokens[-3:-1] == ["components", "schemas"] else ""


def _merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what schemas that all hold say together, as far as it is told: the outer one's words come first."""
    merged: dict[str, Any] = {}
    for part in reversed(parts):
        required = [*merged.get("required", ()), *part.get("required", ())]
        merged |= part
        merged |= {"required": required} if required else {}
    return merged


def _kinds(flat: Mapping[str, Any], inside: tuple[Shape, ...]) -> list[str]:
    stated = flat.get("type")
    if stated is not None:
        return [stated] if isinstance(stated, str) else list(stated)
    if any(shape.name == _ITEM for shape in inside):
        return ["array"]
    if flat.get("properties") or flat.get("additionalProperties"):
        return ["object"]
    values = [flat["const"]] if "const" in flat else flat.get("enum", ())
    return ["string"] if values and all(isinstance(value, str) for value in values) else ["anything"]


def _notes(flat: Mapping[str, Any]) -> Iterator[str]:
    if "const" in flat:
        yield f"always {json.dumps(flat['const'], ensure_ascii=False)}"
    for keyword, words in _BOUNDS.items():
        if keyword in flat:
            value = flat[keyword]
            yield words.format(value if keyword == "pattern" else json.dumps(value, ensure_ascii=False))
    yield from (words for keyword, words in _FLAGS.items() if flat.get(keyword) is True)
    if flat.get("additionalProperties") is False:
        yield "no other names"
    if flat.get("additionalProperties") is True:
        yield "any names"
