"""What a schema lets a value be made of: its properties, through references and alternatives.

A property is told by a pointer with ``[]`` for every item of a list and ``{}`` for every key of a map:
``/[]/identifiers/{}``. A schema that contains itself ends where it does so, and nothing is told below `_DEEPEST`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .._document import Document
from .._operations import Content
from .._pointers import join

_DEEPEST = 12
_HIDDEN = {"request": "readOnly", "response": "writeOnly"}


class Shape(NamedTuple):
    """Is what a value may be made of: named properties, a list's items, a map's values.

    `words` are the values that the schema spells out; `formats` the formats that it names; `personal` what its
    ``x-personal`` says, None where it says nothing.
    """

    properties: Mapping[str, Shape] = {}
    items: Shape | None = None
    values: Shape | None = None
    words: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    personal: bool | None = None


NOTHING = Shape()


def shape_of(contents: Iterable[Content]) -> Shape:
    """Return what the bodies of requests or responses may be made of, in all their media types together."""
    found = NOTHING
    for content in contents:
        for media in content.content.values():
            if media.schema is not None:
                walk = _Walk(media.schema.document, _HIDDEN.get(media.schema.direction or "", ""))
                found = _merged(found, walk.shape(media.schema.pointer, frozenset()))
    return found


def pointers(shape: Shape, prefix: str = "") -> Iterator[str]:
    """Yield all properties of a shape."""
    for name, inner in shape.properties.items():
        place = join(prefix, name)
        yield place
        yield from pointers(inner, place)
    for sign, inside in (("[]", shape.items), ("{}", shape.values)):
        if inside is not None:
            yield from pointers(inside, f"{prefix}/{sign}")


def used(shape: Shape, value: Any, prefix: str = "") -> Iterator[str]:
    """Yield the properties of a shape that stand in a value, each as often as it does."""
    if isinstance(value, dict):
        for name, child in value.items():
            if name in shape.properties:
                yield join(prefix, name)
                yield from used(shape.properties[name], child, join(prefix, name))
            elif shape.values is not None:
                yield from used(shape.values, child, f"{prefix}/{{}}")
    elif isinstance(value, list) and shape.items is not None:
        for item in value:
            yield from used(shape.items, item, f"{prefix}/[]")


def inside(shape: Shape, token: str | int) -> Shape:
    """Return the shape of a member of a value."""
    found = shape.items if isinstance(token, int) else shape.properties.get(token, shape.values)
    return found or NOTHING


class _Walk:
    """Walks the schemas of one document; `hidden` is the keyword that keeps a property out of this direction."""

    def __init__(self, document: Document, hidden: str) -> None:
        self._document = document
        self._hidden = hidden

    def shape(self, pointer: str, above: frozenset[str]) -> Shape:
        node, place = self._document.resolve(pointer)
        if not isinstance(node, dict) or place in above or len(above) > _DEEPEST:
            return NOTHING
        above |= {place}
        shape = self._own(node, place, above)
        for part in _parts(node, place):
            shape = _merged(shape, self.shape(part, above))
        return shape

    def _own(self, node: Mapping[str, Any], place: str, above: frozenset[str]) -> Shape:
        listed = {name: join(place, "properties", name) for name in node.get("properties") or ()}
        told = [*(node.get("enum") or ()), *([node["const"]] if "const" in node else [])]
        return Shape(
            {name: self.shape(where, above) for name, where in listed.items() if not self._is_hidden(where)},
            self.shape(join(place, "items"), above) if isinstance(node.get("items"), dict) else None,
            self.shape(join(place, "additionalProperties"), above)
            if isinstance(node.get("additionalProperties"), dict)
            else None,
            frozenset(word for word in told if isinstance(word, str)),
            frozenset([node["format"]] if isinstance(node.get("format"), str) else []),
            node["x-personal"] if isinstance(node.get("x-personal"), bool) else None,
        )

    def _is_hidden(self, pointer: str) -> bool:
        written, (resolved, _) = self._document.at(pointer), self._document.resolve(pointer)
        return any(isinstance(node, dict) and node.get(self._hidden) is True for node in (written, resolved))


def _parts(node: Mapping[str, Any], place: str) -> Iterator[str]:
    for keyword in ("allOf", "anyOf", "oneOf"):
        yield from (join(place, keyword, n) for n in range(len(node.get(keyword) or ())))
    yield from (join(place, keyword) for keyword in ("then", "else") if isinstance(node.get(keyword), dict))


def _merged(one: Shape, other: Shape) -> Shape:
    if other == NOTHING:
        return one
    return Shape(
        {
            name: _merged(one.properties.get(name, NOTHING), other.properties.get(name, NOTHING))
            for name in dict.fromkeys([*one.properties, *other.properties])
        },
        _either(one.items, other.items),
        _either(one.values, other.values),
        one.words | other.words,
        one.formats | other.formats,
        other.personal if one.personal is None else one.personal,
    )


def _either(one: Shape | None, other: Shape | None) -> Shape | None:
    return _merged(one, other) if one is not None and other is not None else one if other is None else other
