"""The gate and the reference say the same of every value; where they differ, the standard decides: see the table."""

# ruff: noqa: FBT003  # valid or not is a column of the table
from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from odp_dynamic import ContractError, SpecError
from odp_dynamic._document import bundled, load
from odp_dynamic._pointers import join, lookup
from odp_dynamic._schema import Direction, Schema
from tests.documents import with_schemas
from tests.test_examples import schemas as made_up_schemas

DOCUMENT = load(bundled())
NAN, INFINITY = float("nan"), float("inf")


def schema_of(definition: Any, direction: Direction | None = None, **others: Any) -> Schema:
    """Return a schema ``It``, in a document that has `others` too."""
    return Schema(load(with_schemas(It=definition, **others)), "/components/schemas/It", direction)


def pointers(node: Any, pointer: str = "") -> list[str]:
    """Return where a document has schemas: the components, and those of parameters and media types."""
    if not isinstance(node, dict):
        return []
    if pointer == "/components/schemas":
        return [join(pointer, name) for name in node]
    here = [join(pointer, "schema")] if "schema" in node else []
    return here + [found for name, child in node.items() for found in pointers(child, join(pointer, name))]


POINTERS = pointers(DOCUMENT.root)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3))


def near(pointer: str) -> st.SearchStrategy[Any]:
    """Return values that are mostly what the schema at a pointer asks for, and here and there something else."""
    schema, _ = DOCUMENT.resolve(pointer)
    kind = schema.get("type")
    if kind == "object":
        members = {name: near(join(_, "properties", name)) for name in schema.get("properties", {})}
        extra = st.dictionaries(text, scalars | text, max_size=2)
        known = st.fixed_dictionaries({}, optional=members)
        return st.tuples(known, extra).map(lambda pair: {**pair[1], **pair[0]}) | values
    if kind == "array":
        return st.lists(near(join(_, "items")), max_size=3) | values
    return (st.sampled_from(schema["enum"]) if "enum" in schema else text if kind == "string" else scalars) | values


@cache
def ours(pointer: str, direction: Direction | None) -> Schema:
    return Schema(DOCUMENT, pointer, direction)


def test_all_schemas_of_the_document_are_tried() -> None:
    assert len(POINTERS) == 10 + 5 + 4 + 5  # components, parameters, request bodies, answers


@settings(max_examples=600)
@given(
    st.sampled_from(POINTERS).flatmap(lambda p: st.tuples(st.just(p), near(p))),
    st.sampled_from(["request", "response", None]),
)
def test_gate_and_reference_agree_on_the_document(case: tuple[str, Any], direction: Direction | None) -> None:
    pointer, value = case
    reference = Draft202012Validator(DOCUMENT.root).evolve(schema=DOCUMENT.at(pointer))
    problems = ours(pointer, direction).problems(value)
    assert (not problems) == reference.is_valid(value)
    for problem in problems:
        assert lookup(DOCUMENT.root, problem.schema) is not None


plain_text = st.text("abAB01-. @", max_size=8)
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-100, 100) | plain_text,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "id", "x-a", ""]), inner, max_size=3)
    ),
)


@settings(max_examples=300)
@given(made_up_schemas, plain_values)
@example({"type": "object", "properties": {"a": False}}, {"a": 1})
@example(False, None)
def test_gate_and_reference_agree_on_made_up_schemas(definition: Any, value: Any) -> None:
    problems = schema_of(definition).problems(value)
    assert (not problems) == Draft202012Validator(definition).is_valid(value)
    for problem in problems:
        assert lookup({"components": {"schemas": {"It": definition}}}, problem.schema) is not ...
        lookup({"body": value}, join("", "body") + (problem.pointer if problem.keyword != "required" else ""))


class Awkward(NamedTuple):
    about: str
    schema: Any
    value: Any
    valid: bool
    differs: bool = False  # the reference says the opposite, and the standard is on the gate's side


AWKWARD = [
    Awkward("a whole float is an integer (2020-12 core, 4.2.3)", {"type": "integer"}, 1.0, True),
    Awkward("a large whole float too", {"type": "integer"}, 1e300, True),
    Awkward("but no other", {"type": "integer"}, 1.5, False),
    Awkward("an integer is as large as it likes", {"type": "integer"}, 2**70, True),
    Awkward("and compares exactly", {"maximum": 2**64}, 2**64 + 1, False),
    Awkward("equal beyond a double's digits is not equal", {"const": 2**53}, 2**53 + 1, False),
    Awkward("1.0 and 1 are one number (core, 4.2.2)", {"const": 1.0}, 1, True),
    Awkward("and the same item twice", {"uniqueItems": True}, [1, 1.0], False),
    Awkward("true is no number", {"type": "number"}, True, False),
    Awkward("nor is it 1", {"const": 1}, True, False),
    Awkward("nor false 0", {"enum": [0]}, False, False),
    Awkward("nor 1 true", {"const": True}, 1, False),
    Awkward("1 and true are two items", {"uniqueItems": True}, [1, True, 0, False], True),
    Awkward("nested ones too", {"uniqueItems": True}, [[1], [True]], True),
    Awkward("null is an item", {"uniqueItems": True}, [None, None], False),
    Awkward("19.99 is 1999 times 0.01 (validation, 6.2.1)", {"multipleOf": 0.01}, 19.99, True, differs=True),
    Awkward("19.999 is not", {"multipleOf": 0.01}, 19.999, False),
    Awkward("10^300 is no multiple of 3", {"multipleOf": 3}, 1e300, False, differs=True),
    Awkward("an empty key is a key", {"properties": {"": {"type": "string"}}}, {"": 1}, False),
    Awkward("and may be asked for", {"required": [""]}, {}, False),
    Awkward("keys with slashes and tildes", {"properties": {"a/b~c": {"type": "string"}}}, {"a/b~c": 1}, False),
    Awkward("an emoji is one character (validation, 6.3.1)", {"minLength": 2}, "\U0001f600", False),
    Awkward("an accent of its own is another", {"maxLength": 1}, "e\u0301", False),
    Awkward("NUL is a character", {"maxLength": 0}, "\0", False),
    Awkward("letters of all scripts (ECMA-262, u flag)", {"pattern": r"^\p{L}+$"}, "é中", True),
    Awkward("are not digits", {"pattern": r"^\p{L}+$"}, "1", False),
    Awkward("\\d is ASCII (ECMA-262, 22.2.2.9)", {"pattern": r"^\d$"}, "\u0663", False, differs=True),
    Awkward("\\w is ASCII", {"pattern": r"^\w$"}, "é", False, differs=True),
    Awkward("$ is the end, and not before a line's", {"pattern": "^a$"}, "a\n", False, differs=True),
    Awkward("a pattern is not anchored (validation, 6.3.3)", {"pattern": "b"}, "abc", True),
    Awkward("code points in a pattern", {"pattern": "^[\u4e00-\u9fff]$"}, "中", True),
    Awkward("an empty object has no properties", {"maxProperties": 0}, {}, True),
    Awkward("an empty array contains nothing", {"contains": {}}, [], False),
    Awkward("a format is a note (validation, 7.2.1)", {"type": "string", "format": "email"}, "no address", True),
    Awkward("a huge array", {"items": {"type": "integer"}}, list(range(50_000)), True),
    Awkward("with one wrong item", {"items": {"type": "integer"}}, [*range(50_000), "x"], False),
    Awkward("a schema that is true", True, {"anything": 1}, True),
    Awkward("a schema that is false", False, None, False),
    Awkward("a tuple is an array", {"type": "array", "items": {"type": "string"}}, ("a", 1), False),
]


@pytest.mark.parametrize("case", AWKWARD, ids=lambda case: case.about)
def test_awkward_values(case: Awkward) -> None:
    schema = schema_of(case.schema)
    assert schema.is_valid(case.value) is case.valid
    assert bool(schema.problems(case.value)) is not case.valid
    value = list(case.value) if isinstance(case.value, tuple) else case.value
    try:
        verdict = Draft202012Validator(case.schema).is_valid(value)
    except Exception:  # noqa: BLE001  # a pattern that the reference cannot read
        return
    assert verdict is (case.valid is not case.differs)


@pytest.mark.parametrize(
    ("value", "pointer", "words"),
    [
        (NAN, "", "NaN"),
        (-INFINITY, "", "infinite"),
        ("\ud800", "", "surrogate"),
        ({"a": ["\ud800"]}, "/a/0", "surrogate"),
        ({"\udfff": 1}, "", "key with a lone surrogate"),
        ({1: 2}, "", "key of the type int"),
        (b"bytes", "", "bytes"),
        ({1, 2}, "", "set"),
        (object(), "", "object"),
        (10**5000, "", "digits"),
    ],
    ids=[
        "NaN",
        "infinity",
        "surrogate",
        "deep surrogate",
        "surrogate key",
        "number as key",
        "bytes",
        "set",
        "object",
        "digits",
    ],
)
def test_what_is_no_json_is_a_problem_with_a_place(value: Any, pointer: str, words: str) -> None:
    [problem] = schema_of({"type": "boolean"}).problems(value)
    assert (problem.pointer, problem.keyword) == (pointer, "type")
    assert words in problem.message


def test_a_value_that_contains_itself_is_a_problem() -> None:
    value: list[Any] = []
    value.append(value)
    schema = schema_of({"type": "array", "items": {"$ref": "#/components/schemas/It"}})
    assert "contains itself" in schema.problems(value)[0].message


class Colour(Enum):
    RED = "red"


PYTHON = [
    (datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "string"),
    (date(2024, 1, 2), "string"),
    (UUID(int=5), "string"),
    (Decimal("19.99"), "number"),
    (Decimal(5), "integer"),
    (Colour.RED, "string"),
]


@pytest.mark.parametrize(
    ("value", "kind"), PYTHON, ids=lambda part: type(part).__name__ if not isinstance(part, str) else part
)
def test_python_values_count_as_what_they_are_sent_as(value: Any, kind: str) -> None:
    schema = schema_of({"type": "object", "properties": {"x": {"type": kind}}})
    assert schema.is_valid({"x": value})
    assert schema.is_valid({"x": value, "others": [value, {"deep": value}]})
    assert not schema_of({"type": "boolean"}).is_valid(value)


TREE = {"type": "object", "properties": {"inside": {"$ref": "#/components/schemas/It"}, "n": {"type": "integer"}}}


def nested(levels: int, inner: Any) -> Any:
    for _ in range(levels):
        inner = {"inside": inner}
    return inner


def test_a_schema_may_contain_itself() -> None:
    schema = schema_of(TREE)
    assert schema.is_valid(nested(200, {"n": 1}))
    [problem] = schema.problems(nested(200, {"n": "x"}))
    assert problem.pointer == "/inside" * 200 + "/n"
    assert problem.schema == "/components/schemas/It/properties/n/type"


DEEP = """
from odp_dynamic import Api
from tests.test_schema import TREE, schema_of
LIST = {"type": "array", "items": {"$ref": "#/components/schemas/It"}}
for definition in (TREE, LIST, True, {"type": "object"}, {"type": "string"}, {"uniqueItems": True}, {"enum": [[[]]]}):
    for wrap in (lambda inner: {"inside": inner}, lambda inner: [inner], lambda inner: (inner,)):
        value = 1
        for _ in range(100_000):
            value = wrap(value)
        problems = schema_of(definition).problems(value)
        assert problems if definition in (TREE, LIST, {"type": "string"}) else True, definition
        assert all("nested deeper" in p.message for p in problems), problems
        while isinstance(value, (dict, list, tuple)):  # taken apart by hand, for tuples unwind on the stack
            value = value["inside"] if isinstance(value, dict) else value[0]
print("alive")
"""


def test_a_hundred_thousand_levels_do_not_bring_the_interpreter_down() -> None:
    ran = subprocess.run([sys.executable, "-c", DEEP], capture_output=True, text=True, check=False, timeout=60)  # ours
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "alive\n", "")


@pytest.mark.parametrize(
    ("definition", "others"),
    [
        ({"$ref": "#/components/schemas/It"}, {}),
        ({"allOf": [{"$ref": "#/components/schemas/It"}]}, {}),
        (
            {"anyOf": [{"type": "string"}, {"not": {"$ref": "#/components/schemas/B"}}]},
            {"B": {"$ref": "#/components/schemas/It"}},
        ),
        ({"$ref": "#/components/schemas/B"}, {"B": {"oneOf": [{"$ref": "#/components/schemas/It"}]}}),
        ({"if": {"$ref": "#/components/schemas/It"}}, {}),
        ({"dependentSchemas": {"a": {"$ref": "#/components/schemas/It"}}}, {}),
    ],
    ids=["$ref", "allOf", "anyOf and not", "another's oneOf", "if", "dependentSchemas"],
)
def test_a_schema_that_only_refers_to_itself_is_the_authors_error(definition: Any, others: Any) -> None:
    with pytest.raises(SpecError, match=r"only (refers to itself|lead in a circle)") as caught:
        schema_of(definition, **others).problems({"a": 1})
    assert caught.value.pointer.startswith("/components/schemas/")


@pytest.mark.parametrize(
    "definition",
    [{"pattern": "("}, {"pattern": "[z-a]"}, {"minLength": -1}, {"maxItems": 1.5}, {"patternProperties": {"(": {}}}],
    ids=["regex", "range", "negative length", "half an item", "regex of a name"],
)
def test_a_schema_that_is_none_is_the_authors_error(definition: Any) -> None:
    """And its place is that of the rule, wherever it was reached from."""
    schema = schema_of({"properties": {"a": {"$ref": "#/components/schemas/B"}}}, B={"items": definition})
    with pytest.raises(SpecError, match="not a JSON Schema") as caught:
        schema.problems("x")
    assert caught.value.pointer.startswith(join("/components/schemas/B/items", *definition))


def test_validate_raises_what_problems_returns() -> None:
    schema = schema_of({"type": "integer"})
    schema.validate(1)
    with pytest.raises(ContractError) as caught:
        schema.validate("x")
    assert (caught.value.operation, caught.value.problems) == ("It", schema.problems("x"))
