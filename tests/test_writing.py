"""Arguments become the request that OpenAPI describes; what cannot be written is told like all else that is wrong."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from odp_dynamic import InvalidRequest, Request
from odp_dynamic._values import Headers
from tests.apis import BASE, answering, body, client, one, parameter, status


def prepared(operation: dict[str, Any], *args: Any, path: str = "/things", **arguments: Any) -> Request:
    return client(one(operation, path))[0].prepare("it", *args, **arguments)


def by_content(name: str, place: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }


def test_every_place_is_written() -> None:
    parameters = [
        parameter(name, place) for name, place in [("p", "path"), ("q", "query"), ("X-H", "header"), ("c", "cookie")]
    ]
    values = {"p": "a/b", "q": "ü", "X-H": "x y", "c": "1;2"}
    request = prepared({"parameters": parameters}, path="/{p}/x", **values)
    assert request.url == f"{BASE}/a%2Fb/x?q=%C3%BC"
    assert (request.headers["X-H"], request.headers["Cookie"]) == ("x y", "c=1%3B2")
    assert list(request.arguments) == list(values.values())


def test_parameters_described_by_content_are_written_as_it() -> None:
    places = {"p": "path", "q": "query", "X-H": "header"}
    operation = {"parameters": [by_content(name, place) for name, place in places.items()]}
    request = prepared(operation, path="/{p}", **{name: {"a": "b/c"} for name in places})
    escaped = "%7B%22a%22%3A%22b%2Fc%22%7D"
    assert request.url == f"{BASE}/{escaped}?q={escaped}"
    assert request.headers["X-H"] == '{"a":"b/c"}'


def test_an_empty_list_is_left_out() -> None:
    assert prepared({"parameters": [parameter("q")]}, q=[]).url == f"{BASE}/things"


@pytest.mark.parametrize(
    ("parameters", "value", "words"),
    [
        ([parameter("q")], {"deep": {"er": 1}}, "inside another has no form"),
        ([parameter("X-H", "header")], "line\r\nX-Evil: 1", "visible ASCII"),
        ([parameter("X-H", "header")], " x", "white space"),
        ([by_content("X-H", "header")], {"a": "中"}, "characters that a header cannot carry"),
        ([parameter("q", style="pipeDelimited")], ["a|b"], "contains the delimiter"),
        ([parameter("q")], float("nan"), "NaN"),
        ([parameter("q")], "\ud800", "surrogate"),
    ],
    ids=["nested", "header lines", "header space", "header by content", "delimiter", "NaN", "surrogate"],
)
def test_a_value_that_cannot_be_written_is_a_problem(parameters: Any, value: Any, words: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        prepared({"parameters": parameters}, **{parameters[0]["name"]: value})
    [problem] = caught.value.problems
    assert problem.where == f"{parameters[0]['in']}.{parameters[0]['name']}"
    assert words in problem.message


def test_what_its_schema_refuses_is_told_once() -> None:
    with pytest.raises(InvalidRequest) as caught:
        prepared({"parameters": [parameter("q", schema={"type": "string"})]}, q={"deep": {}})
    assert [problem.keyword for problem in caught.value.problems] == ["type"]


@pytest.mark.parametrize(
    ("value", "pointer"),
    [({"a": [1, float("nan")]}, "/a/1"), ({"a": b"x"}, "/a"), ({"a": "\ud800"}, "/a")],
    ids=["NaN", "bytes", "surrogate"],
)
def test_a_body_that_is_no_json_is_a_problem_with_its_place(value: Any, pointer: str) -> None:
    """Also where the schema has nothing to say of it."""
    with pytest.raises(InvalidRequest) as caught:
        prepared({"requestBody": body({})}, value)
    [problem] = caught.value.problems
    assert (problem.where, problem.pointer) == ("body", pointer)


def test_a_body_that_is_too_deep_is_a_problem() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(InvalidRequest, match="nested deeper"):
        prepared({"requestBody": body({})}, value)


def test_python_values_are_written_the_obvious_way() -> None:
    value = [datetime(2024, 1, 2, tzinfo=UTC), date(2024, 1, 2), UUID(int=1), Decimal("19.99"), Decimal(2), (1, 2)]
    kinds = [{"type": kind} for kind in ("string", "string", "string", "number", "integer", "array")]
    request = prepared({"requestBody": body({"type": "array", "prefixItems": kinds})}, value)
    assert request.body == (
        b'["2024-01-02T00:00:00Z","2024-01-02","00000000-0000-0000-0000-000000000001",19.99,2,[1,2]]'
    )
    assert prepared({"parameters": [parameter("q", schema={"type": "string"})]}, q=value[0]).url.endswith(
        "q=2024-01-02T00%3A00%3A00Z"
    )


def test_a_form_and_a_text_are_bodies_too() -> None:
    form = prepared({"requestBody": body({"type": "object"}, "application/x-www-form-urlencoded")}, {"a": "b c"})
    assert (form.body, form.headers["Content-Type"]) == (b"a=b+c", "application/x-www-form-urlencoded")
    assert prepared({"requestBody": body({"type": "string"}, "text/plain")}, "ü").body == "ü".encode()


def test_what_the_answers_may_be_is_asked_for() -> None:
    responses = {**answering({}, "404", "application/problem+json"), **answering({}, "200", "text/csv")}
    assert prepared({"responses": responses}).headers["Accept"] == "text/csv, application/problem+json"
    assert prepared({}).headers["Accept"] == "application/json"


def test_header_names_compare_without_case() -> None:
    headers = Headers([("x-one", "1"), ("X-One", "2"), ("Two", "3")])
    assert (headers["X-ONE"], dict(headers), len(headers)) == ("1, 2", {"X-One": "1, 2", "Two": "3"}, 2)
    assert repr(headers) == "<Headers X-One, Two>"
    assert Headers({"a": "b"}).get("A") == "b"


BINARY: dict[str, Any] = {"anything": {}, "a string": {"type": "string", "format": "binary"}}


@pytest.mark.parametrize("schema", BINARY)
@pytest.mark.parametrize("make", [bytes, bytearray, io.BytesIO])
def test_bytes_are_no_json_and_not_judged_as_such(schema: str, make: Callable[[bytes], Any]) -> None:
    request = prepared({"requestBody": body(BINARY[schema], "application/octet-stream")}, make(b"\xff\xfe"))
    assert request.body == b"\xff\xfe"
    assert request.curl().endswith("--data-binary '<2 bytes>'")
    api, _ = client(
        one({"responses": answering(BINARY[schema], "200", "image/png")}), status(200, b"\xff", "image/png")
    )
    assert api.call("it") == b"\xff"


def test_a_form_is_judged_all_but_its_files() -> None:
    files = {"type": "array", "items": BINARY["a string"]}
    schema = {"type": "object", "properties": {"n": {"type": "integer"}, "file": BINARY["a string"], "files": files}}
    operation = {"requestBody": body(schema, "multipart/form-data")}
    request = prepared(operation, {"n": 1, "file": io.BytesIO(b"\xff"), "files": [b"\xfe", b"\xfd"]})
    assert all(part in (request.body or b"") for part in (b"\xff", b"\xfe", b"\xfd", b"1"))
    with pytest.raises(InvalidRequest) as caught:
        prepared(operation, {"n": "x", "file": b"\xff"})
    assert [problem.pointer for problem in caught.value.problems] == ["/n"]
    with pytest.raises(InvalidRequest, match="bytes, which JSON cannot write"):
        prepared({"requestBody": body(schema)}, n=1, file=b"\xff")
