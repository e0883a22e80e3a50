"""Bodies that are not all spelt out, completed: a whole one that a document accepts is worth more than a claim."""

from __future__ import annotations

from typing import Any

from .._examples import example
from .._pointers import join, split, to_fragment
from .._schema import Schema
from .._values import Problem
from ._values import UNKNOWN

Hole = dict[str, Any]

_PLACE = "x-completed"
# What is asked for where nothing is spelt out: an example is but one, and another type may do where it does not.
_HOLES: tuple[Hole, ...] = (
    {},
    *({"type": kind} for kind in ("string", "integer", "boolean", "null", "array", "object")),
)
_SEVERAL = frozenset({"prefixItems", "allOf", "anyOf", "oneOf", "if"})
# What these refuse is a name, whatever stands under it.
_OF_NAMES = frozenset({"additionalProperties", "unevaluatedProperties", "propertyNames"})


def objections(body: Any, old: Schema, new: Schema) -> list[Problem] | None:
    """Return what the new schema has against a body that is spelt out in part, whatever stands for the rest.

    It is what it has against a completion that the old schema accepts, where it accepts no completion itself, as far as
    examples are found; [] where it accepts the old one's. None says that all depends on what is not spelt out, or that
    no completion was found.
    """
    before = _completed(body, old, {})
    if before is None:
        return None
    problems = new.problems(before[0])
    if not problems:
        return []
    if any(_completed(body, new, hole) is not None for hole in _HOLES):
        return None
    return [problem for problem in problems if _is_spelt_out(body, problem)] or None


def _completed(body: Any, schema: Schema, hole: Hole) -> tuple[Any] | None:
    """Return a body that a schema accepts and in which all stands that is spelt out, and for the rest what fits."""
    definition, pointer = schema.document.resolve(schema.pointer)
    is_plain = isinstance(definition, dict) and "items" in definition and not _SEVERAL & definition.keys()
    if isinstance(body, list) and is_plain:
        # Items are completed each for itself: examples of lists have items of one kind.
        inner = Schema(schema.document, join(pointer, "items"), "request")
        items = [_completed(item, inner, hole) for item in body]
        whole = [item[0] for item in items if item is not None]
        return (whole,) if len(whole) == len(items) and schema.is_valid(whole) else None
    both = {"allOf": [{"$ref": to_fragment(schema.pointer)}, _asking_for(body, hole)]}
    root = {**schema.document.root, _PLACE: both}
    for levels in (0, 2):
        try:
            made = example(root, f"/{_PLACE}", "request", levels=levels)
        except ValueError:
            continue
        if _completes(made, body) and schema.is_valid(made):
            return (made,)
    return None


def _asking_for(body: Any, hole: Hole) -> Hole:
    """Return a schema of the values that a body may be."""
    if body is UNKNOWN:
        return hole
    if isinstance(body, dict):
        known = {name: _asking_for(value, hole) for name, value in body.items() if name is not UNKNOWN}
        return {"type": "object", "properties": known, "required": list(known)}
    if isinstance(body, list):
        asked = [_asking_for(item, hole) for item in body]
        alike = asked[:1] * len(asked) == asked
        items = {} if not asked else {"items": asked[0]} if alike else {"prefixItems": asked}
        return {"type": "array", **items, "minItems": len(asked), "maxItems": len(asked)}
    return {"const": body}


def _completes(made: Any, body: Any) -> bool:
    if body is UNKNOWN:
        return True
    if isinstance(body, dict):
        known = body.keys() - {UNKNOWN}
        if not isinstance(made, dict) or not made.keys() >= known or (UNKNOWN not in body and made.keys() != known):
            return False
        return all(_completes(made[name], body[name]) for name in known)
    if isinstance(body, list):
        return isinstance(made, list) and len(made) == len(body) and all(map(_completes, made, body))
    return bool(made == body) and isinstance(made, bool) == isinstance(body, bool)


def _is_spelt_out(body: Any, problem: Problem) -> bool:
    """Return whether a problem is about what is spelt out, or about what is plainly not there."""
    for token in split(problem.pointer):
        if isinstance(body, list) and token.isdigit() and int(token) < len(body):
            body = body[int(token)]
        elif isinstance(body, dict) and token in body:
            body = body[token]
        else:
            return body is not UNKNOWN and not (isinstance(body, dict) and UNKNOWN in body)
    return body is not UNKNOWN or problem.keyword in _OF_NAMES
