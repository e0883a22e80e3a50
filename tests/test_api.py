"""The client as its users hold it: prepared, refused, copied, looked at, shared."""

from __future__ import annotations

import copy
import inspect
import json
import re
import threading
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from hypothesis import example as hypothesis_example
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic import Api, InvalidRequest, InvalidResponse, Operation, Request, Retry, UnknownOperation
from odp_dynamic._document import bundled
from odp_dynamic._examples import example
from tests.apis import BASE, KEYS, body, client, one, parameter, secured, status
from tests.servers import Heard, Server, http

CASES = Path(__file__).parent / "cases"
VENDOR = sorted((Path(__file__).parents[2] / "shared" / "specs" / "vendor").glob("*.json"))
DOCUMENTS = [CASES / "vendor_lists.yaml", CASES / "vendor_segments.yaml", *VENDOR]
CREDENTIALS = {**KEYS, "x-api-key": "canary", "ApiKeyAuth": "canary"}
HOSTILE = [
    "../../admin",
    "a/b",
    "?x=1",
    "#",
    "%2e%2e",
    "ü",
    " ",
    "+",
    "@",
    "a;b=c",
    "\\..\\",
    "\r\nX: y",
    "\0",
    "...",
    "𐍈",
    "//",
    "&=",
    "%",
]


def arguments_of(operation: Operation) -> tuple[list[Any], dict[str, Any]]:
    """Return a body and arguments for an operation, made from its schemas."""
    root = operation.document.root
    given_by_name = {p.where: example(root, p.schema.pointer) for p in operation.parameters if p.schema is not None}
    content = operation.request_body.content if operation.request_body else {}
    bodies = [example(root, m.schema.pointer, "request") for m in content.values() if m.schema is not None]
    return bodies[:1], given_by_name


@pytest.mark.parametrize(
    "sources",
    [*([path] for path in DOCUMENTS), DOCUMENTS[:2], VENDOR],
    ids=lambda paths: " ".join(p.name for p in paths),
)
def test_every_operation_of_a_foreign_document_can_be_prepared(sources: list[Path]) -> None:
    if not sources:
        pytest.skip("the vendor's documents are not here")
    api, _ = client(sources, credentials=CREDENTIALS)
    assert len(api.operations) >= 1
    for name, operation in api.operations.items():
        bodies, arguments = arguments_of(operation)
        request = api.prepare(name, *bodies, **arguments)
        assert request.url.startswith("https://")
        assert request.headers["x-api-key"] == "canary"
        assert "{" not in request.url


def test_a_free_form_query_object_becomes_pairs() -> None:
    api, _ = client(DOCUMENTS[0], credentials=CREDENTIALS)
    request = api.prepare("get-customer-information", params={"email": "a+b@c.de", "x y": "&"})
    assert request.url == "https://api.us1.example.test/v3/profiles?email=a%2Bb%40c.de&x%20y=%26"
    assert (
        api.using(server="europe")
        .prepare("get-customer-information", params={"a": "b"})
        .url.startswith("https://api.eu1.")
    )


def test_a_verb_may_follow_a_path_parameter() -> None:
    api, _ = client(DOCUMENTS[1], credentials=CREDENTIALS)
    assert api.prepare("Segments_Validate", segment_id="a:b").url.endswith("/segments/a%3Ab:validate")


def test_a_changed_document_is_a_changed_client() -> None:
    """A path, an operation, a required property and a security scheme more, and no line of Python."""
    source = yaml.safe_load(bundled().read_text(encoding="utf-8"))
    source["paths"]["/coupons/{code}"] = {
        "put": {
            "operationId": "redeemCoupon",
            "security": [{"couponKey": []}],
            "parameters": [parameter("code", "path", {"type": "string", "pattern": "^[A-Z]+$"}, required=True)],
            "requestBody": body({"$ref": "#/components/schemas/EventInput"}, required=True),
            "responses": {"200": {"description": "ok", **body({"type": "object", "required": ["left"]})}},
        }
    }
    source["components"]["securitySchemes"]["couponKey"] = {"type": "apiKey", "in": "cookie", "name": "coupon"}
    event = source["components"]["schemas"]["EventInput"]
    event["required"].append("shop")
    event["properties"]["shop"] = {"type": "string"}
    api, transport = client(source, b'{"left": 3}', b"{}", credentials={"couponKey": "canary"})

    assert "redeemCoupon" in dir(api)
    assert list(inspect.signature(api.redeemCoupon).parameters)[:2] == ["body", "code"]
    assert api.call("redeemCoupon", {"type": "a", "action": "b", "shop": "c"}, code="ABC") == {"left": 3}
    assert (transport.sent[0].method, transport.sent[0].url) == ("PUT", "https://api.zaius.com/v3/coupons/ABC")
    assert transport.sent[0].headers["Cookie"] == "coupon=canary"
    with pytest.raises(InvalidRequest) as caught:
        api.call("redeemCoupon", {"type": "a", "action": "b"}, code="abc")
    assert [f"{p.where}{p.pointer} {p.keyword}" for p in caught.value.problems] == [
        "path.code pattern",
        "body/shop required",
    ]
    with pytest.raises(InvalidResponse, match="/left: is required and missing"):
        api.call("redeemCoupon", {"type": "a", "action": "b", "shop": "c"}, code="ABC")
    with pytest.raises(InvalidRequest, match="ODP_COUPON_KEY"):
        api.using(credentials={}).call("redeemCoupon", {"type": "a", "action": "b", "shop": "c"}, code="ABC")


def test_all_problems_come_at_once_and_nothing_is_sent() -> None:
    api, transport = client()
    with pytest.raises(InvalidRequest) as caught:
        api.call("sendEvents", [{"type": 48151623}, {"action": "tell-nobody", "identifiers": {"email": 99887766}}])
    error = caught.value
    found = [(p.pointer, p.keyword) for p in error.problems]
    assert found == [
        ("/0/type", "type"),
        ("/0/action", "required"),
        ("/1/type", "required"),
        ("/1/identifiers/email", "type"),
    ]
    assert str(error).startswith(
        "sendEvents: 4 problems in the request; nothing was sent\n  body /0/type: must be a string"
    )
    said = "\n".join([str(error), repr(error), *getattr(error, "__notes__", ()), *map(repr, error.problems)])
    assert not [value for value in ("48151623", "tell-nobody", "99887766") if value in said]
    assert transport.sent == []


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_path_value_reaches_the_server_as_it_is(value: str) -> None:
    """Over real HTTP: the target as the server reads it has one segment, which decodes to the value."""
    with Server(http(200, "{}")) as server, Api(base_url=f"{server.url}/v3", credentials=KEYS) as api:
        api.call("getProfile", identifier_field="email", identifier_value=value)
        [heard] = server.heard
    assert heard.path == heard.target
    *before, last = heard.path.split("/")
    assert (before, unquote(last, errors="strict")) == (["", "v3", "profiles", "email"], value)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@hypothesis_example("")
@hypothesis_example(".")
@hypothesis_example("..")
def test_any_path_value_is_one_segment_or_refused(value: str) -> None:
    api, _ = client()
    if value in {"", ".", ".."}:
        with pytest.raises(InvalidRequest, match=r"path\.identifier_value: cannot be sent safely"):
            api.prepare("getProfile", identifier_field="email", identifier_value=value)
    else:
        url = api.prepare("getProfile", identifier_field="email", identifier_value=value).url
        head, _, last = url.rpartition("/")
        assert (head, unquote(last)) == ("https://api.zaius.com/v3/profiles/email", value)


def test_a_foreign_server_is_called_and_judged_like_the_documents_own() -> None:
    def answer(heard: Heard) -> bytes:
        return http(200, json.dumps({"email": heard.path.rpartition("/")[2]} if "good" in heard.path else {"email": 5}))

    with Server(answer) as server, Api(base_url=f"{server.url}/elsewhere/", credentials=KEYS) as api:
        assert api.call("getProfile", identifier_field="email", identifier_value="good") == {"email": "good"}
        with pytest.raises(InvalidResponse, match="/email: must be a string"):
            api.call("getProfile", identifier_field="email", identifier_value="bad")
        with pytest.raises(InvalidRequest):
            api.call("getProfile", identifier_field="email")
    assert [heard.path for heard in server.heard] == [f"/elsewhere/profiles/email/{word}" for word in ("good", "bad")]
    assert server.heard[0].headers["x-api-key"] == KEYS["privateApiKey"]


def test_what_is_prepared_is_what_is_sent() -> None:
    with Server(http(202)) as server, Api(base_url=server.url, credentials=KEYS) as api:
        request = api.prepare("sendEvents", [{"type": "a", "action": "ü"}])
        response = api.send(request)
        api.call("sendEvents", [{"type": "a", "action": "ü"}])
    assert (response.status, response.data, response.request, response.attempts, response.problems) == (
        202,
        None,
        request,
        1,
        (),
    )
    assert response.elapsed > 0
    assert server.heard[0] == server.heard[1]
    assert server.heard[0].body == request.body == '[{"type":"a","action":"ü"}]'.encode()
    assert server.heard[0].headers["content-length"] == str(len(request.body))


def test_a_copy_with_other_settings_shares_documents_and_connections() -> None:
    api, transport = client(None, b"[]")
    other = api.using(timeout=2, responses="record", base_url=BASE, retry=Retry(attempts=2))
    assert other.operations is api.operations
    assert (other.prepare("listSegments").timeout, api.prepare("listSegments").timeout) == (
        (2, 2, 60),
        (5, 30, 60),
    )
    assert other.prepare("listSegments").url == f"{BASE}/segments"
    other.call("listSegments")
    api.call("listSegments")
    assert len(transport.sent) == 2
    assert type(other.using()) is type(api)


@pytest.mark.parametrize(
    ("name", "hint"), [("timout", "did you mean 'timeout'"), ("zzz", "there are credentials, server")]
)
def test_an_unknown_setting_names_the_closest(name: str, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        client()[0].using(**{name: 1})


@pytest.mark.parametrize(
    "changes",
    [
        {"responses": "rais"},
        {"responses": ""},
        {"timeout": 0},
        {"timeout": (5, -1)},
        {"timeout": (1, 2, 3, 4)},
        {"timeout": "5"},
        {"timeout": float("nan")},
        {"base_url": "https://ada:canary@api.test/v3"},
    ],
    ids=str,
)
def test_a_setting_that_makes_no_sense_is_refused_at_once(changes: Any) -> None:
    for make in (Api, client()[0].using):
        with pytest.raises(ValueError, match=r"must be") as caught:
            make(**changes)
        assert "canary" not in str(caught.value)


def test_operations_look_like_functions() -> None:
    api, _ = client(None, b"{}")
    assert str(inspect.signature(api.getProfile)) == "(*, identifier_field, identifier_value, fields=None)"
    assert (
        str(inspect.signature(api.createSchemaObject))
        == "(body=UNSET, *, object_type, display_name=UNSET, description=UNSET)"
    )
    assert str(inspect.signature(api.sendEvents)) == "(body)"
    assert api.getProfile.__name__ == "getProfile"
    doc = inspect.getdoc(api.getProfile) or ""
    assert doc.startswith("Get a profile\n")
    for words in (
        "GET /profiles/{identifier_field}/{identifier_value}",
        "fields (query, optional): Comma-separated",
        "404: Profile not found",
    ):
        assert words in doc
    assert api.getProfile is api.getProfile
    assert api.getProfile(identifier_field="email", identifier_value="a") == {}


def test_a_signature_tells_of_names_that_are_no_python() -> None:
    source = one({"parameters": [parameter("class"), parameter("id"), parameter("id", "header"), parameter("body")]})
    assert str(inspect.signature(client(source)[0].it)) == "(**arguments)"
    source["paths"]["/things"]["post"]["parameters"].append(parameter("arguments"))
    assert str(inspect.signature(client(source)[0].it)) == "(*, arguments=None, **_arguments)"


def test_dir_offers_what_can_be_asked_for() -> None:
    """Ids that are Python names; the others by call()."""
    source = one({"operationId": "class"})
    for n, name in enumerate(["fine", "with-hyphen", "_hidden", "call"]):
        source["paths"][f"/{n}"] = {"get": {"operationId": name, "responses": {"200": {"description": "ok"}}}}
    api, transport = client(source)
    offered = dir(api)
    assert "fine" in offered
    assert not {"with-hyphen", "_hidden", "class"} & {*offered}
    assert all(hasattr(api, name) for name in offered)
    for name in api.operations:
        api.call(name)
    assert len(transport.sent) == 5
    assert offered.count("call") == 1


def test_curl_masks_secrets_wherever_they_are() -> None:
    schemes: dict[str, Any] = {
        "h": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "q": {"type": "apiKey", "in": "query", "name": "key"},
        "c": {"type": "apiKey", "in": "cookie", "name": "session"},
    }
    source = secured({"h": [], "q": [], "c": []}, **schemes)
    source["paths"]["/things"]["post"] |= {
        "parameters": [parameter("p"), parameter("crumb", "cookie")],
        "requestBody": body({"type": "string"}),
    }
    api, _ = client(source, credentials={"h": "canary-h", "q": "canary-q", "c": "canary-c"})
    request = api.prepare("it", "it's", p="personal", crumb="biscuit")
    assert request.curl() == (
        f"curl -X POST '{BASE}/things?p=personal&key=***' -H 'Accept: application/json'"
        " -H 'Content-Type: application/json' -H 'X-Key: ***' -H 'Cookie: crumb=biscuit; session=***'"
        " --data-binary '\"it'\\''s\"'"
    )
    short = request.curl(values=False)
    assert short == (
        f"curl -X POST '{BASE}/things' -H 'Accept: application/json' -H 'Content-Type: application/json'"
        " -H 'X-Key: ***' -H 'Cookie: ***' --data-binary '<6 bytes>'"
    )
    assert "canary" not in request.curl() + short + repr(request) + repr(api.send(request))


def test_the_readme_words_of_values() -> None:
    api, _ = client(None, status(200, []))
    response = api.request("listSegments")
    assert repr(response) == "<Response listSegments 200 application/json 2 bytes>"
    assert repr(response.request) == "<Request listSegments GET https://api.zaius.com/v3/segments>"
    assert repr(api) == f"<Api {bundled()}: 10 operations>"


def test_a_document_may_be_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODP_SPEC", str(DOCUMENTS[1]))
    assert list(Api().operations) == ["Segments_Get", "Segments_Validate"]
    assert list(Api(one()).operations) == ["it"]


def test_the_callers_values_are_left_alone() -> None:
    source, payload = one({"requestBody": body({"type": "array"})}), [{"a": [1, (2, 3)]}]
    before = copy.deepcopy((source, payload))
    api, _ = client(source)
    api.call("it", payload)
    assert (source, payload) == before


def test_what_is_called_wrongly_is_told_by_the_name_that_was_called() -> None:
    api, _ = client(one())
    with pytest.raises(TypeError, match=re.escape("it() takes the body alone by its position")):
        api.it("email", "ada")
    with pytest.raises(TypeError, match="credentials must be a mapping"):
        client(one(), credentials="key")
    with pytest.raises(UnknownOperation, match="no operation is called 5"):
        api.call(5)  # type: ignore[arg-type]  # by mistake


def test_threads_share_a_client_without_mixing_up_answers() -> None:
    def answer(heard: Heard) -> bytes:
        return http(200, json.dumps({"email": unquote(heard.path.rpartition("/")[2])}))

    wrong: list[Any] = []
    with Server(answer) as server, Api(base_url=server.url, credentials=KEYS, pacing=False) as api:

        def work(thread: int) -> None:
            try:
                for n in range(250):
                    value = f"{thread}/{n}"
                    if api.call("getProfile", identifier_field="email", identifier_value=value) != {"email": value}:
                        wrong.append(value)
            except Exception as error:  # noqa: BLE001  # told by the main thread
                wrong.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert len(server.heard) == 2000


def test_a_request_of_one_client_is_any_others_too() -> None:
    request = client()[0].prepare("listSegments")
    assert isinstance(request, Request)
    assert client(None, b"[]")[0].send(request).data == []
