"""A value that one document accepts and the other refuses: what makes a claim about values more than a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, islice
from typing import Any

from .._bind import UNSET
from .._example_strings import strings_matching
from .._examples import example
from .._meaning import NOTHING, Node, Opaque, Side, referring
from ._candidates import nearby, words_of
from ._differences import Step, Trail
from ._opaque import is_broken

_MOST_TRIES = 40
_MOST_CANDIDATES = 1500  # of one search that no schema leads
_MOST_SEEDS = 12
_NAMES = ("extra", "another", "other_1", "X", "0")  # for a property that no schema names
Rules = tuple[Opaque | None, Opaque | None]  # the giver's and the refuser's


def witness(
    giver: tuple[Side, Node], refuser: tuple[Side, Node], trail: Trail, tries: Iterable[Any], rules: Rules
) -> Any:
    """Return a value that the giver's node accepts and the refuser's refuses, UNSET where none was found.

    `tries` are schemas for what may stand at the end of `trail`. A value is made from the giver's schema with one of
    them in its place, and then judged by both documents as calls judge: nothing is taken for granted. Where that leads
    nowhere, and a rule of the refuser is in question, values that break it are searched for near the examples.
    """
    value = _led(giver, refuser, trail, tries, rules[1])
    if value is UNSET and rules[1] is not None:
        value = _searched(giver, refuser, trail, (rules[0], rules[1]))
    return value


def _led(
    giver: tuple[Side, Node], refuser: tuple[Side, Node], trail: Trail, tries: Iterable[Any], rule: Opaque | None
) -> Any:
    side, node = giver
    for tried in islice(tries, _MOST_TRIES):
        # A small value shows it best; where nothing is known of it, one with all that may be there shows more.
        for levels in (0, 2) if tried.keys() <= {"type"} else (0,):
            for steps in _concrete(trail):
                value = _made(side, node, _wrapped(tried, steps), levels)
                is_meant = value is not UNSET and (rule is None or is_broken(refuser[0], rule, _at(value, steps)))
                if is_meant and _is_shown(giver, refuser, value):
                    return value
    return UNSET


def _searched(
    giver: tuple[Side, Node], refuser: tuple[Side, Node], trail: Trail, rules: tuple[Opaque | None, Opaque]
) -> Any:
    """Search near the examples of the place, and of the rules' own schemas, for what breaks the refuser's rule."""
    side, node = giver
    steps = next(_concrete(trail), None)
    if steps is None:
        return UNSET
    told = [(owner, rule) for owner, rule in zip((side, refuser[0]), rules, strict=True) if rule is not None]
    whole = [_made(side, node, _wrapped({}, steps), levels) for levels in (0, 2)]
    whole = [value for value in whole if value is not UNSET]
    parts = [_made(owner, part, {}, levels) for owner, rule in told for part in rule.nodes for levels in (0, 2)]
    seeds = [_at(value, steps) for value in whole] + [part for part in parts[:_MOST_SEEDS] if part is not UNSET]
    objects = [seed for seed in seeds if isinstance(seed, dict)]
    both = [{**one, **other} for one, other in combinations(objects, 2)]
    words = words_of((owner.document, rule.pointer) for owner, rule in told)
    for candidate in islice(nearby([*seeds, *both], words), _MOST_CANDIDATES if whole else 0):
        if is_broken(refuser[0], rules[1], candidate):
            value = _with(whole[0], steps, candidate)
            if _is_shown(giver, refuser, value):
                return value
    return UNSET


def _is_shown(giver: tuple[Side, Node], refuser: tuple[Side, Node], value: Any) -> bool:
    return giver[0].accepts(giver[1], value) and not refuser[0].accepts(refuser[1], value)


def _made(side: Side, node: Node, schema: Any, levels: int) -> Any:
    whole = {"allOf": [*referring(node).get("allOf", []), schema]} if node != NOTHING else False
    root, pointer = side.with_schema(whole)
    try:
        return example(root, pointer, side.direction or None, levels=levels)
    except ValueError:
        return UNSET


def _concrete(trail: Trail) -> Iterator[Trail]:
    """Yield the trail with names for any other property, and for those that fit a pattern."""
    choices = [_choices(step) for step in trail]
    for number in range(max(map(len, choices), default=1) if all(choices) else 0):
        yield tuple(found[min(number, len(found) - 1)] for found in choices)


def _choices(step: Step) -> list[Step]:
    if step.kind == "pattern":
        return [Step("property", text) for text in islice(strings_matching(str(step.name), 1), len(_NAMES))]
    return [Step("property", name) for name in _NAMES] if step == ("property", None) else [step]


def _wrapped(schema: Any, steps: Trail) -> Any:
    """Return a schema of the whole value in which `schema` holds at the end of the steps."""
    for step in reversed(steps):
        schema = _around(schema, step)
    return schema


def _around(schema: Any, step: Step) -> Any:
    if step.kind == "property":
        return {"type": "object", "properties": {step.name: schema}, "required": [step.name]}
    if step.name is None:
        return {"type": "array", "items": schema, "minItems": 1}
    index = int(step.name)
    return {"type": "array", "prefixItems": [*[{}] * index, schema], "minItems": index + 1}


def _at(value: Any, steps: Trail) -> Any:
    for step in steps:
        value = value[step.name or 0 if step.kind == "item" else step.name]
    return value


def _with(value: Any, steps: Trail, inner: Any) -> Any:
    """Return a copy of a value in which another one stands at the end of the steps."""
    if not steps:
        return inner
    key = steps[0].name or 0 if steps[0].kind == "item" else steps[0].name
    copy = value.copy()
    copy[key] = _with(value[key], steps[1:], inner)
    return copy
