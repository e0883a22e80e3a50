"""Examples and defaults, against the schemas that they stand beside.

What an example is beside decides which way it goes: one of a request body may hold nothing that is ``readOnly``. One
that stands in a schema goes either way. Sources: OpenAPI 3.1.1, 4.8.12.2, 4.8.14, 4.8.19 and 4.8.24; JSON Schema
2020-12, validation 9.2 and 9.5.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from .._document import Document
from .._media import is_json
from .._pointers import join
from .._schema import Direction, Schema
from .._values import Problem
from ..errors import SpecError
from ._census import Census, Place, last_of
from ._findings import Finding, Level

_MOST = 20  # problems of one example
_BOTH: tuple[Direction, ...] = ("request", "response")


class _Value(NamedTuple):
    """Is a value to be judged: its place, the schema's, and which ways it may go; `is_text` that it may be written."""

    pointer: str
    value: Any
    schema: str
    directions: tuple[Direction | None, ...]
    is_text: bool = False
    is_default: bool = False


def findings(census: Census) -> Iterator[Finding]:
    """Yield where examples and defaults break their schemas."""
    level: Level = "error" if census.document.version.startswith("3.0") else "warning"
    schemas: dict[tuple[str, Direction | None], Schema] = {}
    for place in census.places:
        for found in _values(census.document, place):
            problems = _problems(census.document, found, schemas)
            if not problems:
                continue
            if found.is_default:
                yield from _told(census.document, level, "default", found, problems)
            elif _is_quoted(found.value):
                told = "the example is a text that holds JSON, and its schema asks for the value; write that itself"
                yield Finding("warning", "example-breaks-schema", found.pointer, told)
            else:
                yield from _told(census.document, "warning", "example", found, problems)


def _values(document: Document, place: Place) -> Iterator[_Value]:
    node, pointer = place.node, place.pointer
    if place.kind == "schema":
        if "default" in node:
            yield _Value(join(pointer, "default"), node["default"], pointer, (None, *_BOTH), is_default=True)
        if "example" in node:
            yield _Value(join(pointer, "example"), node["example"], pointer, (None, *_BOTH))
        listed = node.get("examples")
        for number, value in enumerate(listed if isinstance(listed, list) else ()):
            yield _Value(join(pointer, "examples", number), value, pointer, (None, *_BOTH))
    elif place.kind in {"parameter", "header", "media type"} and "schema" in node:
        is_media_type = place.kind == "media type"
        ways = (place.direction,) if is_media_type and place.direction else (None, *_BOTH)
        is_text = is_media_type and not is_json(last_of(pointer))
        for at, value in _beside(document, node, pointer):
            yield _Value(at, value, join(pointer, "schema"), ways, is_text)


def _beside(document: Document, node: dict[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    if "example" in node:
        yield join(pointer, "example"), node["example"]
    for name in node.get("examples") or ():
        example, at = document.resolve(join(pointer, "examples", name))
        for key in ("value", "dataValue"):
            if key in example:
                yield join(at, key), example[key]


def _problems(
    document: Document, found: _Value, schemas: dict[tuple[str, Direction | None], Schema]
) -> tuple[Problem, ...]:
    """Return what is wrong with a value, by the direction that suits it best."""
    if found.is_text and isinstance(found.value, str):
        return ()  # such as XML, which no schema describes as it is written
    best: tuple[Problem, ...] = ()
    for direction in found.directions:
        key = found.schema, direction
        schema = schemas.get(key) or schemas.setdefault(key, Schema(document, *key))
        try:
            problems = schema.problems(found.value)
        except SpecError:
            return ()  # which other rules tell
        if not problems:
            return ()
        best = best if best and len(best) <= len(problems) else problems
    return best


def _is_quoted(value: Any) -> bool:
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "["}:
        return False
    try:
        return isinstance(json.loads(value), dict | list)
    except (ValueError, RecursionError):
        return False


def _told(
    document: Document, level: Level, what: str, found: _Value, problems: tuple[Problem, ...]
) -> Iterator[Finding]:
    for problem in problems[:_MOST]:
        pointer, name = found.pointer + problem.pointer, ""
        if not document.stands(pointer):  # what is missing has no place
            pointer, _, name = pointer.rpartition("/")
        words = f"{name!r} {problem.message}" if name else problem.message
        rest = f", as {problem.schema} says" if problem.schema else ""
        yield Finding(
            level, f"{what}-breaks-schema", pointer, f"the {what} does not fit: {words}{rest}; correct one of them"
        )
