"""Schemas of which one thing is sent and another comes: those that reach a ``readOnly`` or a ``writeOnly``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._document import Document
from .._pointers import from_fragment


class Marks:
    """Knows of each schema of a document whether requests and responses differ in it."""

    def __init__(self, document: Document) -> None:
        self._document = document
        marked, targets = _scanned(document.root)
        self._differing = self._reaching(targets) if marked else frozenset()

    def differ(self, pointers: Iterable[str]) -> bool:
        """Return whether one of these schemas, or what they refer to, is another in requests than in responses."""
        return bool(self._differing) and any(self._differs(pointer) for pointer in pointers)

    def _differs(self, pointer: str) -> bool:
        if pointer in self._differing:
            return True
        marked, targets = _scanned(self._document.at(pointer))
        return marked or not targets.isdisjoint(self._differing)

    def _reaching(self, targets: Iterable[str]) -> frozenset[str]:
        """Return all places from which a mark is reached; the root's, so that there is one where a mark is."""
        users: dict[str, list[str]] = {}
        found = {""}
        waiting = []
        for place in targets:
            if not self._document.stands(place):
                continue  # data that looks like a reference
            marked, inner = _scanned(self._document.at(place))
            for target in inner:
                users.setdefault(target, []).append(place)
            if marked:
                waiting.append(place)
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                waiting += users.get(place, ())
        return frozenset(found)


def _scanned(node: Any) -> tuple[bool, set[str]]:
    """Return whether a mark stands within, and the places that are referred to from there."""
    marked, targets, waiting = False, set(), [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            marked = marked or node.get("readOnly") is True or node.get("writeOnly") is True
            target = node.get("$ref")
            if isinstance(target, str) and target.startswith("#/"):
                targets.add(from_fragment(target))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return marked, targets
