"""A value that one document accepts and the other refuses: what makes a claim about values more than a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, islice
from typing import Any, NamedTuple

from .._bind import UNSET
from .._example_strings import strings_matching
from .._examples import Effort, example
from .._meaning import NOTHING, Node, Opaque, Side, referring
from ._candidates import nearby, words_of
from ._differences import Step, Trail
from ._opaque import is_broken

_MOST_TRIES = 40
_MOST_CANDIDATES = 1500  # of one search that no schema leads
_MOST_SEEDS = 12
_NAMES = ("extra", "another", "other_1", "X", "0")  # for a property that no schema names
Rules = tuple[Opaque | None, Opaque | None]  # the giver's and the refuser's


class Party(NamedTuple):
    """Is one of two documents, with the node that judges a value there, and what may be spent on making values."""

    side: Side
    node: Node
    effort: Effort

    def accepts(self, value: Any) -> bool:
        """Return whether a value fits, by the judge that calls have."""
        return self.side.accepts(self.node, value)

    def made(self, schema: Any, levels: int) -> Any:
        """Return a value of the node that fits one more schema, UNSET where none was found."""
        whole = {"allOf": [*referring(self.node).get("allOf", []), schema]} if self.node != NOTHING else False
        root, pointer = self.side.with_schema(whole)
        try:
            return example(root, pointer, self.side.direction or None, levels=levels, effort=self.effort)
        except ValueError:
            return UNSET


def witness(giver: Party, refuser: Party, trail: Trail, tries: Iterable[Any], rules: Rules) -> Any:
    """Return a value that the giver accepts and the refuser refuses, UNSET where none was found.

    `tries` are schemas for what may stand at the end of `trail`. A value is made from the giver's schema with one of
    them in its place, and then judged by both documents as calls judge: nothing is taken for granted. Where that leads
    nowhere, and a rule of the refuser is in question, values that break it are searched for near the examples.
    """
    value = _led(giver, refuser, trail, tries, rules[1])
    if value is UNSET and rules[1] is not None:
        value = _searched(giver, refuser, trail, (rules[0], rules[1]))
    return value


def _led(giver: Party, refuser: Party, trail: Trail, tries: Iterable[Any], rule: Opaque | None) -> Any:
    for tried in islice(tries, _MOST_TRIES):
        # A small value shows it best; where nothing is known of it, one with all that may be there shows more.
        for levels in (0, 2) if tried.keys() <= {"type"} else (0,):
            for steps in _concrete(trail):
                if giver.effort.left <= 0:
                    return UNSET
                value = giver.made(_wrapped(tried, steps), levels)
                is_meant = value is not UNSET and (rule is None or is_broken(refuser.side, rule, _at(value, steps)))
                if is_meant and _is_shown(giver, refuser, value):
                    return value
    return UNSET


def _searched(giver: Party, refuser: Party, trail: Trail, rules: tuple[Opaque | None, Opaque]) -> Any:
    """Search near the examples of the place, and of the rules' own schemas, for what breaks the refuser's rule."""
    steps = next(_concrete(trail), None)
    if steps is None or giver.effort.left <= 0:
        return UNSET
    told = [(party, rule) for party, rule in zip((giver, refuser), rules, strict=True) if rule is not None]
    whole = [giver.made(_wrapped({}, steps), levels) for levels in (0, 2)]
    whole = [value for value in whole if value is not UNSET]
    places = ((party._replace(node=node), levels) for party, rule in told for node in rule.nodes for levels in (0, 2))
    parts = [party.made({}, levels) for party, levels in islice(places, _MOST_SEEDS)]
    seeds = [_at(value, steps) for value in whole] + [part for part in parts if part is not UNSET]
    objects = [seed for seed in seeds if isinstance(seed, dict)]
    both = [{**one, **other} for one, other in combinations(objects, 2)]
    words = words_of((party.side.document, rule.pointer) for party, rule in told)
    for candidate in islice(nearby([*seeds, *both], words), _MOST_CANDIDATES if whole else 0):
        giver.effort.left -= 1
        if is_broken(refuser.side, rules[1], candidate):
            value = _with(whole[0], steps, candidate)
            if _is_shown(giver, refuser, value):
                return value
    return UNSET


def _is_shown(giver: Party, refuser: Party, value: Any) -> bool:
    return giver.accepts(value) and not refuser.accepts(value)


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
