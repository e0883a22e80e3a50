"""The pre-flight of a document: what is found of it, where, and that a document without an error can be used."""

from __future__ import annotations

import copy
import io
import json
import re
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from odp_dynamic import SpecError
from odp_dynamic._contract import Contract
from odp_dynamic._document import bundled, load
from odp_dynamic._pointers import lookup, split
from odp_dynamic.checking import Finding, check
from tests.documents import document, with_schemas, write

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases/check.yaml").read_text(encoding="utf-8"))
VERSIONS = ["3.0.3", "3.1.0"]
ITEM = "/paths/~1things~1{id}"
WORDS = {
    "$item": ITEM,
    "$get": f"{ITEM}/get",
    "$put": f"{ITEM}/put",
    "$ok": f"{ITEM}/get/responses/200/content/application~1json",
    "$body": f"{ITEM}/put/requestBody/content/application~1json",
    "$thing": "/components/schemas/Thing",
    "$schemas": "/components/schemas",
}
GOOD = yaml.safe_load("""
info: {title: t, version: '1'}
tags: [{name: all}]
security: [{key: []}]
servers: [{url: 'https://example.com'}]
paths:
  /things/{id}:
    get:
      operationId: getThing
      tags: [all]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: The thing.
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
    put:
      operationId: putThing
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses: {'204': {description: Done.}}
components:
  securitySchemes: {key: {type: http, scheme: basic}}
  schemas:
    Thing:
      type: object
      required: [id]
      properties:
        id: {type: string, readOnly: true}
        size: {type: integer, minimum: 0}
        secret: {type: string, writeOnly: true}
""")


def good(version: str = "3.1.0") -> dict[str, Any]:
    return {"openapi": version, **copy.deepcopy(GOOD)}


def expanded(pointer: str) -> str:
    word, slash, rest = pointer.partition("/")
    return WORDS.get(word, word) + slash + rest


def changed(case: dict[str, Any], version: str) -> dict[str, Any]:
    root = good(version)
    for pointer, value in case.get("set", {}).items():
        *way, last = split(expanded(pointer))
        outer: Any = root
        for token in way:
            outer = outer[int(token)] if isinstance(outer, list) else outer.setdefault(token, {})
        if isinstance(outer, list):
            outer[int(last) :] = [copy.deepcopy(value)]
        else:
            outer[last] = copy.deepcopy(value)
    for pointer in case.get("remove", ()):
        outer_pointer, _, last = expanded(pointer).rpartition("/")
        del lookup(root, outer_pointer)[last]
    return root


RUNS = [
    pytest.param(case, version, id=f"{case['name']} ({version})")
    for case in CASES
    for version in case.get("versions", VERSIONS)
]


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Return what is found, without the note of what was not looked for."""
    return sorted((f.level, f.rule, f.pointer) for f in findings if f.rule != "not-checked")


@pytest.mark.parametrize(("case", "version"), RUNS)
def test_all_that_is_wrong_is_found_and_nothing_else(case: dict[str, Any], version: str) -> None:
    """In a dict, in YAML and in JSON, which have the same findings but for the lines."""
    root = changed(case, version)
    expected = sorted((level, rule, expanded(pointer)) for level, rule, pointer in case["found"])
    found = check(root)
    assert told(found) == expected
    assert all(re.search(case.get("says", ""), f.message) for f in found if f.rule != "not-checked")
    assert root == changed(case, version)
    for text in (yaml.safe_dump(root, sort_keys=False), json.dumps(root, indent=1)):
        written = check(io.StringIO(text))
        assert [f._replace(line=None, source="<dict>", message="") for f in written] == [
            f._replace(message="") for f in found
        ]
        assert all(finding.line is not None for finding in written)


@pytest.mark.parametrize(("case", "version"), RUNS)
def test_what_has_no_error_loads_and_what_is_refused_does_not(case: dict[str, Any], version: str) -> None:
    root = changed(case, version)
    errors = {finding.rule for finding in check(root) if finding.level == "error"}
    if not errors:
        _use(root)
    if "refused" in errors:
        with pytest.raises(SpecError):
            _use(root)


def _use(root: Any) -> None:
    """Do with a document what comes before a call, and what a reload does: plans are made, schemas compiled."""
    contract = Contract([load(root)])
    contract.work_out()
    for operation in contract.operations.values():
        for content in (operation.request_body, *operation.responses.values()):
            for media_type in content.content if content is not None else ():
                assert content is not None
                content.problems({}, media_type)
        for parameter in operation.parameters:
            parameter.problems("x")
    for schema in contract.schemas.values():
        schema.problems({})


REFUSED = [case for case in CASES if any(rule == "refused" for _, rule, _ in case["found"]) and "remove" not in case]


@pytest.mark.parametrize("refused", REFUSED, ids=lambda case: case["name"])
def test_what_the_loader_refuses_hides_no_other_error_and_makes_none_up(refused: dict[str, Any]) -> None:
    """Of two changes all is found that is found of each, and nothing that is found of neither.

    Left out is what is in the same path or component, and the rules that are named as not checked.
    """
    alone = check(changed(refused, "3.1.0"))
    for case in CASES:
        if not case["found"] or "3.1.0" not in case.get("versions", VERSIONS) or _touch(case, refused):
            continue
        both = {**case, "set": {**case.get("set", {}), **refused["set"]}}
        found, other = check(changed(both, "3.1.0")), _alone(case["name"])
        known = {(f.rule, f.pointer) for f in (*alone, *other)}
        assert {(f.rule, f.pointer) for f in found} <= known, case["name"]
        note = "".join(f.message for f in found if f.rule == "not-checked")
        for finding in other:
            was_looked_for = finding.rule not in note and "all but" not in note
            if was_looked_for and not any(_near(finding.pointer, f.pointer) for f in alone):
                assert finding.pointer in {f.pointer for f in found}, case["name"]


@cache
def _alone(name: str) -> list[Finding]:
    return check(changed(next(case for case in CASES if case["name"] == name), "3.1.0"))


def _touch(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether two cases change the same place, or one within another."""
    mine, theirs = (
        [f"{expanded(p)}/" for p in (*case.get("set", {}), *case.get("remove", ()))] for case in (one, other)
    )
    return any(a.startswith(b) or b.startswith(a) for a in mine for b in theirs)


def _near(one: str, other: str) -> bool:
    """Tell whether two places are in one path, or in one component."""
    depth = 4 if one.startswith("/components") else 3
    return one.split("/")[:depth] == other.split("/")[:depth]


def test_the_bundled_document_is_good() -> None:
    assert check() == []
    assert check(bundled()) == []


def test_a_finding_has_its_line_and_what_comes_first_is_told_first(tmp_path: Path) -> None:
    root = good()
    root["paths"]["/things/{id}"]["put"]["operationId"] = "GetThing"
    root["tags"].append({"name": "all"})
    path = write(tmp_path, main=yaml.safe_dump(root, sort_keys=False))
    lines = path.read_text(encoding="utf-8").splitlines()
    first, second = check(path)
    assert (first.rule, second.rule) == ("duplicate-tag", "ids-differ-only-in-case")
    assert first.line is not None
    assert second.line is not None
    assert (lines[first.line - 1].strip(), lines[second.line - 1].strip()) == ("- name: all", "operationId: GetThing")
    assert first.source == str(path)


def test_what_is_not_looked_for_is_told_at_the_end(tmp_path: Path) -> None:
    root = good()
    root["components"]["schemas"]["Unused"] = {"type": "integer", "default": "y"}
    path = write(tmp_path, main=root)
    assert [f.rule for f in check(path)] == ["unreachable-component", "default-breaks-schema"]
    root["paths"]["/things/{id}"]["put"]["responses"]["204"] = {"$ref": "#/components/responses/No"}
    told = check(write(tmp_path, main=root))
    assert sorted(f.rule for f in told) == ["default-breaks-schema", "not-checked", "refused"]
    assert "unreachable-component" in told[-1].message


def test_what_is_refused_in_another_document_leaves_the_rules_for_later(tmp_path: Path) -> None:
    path = write(tmp_path, main=with_schemas(A={"$ref": "other.yaml#/B"}), other={"B": {"type": "strng"}})
    assert [f.rule for f in check(path)] == ["refused", "not-checked"]


def test_an_overlay_is_checked_with_the_document(tmp_path: Path) -> None:
    """Where it takes something out of a list, what stands behind it has no line any more."""
    root = good()
    root["paths"]["/things/{id}"]["get"]["tags"] = ["all", "one", "two"]
    actions = [
        {"target": "$.paths['/things/{id}'].get.tags[0]", "remove": True},
        {"target": "$.components.schemas.Thing.properties.size", "update": {"example": "x"}},
        {"target": "$.nowhere", "update": {}},
    ]
    overlay = {"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": actions}
    path = write(tmp_path, main=root, over=overlay)
    found = check(path, overlays=tmp_path / "over.yaml")
    assert [(finding.rule, finding.line is None) for finding in found] == [
        ("idle-overlay", False),
        ("example-breaks-schema", False),
        ("undeclared-tag", True),
        ("undeclared-tag", True),
    ]


def test_what_is_refused_elsewhere_says_where(tmp_path: Path) -> None:
    path = write(tmp_path, main=with_schemas(A={"$ref": "other.yaml#/B"}), other={"B": {"type": "strng"}})
    finding, _ = check(path)
    assert (finding.rule, finding.pointer, finding.line) == ("refused", "/B/type", 2)
    assert finding.source.endswith("other.yaml")


def test_what_stands_elsewhere_has_no_line_of_this_document(tmp_path: Path) -> None:
    path = write(
        tmp_path, main=with_schemas(A={"$ref": "other.yaml#/B"}), other={"B": {"type": "string", "example": 1}}
    )
    (finding,) = check(path)
    assert (finding.rule, finding.pointer, finding.line) == (
        "example-breaks-schema",
        "/x-documents/other.yaml/B/example",
        None,
    )


def test_a_document_that_is_no_document_is_a_finding_and_one_that_is_not_there_an_error(tmp_path: Path) -> None:
    for text, line in (("a: [", 2), ("- a\n", 1), ("", None), ("a: 1\na: 2\n", 2)):
        (finding,) = check(io.StringIO(text))
        assert (finding.level, finding.rule, finding.line) == ("error", "refused", line)
    assert check(io.BytesIO(b"a: 1\nb: \xff"))[0].line == 2
    with pytest.raises(SpecError, match="cannot be read"):
        check(tmp_path / "none.yaml")


def test_no_value_of_an_example_is_repeated() -> None:
    root = good()
    thing = root["components"]["schemas"]["Thing"]
    thing["properties"]["id"] |= {"maxLength": 3, "pattern": "^a", "example": "canary-1"}
    thing["properties"]["size"] |= {"example": {"canary-2": "canary-3"}}
    thing["example"] = "{canary-4"
    found = check(root)
    assert len(found) == 4
    assert "canary" not in json.dumps([finding.message for finding in found])


def test_several_documents_are_not_one(tmp_path: Path) -> None:
    path = write(tmp_path, main=good())
    with pytest.raises(ValueError, match="one document"):
        check([path, path])  # type: ignore[arg-type]


NAMES = (
    "type $ref allOf properties example default enum required name in schema pattern content application/json minimum"
    " items tags security get 200 /a/{b}"
)
WORDS_OF_DOCUMENTS = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "string",
    "integer",
    "object",
    "a(",
    "#/components/schemas/Thing",
    "id",
]
PIECES = st.recursive(
    st.sampled_from(WORDS_OF_DOCUMENTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=4),
    max_leaves=6,
)


@st.composite
def mutants(draw: st.DrawFn) -> dict[str, Any]:
    """Make documents that are good but for one or two places, in which anything may stand."""
    root = good(draw(st.sampled_from(VERSIONS)))
    for _ in range(draw(st.integers(1, 2))):
        node: Any = root
        while True:
            places = list(node) if isinstance(node, dict) else list(range(len(node)))
            place = draw(st.sampled_from(places))
            if not isinstance(node[place], dict | list) or not node[place] or draw(st.integers(0, 5)) == 0:
                node[place] = draw(PIECES)
                break
            node = node[place]
    return root


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(mutants())
def test_whatever_stands_in_a_document_it_is_usable_or_an_error_is_found(root: dict[str, Any]) -> None:
    before = copy.deepcopy(root)
    found = check(root)
    assert root == before
    assert len(set(found)) == len(found)
    if not any(finding.level == "error" for finding in found):
        _use(root)
    try:
        load(root)
    except SpecError:
        assert any(finding.rule == "refused" for finding in found)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(mutants())
def test_what_openapi_spec_validator_refuses_is_an_error_here(root: dict[str, Any]) -> None:
    """But for what it asks beyond OpenAPI: properties for required names, formats of defaults, defaults of 3.1."""
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    kind = {"3.0.3": OpenAPIV30SpecValidator, "3.1.0": OpenAPIV31SpecValidator}.get(str(root.get("openapi")))
    found = check(root)
    assume(kind is not None and not any(finding.level == "error" for finding in found))
    assume(not any(finding.rule == "default-breaks-schema" for finding in found))
    assert kind is not None
    refused = [error for error in kind(root).iter_errors() if type(error).__name__ != "ExtraParametersError"]
    assert not refused


def links(count: int) -> dict[str, Any]:
    twice = [{"allOf": [{"$ref": f"#/components/schemas/A{n + 1}"}] * 2, "example": "x"} for n in range(count)]
    return {f"A{n}": schema for n, schema in enumerate([*twice, {"type": "string"}])}


def ring(count: int) -> dict[str, Any]:
    return {
        f"A{n}": {
            "properties": {
                "a": {"$ref": f"#/components/schemas/A{n * 7 % count}"},
                "b": {"$ref": f"#/components/schemas/A{n * 3 % count}"},
            }
        }
        for n in range(count)
    }


def nested(depth: int, keyword: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {keyword: schema}
    return schema


HOSTILE: dict[str, Callable[[], Any]] = {
    "many nodes": lambda: with_schemas(**{f"A{n}": {"properties": {"a": {"type": "string"}}} for n in range(33_000)}),
    "many faults": lambda: with_schemas(**{f"A{n}": {"type": "x"} for n in range(20_000)}),
    "many references to nothing": lambda: with_schemas(**{f"A{n}": {"$ref": f"#/x/{n}"} for n in range(20_000)}),
    "many unknown keys": lambda: document(**{f"k{n}": n for n in range(50_000)}),
    "a cyclic crowd": lambda: with_schemas(**ring(5_000)),
    "a chain of references": lambda: with_schemas(
        **{f"A{n}": {"$ref": f"#/components/schemas/A{n + 1}"} for n in range(20_000)}
    ),
    "references that double": lambda: document(
        paths={
            "/a": {
                "get": {
                    "responses": {
                        "200": {
                            "description": "",
                            "content": {"a/json": {"schema": {"$ref": "#/components/schemas/A0"}}},
                        }
                    }
                }
            }
        },
        components={"schemas": links(60)},
    ),
    "a pattern that backtracks": lambda: with_schemas(A={"pattern": "^(a+)+$", "example": "a" * 50 + "!"}),
    "deep schemas": lambda: with_schemas(A=nested(240, "not")),
    "deep text": lambda: io.StringIO("[" * 1_000_000),
    "an alias bomb": lambda: io.StringIO(
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    ),
    "many paths that are ambiguous": lambda: document(
        paths={path: {"get": {}} for n in range(1_000) for path in (f"/{{a}}/p{n}", f"/p{n}/{{a}}")}
    ),
    "a long number": lambda: with_schemas(A={"type": "string", "example": 10**400}),
    "half a surrogate pair": lambda: with_schemas(A={"type": "integer", "example": "\ud800"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_checked_in_bounded_time(name: str) -> None:
    source = HOSTILE[name]()
    started = time.process_time()
    found = check(source)
    assert time.process_time() - started < 10
    assert len(found) < 10_000
