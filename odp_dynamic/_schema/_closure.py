"""The part of a document that one schema needs: itself and all that its references reach, each in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._document import Document
from .._pointers import from_fragment, split, to_fragment
from ..errors import SpecError

# Keywords whose subschemas judge the same value as the schema they stand in.
_IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")
_IN_PLACE_MAPS = ("dependentSchemas",)
_IN_PLACE = ("not", "if", "then", "else")
_MOST_CIRCLES = 100
MANY_STEPS = 1_000_000
_LEFT_OUT = {"request": "readOnly", "response": "writeOnly"}


class Closure(NamedTuple):
    """Is a schema ready to compile: a sparse copy of the document that begins by referring to the one asked for.

    `recursive` says whether a value may nest without end in it.
    """

    schema: dict[str, Any]
    recursive: bool


def close_over(document: Document, pointer: str, direction: str | None) -> Closure:
    """Return the closure of the schema at `pointer`; raise SpecError where it only refers to itself."""
    reached: dict[str, Any] = {}
    onward: dict[str, set[str]] = {}
    waiting = [pointer]
    while waiting:
        place = waiting.pop()
        if place not in reached:
            reached[place] = document.at(place)
            # What looks like a reference and leads nowhere is data, such as an example's: load has refused the others.
            onward[place] = {target for target in _references(reached[place]) if document.stands(target)}
            waiting.extend(onward[place])
    endless = _cycle({place: reached.keys() & set(_in_place(node)) for place, node in reached.items()})
    if endless is not None:
        raise SpecError("this schema only refers to itself; give it a type", endless, document.source)
    for outer, inner in _nested(reached):
        onward[outer].add(inner)
    if direction is not None and any(_mentions(node, _LEFT_OUT[direction]) for node in reached.values()):
        reached = {place: _without(document, node, _LEFT_OUT[direction]) for place, node in reached.items()}
    return Closure({"$ref": to_fragment(pointer), **_sparse(reached)}, _cycle(onward) is not None)


def endless_among(schemas: Mapping[str, Any]) -> list[str]:
    """Return the places of schemas, given by place, that judge a value only by going round in a circle."""
    graph = {place: schemas.keys() & set(_in_place(node)) for place, node in schemas.items()}
    found: list[str] = []
    while len(found) < _MOST_CIRCLES and (place := _cycle(graph)) is not None:
        found.append(place)
        graph[place] = set()
    return found


def steps_among(schemas: Mapping[str, Any]) -> dict[str, int]:
    """Return how many schemas judge the same value as each of some does, given by place, itself included.

    One that is referred to twice counts twice, for it judges twice: twenty schemas, each with the next one twice in its
    allOf, are a million. A circle counts as nothing, and `MANY_STEPS` is as far as is counted.
    """
    steps: dict[str, int] = {}
    for start in schemas:
        waiting = [start]
        while waiting:
            place = waiting[-1]
            targets = [target for target in _in_place(schemas[place]) if target in schemas]
            if place not in steps:
                steps[place] = 1
                waiting += [target for target in targets if target not in steps]
            else:
                waiting.pop()
                steps[place] = min(1 + sum(steps[target] for target in targets), MANY_STEPS)
    return steps


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _references(node: Any) -> Iterator[str]:
    for mapping in _walk(node):
        target = mapping.get("$ref")
        if isinstance(target, str) and target.startswith("#/"):
            yield from_fragment(target)


def _mentions(node: Any, keyword: str) -> bool:
    return any(mapping.get(keyword) is True for mapping in _walk(node))


def _sparse(reached: dict[str, Any]) -> dict[str, Any]:
    """Put each node where its pointer says; what stands within another needs no place of its own."""
    root: dict[str, Any] = {}
    own: set[int] = {id(root)}  # the folders made here; everything else belongs to the document
    for pointer in sorted(reached, key=lambda place: place.count("/")):
        *folders, last = split(pointer)
        folder = root
        for token in folders:
            folder = folder.setdefault(token, {})
            if not isinstance(folder, dict) or (id(folder) not in own and folder):
                break
            own.add(id(folder))
        else:
            folder[last] = reached[pointer]
    return root


def _in_place(node: Any) -> Iterator[str]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        target = node.get("$ref")
        if isinstance(target, str):
            yield from_fragment(target)
        for keyword in _IN_PLACE_LISTS:
            alternatives = node.get(keyword)
            waiting.extend(alternatives if isinstance(alternatives, list) else ())
        for keyword in _IN_PLACE_MAPS:
            conditions = node.get(keyword)
            waiting.extend(conditions.values() if isinstance(conditions, dict) else ())
        waiting.extend(node[keyword] for keyword in _IN_PLACE if keyword in node)


def _nested(reached: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each reached place that stands within another, behind the one it stands in."""
    for place in reached:
        folders = place.split("/")
        for depth in range(2, len(folders)):
            outer = "/".join(folders[:depth])
            if outer in reached:
                yield outer, place


def _cycle(graph: dict[str, set[str]]) -> str | None:
    """Return a node from which following edges leads back to it, or None."""
    done: set[str] = set()
    for start in graph:
        path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            place, leaving = stack.pop()
            if leaving:
                path.discard(place)
                done.add(place)
            elif place in path:
                return place
            elif place not in done:
                path.add(place)
                stack.append((place, True))
                stack.extend((target, False) for target in graph[place])
    return None


def _without(document: Document, node: Any, marker: str, outer: frozenset[str] = frozenset()) -> Any:
    """Copy a schema so that the properties with `marker` are refused, and not required.

    `outer` has the names that the schemas around this one hide: what stands in allOf judges the same object.
    """
    if isinstance(node, list):
        return [_without(document, item, marker) for item in node]
    if not isinstance(node, dict):
        return node
    hidden = outer | _hidden_names(document, node, marker)
    copy = {key: _without(document, value, marker) for key, value in node.items()}
    if isinstance(node.get("properties"), dict):
        copy["properties"] |= {name: {marker: True, "not": {}} for name in node["properties"] if name in hidden}
    if isinstance(node.get("required"), list):
        copy["required"] = [name for name in node["required"] if name not in hidden]
    if isinstance(node.get("allOf"), list):
        copy["allOf"] = [_without(document, part, marker, hidden) for part in node["allOf"]]
    return copy


def _hidden_names(document: Document, node: Any, marker: str) -> frozenset[str]:
    """Return the properties with `marker` of a schema and of all that judges the same object beside it."""
    names: set[str] = set()
    waiting, seen = [node], set()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        properties = node.get("properties")
        if isinstance(properties, dict):
            names |= {name for name, schema in properties.items() if _is_marked(document, schema, marker)}
        parts = node.get("allOf")
        waiting.extend(parts if isinstance(parts, list) else ())
        if isinstance(node.get("$ref"), str):
            waiting.append(document.at(from_fragment(node["$ref"])))
    return frozenset(names)


def _is_marked(document: Document, schema: Any, marker: str) -> bool:
    if not isinstance(schema, dict):
        return False
    target = schema.get("$ref")
    return schema.get(marker) is True or (
        isinstance(target, str) and _is_marked(document, document.at(from_fragment(target)), marker)
    )
