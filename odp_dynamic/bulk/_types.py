"""Text cells into JSON values, by the types that a schema has where they go."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import reduce
from math import isfinite
from typing import Any, NoReturn

from .._document import Document
from .._patterns import matches
from .._pointers import from_fragment
from .._schema import Schema
from ._paths import Path

Kinds = frozenset[str]
Convert = Callable[[str], Any]

ALL: Kinds = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_MAX_STEPS = 50  # references and compositions within one another; real schemas stay below ten
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_EXACT = 15  # significant digits that every double keeps


class Misfit(ValueError):
    """Says that a text is no value of a type."""


def kinds_at(schema: Schema | None, path: Path) -> Kinds:
    """Return the JSON types that a schema allows at a path of objects; all where it says nothing."""
    if schema is None:
        return ALL
    node: Any = schema.definition
    for name in path:
        node = _member(schema.document, node, name)
    return _kinds(schema.document, node)


def converter(kinds: Kinds) -> Convert | None:
    """Return what makes a value of a text for a place that allows `kinds`; None where it stays text.

    Where text is allowed it stays text. A text that fits nothing stays text too: validation then tells its place.
    """
    if "string" in kinds or not kinds:
        return None
    readers = [read for kind, read in _READERS.items() if kind in kinds]

    def convert(text: str) -> Any:
        for read in readers:
            try:
                return read(text.strip())
            except ValueError:
                continue
        return text

    return convert


def strict_converter(types: Sequence[str], column: str) -> Convert | None:
    """Return what makes a value of a text that was said to be of one of `types`, the first that fits; None for text.

    It raises Misfit, which names the column, for a text that fits none: where the schema allows anything, nobody else
    would tell.
    """
    if tuple(types) == ("string",):
        return None
    readers = [_TOLD[kind] for kind in types]

    def convert(text: str) -> Any:
        for read in readers:
            try:
                return read(text)
            except ValueError:
                continue
        raise Misfit(f"column {column!r} holds no {' or '.join(types)}")

    return convert


def _kinds(document: Document, node: Any, steps: int = 0) -> Kinds:
    if not isinstance(node, dict) or steps > _MAX_STEPS:
        return frozenset() if node is False else ALL
    told = [_own_kinds(node)]
    told += [_kinds(document, part, steps + 1) for part in _conjuncts(document, node)]
    told += [frozenset[str]().union(*(_kinds(document, part, steps + 1) for part in parts)) for parts in _choices(node)]
    return reduce(frozenset.intersection, map(_widened, told))


def _own_kinds(node: dict[str, Any]) -> Kinds:
    if "const" in node or isinstance(node.get("enum"), list):
        return frozenset(_kind_of(value) for value in ([node["const"]] if "const" in node else node["enum"]))
    told = node.get("type")
    return frozenset([told] if isinstance(told, str) else told) if told else ALL


def _widened(kinds: Kinds) -> Kinds:
    """Add integers to numbers, or types that are told in both ways would have nothing in common."""
    return kinds | {"integer"} if "number" in kinds else kinds


def _kind_of(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _conjuncts(document: Document, node: dict[str, Any]) -> Iterator[Any]:
    """Yield the schemas that judge the same value as `node` does, and must all be met."""
    if isinstance(node.get("$ref"), str):
        yield document.at(from_fragment(node["$ref"]))
    yield from node.get("allOf", ())


def _choices(node: dict[str, Any]) -> Iterator[list[Any]]:
    """Yield lists of schemas that judge the same value, one of each of which must be met."""
    yield from (node[keyword] for keyword in ("anyOf", "oneOf") if node.get(keyword))


def _member(document: Document, node: Any, name: str, steps: int = 0) -> Any:
    """Return a schema of the member `name` of the objects that `node` describes; True where it says nothing."""
    if not isinstance(node, dict) or steps > _MAX_STEPS:
        return node is not False
    parts = list(_own_members(node, name))
    parts += [_member(document, part, name, steps + 1) for part in _conjuncts(document, node)]
    for choices in _choices(node):
        objects = [choice for choice in choices if "object" in _kinds(document, choice)]
        parts.append({"anyOf": [_member(document, choice, name, steps + 1) for choice in objects] or [False]})
    return parts[0] if len(parts) == 1 else {"allOf": parts} if parts else True


def _own_members(node: dict[str, Any], name: str) -> Iterator[Any]:
    found = [node["properties"][name]] if name in node.get("properties", ()) else []
    found += [schema for pattern, schema in node.get("patternProperties", {}).items() if matches(pattern, name)]
    yield from found or ([node["additionalProperties"]] if "additionalProperties" in node else ())


def _null(text: str) -> None:
    if text != "null":
        raise Misfit


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise Misfit from None


def _integer(text: str) -> int:
    value = _number(text)
    if value != int(value):
        raise Misfit
    return int(value)


def _number(text: str) -> int | float:
    """Return the number that a text is in JSON; one with more digits than a double keeps is none."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise Misfit
    if not found[2] and not found[3]:
        return int(text)
    value = float(text)
    if not isfinite(value) or (len(text) > _EXACT and Decimal(repr(value)) != Decimal(text)):
        raise Misfit
    return value


def _container(kind: type) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = _json(text)
        if not isinstance(value, kind):
            raise Misfit
        return value

    return read


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise Misfit from None


def _refuse(name: str) -> NoReturn:
    raise Misfit(name)


# In the order in which they are tried: 1 is a number before it is true.
_READERS: dict[str, Callable[[str], Any]] = {
    "null": _null,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _container(list),
    "object": _container(dict),
}
_TOLD: dict[str, Callable[[str], Any]] = {**_READERS, "json": _json, "string": str}
