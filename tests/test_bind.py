"""Arguments reach their places, and those that have none are told so."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from odp_dynamic import InvalidRequest, Problem, Request
from tests.apis import body, client, one, parameter

THING = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "size": {"type": ["integer", "null"]}},
}


def prepared(operation: dict[str, Any], *args: Any, path: str = "/things", **arguments: Any) -> Request:
    return client(one(operation, path))[0].prepare("it", *args, **arguments)


def refused(operation: dict[str, Any], *args: Any, path: str = "/things", **arguments: Any) -> list[Problem]:
    with pytest.raises(InvalidRequest) as caught:
        prepared(operation, *args, path=path, **arguments)
    return list(caught.value.problems)


def sent_body(operation: dict[str, Any], *args: Any, **arguments: Any) -> Any:
    content = prepared(operation, *args, **arguments).body
    return json.loads(content) if content is not None else None


def test_keywords_are_properties_of_the_body_when_no_body_is_given() -> None:
    assert sent_body({"requestBody": body(THING)}, name="n", size=1) == {"name": "n", "size": 1}


def test_properties_are_found_through_references_and_all_of() -> None:
    whole = {"allOf": [THING, {"properties": {"extra": {}}}]}
    assert sent_body({"requestBody": body(whole)}, name="n", extra=True) == {"name": "n", "extra": True}


def test_a_free_form_body_takes_any_keyword() -> None:
    """Where the schema says additionalProperties; one that is merely silent takes none."""
    assert sent_body({"requestBody": body({"type": "object", "additionalProperties": {}})}, anything=1) == {
        "anything": 1
    }
    assert refused({"requestBody": body({"type": "object"})}, anything=1)[-1].pointer == "/anything"


def test_keywords_are_no_items_of_an_array() -> None:
    assert [p.where for p in refused({"requestBody": body({"type": "array"}, required=True)}, name="n")] == [
        "body",
        "arguments",
    ]


def test_a_parameter_comes_before_a_property_of_its_name() -> None:
    operation = {"parameters": [parameter("name")], "requestBody": body(THING)}
    request = prepared(operation, {"name": "inside"}, name="outside")
    assert (request.url.partition("?")[2], request.body) == ("name=outside", b'{"name":"inside"}')


def test_a_name_in_two_places_is_told_apart() -> None:
    operation = {"parameters": [parameter("id", "path"), parameter("id")]}
    request = prepared(operation, path="/{id}", **{"path.id": "a", "query.id": "b"})
    assert request.url.endswith("/a?id=b")
    [missing, stray] = refused(operation, path="/{id}", id="a")
    assert missing.where == "path.id"
    assert "is the name of several parameters; say 'path.id' or 'query.id'" in stray.message


def test_the_full_name_always_does() -> None:
    assert prepared({"parameters": [parameter("q")]}, **{"query.q": "x"}).url.endswith("?q=x")


@pytest.mark.parametrize(
    "name", ["self", "operation_id", "arguments", "args", "cls", "from", "x-y", "a b", "método", "document"]
)
def test_a_parameter_may_have_any_name(name: str) -> None:
    operation = {"parameters": [parameter(name, schema={"type": "string"})]}
    api, _ = client(one(operation))
    assert api.prepare("it", **{name: "v"}).url.endswith("=v")
    api.it(**{name: "v"})


def test_a_parameter_called_body_is_told_apart_from_the_body() -> None:
    operation = {"parameters": [parameter("body")], "requestBody": body({"type": "string"})}
    request = prepared(operation, "b", **{"query.body": "q"})
    assert (request.url.partition("?")[2], request.body) == ("body=q", b'"b"')
    [problem] = refused({"parameters": [parameter("body")]}, body="x")
    assert problem.message == "is not taken by this operation; say 'query.body' for its parameter"


def test_none_means_that_a_parameter_is_not_given() -> None:
    operation = {"parameters": [parameter("a", required=True), parameter("b")]}
    assert prepared(operation, a="x", b=None).url.endswith("?a=x")
    assert [p.where for p in refused(operation, a=None)] == ["query.a"]


def test_none_as_a_body_or_a_property_is_null() -> None:
    assert sent_body({"requestBody": body(THING)}, name="n", size=None) == {"name": "n", "size": None}
    assert prepared({"requestBody": body({"type": "null"})}, None).body == b"null"
    assert prepared({"requestBody": body(THING)}).body is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [("nmae", "did you mean 'name'?"), ("Feilds", "did you mean 'fields'?"), ("zzz", "it takes fields, name, size")],
)
def test_an_unknown_name_gets_the_closest(name: str, hint: str) -> None:
    operation = {"parameters": [parameter("fields")], "requestBody": body(THING)}
    arguments: dict[str, Any] = {name: 1}
    stray = refused(operation, **arguments)[-1]
    assert (stray.where, stray.pointer) == ("arguments", f"/{name}")
    assert stray.message == f"is neither a parameter of this operation nor a property of its body; {hint}"


def test_an_operation_that_takes_nothing_says_no_more() -> None:
    [stray] = refused({}, zzz=1)
    assert stray.message == "is neither a parameter of this operation nor a property of its body"


def test_a_missing_argument_names_the_stray_that_was_meant() -> None:
    missing, stray = refused({"parameters": [parameter("email", required=True)]}, emial="x")
    assert (missing.where, missing.message) == ("query.email", "is required and missing; is 'emial' meant to be it?")
    assert "did you mean 'email'" in stray.message


def test_a_body_and_its_properties_together_are_refused() -> None:
    [stray] = refused({"requestBody": body(THING)}, {"name": "n"}, size=1)
    assert stray.message == "is a property of the body, which was given whole; put it in there"


def test_a_body_for_an_operation_that_takes_none_is_refused() -> None:
    [problem] = refused({}, {"a": 1})
    assert (problem.where, problem.message) == ("body", "is not taken by this operation")


def test_a_body_that_must_be_there_is_missed() -> None:
    [problem] = refused({"requestBody": body(THING, required=True)})
    assert (problem.where, problem.keyword, problem.message) == ("body", "required", "is required and missing")


def test_json_is_preferred_among_the_bodies_that_may_be() -> None:
    operation = {"requestBody": {"content": {"text/plain": {"schema": {}}, "application/x+json": {"schema": THING}}}}
    request = prepared(operation, name="n")
    assert (request.headers["Content-Type"], request.body) == ("application/x+json", b'{"name":"n"}')


def test_all_problems_come_at_once_in_the_order_of_the_document() -> None:
    operation = {
        "parameters": [parameter("a", schema={"type": "integer"}), parameter("b", required=True)],
        "requestBody": body(THING, required=True),
        "security": [{"key": []}],
    }
    source = one(operation, components={"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "k"}}})
    api, transport = client(source)
    with pytest.raises(InvalidRequest) as caught:
        api.call("it", {"size": "x"}, a="x", zzz=1)
    found = [f"{p.where}{p.pointer}" for p in caught.value.problems]
    assert found == ["query.a", "query.b", "body/name", "body/size", "arguments/zzz", "security"]
    assert transport.sent == []


@pytest.mark.parametrize("value", ["", ".", ".."])
@pytest.mark.parametrize("path", ["/a/{p}", "/{p}/b"])
def test_path_values_that_would_be_folded_away_are_refused(path: str, value: str) -> None:
    [problem] = refused({"parameters": [parameter("p", "path")]}, path=path, p=value)
    assert (problem.where, problem.keyword) == ("path.p", "path")
    assert "cannot be sent safely" in problem.message


def test_an_empty_path_value_is_refused_wherever_it_stands() -> None:
    """`/things/:validate` would be another resource than the one that was meant."""
    [problem] = refused({"parameters": [parameter("p", "path")]}, path="/things/{p}:validate", p="")
    assert (problem.where, problem.keyword) == ("path.p", "path")
    parts = {"parameters": [parameter("a", "path"), parameter("b", "path")]}
    assert [p.where for p in refused(parts, path="/{a}.{b}", a="x", b="")] == ["path.b"]
    assert prepared(parts, path="/{a}.{b}", a="..", b="x").url.endswith("/...x")
    assert prepared({"parameters": [parameter("a", "path")]}, path="/{a}.", a="..").url.endswith("/...")


def spread(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an object of the query each of whose members is a pair of its own."""
    return {"name": name, "in": "query", "style": "form", "explode": True, "schema": schema, **more}


FREE = {"type": "object", "maxProperties": 2, "additionalProperties": {"type": "string"}}
NAMED = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("parameters", "arguments", "query"),
    [
        ([spread("free", FREE)], {"x": "1"}, "x=1"),
        ([spread("free", FREE)], {"free": {"x": "1"}}, "x=1"),
        ([spread("free", FREE)], {"x": None}, ""),
        ([spread("free", FREE)], {}, ""),
        ([spread("named", NAMED)], {"b": 2, "a": "1"}, "b=2&a=1"),
        ([spread("free", FREE), spread("named", NAMED)], {"b": 2, "x": "1"}, "x=1&b=2"),
        ([spread("free", FREE), parameter("x")], {"x": "1", "y": "2"}, "y=2&x=1"),
    ],
    ids=str,
)
def test_members_of_an_exploded_query_object_are_given_by_name(
    parameters: list[Any], arguments: dict[str, Any], query: str
) -> None:
    """They are parameters of their own on the wire (OAS 3.1.1, 4.8.12.6); those that a parameter names come first."""
    assert prepared({"parameters": parameters}, **arguments).url.partition("?")[2] == query


@pytest.mark.parametrize(
    ("parameters", "arguments", "told"),
    [
        ([spread("free", FREE)], {"x": 1}, ("query.free", "/x", "must be a string, not an integer")),
        ([spread("free", FREE)], {"x": "", "y": "", "z": ""}, ("query.free", "", "at most 2 properties")),
        ([spread("free", FREE, required=True)], {}, ("query.free", "", "give its members by their own names")),
        ([spread("free", FREE)], {"free": {}, "x": "1"}, ("arguments", "/x", "is a member of 'free', which was given")),
        ([spread("named", NAMED)], {"aa": "1"}, ("arguments", "/aa", "did you mean 'a'?")),
        ([spread("deep", FREE, style="deepObject")], {"x": "1"}, ("arguments", "/x", "is neither a parameter")),
        ([spread("joined", FREE, explode=False)], {"x": "1"}, ("arguments", "/x", "is neither a parameter")),
        ([spread("silent", {"type": "object"})], {"x": "1"}, ("arguments", "/x", "is neither a parameter")),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_member_is_told_at_its_place(
    parameters: list[Any], arguments: dict[str, Any], told: tuple[str, str, str]
) -> None:
    [problem] = refused({"parameters": parameters}, **arguments)
    assert (problem.where, problem.pointer) == told[:2]
    assert told[2] in problem.message


def test_a_property_of_the_body_comes_before_a_member() -> None:
    operation = {"parameters": [spread("free", FREE)], "requestBody": body(THING)}
    request = prepared(operation, name="n", x="1")
    assert request.url.endswith("?x=1")
    assert request.body == b'{"name":"n"}'
    assert prepared(operation, {"name": "n"}, name="m").url.endswith("?name=m")


def test_keywords_are_properties_where_a_body_is_one_or_many() -> None:
    """An array of them, or one: what is asked of an object stands under `then`."""
    many = {"type": ["array", "object"], "items": THING, "if": {"type": "object"}, "then": THING}
    assert sent_body({"requestBody": body(many)}, name="n", size=1) == {"name": "n", "size": 1}
    assert sent_body({"requestBody": body(many)}, [{"name": "n"}]) == [{"name": "n"}]


def test_help_shows_that_members_may_be_given_by_name() -> None:
    api = client(one({"parameters": [spread("free", FREE, required=True), spread("named", NAMED)]}, "/things"))[0]
    assert str(inspect.signature(api.it)) == "(*, free=None, named=None, a=None, b=None, **arguments)"
    assert "Members of free may be given by name" in str(api.it.__doc__)
