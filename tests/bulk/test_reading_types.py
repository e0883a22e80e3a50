"""Types: the text of a cell becomes what the schema has where it goes, and nothing that would be lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic.bulk._types import converter, kinds_at
from tests.bulk.reading import read, schema_of, values

NULLABLE = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
TEXT_OF = {"string": "x", "number": "1.5", "integer": "7", "boolean": "true", "array": "[1]", "object": "{}"}
VALUE_OF = {"string": "x", "number": 1.5, "integer": 7, "boolean": True, "array": [1], "object": {}}


@pytest.mark.parametrize("kind", TEXT_OF)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda schema: schema,
        lambda schema: {"$ref": "#/components/schemas/Part"} if schema else {},
        lambda schema: {"allOf": [{}, {"description": "x"}, schema]},
        lambda schema: {"anyOf": [schema, {"type": "null"}]},
        lambda schema: {"oneOf": [{"type": "null"}, {"allOf": [schema]}]},
        lambda schema: {**schema, "type": [schema["type"], "null"]},
    ],
    ids=["plain", "ref", "allOf", "anyOf", "oneOf", "list"],
)
def test_a_type_is_found_however_it_is_told(kind: str, wrap: Any) -> None:
    part = {"type": kind}
    schema = schema_of({"type": "object", "properties": {"a": wrap(part)}}, Part=part)
    [row] = values(f'a\n"{TEXT_OF[kind]}"\n'.encode(), "csv", schema=schema)
    assert (row["a"], type(row["a"])) == (VALUE_OF[kind], type(VALUE_OF[kind]))


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({"properties": {"a": {"properties": {"b": {"type": "integer"}}}}}, {"integer"}),
        ({"properties": {"a": {"additionalProperties": {"type": "boolean"}}}}, {"boolean"}),
        ({"properties": {"a": {"patternProperties": {"^b": {"type": "array"}}}}}, {"array"}),
        ({"allOf": [{"properties": {"a": {"properties": {"b": NULLABLE}}}}, {"type": "object"}]}, {"integer", "null"}),
        ({"properties": {"a": {"anyOf": [{"type": "null"}, {"properties": {"b": {"enum": [1, None]}}}]}}}, None),
        (
            {"properties": {"a": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"b": {"const": 1}}}]}}},
            {"integer"},
        ),
        (
            {"allOf": [{"properties": {"a": True}}, {"properties": {"a": {"additionalProperties": NULLABLE}}}]},
            {"integer", "null"},
        ),
        ({"properties": {"a": {"additionalProperties": False}}}, set()),
        (
            {"properties": {"a": {"properties": {"b": {"allOf": [{"type": "number"}, {"type": "integer"}]}}}}},
            {"integer"},
        ),
        ({}, None),
    ],
)
def test_a_place_is_found_through_what_judges_the_same_object(schema: Any, kinds: set[str] | None) -> None:
    found = kinds_at(schema_of(schema), ("a", "b"))
    if kinds is None:
        assert {"string", "number", "object"} <= found or found == {"integer", "null"}
    else:
        assert found == kinds


def test_a_schema_that_contains_itself_has_an_end() -> None:
    tree = {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/It"}, "n": {"type": "integer"}}}
    assert kinds_at(schema_of(tree), ("a",) * 100 + ("n",)) == {"integer"}
    endless = {"allOf": [{"$ref": "#/components/schemas/Other"}]}
    kinds_at(schema_of(endless, Other={"anyOf": [{"$ref": "#/components/schemas/It"}]}), ("a", "b"))


@pytest.mark.parametrize(
    ("kinds", "text", "value"),
    [
        ({"integer"}, " 7 ", 7),
        ({"integer"}, "7.0", 7),
        ({"integer"}, "7.5", "7.5"),
        ({"integer"}, "12345678901234567890123", 12345678901234567890123),
        ({"integer"}, "1" * 5000, "1" * 5000),
        ({"number"}, "1e3", 1000.0),
        ({"number"}, "1e999", "1e999"),
        ({"number"}, "NaN", "NaN"),
        ({"number"}, "1,234.50", "1,234.50"),
        ({"number"}, "007", "007"),
        ({"number"}, "٣", "٣"),
        ({"number"}, "0.12345678901234567890", "0.12345678901234567890"),
        ({"number"}, "12345678.10000000000", 12345678.1),
        ({"boolean"}, "TRUE", True),
        ({"boolean"}, "0", False),
        ({"boolean"}, "yes", "yes"),
        ({"boolean", "number"}, "1", 1),
        ({"boolean", "number"}, "false", False),
        ({"null", "integer"}, "null", None),
        ({"null", "string"}, "null", "null"),
        ({"array"}, "[1, {}]", [1, {}]),
        ({"array"}, "{}", "{}"),
        ({"object"}, '{"a": NaN}', '{"a": NaN}'),
        ({"object"}, "[" * 100_000, "[" * 100_000),
        ({"string", "integer"}, "7", "7"),
        (set(), "7", "7"),
    ],
)
def test_a_text_becomes_a_value_only_when_it_is_one(kinds: set[str], text: str, value: Any) -> None:
    convert = converter(frozenset(kinds))
    found = convert(text) if convert else text
    assert (found, type(found)) == (value, type(value))


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.lists(st.integers()))
def test_what_python_writes_is_read_as_it_was(value: Any) -> None:
    convert = converter(frozenset({"number", "boolean", "array"}))
    assert convert is not None
    found = convert(json.dumps(value))
    assert (found, isinstance(found, bool)) == (value, isinstance(value, bool))


@given(st.text(), st.sets(st.sampled_from(["null", "boolean", "integer", "number", "array", "object"]), min_size=1))
def test_a_text_stays_or_becomes_what_the_schema_takes(text: str, kinds: set[str]) -> None:
    convert = converter(frozenset(kinds))
    assert convert is not None
    found = convert(text)
    assert found == text or schema_of({"type": sorted(kinds)}).is_valid(found)


def test_a_text_that_fits_no_type_is_left_to_validation() -> None:
    """Which tells its place; where only the header says the type, the row is unreadable, or nobody would tell."""
    schema = schema_of({"type": "object", "properties": {"n": {"type": "number"}}})
    [row] = values(b"n\nx\n", "csv", schema=schema)
    assert [problem.pointer for problem in schema.problems(row)] == ["/n"]
    [row] = values(b"n:integer\nx\n", "csv", schema=schema)
    assert row == "column 'n' holds no integer"


def test_blank_cells_are_null_where_that_is_asked_for_and_allowed() -> None:
    schema = schema_of({"type": "object", "properties": {"a": {"type": "string"}, "b": NULLABLE}})
    content = b"a,b,c\n,,\n"
    assert values(content, "csv", schema=schema) == [{}]
    assert values(content, "csv", schema=schema, blank="null") == [{"b": None, "c": None}]


def test_a_type_in_the_header_goes_before_the_schema() -> None:
    schema = schema_of({"type": "object", "properties": {"a": {"type": ["string", "number"]}}})
    assert values(b"a:number\n7\n", "csv", schema=schema) == [{"a": 7}]
    assert read(b"a\n7\n", "csv", schema=schema)[0][0] == {"a": "7"}
