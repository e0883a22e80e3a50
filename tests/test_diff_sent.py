"""What holds of all that the service sends, webhooks and callbacks: single changes are in tests/cases/diff."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings

from odp_dynamic.diff import Change, compare
from odp_dynamic.errors import SpecError
from tests.test_diff import PAIRS, SLOW

EXPRESSION = "{$request.query.url}"
WAYS = ("request", "response")


def exchange(schema: Any) -> dict[str, Any]:
    """Return an operation whose request and whose answer hold what fits a schema."""
    content = {"content": {"application/json": {"schema": schema}}}
    return copy.deepcopy({"requestBody": content, "responses": {"200": {"description": "", **content}}})


def document(operation: dict[str, Any], **more: Any) -> dict[str, Any]:
    paths = {"/x": {"post": {"operationId": "op", "responses": {}, **operation}}}
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, **more}


def asking(operation: dict[str, Any]) -> dict[str, Any]:
    """Return what an operation has that asks for a callback."""
    return {"callbacks": {"c": {EXPRESSION: {"post": operation}}}}


FORMS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a call": document,
    "a webhook": lambda operation: document({}, webhooks={"w": {"post": operation}}),
    "a callback": lambda operation: document(asking(operation)),
    "a callback's callback": lambda operation: document(asking({"responses": {}, **asking(operation)})),
}


def meant(changes: list[Change], direction: str) -> list[tuple[Any, ...]]:
    """Return what changes of values of one direction say, wherever these are."""
    return [(c.level, c.rule, c.pointer, c.reason, repr(c.witness)) for c in changes if c.direction == direction]


@settings(SLOW, max_examples=80)
@given(PAIRS)
def test_what_goes_to_the_service_is_judged_alike_whoever_asks(pair: tuple[Any, Any]) -> None:
    """One schema in the request and in the answer means the same of a call, a webhook, a callback and its own."""
    told = {name: compare(*(form(exchange(schema)) for schema in pair)) for name, form in FORMS.items()}
    for way in WAYS:
        assert len({str(meant(changes, way)) for changes in told.values()}) == 1
    for name, parts in {"a webhook": WAYS, "a callback": WAYS, "a callback's callback": WAYS[::-1]}.items():
        assert {c.direction for c in told[name] if c.where.startswith("body")} <= {parts[1]}
        assert {c.direction for c in told[name] if c.where.startswith("response")} <= {parts[0]}


def fan(width: int, depth: int, longest: int) -> dict[str, Any]:
    """Return callbacks of which each leads to so many of the next, and the last ones to the first."""
    callbacks = {
        f"C{level}": {
            EXPRESSION: {
                "post": {
                    **exchange({"type": "string", "maxLength": longest}),
                    "callbacks": {
                        f"c{n}": {"$ref": f"#/components/callbacks/C{(level + 1) % depth}"} for n in range(width)
                    },
                }
            }
        }
        for level in range(depth)
    }
    first = {"callbacks": {"c": {"$ref": "#/components/callbacks/C0"}}}
    return document(first, components={"callbacks": callbacks})


def shared(operations: int, callbacks: int, longest: int) -> dict[str, Any]:
    """Return operations that all ask for the same callbacks."""
    sent = {EXPRESSION: {"post": exchange({"type": "string", "maxLength": longest})}}
    found = document({}, components={"callbacks": {f"C{n}": copy.deepcopy(sent) for n in range(callbacks)}})
    asked = {f"c{n}": {"$ref": f"#/components/callbacks/C{n}"} for n in range(callbacks)}
    found["paths"] = {
        f"/{n}": {"post": {"responses": {}, "callbacks": copy.deepcopy(asked)}} for n in range(operations)
    }
    return found


def circle(*, kind: str) -> dict[str, Any]:
    items = {"A": {"$ref": "#/components/pathItems/B"}, "B": {"$ref": "#/components/pathItems/A"}}
    leads = {"$ref": "#/components/pathItems/A"}
    of_kind = {"webhooks": {"w": leads}} if kind == "webhook" else {"paths": {"/a": leads}}
    return {**document({}), **of_kind, "components": {"pathItems": items}}


HOSTILE = {
    "each leads to twenty more, and round in a circle": (fan(20, 30, 3), fan(20, 30, 4), None),
    "within one another without an end in sight": (fan(1, 300, 3), fan(1, 300, 4), "too many callbacks"),
    "hundreds of operations with hundreds of callbacks": (
        shared(400, 200, 3),
        shared(400, 200, 4),
        "too many callbacks",
    ),
    "a webhook that is another, and that one it": (circle(kind="webhook"), circle(kind="webhook"), "circle"),
    "a path that is another, and that one it": (circle(kind="path"), circle(kind="path"), "circle"),
}


@pytest.mark.parametrize(("old", "new", "told"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_callbacks_are_compared_or_refused_in_a_bounded_time(old: Any, new: Any, told: str | None) -> None:
    """Some seconds at most, a busy machine allowed for."""
    begun = time.monotonic()
    if told is None:
        assert compare(old, new)
    else:
        with pytest.raises(SpecError, match=told):
            compare(old, new)
    assert time.monotonic() - begun < 20
