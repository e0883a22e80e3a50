"""Examples and defaults, against the schemas that they stand beside.

What an example is beside decides which way it goes: one of a request body may hold nothing that is ``readOnly``. One
that stands in a schema goes either way. Sources: OpenAPI 3.1.1, 4.8.12.2, 4.8.14, 4.8.19 and 4.8.24; JSON Schema
2020-12, validation 9.2 and 9.5.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
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
    if census.explosive:
        return
    judge = _Judge(census.document)
    for place in census.places:
        for found in _values(census.document, place):
            problems = judge.problems(found)
            if not problems:
                continue
            if found.is_default:
                yield from _told(level, "default", found, problems)
            elif _is_quoted(found.value):
                told = "the example is a text that holds JSON, and its schema asks for the value; write that itself"
                yield Finding("warning", "example-breaks-schema", found.pointer, told)
            else:
                yield from _told("warning", "example", found, problems)


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


class _Judge:
    """Judges values by the schemas of one document, each compiled once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._schemas: dict[tuple[str, Direction | None], Schema] = {}

    def problems(self, found: _Value) -> Sequence[Problem]:
        """Return what is wrong with a value, by the direction that suits it best."""
        if found.is_text and isinstance(found.value, str):
            return ()  # such as XML, which no schema describes as it is written
        by_direction = []
        for direction in found.directions:
            problems = self._by(found.schema, direction, found.value)
            if not problems:
                return ()
            by_direction.append(problems)
        return min(by_direction, key=len)

    def _by(self, pointer: str, direction: Direction | None, value: Any) -> Sequence[Problem]:
        key = pointer, direction
        if key not in self._schemas:
            self._schemas[key] = Schema(self._document, pointer, direction)
        try:
            return self._schemas[key].problems(value)[:_MOST]
        except SpecError:  # other rules tell that this is no schema
            return ()


def _is_quoted(value: Any) -> bool:
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "["}:
        return False
    try:
        return isinstance(json.loads(value), dict | list)
    except (ValueError, RecursionError):
        return False


def _told(level: Level, what: str, found: _Value, problems: Iterable[Problem]) -> Iterator[Finding]:
    for problem in problems:
        place = f"its {problem.pointer}" if problem.pointer else "it"
        told = f"the {what} does not fit: {place} {problem.message}, as {problem.schema} says; correct one of them"
        yield Finding(level, f"{what}-breaks-schema", found.pointer + problem.pointer, told)
