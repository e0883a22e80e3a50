"""A value that one document accepts and the other refuses: what makes a claim about values more than a claim."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._bind import UNSET
from .._examples import example
from ._differences import Step, Trail
from ._forms import Node
from ._shapes import Side, referring

_MOST_TRIES = 40
_NAMES = ("extra", "another", "other_1", "X", "0")  # for a property that no schema names


def witness(giver: tuple[Side, Node], refuser: tuple[Side, Node], trail: Trail, tries: Iterable[Any]) -> Any:
    """Return a value that the giver's node accepts and the refuser's refuses, UNSET where none was found.

    `tries` are schemas for what may stand at the end of `trail`. A value is made from the giver's schema with one of
    them in its place, and then judged by both documents as calls judge: nothing is taken for granted.
    """
    side, node = giver
    other, refusing = refuser
    for number, tried in enumerate(tries):
        if number == _MOST_TRIES:
            break
        # A small value shows it best; where nothing is known of it, one with all that may be there shows more.
        for levels in (0, 2) if tried == {} else (0,):
            for schema in _within(tried, trail):
                value = _made(side, node, schema, levels)
                if value is not UNSET and side.accepts(node, value) and not other.accepts(refusing, value):
                    return value
    return UNSET


def _made(side: Side, node: Node, schema: Any, levels: int) -> Any:
    whole = {"allOf": [*referring(node).get("allOf", []), schema]}
    root, pointer = side.with_schema(whole)
    try:
        return example(root, pointer, side.direction or None, levels=levels)
    except ValueError:
        return UNSET


def _within(schema: Any, trail: Trail) -> Iterable[Any]:
    """Return schemas of the whole value in which `schema` holds at the end of the trail."""
    if any(step.kind == "pattern" for step in trail):
        return []
    names = _NAMES if any(step.kind == "property" and step.name is None for step in trail) else _NAMES[:1]
    return [_wrapped(schema, trail, name) for name in names]


def _wrapped(schema: Any, trail: Trail, other: str) -> Any:
    for step in reversed(trail):
        schema = _around(schema, step, other)
    return schema


def _around(schema: Any, step: Step, other: str) -> Any:
    if step.kind == "property":
        name = other if step.name is None else step.name
        return {"type": "object", "properties": {name: schema}, "required": [name]}
    if step.name is None:
        return {"type": "array", "items": schema, "minItems": 1}
    index = int(step.name)
    return {"type": "array", "prefixItems": [*[{}] * index, schema], "minItems": index + 1}
