"""`odp describe`: all there is to know of an operation, with an example that works."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic import Api

from .conftest import KEYS, Odp

API = Api()
OPERATIONS = list(API.operations)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_validates(odp: Odp, name: str) -> None:
    example = json.loads(odp("--text", "describe", name, "--json").stdout)["example"]
    operation = API.operations[name]
    for parameter in operation.parameters:
        if parameter.name in example["arguments"]:
            assert parameter.problems(example["arguments"][parameter.name]) == ()
    if operation.request_body is not None:
        assert operation.request_body.problems(example["body"]) == ()


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_shell_example_runs_as_it_stands(odp: Odp, name: str) -> None:
    program, *words = shlex.split(json.loads(odp("--text", "describe", name, "--json").stdout)["example"]["shell"])
    assert program == "odp"
    assert odp(*words, "--dry-run", **KEYS).exit_code == 0


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_python_example_runs_as_it_stands(odp: Odp, name: str) -> None:
    code = json.loads(odp("--text", "describe", name, "--json").stdout)["example"]["python"]
    api = API.using(credentials={"publicApiKey": "x", "privateApiKey": "y"})
    api.call = api.prepare  # type: ignore[method-assign]  # as far as it goes without a network
    assert eval(code, {"api": api}).operation == name  # noqa: S307  # our own words


@pytest.mark.parametrize("name", [*OPERATIONS, *API.schemas])
def test_text_fits_a_terminal_of_80_columns(odp: Odp, name: str) -> None:
    text = odp("--text", "describe", name).stdout
    assert [line for line in text.splitlines() if len(line) > 80 and "odp call" not in line] == []


def test_an_operation_is_told_whole(odp: Odp) -> None:
    text = odp("--text", "describe", "getProfile").stdout
    for part in (
        "getProfile  GET /profiles/{identifier_field}/{identifier_value}",
        "Get a profile",
        "Retrieves a customer profile",
        "path, string, required",
        "query, string",
        "application/json: Profile",
        "Customer postal code",
        "404 Profile not found",
        "header x-api-key",
        "set ODP_PRIVATE_API_KEY",
        'identifier_field="email"',
        "odp call getProfile identifier_field=email",
    ):
        assert part in text


def test_a_body_is_told_as_a_tree(odp: Odp) -> None:
    text = odp("--text", "describe", "createSchemaField").stdout
    assert "application/json: SchemaFieldInput, required" in text
    assert "one of: string" in text


def test_a_schema_is_told_with_an_example_that_validates(odp: Odp) -> None:
    for name, schema in API.schemas.items():
        told = json.loads(odp("--text", "describe", name, "--json").stdout)
        assert told["name"] == name
        assert schema.problems(told["example"]) == ()


def _document(**schemas: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shapes", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    }


@pytest.mark.parametrize(
    ("schema", "lines"),
    [
        ({"type": "string", "enum": ["a", "b"], "default": "a"}, ["string", 'one of: a, b; default "a"']),
        ({"type": ["integer", "null"], "minimum": 1, "maximum": 9}, ["integer or null", "at least 1; at most 9"]),
        ({"const": 5}, ["always 5"]),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 3}, ["array of integer", "at most 3 items"]),
        (
            {
                "type": ["array", "object"],
                "items": {"type": "integer"},
                "if": {"type": "object"},
                "then": {"type": "object", "properties": {"b": {"type": "string"}}},
            },
            ["array of integer or object", "b", "string"],
        ),
        (
            {"type": "array", "items": {"type": "object", "properties": {"b": True}}},
            ["array of object", "b", "anything"],
        ),
        (
            {"allOf": [{"properties": {"b": {"type": "string"}}}, {"required": ["b"]}]},
            ["object", "b", "string, required"],
        ),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, ["(one of)", "string", "integer"]),
        ({"type": "object", "additionalProperties": {"type": "number"}}, ["(any name)", "number"]),
        ({"type": "object", "additionalProperties": True}, ["any names"]),
        ({"type": "object", "additionalProperties": False}, ["no other names"]),
        ({"$ref": "#/components/schemas/Outer"}, ["Outer", "as above"]),
        (False, ["nothing"]),
    ],
    ids=json.dumps,
)
def test_each_kind_of_schema_has_its_words(odp: Odp, tmp_path: Path, schema: Any, lines: list[str]) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(_document(Outer={"type": "object", "properties": {"inner": schema}})))
    text = " ".join(odp("--text", "describe", "Outer", "--spec", str(spec)).stdout.split())
    for line in lines:
        assert line in text


def test_a_description_cannot_command_the_terminal(odp: Odp, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    evil = {"type": "object", "description": "\x1b[2J", "properties": {"\x1b[3J": {"description": "\x9b2J"}}}
    spec.write_text(json.dumps(_document(Evil=evil)))
    result = odp("--text", "describe", "Evil", "--spec", str(spec))
    assert result.exit_code == 0
    assert not {"\x1b", "\x9b"} & set(result.stdout)
