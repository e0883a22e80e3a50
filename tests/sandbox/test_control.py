"""The reserved path: journal, state, faults, reset and seed over HTTP; and that only this machine's user gets there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import run_wsgi_app

from odp_dynamic._document import bundled, load
from odp_dynamic._values import Request
from odp_dynamic.sandbox import Fault, Sandbox
from odp_dynamic.sandbox._comparisons import WORDS
from odp_dynamic.sandbox._conditions import _CLAUSES, _OF_EVENTS
from odp_dynamic.sandbox._seeds import _PARTS
from odp_dynamic.sandbox._transport import WsgiTransport, environ_of

from .conftest import Reply, in_process
from .people import event

Knock = Callable[..., Reply]
SEED = {"profiles": [{"identifiers": {"email": "ada@example.com"}, "attributes": {"city": "London"}}]}
ADA = "/profiles/email/ada%40example.com"


@pytest.fixture(params=["in process", "on loopback"])
def knock(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Knock]:
    """Is what asks under the reserved path: without a socket, then with one; without a key."""

    def written(body: Any) -> bytes | None:
        return body if body is None or isinstance(body, bytes) else json.dumps(body).encode()

    def directly(method: str, path: str, body: Any = None, **headers: str) -> Reply:
        url = f"https://sandbox.invalid/_sandbox{path}"
        response = WsgiTransport(sandbox).send(Request("", method, url, headers, written(body)))
        return Reply(response.status, json.loads(response.content or b"null"), response.headers)

    if request.param == "in process":
        yield directly
        return
    with sandbox.serve() as served, requests.Session() as session:
        session.trust_env = False

        def by_http(method: str, path: str, body: Any = None, **headers: str) -> Reply:
            url = f"{served.origin}/_sandbox{path}"
            response = session.request(method, url, data=written(body), headers=headers, timeout=10)
            return Reply(response.status_code, json.loads(response.content or b"null"), response.headers)

        yield by_http


MISTAKES: list[tuple[str, str, Any, int, str]] = [
    ("GET", "/nothing", None, 404, "see /_sandbox/"),
    ("POST", "/journal", None, 405, "only GET and DELETE"),
    ("GET", "/journal?since=x", None, 400, "since must be a whole number"),
    ("PUT", "/faults", b"[", 400, "no JSON"),
    ("PUT", "/faults", {}, 400, "as a list"),
    ("PUT", "/faults", [{"operation": "getProfil", "status": 503}], 400, "did you mean 'getProfile'"),
    ("POST", "/faults", {"status": [1]}, 400, "status must be"),
    ("POST", "/faults", {"body": {}, "sead": 1}, 400, "did you mean 'seed'"),
    ("POST", "/seed", [1], 400, "a mapping"),
    ("POST", "/seed", {"profile": []}, 400, "did you mean 'profiles'"),
    ("POST", "/seed", {"profiles": 5}, 400, ""),
    ("POST", "/seed", {"schema": {"x": 5}}, 400, ""),
    ("POST", "/seed", {"profiles": [{"attributes": {}}]}, 400, "does not fit"),
    ("POST", "/seed", b" " * 10_000_001, 400, "larger than"),
]


class TestReservedPath:
    def test_it_tells_what_there_is(self, knock: Knock) -> None:
        assert knock("GET", "/").data["/_sandbox/faults"] == ["GET", "POST", "PUT", "DELETE"]

    def test_the_journal_is_followed_by_number(self, knock: Knock, sandbox: Sandbox) -> None:
        ask = in_process(sandbox)
        ask("GET", "/segments")
        told = knock("GET", "/journal").data
        assert (told["first"], told["last"], len(told["entries"])) == (1, 1, 1)
        assert told["entries"] == json.loads(json.dumps(sandbox.journal.to_json()))
        assert knock("GET", "/journal?since=1").data == {"first": 1, "last": 1, "entries": []}
        ask("GET", "/nothing")
        assert [entry["number"] for entry in knock("GET", "/journal?since=1").data["entries"]] == [2]
        chosen = knock("GET", "/journal?operation=listSegments&status=2xx").data["entries"]
        assert [entry["number"] for entry in chosen] == [1]
        assert knock("DELETE", "/journal").status == 204
        assert knock("GET", "/journal").data == {"first": 3, "last": 2, "entries": []}

    def test_asking_here_leaves_no_trace(self, knock: Knock, sandbox: Sandbox) -> None:
        with sandbox.fault(status=503):
            assert knock("GET", "/state").status == 200
        assert len(sandbox.journal) == 0

    def test_the_state_is_all_that_is_stored(self, knock: Knock, sandbox: Sandbox) -> None:
        ask = in_process(sandbox)
        ask("POST", "/profiles", SEED["profiles"][0])
        ask("POST", "/events", [{"type": "order", "action": "purchase", "identifiers": {"email": "ada@example.com"}}])
        ask("POST", "/objects/products", [{"object_id": "p", "fields": {"name": "Shirt"}}])
        state = knock("GET", "/state").data
        [profile] = state["profiles"]
        assert state["totals"] == {"profiles": 1, "events": 1, "objects": 1}
        assert profile["identities"][0]["value"] == "ada@example.com"
        assert profile["attributes"]["city"] == "London"
        assert profile["timeline"][0]["type"] == "order"
        assert "buyers" in profile["segments"]
        assert state["objects"]["products"][0]["fields"] == {"name": "Shirt"}
        assert "products" in {one["name"] for one in state["schema"]}
        assert {"buyers": 1}.items() <= {one["name"]: one["customer_count"] for one in state["segments"]}.items()
        assert knock("GET", "/state?limit=0").data["profiles"] == []

    def test_what_a_profile_was_merged_from_outlasts_any_number_of_events(self, knock: Knock, sandbox: Sandbox) -> None:
        ask = in_process(sandbox)
        for identifiers, city in (
            ({"email": "a"}, "Rome"),
            ({"phone": "1"}, "Paris"),
            ({"email": "a", "phone": "1"}, ""),
        ):
            ask("POST", "/profiles", {"identifiers": identifiers, "attributes": {"city": city}})
        ask("POST", "/events", [event({"email": "a"}, n=n) for n in range(120)])
        [profile] = knock("GET", "/state").data["profiles"]
        assert [(one["other"], one["told"]["attributes"]) for one in profile["merged"]] == [(2, {"city": "Paris"})]
        assert {one["what"] for one in profile["timeline"]} == {"event"}
        assert profile["totals"] == {"merged": 1, "timeline": 121}
        assert len(profile["timeline"]) == 50

    def test_a_list_that_is_cut_has_the_newest_and_is_counted(self, knock: Knock, sandbox: Sandbox) -> None:
        ask = in_process(sandbox)
        people = [{"phone": str(n)} for n in range(1, 513)]
        for start in (0, 256):
            ask("POST", "/events", [event(one) for one in people[start : start + 256]])
        for start in (0, 256):
            ask("POST", "/events", [event({**one, "customer_id": "1"}) for one in people[start : start + 256]])
        [profile] = knock("GET", "/state").data["profiles"]
        assert [one["other"] for one in profile["merged"]] == list(range(512, 12, -1))
        assert profile["totals"]["merged"] == 511

    def test_the_last_changed_come_first_whatever_the_clock_says(self, knock: Knock, sandbox: Sandbox) -> None:
        """All that one request does bears one time, and so may what two of them do."""
        ask = in_process(sandbox)
        ask("POST", "/events", [event({"email": who}) for who in "abca"])
        ask("POST", "/objects/products", [{"object_id": name} for name in "pqrp"])
        state = knock("GET", "/state").data
        assert [one["identities"][0]["value"] for one in state["profiles"]] == ["a", "c", "b"]
        assert [one["object_id"] for one in state["objects"]["products"]] == ["p", "r", "q"]

    def test_reset_and_seed_restore_a_known_state(self, knock: Knock, sandbox: Sandbox) -> None:
        ask = in_process(sandbox)
        ask("POST", "/profiles", {"identifiers": {"email": "other"}})
        assert knock("POST", "/seed", SEED).status == 204
        assert len(sandbox.journal) == 0
        assert [ask("GET", path).status for path in (ADA, "/profiles/email/other")] == [200, 404]
        assert knock("POST", "/reset").status == 204
        assert ask("GET", ADA).status == 404

    def test_faults_are_armed_and_disarmed(self, knock: Knock, sandbox: Sandbox) -> None:
        ask = in_process(sandbox)
        told = {"operation": "listSegments", "status": 429, "retry_after": 2, "times": 2}
        assert knock("PUT", "/faults", [told]).data == [{"kind": "status", "when": "before", **told, "hits": 0}]
        reply = ask("GET", "/segments")
        assert (reply.status, reply.headers["Retry-After"]) == (429, "2")
        assert knock("GET", "/faults").data[0]["hits"] == 1
        assert len(knock("POST", "/faults", {"kind": "reset"}).data) == 2
        assert knock("PUT", "/faults", []).data == []
        knock("POST", "/faults", {"kind": "reset"})
        assert knock("DELETE", "/faults").status == 204
        assert len(sandbox.faults) == 0

    @pytest.mark.parametrize("case", MISTAKES, ids=lambda case: f"{case[0]} {case[1]} {str(case[2])[:40]}")
    def test_mistakes_are_told(self, knock: Knock, sandbox: Sandbox, case: tuple[str, str, Any, int, str]) -> None:
        method, path, body, status, words = case
        reply = knock(method, path, body)
        assert (reply.status, reply.data["status"]) == (status, status)
        assert words in reply.data["detail"]["message"]
        assert in_process(sandbox)("GET", "/segments").status == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "evil.example"},
            {"Host": "127.0.0.1.evil.example:80"},
            {"Host": "localhost@evil.example"},
            {"Host": "[::1"},
            {"Host": ""},
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Host": "localhost:1", "Origin": "http://localhost:2"},
        ],
    )
    def test_strangers_are_refused(self, knock: Knock, headers: dict[str, str]) -> None:
        """A name that was made to point here (DNS rebinding), and a page that was not served here."""
        for method, path in [("GET", "/state"), ("POST", "/reset"), ("GET", "/nothing")]:
            assert knock(method, path, **headers).status == 403

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:80"])
    def test_this_machine_is_let_in(self, knock: Knock, host: str) -> None:
        assert knock("GET", "/journal", Host=host).status == 200
        assert knock("GET", "/journal", Host=host, Origin=f"http://{host}").status == 200


def test_another_machine_is_refused(sandbox: Sandbox) -> None:
    """Wherever somebody else's WSGI server may listen."""
    for peer, status in [("10.0.0.7", 403), ("127.0.0.1", 200), ("::1", 200), ("nonsense", 403)]:
        environ = {**environ_of("GET", "http://localhost/_sandbox/journal", {}, None), "REMOTE_ADDR": peer}
        assert run_wsgi_app(sandbox, environ)[1].startswith(str(status))


def test_the_rest_of_the_world_asks_under_any_name(sandbox: Sandbox) -> None:
    with sandbox.serve() as served:
        headers = {"Host": "api.zaius.com", "x-api-key": "sandbox-private"}
        assert requests.get(f"{served.url}/segments", headers=headers, timeout=10).ok


def test_a_seed_goes_on_top_of_the_first_state(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(json.dumps(SEED))
    with Sandbox(seed={"profiles": [{"identifiers": {"email": "first"}}]}) as sandbox:
        ask = in_process(sandbox)
        sandbox.seed(file)
        assert [ask("GET", path).status for path in (ADA, "/profiles/email/first")] == [200, 200]
        sandbox.reset()
        assert [ask("GET", path).status for path in (ADA, "/profiles/email/first")] == [404, 200]
        with pytest.raises(ValueError, match="does not fit"):
            sandbox.seed({**SEED, "objects": {"nothing": [{"object_id": "x"}]}})
        assert [ask("GET", path).status for path in (ADA, "/profiles/email/first")] == [404, 200]


def test_faults_outlast_a_reset(sandbox: Sandbox) -> None:
    """They are no state, and whoever armed them may be another than who resets."""
    with sandbox.fault(status=503):
        sandbox.reset()
        assert in_process(sandbox)("GET", "/segments").status == 503


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
wild_faults = st.dictionaries(st.sampled_from([field.name for field in fields(Fault)]), json_values, max_size=4)
wild_conditions = st.recursive(
    json_values,
    lambda inner: st.fixed_dictionaries(
        {}, optional=dict.fromkeys((*_CLAUSES, *_OF_EVENTS, *WORDS, "country", "email"), inner)
    ),
    max_leaves=8,
)
wild_seeds = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(_PARTS, json_values),
        "segments": st.lists(st.fixed_dictionaries({"name": st.text(max_size=3), "condition": wild_conditions})),
    },
)


@settings(max_examples=300)
@given(st.one_of(st.tuples(st.just("faults"), wild_faults), st.tuples(st.just("seed"), wild_seeds | json_values)))
def test_whatever_is_asked_is_done_or_refused(told: tuple[str, Any]) -> None:
    """And what was let in can be lived with: the service goes on, segments and all."""
    name, body = told
    with Sandbox(document=BUNDLED) as sandbox:
        request = Request("", "POST", f"http://localhost/_sandbox/{name}", {}, json.dumps(body).encode())
        assert WsgiTransport(sandbox).send(request).status in {200, 204, 400}
        sandbox.faults.clear()
        assert in_process(sandbox)("GET", "/segments").status == 200


BUNDLED = load(bundled())
