"""What two versions of a document differ in: the rules that hold for all schemas.

Single changes, and what each means, are the tables of tests/test_diff_cases.py.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, note, reject, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis.core import NotSet
from schemathesis.errors import UnsupportedSchema

from odp_dynamic._bind import UNSET
from odp_dynamic.diff import LEVELS, Change, compare
from odp_dynamic.errors import SpecError

SLOW = settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow])


def document(schema: Any, components: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a document whose one operation takes and returns what fits a schema."""
    content = {"content": {"application/json": {"schema": schema}}}
    operation = {"operationId": "op", "requestBody": content, "responses": {"200": {"description": "", **content}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"post": copy.deepcopy(operation)}},
        "components": {"schemas": components or {}},
    }


NAMES = st.sampled_from(["a", "b", "c"])
NUMBERS = st.integers(-1, 5)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.sampled_from(["", "a", "ab", "abc"]))
KINDS = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just(UNSET) | strategy


def schema_of(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    built = st.fixed_dictionaries({name: optional(strategy) for name, strategy in keywords.items()})
    return built.map(lambda found: {name: value for name, value in found.items() if value is not UNSET})


TYPES = KINDS | st.lists(KINDS, min_size=1, max_size=3, unique=True)
LEAVES = st.one_of(
    st.booleans(),
    st.builds(dict, type=TYPES),
    st.builds(lambda values: {"enum": values}, st.lists(SCALARS, min_size=1, max_size=3, unique_by=json.dumps)),
    schema_of(type=st.sampled_from(["integer", "number"]), minimum=NUMBERS, maximum=NUMBERS, exclusiveMinimum=NUMBERS),
    schema_of(type=st.just("number"), multipleOf=st.sampled_from([1, 2, 3, 0.5]), exclusiveMaximum=NUMBERS),
    schema_of(type=st.just("string"), minLength=st.integers(0, 3), maxLength=st.integers(0, 3)),
    schema_of(type=st.just("string"), pattern=st.sampled_from(["^a", "b$", "^[ab]*$"]), format=st.just("email")),
)


def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        schema_of(
            type=st.just("object"),
            properties=st.dictionaries(NAMES, inner, max_size=3),
            required=st.lists(NAMES, unique=True, max_size=2),
            additionalProperties=inner,
            maxProperties=st.integers(1, 3),
        ),
        schema_of(type=st.just("array"), items=inner, minItems=st.integers(0, 2), maxItems=st.integers(0, 3)),
        schema_of(type=st.just("array"), prefixItems=several, items=inner, uniqueItems=st.booleans()),
        schema_of(
            type=st.just("object"),
            properties=st.dictionaries(NAMES, inner, max_size=2),
            unevaluatedProperties=st.sampled_from([False]),
            patternProperties=st.dictionaries(st.just("^[ab]"), inner),
        ),
        st.builds(lambda parts: {"allOf": parts}, several),
        st.builds(lambda parts: {"anyOf": parts}, several),
        st.builds(lambda parts: {"oneOf": parts}, several),
        st.builds(lambda part: {"not": part}, inner),
        st.builds(lambda a, b, c: {"if": a, "then": b, "else": c}, inner, inner, inner),
        schema_of(contains=inner, propertyNames=inner, dependentRequired=st.just({"a": ["b"]})),
    )


SCHEMAS = st.recursive(LEAVES, grown, max_leaves=6)
VALUES = st.recursive(
    SCALARS | st.sampled_from([0.5, 1.5, 2.0]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.just("d"), inner, max_size=3),
    max_leaves=5,
)


def mutated(schema: Any, draw: st.DrawFn) -> Any:
    """Return a schema in which one place is another."""
    places = list(_places(schema, ()))
    place = draw(st.sampled_from(places))
    return _with(schema, place, draw(SCHEMAS))


def _places(schema: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    yield place
    if not isinstance(schema, dict):
        return
    for keyword in ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"):
        if keyword in schema:
            yield from _places(schema[keyword], (*place, keyword))
    for keyword in ("allOf", "anyOf", "oneOf", "prefixItems"):
        for number, part in enumerate(schema.get(keyword, ())):
            yield from _places(part, (*place, keyword, number))
    for keyword in ("properties", "patternProperties"):
        for name, part in schema.get(keyword, {}).items():
            yield from _places(part, (*place, keyword, name))


def _with(schema: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    changed = copy.copy(schema)
    changed[place[0]] = _with(schema[place[0]], place[1:], new)
    return changed


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """Return a schema, and one in which one place is another."""
    schema = draw(SCHEMAS)
    return schema, mutated(schema, draw)


PAIRS = pairs()


def levels(changes: list[Change], direction: str) -> set[str]:
    return {change.level for change in changes if change.direction in {direction, ""}}


@SLOW
@given(SCHEMAS)
def test_nothing_changed_is_no_change(schema: Any) -> None:
    assert compare(document(schema), json.loads(json.dumps(document(schema)))) == []


REWRITES = {
    "extracted": lambda schema: ({"$ref": "#/components/schemas/S"}, {"S": schema}),
    "a reference to a reference": lambda schema: (
        {"$ref": "#/components/schemas/T"},
        {"T": {"$ref": "#/components/schemas/S"}, "S": schema},
    ),
    "alone in allOf": lambda schema: ({"allOf": [schema]}, {}),
    "twice in allOf": lambda schema: ({"allOf": [schema, copy.deepcopy(schema)]} if _is_one(schema) else schema, {}),
    "alone in anyOf": lambda schema: ({"anyOf": [schema]}, {}),
    "beside false in anyOf": lambda schema: ({"anyOf": [False, schema]}, {}),
    "reordered": lambda schema: (_reordered(schema), {}),
}


def _is_one(schema: Any) -> bool:
    """Return whether a schema has no alternatives: each with each of another copy, they would be more."""
    return not any(keyword in json.dumps(schema) for keyword in ("anyOf", "oneOf"))


def _reordered(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_reordered(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    turned = {name: _reordered(part) for name, part in reversed(schema.items())}
    for keyword in ("required", "enum", "type", "anyOf", "allOf", "oneOf"):
        if isinstance(turned.get(keyword), list):
            turned[keyword] = turned[keyword][::-1]
    return turned


@pytest.mark.parametrize("rewrite", REWRITES.values(), ids=REWRITES)
@settings(SLOW, max_examples=80)
@given(schema=SCHEMAS)
def test_the_same_meaning_is_no_change(rewrite: Any, schema: Any) -> None:
    rewritten, components = rewrite(schema)
    old, new = document(schema), document(rewritten, components)
    assert [c for c in compare(old, new) if c.level != "docs"] == []
    assert [c for c in compare(new, old) if c.level != "docs"] == []


def judges(schema: Any) -> Any:
    """Return whether both validators accept a value; they must agree."""
    slow, fast = Draft202012Validator(schema), jsonschema_rs.Draft202012Validator(schema)

    def accepted(value: Any) -> bool:
        assert slow.is_valid(value) == fast.is_valid(value)
        return bool(fast.is_valid(value))

    return accepted


@SLOW
@given(PAIRS)
def test_every_breaking_claim_has_a_witness_that_both_validators_confirm(pair: tuple[Any, Any]) -> None:
    old, new = pair
    takes = {"old": judges(old), "new": judges(new)}
    for change in compare(document(old), document(new)):
        note(repr(change))
        assert change.level in LEVELS
        if change.level == "breaking":
            assert change.witness is not UNSET
        if change.witness is not UNSET:
            giver, refuser = ("old", "new") if change.direction == "request" else ("new", "old")
            assert takes[giver](change.witness)
            assert not takes[refuser](change.witness)


@SLOW
@given(PAIRS, st.lists(VALUES, min_size=20, max_size=20))
def test_what_is_compatible_refuses_nothing_that_was_accepted(pair: tuple[Any, Any], values: list[Any]) -> None:
    """In a request the new document takes what the old one took; an answer of the new one fits the old one."""
    old, new = pair
    changes = compare(document(old), document(new))
    takes = {"old": judges(old), "new": judges(new)}
    for direction, before, after in (("request", "old", "new"), ("response", "new", "old")):
        if levels(changes, direction) <= {"compatible", "docs"}:
            for value in values:
                assert not takes[before](value) or takes[after](value)


@settings(SLOW, max_examples=100, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_compatible_takes_what_schemathesis_makes_for_the_old_document(data: st.DataObject) -> None:
    old, new = data.draw(PAIRS)
    assume(old is not False and has_values(old))
    changes = compare(document(old), document(new))
    assume(levels(changes, "request") <= {"compatible", "docs"})
    try:
        case = data.draw(schemathesis.openapi.from_dict(document(old))["/x"]["POST"].as_strategy())
    except UnsupportedSchema:  # of what it cannot make a value of, it says nothing
        reject()
    if not isinstance(case.body, NotSet) and judges(old)(case.body):
        assert judges(new)(case.body)


def has_values(schema: Any) -> bool:
    """Return whether any of the usual values fits: a generator cannot begin with a schema that nothing fits."""
    return any(judges(schema)(value) for value in (None, True, 0, 1, 2.5, "", "ab", [], [1], {}, {"a": 1}))


A = {"$ref": "#/components/schemas/A"}


def chain(length: int, leaf: Any) -> dict[str, Any]:
    """Return schemas of which each is the next one, and the last is `leaf`."""
    parts = {f"C{n}": {"allOf": [{"$ref": f"#/components/schemas/C{n + 1}"}]} for n in range(length)}
    return document({"$ref": "#/components/schemas/C0"}, {**parts, f"C{length}": leaf})


def wide(schemas: int, longest: int) -> dict[str, Any]:
    """Return a schema with a hundred properties for each of so many schemas."""
    part = {"type": "object", "properties": {f"p{n}": {"type": "string", "maxLength": longest} for n in range(100)}}
    properties = {f"c{n}": {"$ref": f"#/components/schemas/C{n}"} for n in range(schemas)}
    return document(
        {"type": "object", "properties": properties}, {f"C{n}": copy.deepcopy(part) for n in range(schemas)}
    )


def product(alternatives: int) -> dict[str, Any]:
    one = [{"type": "object", "required": [f"p{n}"]} for n in range(alternatives)]
    return document({"allOf": [{"anyOf": copy.deepcopy(one)} for _ in range(12)]})


TREE = {"type": "object", "properties": {"left": A, "right": A, "leaf": {"type": "integer"}}}
BACKTRACKING = {"pattern": "^(a+)+$"}
A_LONG_WAY = "a" * 60 + "!"  # Python's re would look for a match for longer than there are processors


def with_name(**keywords: Any) -> dict[str, Any]:
    """Return a document of objects that have a property with the long name."""
    return document({"type": "object", "properties": {A_LONG_WAY: {}}, "required": [A_LONG_WAY], **keywords})


def with_patterns(values: Any, **keywords: Any) -> dict[str, Any]:
    return with_name(patternProperties={"^(a+)+$": values}, **keywords)


def conditions(rule: Any) -> dict[str, Any]:
    return document({"type": "object", "properties": {f"p{n}": {"type": "string", **rule} for n in range(200)}})


def endless(leaf: Any) -> dict[str, Any]:
    """Return schemas that require each other without end, so that nothing fits, with hundreds of properties."""
    names = [f"C{n}" for n in range(6)]
    parts = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    first = {**parts, "leaf": {"type": "object", "properties": {f"p{n}": leaf for n in range(300)}}}
    each = {name: {"type": "object", "properties": first, "required": names} for name in names}
    return document(parts["C0"], copy.deepcopy(each))


HOSTILE = {
    "trees that never end": (endless({"type": "string"}), endless({"type": "integer"}), None),
    "a pattern that goes back and forth, of a value": (
        document({"type": "string", "examples": [A_LONG_WAY], **BACKTRACKING}),
        document({"type": "string", "default": A_LONG_WAY, **BACKTRACKING, "minLength": 3}),
        None,
    ),
    "one of a list": (
        document({"enum": [A_LONG_WAY, "b"]}),
        document({"type": "string", **BACKTRACKING}),
        None,
    ),
    "one in a condition": (
        document({"type": "string", "examples": [A_LONG_WAY]}),
        document({"type": "string", "not": BACKTRACKING}),
        None,
    ),
    "one of names": (with_name(), with_name(propertyNames=BACKTRACKING), None),
    "one of properties": (with_patterns({"type": "string"}), with_patterns({"type": "integer"}), None),
    "one of others": (
        with_patterns({}),
        with_patterns({}, additionalProperties=False, minProperties=2),
        None,
    ),
    "one of unevaluated properties": (
        with_patterns({}, anyOf=[{"minProperties": 1}]),
        with_patterns({}, anyOf=[{"minProperties": 1}], unevaluatedProperties=False),
        None,
    ),
    "a pattern of very long texts": (
        document({"type": "string", "pattern": "((a{99}){99}){3}"}),
        document({"type": "string", "pattern": "((a{99}){99}){4}"}),
        None,
    ),
    "a text that no memory has room for": (document({"minLength": 10**12}), document({"minLength": 10**13}), None),
    "conditions that nothing shows": (conditions({}), conditions({"not": {"pattern": "^(?!.*x)x"}}), None),
    "allOf of itself": (
        document(A, {"A": {"allOf": [A]}}),
        document(A, {"A": {"allOf": [A], "type": "null"}}),
        "refers",
    ),
    "anyOf of itself": (document(A, {"A": {"anyOf": [A]}}), document(A, {"A": {"anyOf": [A, {}]}}), "refers"),
    "a chain of a thousand": (chain(1000, {"type": "string"}), chain(1000, {"type": "integer"}), "too deeply"),
    "thousands of differences": (wide(200, 10), wide(200, 11), "more than 10000 differences"),
    "a hundred thousand places": (wide(1000, 10), document({}), None),
    "cycles on both sides": (
        document(A, {"A": {**TREE, "not": {"type": "array", "items": A}}}),
        document(A, {"A": {**TREE, "not": {"type": "array", "items": A}, "anyOf": [TREE, {"required": ["left"]}]}}),
        None,
    ),
    "alternatives times alternatives": (product(10), product(9), None),
    "arrays without end": (document({"maxItems": 10**12}), document({"minItems": 10**11, "uniqueItems": True}), None),
}


@pytest.mark.parametrize(("old", "new", "told"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_are_compared_or_refused_in_a_bounded_time(old: Any, new: Any, told: str | None) -> None:
    """Some seconds at most, a busy machine allowed for."""
    begun = time.monotonic()
    if told is None:
        compare(old, new)
    else:
        with pytest.raises(SpecError, match=told):
            compare(old, new)
    assert time.monotonic() - begun < 20


def test_what_is_found_at_once_is_found_however_often_it_was_sought_in_vain_before() -> None:
    def version(rule: Any, kind: str) -> dict[str, Any]:
        sought = {f"p{n}": {"type": "string", **rule} for n in range(70)}
        return document({"type": "object", "properties": {**sought, "q": {"not": {"type": kind}}}})

    changes = compare(version({}, "null"), version({"not": {"pattern": "^(?!.*x)x"}}, "integer"))
    assert {c.level for c in changes if c.pointer == "/q" and c.direction == "request"} == {"breaking"}


@pytest.mark.long
def test_a_million_nodes_are_compared_in_a_bounded_time() -> None:
    """On both sides, and one schema in a hundred differs."""

    def million(more: int) -> dict[str, Any]:
        schemas = {
            f"S{n}": {
                "properties": {
                    f"p{m}": {"type": "string", "maxLength": m + 1 + more * (n % 100 == 0)} for m in range(9)
                }
            }
            for n in range(37_000)
        }
        return {**document({}), "paths": {}, "components": {"schemas": schemas}}

    begun = time.monotonic()
    assert len(compare(million(0), million(1))) == 9 * 370
    assert time.monotonic() - begun < 120
