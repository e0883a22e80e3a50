"""What a document describes of a value: the names of its properties, through references and alternatives.

Compiled once for each schema and place. Whether a value has more than is described takes a comparison of key sets for
each object in it, which is what nearly every answer costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from .._document import Document
from .._patterns import matches
from .._pointers import from_fragment, join

DEEPEST = 50  # levels of a value that are looked at
_LISTS = ("allOf", "anyOf", "oneOf")
_ALONE = ("if", "then", "else")
IN_PLACE = frozenset({*_LISTS, *_ALONE, "dependentSchemas"})
_OF_OTHERS = ("additionalProperties", "unevaluatedProperties")
_OF_ITEMS = ("items", "unevaluatedItems", "contains")
_SAYS_MORE = frozenset({"properties", "patternProperties", *_OF_OTHERS, *_LISTS})


class Outlines:
    """Makes the outlines of one document, each once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._made: dict[tuple[str, ...], Outline] = {}

    def at(self, *pointers: str) -> Outline:
        """Return the outline of a value that the schemas at all of these pointers describe together."""
        return self._made.get(pointers) or self._made.setdefault(pointers, Outline(self, pointers))


class Outline:
    """Is what schemas describe of one value.

    `free` says that they name no property at all: the value may be anything, and nothing in it is undeclared. A schema
    for further properties describes them; ``additionalProperties: true`` only lets them be.
    """

    def __init__(self, outlines: Outlines, pointers: tuple[str, ...]) -> None:
        self._outlines = outlines
        self.schemas = dict(_in_place(outlines.document, pointers))

    @cached_property
    def home(self) -> str:
        """Return which of the schemas has to say it where a property is not described.

        It is one that names properties wherever it stands: to name one in a schema that lets anything be would make all
        else undeclared in the other places that refer to it.
        """
        first = next((at for at, node in self.schemas.items() if "$ref" not in node), next(iter(self.schemas)))
        own = (at for at, node in self.schemas.items() if "$ref" not in node or _SAYS_MORE & node.keys())
        return next((at for at in own if not self._outlines.at(at).free), first)

    @cached_property
    def names(self) -> Mapping[str, Outline]:
        """Return the outlines of the properties that are named."""
        places: dict[str, list[str]] = {}
        for at, node in self.schemas.items():
            for name in _mapping(node, "properties"):
                places.setdefault(name, []).append(join(at, "properties", name))
        return {name: self._outlines.at(*there) for name, there in places.items()}

    @cached_property
    def patterns(self) -> list[tuple[str, Outline]]:
        """Return the outlines of the properties that are described by a pattern."""
        return [
            (pattern, self._outlines.at(join(at, "patternProperties", pattern)))
            for at, node in self.schemas.items()
            for pattern in _mapping(node, "patternProperties")
        ]

    @cached_property
    def values(self) -> Outline | None:
        """Return the outline of all other properties, None where none is described."""
        return self._all(_OF_OTHERS)

    @cached_property
    def items(self) -> Outline | None:
        """Return the outline of a list's items, None where none is described."""
        firsts = [
            join(at, "prefixItems", n)
            for at, node in self.schemas.items()
            for n in range(len(node.get("prefixItems") or ()))
        ]
        return self._all(_OF_ITEMS, *firsts)

    def _all(self, keywords: tuple[str, ...], *more: str) -> Outline | None:
        there = [join(at, word) for at, node in self.schemas.items() for word in keywords if _is_schema(node.get(word))]
        return self._outlines.at(*there, *more) if there or more else None

    @cached_property
    def free(self) -> bool:
        return not (self.names or self.patterns or self.values)

    @cached_property
    def flat(self) -> bool:
        """Tell whether nothing in such a value can be undeclared, whatever it is."""
        return self.free and self.items is None

    @cached_property
    def _deep(self) -> tuple[tuple[str, Outline], ...]:
        return tuple((name, outline) for name, outline in self.names.items() if not outline.flat)

    def of(self, name: str) -> Outline | None:
        """Return the outline of a property, None where it is not described."""
        return self.names.get(name) or next((inner for p, inner in self.patterns if matches(p, name)), self.values)

    def behind(self, token: str, many: str) -> list[Outline]:
        """Return the outlines that a token of a place leads to, `many` standing for whichever items and properties."""
        if token != many:
            return [self.names[token]] if token in self.names else []
        others = [self.items, *(inner for _, inner in self.patterns), self.values]
        return [outline for outline in others if outline is not None]

    def inner(self) -> list[Outline]:
        """Return the outlines of all properties and items."""
        others = [self.items, self.values]
        told = [*self.names.values(), *(inner for _, inner in self.patterns)]
        return told + [outline for outline in others if outline is not None]

    def describes(self, value: Any, deepest: int = DEEPEST) -> bool:
        """Tell whether all fields of a value are described."""
        if deepest == 0:
            return True
        if isinstance(value, dict):
            return self.free or self._describes_all(value, deepest)
        if isinstance(value, list) and self.items is not None and not self.items.flat:
            inner, below = self.items, deepest - 1
            return all(inner.describes(item, below) for item in value)
        return True

    def _describes_all(self, value: dict[str, Any], deepest: int) -> bool:
        if not value.keys() <= self.names.keys():
            for name in value.keys() - self.names.keys():
                outline = self.of(name)
                if outline is None or not outline.describes(value[name], deepest - 1):
                    return False
        return all(outline.describes(value[name], deepest - 1) for name, outline in self._deep if name in value)


def _in_place(document: Document, pointers: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the schemas at some pointers and all that judge the same value, each once, with their places."""
    waiting, seen = list(pointers), set()
    for at in waiting:  # which grows meanwhile
        node = document.at(at)
        if at in seen or not isinstance(node, dict):
            continue
        seen.add(at)
        yield at, node
        if isinstance(node.get("$ref"), str):
            waiting.append(from_fragment(node["$ref"]))
        waiting += [join(at, word, n) for word in _LISTS for n in range(len(node.get(word) or ()))]
        waiting += [join(at, word) for word in _ALONE if word in node]
        waiting += [join(at, "dependentSchemas", name) for name in _mapping(node, "dependentSchemas")]


def _mapping(node: Mapping[str, Any], keyword: str) -> Mapping[str, Any]:
    found = node.get(keyword)
    return found if isinstance(found, dict) else {}


def _is_schema(node: Any) -> bool:
    return isinstance(node, dict)
