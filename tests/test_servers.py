"""Servers: which of the document's own a request goes to, and what is in the variables of its URL."""

from __future__ import annotations

import json
import pickle
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic import Api, InvalidRequest, Problem, SpecError
from odp_dynamic._secrets import Secrets
from odp_dynamic._security import Keys, Signer
from odp_dynamic._servers import Servers
from tests.apis import client, one, read, secured
from tests.servers import Heard, Server, http

KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
REGIONS = ["us1", "eu1", "au1"]
# As the service does it: the suffix of what stands before the last dot.
SUFFIX = r"-([a-z]{2}\d)(?:\.[^.]*)?$"
REGION = {"default": "us1", "enum": REGIONS, "x-from-credential": SUFFIX}
REGIONAL = {"url": "https://api.{region}.a.test/v3", "description": "Regional", "variables": {"region": REGION}}
STAGED = {
    "url": "https://{stage}.b.test/{version}",
    "variables": {
        "stage": {"default": "test", "enum": ["test", "live"]},
        "version": {"default": "v3"},
    },
}
PLAIN = {"url": "https://c.test", "description": "Plain"}
ALL = [REGIONAL, STAGED, PLAIN]


def regional(**changes: Any) -> dict[str, Any]:
    """Return a document whose one operation needs a key, and has its region in it."""
    variable = {name: value for name, value in {**REGION, **changes}.items() if value is not None}
    return secured({"s": []}, s=KEY) | {"servers": [{**REGIONAL, "variables": {"region": variable}}]}


def sent_to(wanted: Any, servers: Any = ALL, **settings: Any) -> str:
    return client(one(servers=servers), server=wanted, **settings)[0].prepare("it").url.removesuffix("/things")


def refused(wanted: Any, servers: Any = ALL) -> str:
    api, transport = client(one(servers=servers), server=wanted)
    with pytest.raises(InvalidRequest) as caught:
        api.call("it")
    [problem] = caught.value.problems
    assert (problem.where, problem.keyword, transport.sent) == ("server", "servers", [])
    return problem.message


def base(document: dict[str, Any], key: str) -> str:
    return client(document, credentials={"s": key})[0].prepare("it").url.removesuffix("/v3/things")


SERVERS: list[tuple[Any, str]] = [
    ({"url": "https://a.test/v1"}, "https://a.test/v1"),
    (
        {"url": "https://{r}.a.test/{v}", "variables": {"r": {"default": "eu"}, "v": {"default": "3"}}},
        "https://eu.a.test/3",
    ),
    ({"url": "//a.test/v3"}, "https://a.test/v3"),
]


@pytest.mark.parametrize(("server", "url"), SERVERS, ids=lambda part: part if isinstance(part, str) else "")
def test_a_servers_variables_have_their_defaults(server: Any, url: str) -> None:
    assert sent_to(None, [server]) == url


def test_an_operation_keeps_what_the_document_declares() -> None:
    [found, _, plain] = read(one(servers=ALL)).servers
    assert (found.url, found.description) == ("https://api.{region}.a.test/v3", "Regional")
    assert found.variables["region"] == ("us1", tuple(REGIONS), "", SUFFIX)
    assert not plain.variables


def test_a_server_without_a_host_is_none_to_send_to() -> None:
    assert refused(None, [{"url": "/v3"}]).startswith("no server to send to; pass base_url")


@pytest.mark.parametrize("servers", [[{"url": "v3"}], [{"url": "/api"}], [{"url": "."}], [], None], ids=str)
def test_servers_of_a_document_from_a_url_are_relative_to_it(servers: Any) -> None:
    """And where it has none, it is where the document came from: "/" (OAS 3.1.1, 4.8.1)."""
    source = one(method="get")
    source.pop("servers")
    source |= {"servers": servers} if servers is not None else {}

    def answer(heard: Heard) -> bytes:
        return http(200, json.dumps(source) if heard.target.endswith("spec.json") else "{}")

    with Server(answer) as server, Api(f"{server.url}/docs/spec.json") as api:
        api.call("it")
        expected = {"v3": "/docs/v3/things", "/api": "/api/things", ".": "/docs/things"}
        assert server.heard[-1].target == expected.get(servers[0]["url"] if servers else "", "/things")


@pytest.mark.parametrize(
    ("wanted", "url"),
    [
        (0, "https://a.test"),
        (1, "https://b.test"),
        ("1", "https://b.test"),
        ("europe", "https://b.test"),
        ("https://B.test/", "https://b.test"),
    ],
    ids=repr,
)
def test_a_server_is_picked_by_index_url_or_description(wanted: Any, url: str) -> None:
    servers = [{"url": "https://a.test"}, {"url": "https://b.test", "description": "Europe"}]
    api, _ = client(one(servers=servers), server=wanted)
    assert api.prepare("it").url == f"{url}/things"


@pytest.mark.parametrize("wanted", [2, -1, -3, "²", "asia", ""], ids=str)
def test_a_server_that_is_not_there_is_told_with_those_that_are(wanted: Any) -> None:
    servers = [{"url": "https://a.test"}, {"url": "https://b.test"}]
    api, transport = client(one(servers=servers), server=wanted)
    with pytest.raises(InvalidRequest, match=r"no server.*https://a.test, https://b.test") as caught:
        api.call("it")
    assert [problem.where for problem in caught.value.problems] == ["server"]
    assert transport.sent == []


@pytest.mark.parametrize(
    ("base_url", "reason"),
    [
        ("", "must be a URL"),  # an empty variable in a script must not send a key to the live service
        ("127.0.0.1:9", "must be a URL"),
        ("ftp://a.test", "must be a URL"),
        ("https:/a.test", "must be a URL"),
        ("https://[::1", "must be a URL"),
        ("https://a.test/v3?x=1", "must be without '?' and '#'"),
        ("https://a.test/#v3", "must be without '?' and '#'"),
        ("https://user:canary@a.test", "must be without a user and a password"),
    ],
)
def test_a_base_url_that_is_none_is_refused_where_it_is_given(base_url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"base_url {reason}")) as caught:
        client(one(), base_url=base_url)
    assert "canary" not in str(caught.value)


def test_a_server_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    source = one(servers=[{"url": "https://a.test"}, {"url": "https://b.test"}])
    monkeypatch.setenv("ODP_SERVER", "1")
    assert client(source)[0].prepare("it").url == "https://b.test/things"
    assert client(source, server=0)[0].prepare("it").url == "https://a.test/things"
    monkeypatch.setenv("ODP_BASE_URL", "https://c.test/")
    assert client(source)[0].prepare("it").url == "https://c.test/things"


@pytest.mark.parametrize(
    ("wanted", "url"),
    [
        ("https://api.{region}.a.test/v3", "https://api.us1.a.test/v3"),
        ("https://api.us1.a.test/v3/", "https://api.us1.a.test/v3"),
        ("https://API.eu1.a.test/v3", "https://api.eu1.a.test/v3"),
        ("https://live.b.test/v9", "https://live.b.test/v9"),
        ("regional", "https://api.us1.a.test/v3"),
        ("eu1", "https://api.eu1.a.test/v3"),
        ("EU1", "https://api.eu1.a.test/v3"),
        ("live", "https://live.b.test/v3"),
        ("region=au1", "https://api.au1.a.test/v3"),
        ("stage=live,version=v9", "https://live.b.test/v9"),
        ({"region": "au1"}, "https://api.au1.a.test/v3"),
        ({"version": 4}, "https://test.b.test/4"),
        ({"stage": "live", "version": "v4"}, "https://live.b.test/v4"),
        ({}, "https://api.us1.a.test/v3"),
        (2, "https://c.test"),
    ],
    ids=str,
)
def test_a_server_is_picked_by_what_is_in_its_variables(wanted: Any, url: str) -> None:
    assert sent_to(wanted) == url


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("region=eu9", "'region' must be one of us1, eu1, au1; did you mean 'eu1'?"),
        ({"region": "eu9"}, "'region' must be one of us1, eu1, au1; did you mean 'eu1'?"),
        ("https://api.eu9.a.test/v3", "'region' must be one of us1, eu1, au1; did you mean 'eu1'?"),
        (
            {"regoin": "eu1"},
            "no server has a variable 'regoin'; did you mean 'region'? (there are region, stage, version)",
        ),
        ("regoin=eu1", "no server has a variable 'regoin'; did you mean 'region'? (there are region, stage, version)"),
        (
            {"region": "eu1", "stage": "live"},
            "no server has all of the variables region, stage; pass those of one of them",
        ),
        ("regionel", "no server is called so; did you mean 'Regional'?"),
        ("liv", "did you mean 'live'?"),
        ("zzz", "https://api.{region}.a.test/v3 (Regional; region: us1 eu1 au1), https://{stage}.b.test/{version} "),
        ("https://nobody.example", "; an address that it does not have is a base URL"),
        ("9" * 5000, "no server is called so"),
        (-1, "no server is called so"),
    ],
    ids=lambda part: str(part)[:30],
)
def test_a_choice_that_cannot_be_is_refused_with_what_there_is(wanted: Any, said: str) -> None:
    assert said in refused(wanted)


def test_a_variable_that_is_not_declared_is_not_sent_to() -> None:
    assert refused(None, [{"url": "https://{x}.test"}]) == (
        "the document does not declare all variables of https://{x}.test; pass base_url"
    )
    assert sent_to(None, [{"url": "https://{x}.test"}], base_url="https://y.test") == "https://y.test"


def test_a_value_that_two_servers_have_is_asked_about() -> None:
    twice = [REGIONAL, {**REGIONAL, "url": "https://{region}.d.test"}]
    assert refused("eu1", twice) == "no server alone has that value; say which variable has it, as in 'region=eu1'"
    assert sent_to("region=eu1", twice) == "https://api.eu1.a.test/v3"


def test_a_number_that_is_no_index_may_be_a_value() -> None:
    port = {"url": "https://a.test:{port}", "variables": {"port": {"default": "443", "enum": ["443", "8443"]}}}
    assert [sent_to(wanted, [port]) for wanted in (0, "8443", 8443)] == [
        "https://a.test:443",
        "https://a.test:8443",
        "https://a.test:8443",
    ]


@given(st.sampled_from(REGIONS), st.sampled_from(["test", "live"]), st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True))
def test_each_way_to_say_a_server_means_the_same(region: str, stage: str, version: str) -> None:
    for server, values in ((REGIONAL, {"region": region}), (STAGED, {"stage": stage, "version": version})):
        url = str(server["url"]).format(**values)
        ways = [url, values, ",".join(f"{name}={value}" for name, value in values.items())]
        assert {sent_to(way) for way in ways} == {url}


@given(st.text())
def test_any_text_is_a_server_or_one_problem(text: str) -> None:
    found = Servers(read(one(servers=ALL))).base(None, text)
    assert isinstance(found, Problem) or found.startswith("https://")


@pytest.mark.parametrize("wrong", [1.5, True, ["eu1"], b"eu1"], ids=str)
def test_what_can_be_no_server_is_a_setting_that_makes_no_sense(wrong: Any) -> None:
    with pytest.raises(ValueError, match="server must be a number, a text, or a mapping"):
        Api(one(), server=wrong)


def test_who_says_where_says_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A base URL in the environment does not carry off a call whose server was chosen in the program."""
    monkeypatch.setenv("ODP_BASE_URL", "https://shell.test")
    assert sent_to("eu1") == "https://api.eu1.a.test/v3"
    assert sent_to(None) == "https://shell.test"
    assert sent_to("eu1", base_url="https://given.test") == "https://given.test"
    shell, _ = client(one(servers=ALL))
    assert shell.using(server="eu1").prepare("it").url == "https://api.eu1.a.test/v3/things"
    assert shell.using(server="eu1", base_url="https://x.test").prepare("it").url == "https://x.test/things"
    assert shell.using(timeout=1).prepare("it").url == "https://shell.test/things"


@pytest.mark.parametrize(
    ("key", "region"),
    [
        ("W4WzcEs-ABgXorzY7h1LCQ", "us1"),
        ("W4WzcEs-ABgXorzY7h1LCQ.secret-part", "us1"),
        ("W4WzcEs-ABgXorzY7h1LCQ-eu1", "eu1"),
        ("W4WzcEs-ABgXorzY7h1LCQ-au1.secret-part", "au1"),
        ("public-eu1.secret-part", "eu1"),
        ("a.public-eu1.secret", "eu1"),
        ("public-eu1.b.secret", "us1"),
        ("public-xx9.secret", "us1"),
        ("public-eu1x.secret", "us1"),
    ],
)
def test_the_region_is_read_in_the_key_that_signs(key: str, region: str) -> None:
    assert base(regional(), key) == f"https://api.{region}.a.test"


def test_what_was_chosen_is_not_read_in_the_key() -> None:
    chosen: list[Any] = ["au1", {"region": "au1"}, "https://api.au1.a.test/v3"]
    for wanted in chosen:
        api, _ = client(regional(), server=wanted, credentials={"s": "public-eu1.secret"})
        assert api.prepare("it").url.startswith("https://api.au1.")
    api, _ = client(regional(), server="https://api.us1.a.test/v3", credentials={"s": "public-eu1.secret"})
    assert api.prepare("it").url.startswith("https://api.us1.")  # written out, though it is the default
    for wanted in (0, "regional", "https://api.{region}.a.test/v3"):
        api, _ = client(regional(), server=wanted, credentials={"s": "public-eu1.secret"})
        assert api.prepare("it").url.startswith("https://api.eu1.")
    api, _ = client(regional(), base_url="https://x.test", credentials={"s": "public-eu1.secret"})
    assert api.prepare("it").url == "https://x.test/things"


def test_each_key_has_its_region_though_much_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    document = regional()
    document["paths"]["/others"] = {"get": {"operationId": "other", "security": [], "responses": {}}}
    api, _ = client(document, credentials=None)
    for region in ("eu1", "au1", "eu1", "us1"):  # a key that changes under a client's feet
        monkeypatch.setenv("ODP_S", f"public-{region}.secret")
        assert api.prepare("it").url.startswith(f"https://api.{region}.")
        assert api.prepare("other").url == "https://api.us1.a.test/v3/others"  # signed by nothing
        copy = api.using(credentials={"s": "public-au1.secret"})
        assert copy.prepare("it").url.startswith("https://api.au1.")


def test_the_key_of_the_alternative_that_signs_counts() -> None:
    document = secured({"a": []}, {"b": []}, a=KEY, b={"type": "http", "scheme": "basic"}) | {"servers": [REGIONAL]}
    both = {"a": "public-eu1.x", "b": ("ada", "public-au1.x")}
    for given_keys, region in ((both, "eu1"), ({"b": both["b"]}, "au1")):
        assert f".{region}." in client(document, credentials=given_keys)[0].prepare("it").url


def test_without_a_list_only_a_small_part_of_a_key_may_be_told() -> None:
    """For URLs are in errors and logs."""
    anywhere = regional(enum=None)
    assert base(anywhere, "public-jp7.a-secret") == "https://api.jp7.a.test"
    assert base(regional(enum=None, **{"x-from-credential": "(.*)"}), "public-jp7.a-secret") == "https://api.us1.a.test"


def test_a_missing_key_is_the_only_problem_of_a_regional_server() -> None:
    api, _ = client(regional(), credentials=None)
    with pytest.raises(InvalidRequest) as caught:
        api.prepare("it")
    assert [problem.where for problem in caught.value.problems] == ["security"]


@pytest.mark.parametrize("wrong", ["(", "x", "(a)(b)", 5, None, ["(a)"], "(" * 5000, "(?P<n"], ids=lambda w: str(w)[:9])
def test_an_expression_that_cannot_be_used_is_the_authors_error(wrong: Any) -> None:
    document = one(servers=[{**REGIONAL, "variables": {"region": {**REGION, "x-from-credential": wrong}}}])
    with pytest.raises(SpecError, match="must be a regular expression with exactly one group") as caught:
        Api(document)
    assert caught.value.pointer == "/servers/0/variables/region/x-from-credential"


def test_two_alternatives_with_one_secret_are_kept_apart() -> None:
    signer = Signer(read(secured({"a": []}, {"b": []}, a=KEY, b={"type": "http", "scheme": "bearer"})))
    for scheme, name in (("a", "X-Key"), ("b", "Authorization")):
        keys = signer.keys(Secrets({scheme: "same"}))
        assert isinstance(keys, Keys)
        credentials = signer.credentials(keys, "https://a.test")
        assert isinstance(credentials, list)
        assert [credential.name for credential in credentials] == [name]


def test_a_client_with_a_region_travels() -> None:
    api = Api(regional(), credentials={"s": "public-eu1.secret"}, server="au1")
    api.prepare("it")
    again = pickle.loads(pickle.dumps(api))  # noqa: S301  # ours
    assert again.prepare("it") == api.prepare("it")
