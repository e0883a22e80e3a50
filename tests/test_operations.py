"""Operations are read from a document as OpenAPI means it."""

from __future__ import annotations

from typing import Any

import pytest

from odp_dynamic import Api, SpecError, UnknownOperation
from odp_dynamic._document import Document, load
from odp_dynamic._operations import operations_of, schemas_of
from tests.apis import answering, body, client, one, parameter, read
from tests.documents import document, with_schemas


def test_the_operations_parameters_win_over_the_paths() -> None:
    """By name and place (OAS 3.1.1, 4.8.10); the path's others stay, and come first."""
    source = one({"parameters": [parameter("a", schema={"type": "integer"}), parameter("a", "header")]})
    source["paths"]["/things"]["parameters"] = [parameter("a", schema={"type": "string"}), parameter("b")]
    operation = read(source)
    assert [p.where for p in operation.parameters] == ["query.a", "query.b", "header.a"]
    assert operation.parameters[0].problems(1) == ()


STYLES = [
    ("path", {}, ("simple", False, True)),
    ("query", {}, ("form", True, False)),
    ("header", {}, ("simple", False, False)),
    ("cookie", {}, ("form", True, False)),
    ("query", {"style": "pipeDelimited"}, ("pipeDelimited", False, False)),
    ("query", {"explode": False, "required": True}, ("form", False, True)),
    ("path", {"style": "label", "explode": True}, ("label", True, True)),
]


@pytest.mark.parametrize(("place", "more", "expected"), STYLES, ids=str)
def test_style_and_explode_have_the_defaults_of_their_place(place: str, more: Any, expected: Any) -> None:
    [found] = read(
        one({"parameters": [parameter("p", place, **more)]}, path="/{p}" if place == "path" else "/x")
    ).parameters
    assert (found.style, found.explode, found.required) == expected


@pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
def test_headers_that_others_decide_are_ignored(name: str) -> None:
    """OAS 3.1.1, 4.8.12.2: for headers alone; a query may have an `accept`."""
    assert read(one({"parameters": [parameter(name, "header")]})).parameters == ()
    assert len(read(one({"parameters": [parameter(name, "query")]})).parameters) == 1


def test_a_parameter_may_be_described_by_content() -> None:
    described = {"name": "q", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}
    [found] = read(one({"parameters": [described]})).parameters
    assert (found.media_type, found.problems({}), len(found.problems(1))) == ("application/json", (), 1)


def test_the_nearest_servers_count() -> None:
    source = one({"servers": [{"url": "https://operation.test"}]}, servers=[{"url": "https://root.test"}])
    item = source["paths"]["/things"]
    item["get"] = {"operationId": "path", "responses": {}}
    item["servers"] = [{"url": "https://path.test"}]
    source["paths"]["/others"] = {"get": {"operationId": "root", "responses": {}}}
    found = {name: operation.servers[0].url for name, operation in operations_of([load(source)]).items()}
    assert found == {"it": "https://operation.test", "path": "https://path.test", "root": "https://root.test"}


def test_an_operation_without_an_id_is_called_by_method_and_path() -> None:
    source = document(
        paths={"/a/{b}": {"get": {"parameters": [parameter("b", "path")], "responses": {}}}},
        servers=[{"url": "https://a.test"}],
    )
    api, _ = client(source)
    assert list(api.operations) == ["GET /a/{b}"]
    assert api.prepare("GET /a/{b}", b=1).url == "https://a.test/a/1"


@pytest.mark.parametrize(
    ("method", "more", "expected"),
    [
        *(("get", {}, True), ("put", {}, True), ("delete", {}, True), ("post", {}, False), ("patch", {}, False)),
        *(("post", {"x-idempotent": True}, True), ("get", {"x-idempotent": False}, False)),
    ],
    ids=str,
)
def test_what_may_be_sent_again(method: str, more: Any, expected: bool) -> None:  # noqa: FBT001  # a table's column
    """Idempotent methods (RFC 9110, 9.2.2), unless the document says otherwise."""
    assert read(one(more, method=method)).replayable is expected


def test_extensions_among_paths_and_responses_are_no_operations() -> None:
    source = one()
    source["paths"] |= {"x-note": "words", "x-more": {"get": {}}}
    source["paths"]["/things"]["post"]["responses"]["x-note"] = "words"
    assert list(operations_of([load(source)])) == ["it"]
    assert list(read(source).responses) == ["200"]


def test_a_path_item_may_be_elsewhere() -> None:
    item = {"get": {"operationId": "away", "responses": answering({"type": "string"})}}
    source = document(paths={"/a": {"$ref": "#/components/pathItems/A"}}, components={"pathItems": {"A": item}})
    operation = read(source, "away")
    assert operation.path == "/a"
    assert operation.responses["200"].problems(1)[0].schema.startswith("/components/pathItems/A/get/responses/200/")


def test_the_most_precise_response_counts() -> None:
    declared = {"200": {"description": "exact"}, "2XX": {"description": "class"}, "default": {"description": "rest"}}
    operation = read(one({"responses": declared}))
    found = {status: getattr(operation.response(status), "description", None) for status in (200, 201, 404)}
    assert found == {200: "exact", 201: "class", 404: "rest"}
    assert read(one()).response(404) is None


def test_bodies_are_judged_by_the_operation() -> None:
    operation = read(
        one({"requestBody": body({"type": "array"}, required=True), "responses": answering({"type": "string"})})
    )
    assert operation.request_body is not None
    assert operation.request_body.required
    [wrong] = operation.request_body.problems(1)
    assert (wrong.where, wrong.keyword) == ("body", "type")
    [wrong] = operation.responses["200"].problems(1)
    assert (wrong.where, wrong.keyword) == ("response", "type")
    assert operation.responses["200"].problems(1, "text/plain") == ()


def test_words_of_the_document_are_kept() -> None:
    operation = read(one({"summary": "s", "description": "d", "tags": ["t"], "deprecated": True}))
    assert (operation.summary, operation.description, operation.tags, operation.deprecated) == ("s", "d", ("t",), True)
    assert repr(operation) == "<Operation it POST /things>"


def test_a_path_with_an_undeclared_parameter_is_the_authors_error() -> None:
    api, _ = client(one(path="/{lost}"))
    with pytest.raises(SpecError, match="no parameter declares it") as caught:
        api.prepare("it")
    assert caught.value.pointer == "/paths/~1{lost}/post"


def test_an_id_in_two_documents_is_refused() -> None:
    with pytest.raises(SpecError, match=r"'it' is also in <dict>; rename one") as caught:
        Api([one(), one(path="/others")])
    assert caught.value.pointer == "/paths/~1others/post"


def test_several_documents_make_one_client() -> None:
    second = one({"operationId": "other"}, path="/others", servers=[{"url": "https://other.test"}])
    api, _ = client([one(), second])
    assert list(api.operations) == ["it", "other"]
    assert [api.prepare(name).url for name in api.operations] == [
        "https://api.test/v1/things",
        "https://other.test/others",
    ]


def named(source: dict[str, Any], name: str) -> Document:
    loaded = load(source)
    return Document(loaded.root, name, loaded.version)


def test_schemas_of_one_name_and_two_meanings_are_kept_apart() -> None:
    first = named(with_schemas(Same={"type": "string"}, Mine={"type": "string"}), "a.yaml")
    second = named(with_schemas(Same={"type": "string"}, Mine={"type": "integer"}), "b.yaml")
    assert sorted(schemas_of([first, second])) == ["Same", "a.yaml#Mine", "b.yaml#Mine"]


def test_a_miss_names_the_closest() -> None:
    api, _ = client()
    with pytest.raises(
        UnknownOperation, match="no operation is called 'getprofil'; did you mean 'getProfile'"
    ) as caught:
        api.call("getprofil")
    assert caught.value.closest == "getProfile"
    with pytest.raises(LookupError, match="no schema is called 'EventInputs'; did you mean 'EventInput'"):
        api.schemas["EventInputs"]
    with pytest.raises(AttributeError, match="did you mean 'sendEvents'"):
        api.sendEvent()
    with pytest.raises(UnknownOperation) as unlike:
        api.call("zzzzzz")
    assert unlike.value.closest is None
