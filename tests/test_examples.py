"""Whatever the example maker gives away validates against its schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from odp_dynamic._example_strings import strings_matching
from odp_dynamic._examples import example

SPEC = Path(__file__).parent.parent / "spec" / "odp-rest-v3.yaml"
ROOT = yaml.safe_load(SPEC.read_text())
AWKWARD = (Path(__file__).parent / "data" / "awkward_schemas.yaml").read_text()


def is_valid(root: Any, schema: Any, value: Any) -> bool:
    return Draft202012Validator(root).evolve(schema=schema).is_valid(value)


def schema_pointers(node: Any, pointer: str = "") -> list[str]:
    """Return the pointers of all component schemas, and of all schemas of parameters and media types."""
    if not isinstance(node, dict):
        return []
    here = [f"{pointer}/schema"] if "schema" in node else []
    if pointer == "/components/schemas":
        return [f"{pointer}/{name}" for name in node]
    return here + [
        found
        for name, child in node.items()
        for found in schema_pointers(child, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    ]


@pytest.mark.parametrize("direction", ["request", "response", None])
@pytest.mark.parametrize("pointer", schema_pointers(ROOT))
def test_every_schema_of_the_bundled_document_has_an_example(pointer: str, direction: Any) -> None:
    node = ROOT
    for token in pointer.split("/")[1:]:
        node = node[token.replace("~1", "/").replace("~0", "~")]
    assert is_valid(ROOT, node, example(ROOT, pointer, direction))


def test_an_event_reads_like_one() -> None:
    """Its strings come from the descriptions and from the properties' names."""
    [event] = example(ROOT, "/paths/~1events/post/requestBody/content/application~1json/schema", "request")
    assert event == {"type": "order", "action": "purchase", "identifiers": {"email": "ada@example.com"}, "data": {}}


def test_a_parameter_is_named_after_itself() -> None:
    assert example(ROOT, "/components/parameters/identifierField/schema") == "email"
    assert example(ROOT, "/components/parameters/objectId/schema") == "object_id"


@pytest.mark.parametrize("case", yaml.safe_load(AWKWARD), ids=lambda case: str(case["about"]))
def test_awkward_schemas(case: dict[str, Any]) -> None:
    """Has an example that validates, is the one expected where one is, and is refused where none can be."""
    root = {"it": case["schema"], **case.get("root", {})}
    if case.get("impossible"):
        with pytest.raises(ValueError, match="no example was found for the schema at /it"):
            example(root, "/it")
        return
    made = example(root, "/it")
    assert is_valid(root, case["schema"], made)
    if "example" in case:
        assert made == case["example"]


def test_a_request_leaves_out_what_is_read_only_and_a_response_what_is_write_only() -> None:
    schema = {
        "allOf": [
            {"required": ["id", "name", "password"]},
            {
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "name": {"type": "string"},
                    "password": {"type": "string", "writeOnly": True},
                }
            },
        ],
    }
    assert example(schema, "", "request") == {"name": "name", "password": "password"}
    assert example(schema, "", "response") == {"id": 1, "name": "name"}
    assert example(schema, "") == {"id": 1, "name": "name", "password": "password"}


def test_an_example_beside_the_schema_is_taken_when_it_validates() -> None:
    media = {"schema": {"type": "integer"}, "examples": {"bad": {"value": "x"}, "good": {"value": 42}}}
    assert example({"media": media}, "/media/schema") == 42


def test_nothing_at_the_pointer_is_a_lookup_error() -> None:
    with pytest.raises(LookupError):
        example(ROOT, "/components/schemas/Nobody")


def test_optional_properties_are_shown_one_object_deep() -> None:
    inner: dict[str, Any] = {"type": "object", "properties": {"deep": {"type": "object", "properties": {"x": {}}}}}
    assert example({"type": "object", "properties": {"inner": inner}}, "") == {"inner": {"deep": {}}}


def lengths(least: str, most: str) -> st.SearchStrategy[dict[str, int]]:
    pairs = st.tuples(st.integers(0, 4), st.integers(0, 4))
    return st.one_of(st.just({}), pairs.map(lambda pair: {least: pair[0], most: sum(pair)}))


names = st.sampled_from(["name", "email", "id", "createdAt", "home_city"])
bounds = st.fixed_dictionaries(
    {},
    optional={
        "minimum": st.integers(-20, 20),
        "exclusiveMinimum": st.integers(-20, 20),
        "maximum": st.integers(30, 60),
        "exclusiveMaximum": st.integers(30, 60),
        "multipleOf": st.integers(1, 9),
    },
)
patterns = st.sampled_from(["^[a-z]+$", r"^\d{3}-\d{2,4}$", "^(?:ab|cd)[0-9]?$", r"[A-Z]\w*", r"^\+?[0-9 ]{1,}$"])
strings = st.one_of(
    lengths("minLength", "maxLength").map(lambda rule: {"type": "string", **rule}),
    patterns.map(lambda pattern: {"type": "string", "pattern": pattern}),
    st.sampled_from(["email", "date-time", "uuid", "x"]).map(lambda form: {"type": "string", "format": form}),
)
leaves = st.one_of(
    strings,
    bounds.map(lambda rule: {"type": "number", **rule}),
    bounds.map(lambda rule: {"type": "integer", **rule}),
    st.sampled_from([{"type": "boolean"}, {"const": None}, {}, True, {"enum": ["b", 2]}, {"type": ["null", "string"]}]),
)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(names, inner, max_size=4)},
        optional={
            "required": st.lists(names, unique=True, max_size=3),
            "minProperties": st.integers(0, 6),
            "additionalProperties": inner,
            "patternProperties": st.dictionaries(st.just("^x-"), inner, max_size=1),
        },
    )


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(inner, lengths("minItems", "maxItems")).map(
        lambda pair: {"type": "array", "items": pair[0], **pair[1]}
    )


def choices(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    listed = st.lists(inner, min_size=1, max_size=3)
    return st.sampled_from(["anyOf", "oneOf", "allOf"]).flatmap(lambda word: listed.map(lambda those: {word: those}))


schemas = st.recursive(leaves, lambda inner: objects(inner) | arrays(inner) | choices(inner), max_leaves=12)
simple_schemas = st.recursive(leaves, lambda inner: arrays(inner) | st.builds(lambda s: {"anyOf": [s, False]}, inner))


@given(schemas)
def test_whatever_is_made_validates(schema: Any) -> None:
    try:
        made = example({"it": schema}, "/it")
    except ValueError:
        return
    assert is_valid({"it": schema}, schema, made)


@given(simple_schemas)
def test_schemas_without_contradictions_have_an_example(schema: Any) -> None:
    assert is_valid(schema, schema, example({"it": schema}, "/it"))


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        ("^[a-z][a-z0-9_]{1,61}$", 2),
        (r"^\d{4}-\d{2}-\d{2}$", 0),
        (r"^(?P<area>[A-Z]{2})(\d|x)+$", 9),
        (r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$", 0),
        (r"^#[0-9a-fA-F]{6}$", 0),
        ("colou?r", 12),
        (r"^\/v\d+\/", 0),
        ("^[]a]$", 0),
    ],
)
def test_strings_match_their_pattern(pattern: str, least: int) -> None:
    import re

    first = next(strings_matching(pattern, least))
    assert re.search(pattern, first)


@pytest.mark.parametrize("pattern", ["^(?=a)b$", "(", "[z-a]", r"^\p{L}$", "^a{2"])
def test_a_pattern_that_is_too_clever_or_wrong_gives_only_what_matches(pattern: str) -> None:
    import re

    for text in strings_matching(pattern):
        assert re.search(pattern, text)


def test_examples_of_a_schema_count_beside_those_of_its_parameter() -> None:
    schema = {"type": "object", "additionalProperties": True, "examples": [{"own": "1"}]}
    for beside, expected in (({}, {"own": "1"}), ({"example": {"beside": "2"}}, {"beside": "2"})):
        root = {"components": {"parameters": {"p": {"name": "p", "in": "query", "schema": schema, **beside}}}}
        assert example(root, "/components/parameters/p/schema") == expected
