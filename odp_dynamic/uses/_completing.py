"""Bodies that are not all spelt out, completed: a whole one that a document accepts is worth more than a claim."""

from __future__ import annotations

from typing import Any

from .._examples import example
from .._pointers import split, to_fragment
from .._schema import Schema
from .._values import Problem
from ._values import UNKNOWN

_PLACE = "x-completed"


def objections(body: Any, old: Schema, new: Schema) -> list[Problem] | None:
    """Return what the new schema has against a body that is spelt out in part, whatever stands for the rest.

    It is what it has against a completion that the old schema accepts, where it accepts no completion itself, as far as
    examples are found; [] where it accepts the old one's. None says that all depends on what is not spelt out, or that
    no completion was found.
    """
    before = _completed(body, old)
    if before is None:
        return None
    problems = new.problems(before[0])
    if not problems:
        return []
    if _completed(body, new) is not None:
        return None
    return [problem for problem in problems if _is_spelt_out(body, split(problem.pointer))] or None


def _completed(body: Any, schema: Schema) -> tuple[Any] | None:
    """Return a body that a schema accepts and in which all stands that is spelt out."""
    whole = {"allOf": [{"$ref": to_fragment(schema.pointer)}, _asking_for(body)]}
    root = {**schema.document.root, _PLACE: whole}
    for levels in (0, 2):
        try:
            made = example(root, f"/{_PLACE}", "request", levels=levels)
        except ValueError:
            continue
        if _completes(made, body) and schema.is_valid(made):
            return (made,)
    return None


def _asking_for(body: Any) -> dict[str, Any]:
    """Return a schema of the values that a body may be."""
    if body is UNKNOWN:
        return {}
    if isinstance(body, dict):
        known = {name: _asking_for(value) for name, value in body.items() if name is not UNKNOWN}
        return {"type": "object", "properties": known, "required": list(known)}
    if isinstance(body, list):
        count = len(body)
        items = {"prefixItems": [_asking_for(item) for item in body]} if body else {}
        return {"type": "array", **items, "minItems": count, "maxItems": count}
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


def _is_spelt_out(body: Any, tokens: list[str]) -> bool:
    """Return whether something that is spelt out stands at a place of a body; what is missing there is spelt out."""
    for token in tokens:
        if isinstance(body, list) and token.isdigit() and int(token) < len(body):
            body = body[int(token)]
        elif isinstance(body, dict) and token in body:
            body = body[token]
        else:
            return body is not UNKNOWN and not (isinstance(body, dict) and UNKNOWN in body)
    return body is not UNKNOWN
