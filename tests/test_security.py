"""Credentials go where the document's security sends them, and nowhere else."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from odp_dynamic import Api, InvalidRequest, Problem, Request, SpecError
from tests.apis import client, one, secured
from tests.servers import Server, http

SECRET = "canary-5ecret"  # noqa: S105  # the canary
HEADER = {"type": "apiKey", "in": "header", "name": "X-Key"}
QUERY = {"type": "apiKey", "in": "query", "name": "key & co"}
COOKIE = {"type": "apiKey", "in": "cookie", "name": "session"}
BASIC = {"type": "http", "scheme": "basic"}
BEARER = {"type": "http", "scheme": "bearer"}


def prepared(document: dict[str, Any], **credentials: Any) -> Request:
    return client(document, credentials=credentials)[0].prepare("it")


def refused(document: dict[str, Any], settings: dict[str, Any] | None = None, **credentials: Any) -> Problem:
    api, transport = client(document, credentials=credentials, **(settings or {}))
    with pytest.raises(InvalidRequest) as caught:
        api.call("it")
    [problem] = caught.value.problems
    assert (problem.where, problem.keyword, transport.sent) == ("security", "security", [])
    assert SECRET not in f"{caught.value}{caught.value!r}"
    return problem


@pytest.mark.parametrize(
    ("scheme", "place", "name", "value"),
    [
        (HEADER, "header", "X-Key", SECRET),
        (COOKIE, "header", "Cookie", f"session={SECRET}"),
        (BEARER, "header", "Authorization", f"Bearer {SECRET}"),
        ({"type": "http", "scheme": "BEARER"}, "header", "Authorization", f"Bearer {SECRET}"),
        ({"type": "oauth2", "flows": {}}, "header", "Authorization", f"Bearer {SECRET}"),
        ({"type": "openIdConnect", "openIdConnectUrl": "/x"}, "header", "Authorization", f"Bearer {SECRET}"),
    ],
    ids=["header", "cookie", "bearer", "BEARER", "oauth2", "openIdConnect"],
)
def test_a_secret_has_its_place(scheme: Any, place: str, name: str, value: str) -> None:
    request = prepared(secured({"s": []}, s=scheme), s=SECRET)
    assert request.headers[name] == value
    assert place == "header"
    assert SECRET not in request.url + request.curl() + request.curl(values=False) + repr(request)


def test_a_secret_in_the_query_is_percent_encoded_and_masked() -> None:
    request = prepared(secured({"s": []}, s=QUERY), s="a&b=c/#")
    assert request.url.endswith("/things?key%20%26%20co=a%26b%3Dc%2F%23")
    assert "key%20%26%20co=***'" in request.curl()
    assert "a%26b" not in request.curl() + request.curl(values=False) + repr(request)


@pytest.mark.parametrize("secret", [("ada", "p:w"), ["ada", "p:w"], "ada:p:w"], ids=["tuple", "list", "text"])
def test_basic_takes_user_and_password(secret: Any) -> None:
    scheme, _, value = prepared(secured({"s": []}, s=BASIC), s=secret).headers["Authorization"].partition(" ")
    assert (scheme, b64decode(value)) == ("Basic", b"ada:p:w")


def test_mutual_tls_is_the_transports_business() -> None:
    request = prepared(secured({"s": []}, s={"type": "mutualTLS"}))
    assert (set(request.headers), request.secrets) == ({"Accept"}, frozenset())


def test_the_first_alternative_that_can_be_met_is_used() -> None:
    document = secured({"a": []}, {"b": []}, a=HEADER, b=BEARER)
    assert prepared(document, b=SECRET).headers["Authorization"] == f"Bearer {SECRET}"
    assert "Authorization" not in prepared(document, a=SECRET, b=SECRET).headers


def test_all_of_one_alternative_are_sent_together() -> None:
    document = secured({"a": [], "c": []}, a=HEADER, c=COOKIE)
    headers = prepared(document, a="1", c="2").headers
    assert (headers["X-Key"], headers["Cookie"]) == ("1", "session=2")
    assert "'c' (or set ODP_C)" in refused(document, a="1").message


def test_two_cookies_share_a_header() -> None:
    document = secured({"a": [], "c": []}, a={**COOKIE, "name": "first"}, c=COOKIE)
    assert prepared(document, a="1", c="2").headers["Cookie"] == "first=1; session=2"


@pytest.mark.parametrize(
    ("security", "signed"),
    [([], False), ([{}], False), ([{"a": []}, {}], True), ([{}, {"a": []}], False)],
    ids=["none", "empty", "optional", "nothing first"],
)
def test_security_may_be_none_or_optional(security: Any, signed: bool) -> None:  # noqa: FBT001  # a table's column
    document = one({"security": security}, components={"securitySchemes": {"a": HEADER}}, security=[{"a": []}])
    assert ("X-Key" in prepared(document, a=SECRET).headers) is signed
    assert "X-Key" not in prepared(document).headers


def test_the_documents_security_holds_where_the_operation_is_silent() -> None:
    document = one(components={"securitySchemes": {"a": HEADER}}, security=[{"a": []}])
    assert prepared(document, a=SECRET).headers["X-Key"] == SECRET
    assert "X-Key" not in prepared(one(components={"securitySchemes": {"a": HEADER}}), a=SECRET).headers


@pytest.mark.parametrize(
    ("scheme", "variable"),
    [
        ("publicApiKey", "ODP_PUBLIC_API_KEY"),
        ("x-api-key", "ODP_X_API_KEY"),
        ("APIKeyAuth", "ODP_API_KEY_AUTH"),
        ("key2", "ODP_KEY2"),
    ],
)
def test_a_missing_key_names_the_scheme_and_the_variable(
    scheme: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = secured({scheme: []}, **{scheme: HEADER})
    assert refused(document).message == f"needs a key: pass credentials with {scheme!r} (or set {variable})"
    monkeypatch.setenv(variable, " \n")
    assert variable in refused(document).message
    monkeypatch.setenv(variable, f" {SECRET}\n")
    assert prepared(document).headers["X-Key"] == SECRET
    assert prepared(document, **{scheme: "given"}).headers["X-Key"] == "given"


def test_every_way_to_be_let_in_is_named() -> None:
    message = refused(secured({"a": []}, {"b": [], "c": []}, a=HEADER, b=BEARER, c=COOKIE)).message
    assert message.endswith("'a' (or set ODP_A); or 'b' (or set ODP_B) and 'c' (or set ODP_C)")


def test_a_misspelt_scheme_is_named() -> None:
    assert (
        "did you mean 'privateApiKey' in credentials?"
        in refused(secured({"privateApiKey": []}, privateApiKey=HEADER), privateAPIKeys=SECRET).message
    )


@pytest.mark.parametrize(
    "scheme", [HEADER, QUERY, COOKIE, BASIC, BEARER], ids=["header", "query", "cookie", "basic", "bearer"]
)
@pytest.mark.parametrize(
    "base", ["http://api.test", "http://localhost.evil.test", "http://127.1.evil.test/", "http://127.0.0.1.:80"]
)
def test_no_secret_goes_over_plain_http(scheme: Any, base: str) -> None:
    assert "plain http" in refused(secured({"s": []}, s=scheme), {"base_url": base}, s=SECRET).message


@pytest.mark.parametrize(
    "base", ["http://localhost:80/v3", "http://127.0.0.1", "http://127.9.9.9:1", "http://[::1]:8/x", "https://a.test"]
)
def test_but_to_loopback(base: str) -> None:
    api, _ = client(secured({"s": []}, s=HEADER), credentials={"s": SECRET}, base_url=base)
    assert api.prepare("it").headers["X-Key"] == SECRET


def test_what_is_no_secret_may_go_over_plain_http() -> None:
    assert client(one(), base_url="http://api.test")[0].prepare("it").url == "http://api.test/things"


@pytest.mark.parametrize(
    ("scheme", "secret"),
    [
        (HEADER, f"{SECRET}\r\nX-Evil: 1"),
        (HEADER, f"{SECRET}\n"),
        (HEADER, f" {SECRET}"),
        (HEADER, f"{SECRET}\u00e9"),
        (HEADER, f"{SECRET}\udc80"),
        (BEARER, f"{SECRET}\0"),
        (QUERY, f"{SECRET}\t"),
        (COOKIE, f"{SECRET}; admin=1"),
        (COOKIE, f"{SECRET} x"),
        (COOKIE, f'"{SECRET}"'),
        (BASIC, f"ada:{SECRET}\udc80"),
    ],
    ids=[
        "header lines",
        "line end",
        "leading space",
        "accent",
        "surrogate",
        "NUL",
        "tab",
        "second cookie",
        "space in a cookie",
        "quotes",
        "basic",
    ],
)
def test_a_secret_that_cannot_be_sent_as_it_is_is_refused(scheme: Any, secret: str) -> None:
    assert "cannot be sent; copy it anew" in refused(secured({"s": []}, s=scheme), s=secret).message


def test_a_requirement_that_no_scheme_meets_is_the_authors_error() -> None:
    with pytest.raises(SpecError, match="did you mean 'privateApiKey'") as caught:
        client(secured({"privateApiKeys": []}, privateApiKey=HEADER))
    assert caught.value.pointer == "/paths/~1things/post/security/0/privateApiKeys"


@pytest.mark.parametrize("wrong", [{"in": "body"}, {"in": "path"}, {"type": "magic"}], ids=str)
def test_a_scheme_that_openapi_does_not_know_is_the_authors_error(wrong: Any) -> None:
    with pytest.raises(SpecError) as caught:
        prepared(secured({"s": []}, s={**HEADER, **wrong}), s=SECRET)
    assert caught.value.pointer.startswith("/components/securitySchemes/s")


def test_an_api_takes_credentials_when_it_is_made_and_later() -> None:
    document = secured({"s": []}, s=HEADER)
    given = {"s": "first"}
    api, _ = client(document, credentials=given)
    given["s"] = "changed"
    assert api.prepare("it").headers["X-Key"] == "first"
    later = api.using(credentials=given)
    given["s"] = "changed again"
    assert later.prepare("it").headers["X-Key"] == "changed"
    with pytest.raises(InvalidRequest, match="needs a key"):
        api.using(credentials=None).prepare("it")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_secret_follows_a_redirect_off_the_origin(status: int) -> None:
    document = secured({"s": []}, s=HEADER)
    document["paths"]["/things"]["get"] = document["paths"]["/things"].pop("post")
    with Server(http(200, "{}")) as other, Server(lambda _: http(status, Location=f"{other.url}/x")) as server:
        with (
            Api(document, base_url=server.url, credentials={"s": SECRET}) as api,
            pytest.raises(Exception, match=str(status)),
        ):
            api.call("it")
        assert (len(server.heard), other.heard) == (1, [])
