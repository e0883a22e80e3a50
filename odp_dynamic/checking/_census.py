"""All objects of a document with their kinds, and which of them its operations reach.

The walk over a document that is loaded knows kinds and no places, for speed; this one knows both. It begins with what
a document is there for, its paths and webhooks, and follows what refers to components: references, security
requirements, discriminators. What is left of the components afterwards is what nothing reaches.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from .._document import Document
from .._document._rules import Reference, Rule
from .._document._structure import rules
from .._operations import METHODS
from .._pointers import from_fragment, join, split
from .._schema import MANY_STEPS, Direction, steps_among

_DIRECTIONS: dict[str, tuple[Direction, Direction]] = {  # of what callers send, and of what the service sends
    "request body": ("request", "response"),
    "response": ("response", "request"),
}


class _Way(NamedTuple):
    """Is which way values go at a place, and whether it is the service that asks there."""

    direction: Direction | None = None
    is_turned: bool = False

    def within(self, kind: str) -> _Way:
        """Return the way within an object of some kind: a callback is a request of the other side."""
        if kind == "callback":
            return self._replace(is_turned=not self.is_turned)
        return self._replace(direction=_DIRECTIONS[kind][self.is_turned]) if kind in _DIRECTIONS else self


_ASKED = _Way()  # by callers


class Place(NamedTuple):
    """Is an object of OpenAPI: its `kind`, such as ``"media type"``, and where it stands.

    `direction` is which way the values go that it is about: "request" is to the service, which is where the answers to
    webhooks and callbacks go; None where they may go both ways. `outer` is the kind of the object that it stands in, ""
    for what is reached by a reference first.
    """

    kind: str
    node: Any
    pointer: str
    direction: Direction | None
    outer: str


class Census:
    """Is the objects of one document, each once. `places` has those that are reached first.

    `reached` has the pointers of the components that are; `referred` those that anything refers to.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.places: list[Place] = []
        self.referred: set[str] = set()
        self._rules = rules(of_30=False)
        self._seen: set[tuple[str, str]] = set()
        self._waiting: list[tuple[str, str, _Way]] = []
        self._heirs = _heirs_of(document)
        root = document.root
        self._walk("document", {key: node for key, node in root.items() if key not in ("components", "webhooks")}, "")
        self._walk("{path item}", root.get("webhooks", {}), "/webhooks", _Way(is_turned=True))
        self._go_on()
        self.reached = frozenset(self.referred)
        self._walk("components", root.get("components", {}), "/components")
        self._go_on()

    @cached_property
    def schemas(self) -> dict[str, Any]:
        """Return all schemas by place."""
        return {place.pointer: place.node for place in self.of("schema")}

    @cached_property
    def explosive(self) -> frozenset[str]:
        """Return the schemas by which to judge a value would take longer than anybody waits."""
        return frozenset(place for place, steps in steps_among(self.schemas).items() if steps == MANY_STEPS)

    @cached_property
    def operations(self) -> dict[str, dict[str, Any]]:
        """Return the operations that can be called, by place: those of paths, and not of webhooks or callbacks."""
        found: dict[str, dict[str, Any]] = {}
        for path in self.document.root.get("paths") or {}:
            if path.startswith("/"):
                item, pointer = self.document.resolve(join("/paths", path))
                found |= {join(pointer, method): item[method] for method in METHODS if method in item}
        return found

    def of(self, *kinds: str) -> Iterator[Place]:
        """Yield the objects of some kinds."""
        return (place for place in self.places if place.kind in kinds)

    def _go_on(self) -> None:
        while self._waiting:
            kind, pointer, way = self._waiting.pop()
            if self.document.stands(pointer):
                self._walk(kind, self.document.at(pointer), pointer, way)

    def _walk(self, kind: str, node: Any, pointer: str, way: _Way = _ASKED) -> None:
        waiting = [(self._rules[kind], node, pointer, way, "")]
        while waiting:
            rule, node, pointer, way, outer = waiting.pop()
            if (pointer, rule.name) in self._seen or not isinstance(node, dict | list):
                continue
            self._seen.add((pointer, rule.name))
            way = way.within(rule.name)
            if isinstance(node, dict) and rule.name[0] not in "[{":
                self.places.append(Place(rule.name, node, pointer, way.direction, outer))
                self._follow(rule, node, pointer, way)
                outer = rule.name
                if rule.reference is Reference.ALONE and "$ref" in node:
                    continue
            inner = [
                (field, value, join(pointer, name), way, outer)
                for name, value, field in _entries(rule, node)
                if field.deep
            ]
            waiting += reversed(inner)

    def _follow(self, rule: Rule, node: dict[str, Any], pointer: str, way: _Way) -> None:
        """Note what an object leads to."""
        if rule.reference and isinstance(node.get("$ref"), str):
            self._refer(rule.name, from_fragment(node["$ref"]), way)
        if rule.name == "requirement":
            for name in node:
                self._refer("security scheme", join("/components/securitySchemes", name), _ASKED)
        if rule.name == "schema" and "discriminator" in node:
            for target in (*targets_of(node["discriminator"]).values(), *self._heirs.get(pointer, ())):
                self._refer("schema", target, way)

    def _refer(self, kind: str, pointer: str, way: _Way) -> None:
        self.referred.add(component_of(pointer))
        self._waiting.append((kind, pointer, way))


def component_of(pointer: str) -> str:
    """Return the component that a place stands in, or the place itself where it stands in none."""
    return "/".join(pointer.split("/")[:4]) if pointer.startswith("/components/") else pointer


def targets_of(discriminator: Any) -> dict[str, str]:
    """Return where the values of a discriminator's mapping lead: each is a schema's name, or a reference to it."""
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    if not isinstance(mapping, dict):
        return {}
    return {
        value: from_fragment(target) if target.startswith("#/") else join("/components/schemas", target)
        for value, target in mapping.items()
        if isinstance(target, str) and (target.startswith("#/") or not {"/", "#", "."} & set(target))
    }


def _heirs_of(document: Document) -> dict[str, list[str]]:
    """Return the component schemas by what they have in their allOf: a discriminator there chooses among them.

    It does so by their names, which nothing else has to mention (OAS 3.1.1, 4.8.25).
    """
    heirs: dict[str, list[str]] = {}
    for name, schema in (document.root.get("components", {}).get("schemas") or {}).items():
        parts = schema.get("allOf") if isinstance(schema, dict) else None
        for part in parts if isinstance(parts, list) else ():
            if isinstance(part, dict) and isinstance(part.get("$ref"), str):
                heirs.setdefault(from_fragment(part["$ref"]), []).append(join("/components/schemas", name))
    return heirs


def _entries(rule: Rule, node: Any) -> Iterator[tuple[str | int, Any, Rule]]:
    if rule.each is not None:
        for name, value in node.items() if isinstance(node, dict) else enumerate(node):
            if not (rule.extensible and str(name).startswith("x-")):
                yield name, value, rule.each
        return
    for name, value in node.items():
        if name in rule.fields:
            yield name, value, rule.fields[name]


def last_of(pointer: str) -> str:
    """Return the name of what stands at a pointer."""
    return split(pointer)[-1]
