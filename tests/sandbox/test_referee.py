"""openapi-core's judgement: what `_compiled` says yes to, openapi-core, asked whole, has nothing against."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic._document import load
from odp_dynamic._operations import Operation, operations_of
from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._referee import Referee
from odp_dynamic.sandbox._requests import Arrived

_TYPES: list[dict[str, Any]] = [
    {"type": "string", "minLength": 2},
    {"type": "integer", "minimum": 2},
    {"type": "boolean"},
    {"type": ["integer", "null"], "maximum": 3},
    {"type": ["integer", "boolean"]},
    {"type": "string", "default": "d"},
    {"type": "integer", "default": "no integer"},
    {"type": "array", "items": {"type": ["integer", "null"]}, "maxItems": 2},
    {"type": ["array", "null"], "items": {"type": "boolean"}},
    {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]},
    {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
    {"enum": ["a", "b"]},
    {},
]
_STYLES = {"query": ["form", "spaceDelimited", "pipeDelimited", "deepObject"], "header": ["simple"], "cookie": ["form"]}
_BODY = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def _document(parameters: list[dict[str, Any]]) -> dict[str, Any]:
    answers = {"application/json": {"schema": _BODY}, "text/plain": {"schema": {"type": "string"}}}
    operation = {
        "operationId": "ask",
        "parameters": parameters,
        "requestBody": {"content": {"application/json": {"schema": _BODY}, "text/plain": {}}},
        "responses": {
            "200": {"description": "yes", "content": answers},
            "4XX": {"description": "no", "content": {"application/json": {"schema": _BODY}}},
            "201": {"description": "new", "headers": {"Location": {"required": True, "schema": {"type": "string"}}}},
        },
    }
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/ask": {"post": operation}}}


@st.composite
def _parameters(draw: st.DrawFn) -> list[dict[str, Any]]:
    places = draw(st.lists(st.sampled_from(sorted(_STYLES)), max_size=3))
    return [
        {
            "name": f"P{number}",
            "in": place,
            "required": draw(st.booleans()),
            "schema": draw(st.sampled_from(_TYPES)),
            "style": draw(st.sampled_from(_STYLES[place])),
            "explode": draw(st.booleans()),
        }
        for number, place in enumerate(places)
    ]


_words = st.sampled_from(["", "a", "ab", "1", "3", "1,2", "true", "null", "x,1", "x=1", "%20", "1|2"])
_pairs = st.dictionaries(st.sampled_from(["P0", "P1", "P2", "P0[x]"]), _words, max_size=3)
_bodies = st.sampled_from([b"", b"{}", b'{"n":1}', b'{"n":"1"}', b"[]", b"nothing"])
_media = st.sampled_from(["application/json", "text/plain", "application/xml", ""])


class _Whole(Referee):
    """Asks openapi-core in any case."""

    def _compiled_of(self, operation: Operation) -> Any:
        del operation
        return _NEVER


_NEVER = SimpleNamespace(accepts=lambda _: False, accepts_answer=lambda _: False)


@given(_parameters(), _pairs, _pairs, _bodies, _media)
def test_a_request_is_judged_as_by_the_whole_of_openapi_core(
    parameters: list[dict[str, Any]], query: dict[str, str], rest: dict[str, str], body: bytes, media_type: str
) -> None:
    document = load(_document(parameters))
    operation = operations_of([document])["ask"]
    headers = {name.lower(): value for name, value in rest.items()} | {"content-type": media_type}
    headers["cookie"] = "; ".join(f"{name}={value}" for name, value in rest.items())
    asked = Arrived("POST", "/ask", "&".join(f"{name}={value}" for name, value in query.items()), headers, body)
    ours, whole = (make(document, "always").request_errors(operation, {}, asked) for make in (Referee, _Whole))
    assert [str(error) for error in ours] == [str(error) for error in whole]


@given(st.sampled_from([200, 201, 202, 400, 500]), _media, _bodies)
def test_an_answer_is_judged_as_by_the_whole_of_openapi_core(status: int, media_type: str, content: bytes) -> None:
    document = load(_document([]))
    operation = operations_of([document])["ask"]
    ours, whole = (
        make(document, "always").answer_faults(operation, status, media_type, content) for make in (Referee, _Whole)
    )
    assert ours == whole


@pytest.mark.parametrize(("body", "status"), [(b'{"n":1}', 200), (b'{"n":"1"}', 400)])
def test_a_media_range_is_judged_by_what_was_sent(body: bytes, status: int) -> None:
    document = _document([])
    operation = document["paths"]["/ask"]["post"]
    operation["requestBody"]["content"] = {"application/*": {"schema": _BODY}}
    with Sandbox(document=document) as sandbox:
        asked = Arrived("POST", "/ask", "", {"content-type": "application/vnd.x+json"}, body)
        assert sandbox.answer(asked).status == status


def test_a_pair_that_is_called_as_an_object_is_none_of_it() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}}
    deep = {"name": "near", "in": "query", "style": "deepObject", "explode": True, "schema": schema}
    with Sandbox(document=_document([deep])) as sandbox:
        answers = [
            sandbox.answer(Arrived("POST", "/ask", query, {}, b"")).status
            for query in ("near=1&near[x]=2", "near=1&near[x]=no", "near=1")
        ]
    assert answers == [200, 400, 200]


class TestListsOfTypes:
    """A parameter whose schema has a list of types, as OpenAPI 3.1 allows, is read by them."""

    PARAMETERS = (
        {"name": "n", "in": "query", "schema": {"type": ["integer", "null"], "minimum": 2}},
        {
            "name": "all",
            "in": "query",
            "schema": {"type": ["array", "null"], "items": {"type": ["integer", "boolean"]}},
        },
    )

    @pytest.mark.parametrize("given", [{}, {"n": 2}, {"all": [1, True]}])
    def test_what_fits_is_taken(self, given: dict[str, Any]) -> None:
        with Sandbox(document=_document(list(self.PARAMETERS))) as sandbox:
            assert sandbox.api().request("ask", **given).status == 200

    @pytest.mark.parametrize("query", ["n=1", "n=x", "all=x"])
    def test_what_does_not_is_refused(self, query: str) -> None:
        with Sandbox(document=_document(list(self.PARAMETERS))) as sandbox:
            assert sandbox.answer(Arrived("POST", "/ask", query, {}, b"")).status == 400
