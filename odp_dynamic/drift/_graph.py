"""How the schemas of a document lead to one another, and which of them promise less the more the others accept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from .._document import Document
from .._pointers import from_fragment, join
from ._apart import are_apart

_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_MAPS = ("properties", "patternProperties", "dependentSchemas")
_SINGLE = (
    *("additionalProperties", "unevaluatedProperties", "propertyNames", "items", "unevaluatedItems", "contains"),
    *("not", "if", "then", "else"),
)
# Keywords whose schemas judge the same value as the one that they stand in.
_IN_PLACE = frozenset({"$ref", "allOf", "anyOf", "oneOf", "dependentSchemas", "if", "then", "else", "not"})
# What these describe is no business of unevaluatedProperties and unevaluatedItems (JSON Schema 2020-12, core 11).
_DESCRIBING = frozenset({"additionalProperties", "unevaluatedProperties", "items", "unevaluatedItems", "if"})
UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")


class Promise(NamedTuple):
    """Is a keyword of a schema: where the schema stands, and the keyword's name."""

    schema: str
    keyword: str


class Graph:
    """Is all schemas that some lead to, by their pointers, and by which keyword each leads to which."""

    def __init__(self, document: Document, roots: Iterable[str]) -> None:
        self._document = document
        self._onward: dict[str, list[tuple[str, str]]] = {}
        self._back: dict[str, list[tuple[str, str]]] = {}
        waiting = list(roots)
        while waiting:
            place = waiting.pop()
            if place not in self._onward:
                self._onward[place] = there = list(_steps(document, place))
                for keyword, target in there:
                    self._back.setdefault(target, []).append((keyword, place))
                waiting += [target for _, target in there]
        self.of_names = self._in_place_of("propertyNames")
        self.refused = self._in_place_of("not")
        self.references = {target for there in self._onward.values() for word, target in there if word == "$ref"}

    def given_up(self, widened: Iterable[Promise]) -> list[Promise]:
        """Return the promises that cannot be kept where these were given up.

        "Exactly one of these" may be broken by a value that was valid when an alternative accepts more, and so may
        "not", "if" and "at the most so many": each goes where a schema beneath it is wider, unless alternatives are
        told apart by what stays, and its own schema is wider then. "Nothing else is there" goes where what described
        something was given up.
        """
        known = dict.fromkeys(widened)
        first = len(known)
        while True:
            broken = [one for one in self._broken(known) if one not in known]
            if not broken:
                return list(known)[first:]
            known.update(dict.fromkeys(broken))

    def _broken(self, known: Collection[Promise]) -> Iterator[Promise]:
        loosened = {promise.schema for promise in known}
        wider = self._above(loosened)
        for place in sorted(wider):
            yield from self._of_less(place, wider, loosened)
        bared = {promise.schema for promise in known if promise.keyword in _DESCRIBING}
        for place in sorted(self._above(bared, _IN_PLACE)):
            yield from (Promise(place, word) for word in UNEVALUATED if word in self._at(place))

    def _of_less(self, place: str, wider: AbstractSet[str], loosened: AbstractSet[str]) -> Iterator[Promise]:
        for keyword in sorted({word for word, target in self._onward.get(place, ()) if target in wider}):
            if keyword in {"not", "if"} or (keyword == "oneOf" and not self._stay_apart(place, wider, loosened)):
                yield Promise(place, keyword)
            elif keyword == "contains" and "maxContains" in self._at(place):
                yield Promise(place, "maxContains")

    def _stay_apart(self, place: str, wider: AbstractSet[str], loosened: AbstractSet[str]) -> bool:
        """Tell whether those alternatives that accept more can still be told from all others."""
        targets = [target for word, target in self._onward[place] if word == "oneOf"]
        return all(
            are_apart(self._document, one, other, loosened)
            for one in targets
            if one in wider
            for other in targets
            if other != one
        )

    def _above(self, places: AbstractSet[str], keywords: AbstractSet[str] | None = None) -> set[str]:
        """Return some schemas and all that lead to them, by whichever keywords or by these only."""
        found, waiting = set(places), list(places)
        while waiting:
            for keyword, place in self._back.get(waiting.pop(), ()):
                if place not in found and (keywords is None or keyword in keywords):
                    found.add(place)
                    waiting.append(place)
        return found

    def _in_place_of(self, keyword: str) -> set[str]:
        """Return the schemas at a keyword, and all that judge the same value as they do."""
        waiting = [target for there in self._onward.values() for word, target in there if word == keyword]
        found = set(waiting)
        while waiting:
            for word, target in self._onward.get(waiting.pop(), ()):
                if word in _IN_PLACE and target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    def _at(self, place: str) -> dict[str, Any]:
        node = self._document.at(place)
        return node if isinstance(node, dict) else {}


def _steps(document: Document, place: str) -> Iterator[tuple[str, str]]:
    """Yield by which keyword a schema leads to which others."""
    node = document.at(place)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("$ref"), str):
        yield "$ref", from_fragment(node["$ref"])
    for keyword in _LISTS:
        if isinstance(node.get(keyword), list):
            yield from ((keyword, join(place, keyword, number)) for number in range(len(node[keyword])))
    for keyword in _MAPS:
        if isinstance(node.get(keyword), dict):
            yield from ((keyword, join(place, keyword, name)) for name in node[keyword])
    for keyword in _SINGLE:
        if isinstance(node.get(keyword), dict | bool):
            yield keyword, join(place, keyword)
