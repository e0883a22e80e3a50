"""What is said of a value that is refused: every keyword's sentence, never the value, in the document's order."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic import InvalidRequest
from odp_dynamic._document import load
from odp_dynamic._examples import example
from odp_dynamic._pointers import lookup
from odp_dynamic._schema import Direction, Schema
from odp_dynamic._schema._explain import MOST
from odp_dynamic._schema._sentences import _SENTENCES
from tests.apis import client
from tests.documents import with_schemas

SENTENCES = yaml.safe_load((Path(__file__).parent / "cases" / "sentences.yaml").read_text(encoding="utf-8"))
CANARIES = "48151623", "tell-nobody"


def schema_of(definition: Any, direction: Direction | None = None, **others: Any) -> Schema:
    return Schema(load(with_schemas(It=definition, **others)), "/components/schemas/It", direction)


@pytest.mark.parametrize("case", SENTENCES, ids=lambda c: f"{c['keyword']} {c.get('about', c['value'])}")
def test_every_keyword_has_its_sentence(case: dict[str, Any]) -> None:
    """And its problems lead to the value and to the rule, and hold nothing of the value."""
    schema = schema_of(case["schema"], Other={"type": "integer"})
    problems = schema.problems(case["value"])
    assert [f"{problem.pointer}: {problem.message}" for problem in problems] == case["says"]
    for problem in problems:
        rule = problem.schema.rpartition("/")
        assert lookup(schema.document.root, problem.schema) is not None
        assert rule[2] == problem.keyword or lookup(schema.document.root, problem.schema) is False
        assert not any(canary in str(problem) + repr(problem) for canary in CANARIES)


def test_no_sentence_is_untold() -> None:
    """Each keyword that has a sentence is in the cases."""
    assert _SENTENCES.keys() <= {case["keyword"] for case in SENTENCES}


canaries = st.integers(10**9, 10**12).map(lambda n: n * 1000 + 7) | st.text("qxz", min_size=9, max_size=12)
canary_values = st.recursive(
    canaries,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "action", "identifiers", "data", "name", "fields", "x"]), inner, max_size=3
        )
    ),
)


def scalars_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for child in value.values() for text in scalars_in(child)]
    return [text for child in value for text in scalars_in(child)] if isinstance(value, list) else [str(value)]


@given(
    st.sampled_from(["sendEvents", "upsertProfile", "upsertObjects", "createSchemaField", "createSchemaObject"]),
    canary_values,
)
def test_no_payload_shows_in_what_is_said(name: str, value: Any) -> None:
    """Neither in the sentences, nor in the error's text, repr or notes."""
    api, transport = client(responses="ignore")
    try:
        arguments = {"object_type": "things"} if "object" in api.operations[name].path else {}
        api.call(name, value, **arguments)
    except InvalidRequest as error:
        said = "\n".join([str(error), repr(error), *getattr(error, "__notes__", ()), *map(repr, error.problems)])
        assert not [canary for canary in scalars_in(value) if canary in said]
        assert transport.sent == []


def test_problems_come_in_the_order_of_the_document() -> None:
    """Items by their place; within each, properties as the schema lists them, then others as the value has them."""
    definition = {
        "type": "array",
        "items": {
            "required": ["c", "a"],
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}},
            "additionalProperties": {"type": "boolean"},
        },
    }
    value = [{"z": 1, "b": 1, "y": 1, "c": 1}, {"b": 1}]
    found = [problem.pointer for problem in schema_of(definition).problems(value)]
    assert found == ["/0/a", "/0/b", "/0/c", "/0/z", "/0/y", "/1/a", "/1/b", "/1/c"]


def test_the_tenth_item_comes_after_the_second() -> None:
    found = schema_of({"items": {"type": "string"}}).problems(list(range(12)))
    assert [problem.pointer for problem in found] == [f"/{n}" for n in range(12)]


def test_each_problem_is_told_once_and_at_most_so_many() -> None:
    definition = {"items": {"required": ["a", "b", "c"]}}
    found = schema_of(definition).problems([{}] * 300)
    assert len(found) == len(set(found)) == 900
    assert len(schema_of(definition).problems([{}] * 10_000)) == MOST


USER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "password"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "password": {"type": "string", "writeOnly": True},
    },
}
WHOLE = {"id": 1, "name": "n", "password": "p"}
FAMILIES: dict[str, dict[str, Any]] = {
    "beside": {"It": USER},
    "by reference": {"It": {"$ref": "#/components/schemas/User"}, "User": USER},
    "required in another part": {"It": {"allOf": [{"required": USER["required"]}, {"properties": USER["properties"]}]}},
    "required beside allOf": {
        "It": {"required": USER["required"], "allOf": [{"$ref": "#/components/schemas/User"}]},
        "User": {"properties": USER["properties"]},
    },
    "marked where it is defined": {
        "It": {**USER, "properties": {**USER["properties"], "id": {"$ref": "#/components/schemas/Id"}}},
        "Id": {"type": "integer", "readOnly": True},
    },
    "marked beside a reference": {
        "It": {
            **USER,
            "properties": {**USER["properties"], "id": {"$ref": "#/components/schemas/Id", "readOnly": True}},
        },
        "Id": {"type": "integer"},
    },
}


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_read_only_is_no_part_of_a_request_and_what_is_write_only_none_of_an_answer(family: str) -> None:
    document = load(with_schemas(**FAMILIES[family]))
    request, answer, both = (Schema(document, "/components/schemas/It", way) for way in ("request", "response", None))
    assert both.problems(WHOLE) == ()
    assert request.problems({"name": "n", "password": "p"}) == ()
    assert answer.problems({"name": "n", "id": 1}) == ()
    assert "is read-only: the service sets it" in request.problems(WHOLE)[0].message
    assert "is write-only: it must not be in an answer" in answer.problems(WHOLE)[0].message
    for problem in (*request.problems(WHOLE), *answer.problems(WHOLE)):
        assert problem.keyword in {"readOnly", "writeOnly"}
        assert lookup(document.root, problem.schema)
    assert [p.pointer for p in request.problems({})] == ["/name", "/password"]
    assert [p.pointer for p in answer.problems({})] == ["/id", "/name"]
    for schema in (request, answer):
        assert schema.problems(example(document.root, schema.pointer, schema.direction)) == ()


def test_a_problem_reads_as_place_and_sentence() -> None:
    [problem] = schema_of({"properties": {"a": {"type": "string"}}}).problems({"a": 1}, "query.a")
    assert str(problem) == "query.a /a: must be a string, not an integer"
    assert problem == (
        "query.a",
        "/a",
        "type",
        "must be a string, not an integer",
        "/components/schemas/It/properties/a/type",
    )


def test_the_rules_own_values_are_written_as_json() -> None:
    [problem] = schema_of({"enum": ["ü", None, True, {"a": [1.5]}]}).problems(3)
    assert problem.message == 'must be one of "ü", null, true, {"a": [1.5]}'
    assert json.dumps("ü") not in problem.message


LONG = "a" * 40 + "!"


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"pattern": "^(a+)+$"}, LONG, ": must match the pattern ^(a+)+$"),
        ({"propertyNames": {"pattern": "^(a+)+$"}}, {LONG: 1}, "a name that must match the pattern ^(a+)+$"),
        ({"patternProperties": {"^(a+)+$": True}, "additionalProperties": False}, {LONG: 1}, "is no property"),
        ({"patternProperties": {"^(a+)+$": True}, "unevaluatedProperties": False}, {LONG: 1}, "breaks the rule"),
        ({"patternProperties": {"^(a+)+$": True}, "additionalProperties": {"type": "null"}}, {LONG: 1}, "must be null"),
    ],
    ids=str,
)
def test_no_pattern_keeps_who_is_refused_waiting(schema: dict[str, Any], value: Any, told: str) -> None:
    """Python's own engine would take years for each of these."""
    begun = process_time()
    [problem] = schema_of({"type": ["string", "object"], **schema}).problems(value)
    assert told in f"{problem.pointer}: {problem.message}"
    assert process_time() - begun < 5
