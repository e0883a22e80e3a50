"""The journal: what became of each request, in process and on loopback; and that it shows no secret."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, quote_plus

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from odp_dynamic._values import Headers
from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._journal import Entry, Journal
from odp_dynamic.sandbox._requests import Arrived
from odp_dynamic.sandbox._transport import environ_of

from .conftest import Ask, in_process
from .test_documents import DOCUMENT

EVENT = {"type": "order", "action": "purchase", "identifiers": {"email": "ada@example.com"}}


class TestEveryRequest:
    """In process and on loopback."""

    def test_it_is_there_when_the_answer_is(self, ask: Ask, sandbox: Sandbox) -> None:
        ask("GET", "/profiles/email/ada%40example.com?fields=city")
        entry = sandbox.journal.last
        assert entry[2:7] == (
            "getProfile",
            "GET",
            "/profiles/{identifier_field}/{identifier_value}",
            "/v3/profiles/email/ada%40example.com?fields=city",
            "private",
        )
        assert (entry.number, entry.status, entry.verdict, entry.body) == (1, 404, "refused", None)
        assert "Unable to find profile" in entry.why
        assert json.loads(entry.answer or "")["status"] == 404
        assert 0 < entry.milliseconds < 10_000
        assert entry.time.endswith("Z")

    def test_what_is_accepted_tells_what_became_of_each_item(self, ask: Ask, sandbox: Sandbox) -> None:
        ask("POST", "/events", [EVENT, {"type": "x", "action": "y"}])
        entry = sandbox.journal.last
        assert (entry.verdict, entry.why, entry.problems) == ("accepted", "", ())
        assert {outcome.item for outcome in entry.outcomes} == {0, 1}
        assert sandbox.journal.where(became="dropped") == [entry]
        assert json.loads(entry.body or "")[0] == EVENT

    def test_what_the_referee_refuses_has_its_places(self, ask: Ask, sandbox: Sandbox) -> None:
        ask("POST", "/events", [{"type": 1}, {"action": "x", "identifiers": {"email": 5}}])
        entry = sandbox.journal.last
        assert (entry.status, entry.verdict, entry.why) == (400, "refused", "4 faults")
        assert [(problem.where, problem.pointer, problem.keyword) for problem in entry.problems] == [
            ("body", "/0/action", "required"),
            ("body", "/0/type", "type"),
            ("body", "/1/type", "required"),
            ("body", "/1/identifiers/email", "type"),
        ]
        assert [(outcome.item, outcome.became) for outcome in entry.outcomes] == [
            (0, "refused"),
            (0, "refused"),
            (1, "refused"),
            (1, "refused"),
        ]

    def test_what_a_handler_refuses_has_them_too(self, ask: Ask, sandbox: Sandbox) -> None:
        ask("POST", "/schema/objects/products", {"display_name": "Products"})
        entry = sandbox.journal.last
        assert (entry.status, entry.verdict) == (400, "refused")
        assert {problem.pointer for problem in entry.problems} == {"/name", "/display_name"}

    @pytest.mark.parametrize(
        ("method", "path", "why"),
        [
            ("GET", "/nothing", "the document has no such path"),
            ("DELETE", "/profiles", "the document has only POST here"),
            ("GET", "/../v4/segments", "outside of the base path /v3"),
        ],
    )
    def test_what_finds_no_operation_says_why(
        self, ask: Ask, sandbox: Sandbox, method: str, path: str, why: str
    ) -> None:
        if path.startswith("/.."):
            run_wsgi_app(sandbox, EnvironBuilder("/v4/segments").get_environ())
        else:
            ask(method, path)
        entry = sandbox.journal.last
        assert (entry.operation, entry.template, entry.status, entry.verdict) == (None, None, 403, "refused")
        assert why in entry.why

    @pytest.mark.parametrize(
        ("key", "kind", "status"),
        [
            ("sandbox-private", "private", 200),
            ("sandbox-public", "public", 401),
            ("a-real-secret", "unknown", 401),
            ("", "none", 401),
        ],
    )
    def test_keys_are_told_by_kind_alone(self, ask: Ask, sandbox: Sandbox, key: str, kind: str, status: int) -> None:
        ask("GET", "/segments", key=key)
        entry = sandbox.journal.last
        assert (entry.key, entry.status) == (kind, status)
        assert entry.headers["X-Api-Key"] == "***"
        assert not key or key not in json.dumps(entry.to_json())

    def test_a_body_that_is_too_large_is_told_and_not_kept(self, ask: Ask, sandbox: Sandbox) -> None:
        ask("POST", "/events", b"[" + b" " * 10_000_000 + b"]")
        entry = sandbox.journal.last
        assert (entry.operation, entry.status, entry.body) == ("sendEvents", 413, None)
        assert entry.why == "the body is larger than 10,000,000 bytes"

    def test_a_large_body_is_kept_in_part(self, ask: Ask, sandbox: Sandbox) -> None:
        ask("POST", "/events", [EVENT] * 100)
        entry = sandbox.journal.last
        assert len(entry.body or "") < 2100
        assert (entry.body or "").endswith(" bytes in all]")

    def test_a_fault_is_told_with_what_was_done(self, ask: Ask, sandbox: Sandbox) -> None:
        with sandbox.fault(status=503):
            ask("POST", "/events", [EVENT])
        undone = sandbox.journal.last
        assert (undone.status, undone.verdict, undone.outcomes) == (503, "undone", ())
        with sandbox.fault(status=503, when="after"):
            ask("POST", "/events", [EVENT])
        done = sandbox.journal.last
        assert (done.status, done.verdict, str(done.fault)) == (503, "accepted", "503, after the work")
        assert done.outcomes
        assert done.to_json()["fault"] == {"kind": "status", "when": "after", "status": 503}


def test_a_reset_has_no_status(sandbox: Sandbox) -> None:
    with sandbox.fault(kind="reset"), pytest.raises(Exception, match="broke"):
        in_process(sandbox)("GET", "/segments")
    assert (sandbox.journal.last.status, sandbox.journal.last.verdict) == (None, "undone")
    assert "reset" in str(sandbox.journal.last)


def test_work_that_is_undone_had_no_outcome(sandbox: Sandbox) -> None:
    with (
        sandbox.fault(kind="invalid_json", when="before", operation="sendEvents"),
        pytest.raises(ValueError, match="column"),
    ):
        in_process(sandbox)("POST", "/events", [EVENT])
    assert sandbox.journal.last.outcomes == ()
    assert sandbox.journal.last.verdict == "undone"


HIDDEN = "a-very-secret-secret"
SHOWN: list[dict[str, str]] = [
    {"authorization": f"Bearer {HIDDEN}"},
    {"authorization": "Basic " + base64.b64encode(f"me:{HIDDEN}".encode()).decode()},
    {"authorization": HIDDEN},
    {"authorization": f"Basic {HIDDEN}"},
    {"cookie": f"crumb={HIDDEN}; other=1"},
    {"x-api-key": HIDDEN},
    {"proxy-authorization": f"Bearer {HIDDEN}"},
]


@pytest.mark.parametrize("headers", SHOWN)
@pytest.mark.parametrize(
    "target", ["/api/v1/bearer?key={}", "/api/v1/pets/{}?x={}", "/nothing/{}?key={}&key={}&%6bey={}"]
)
def test_secrets_are_masked_wherever_they_stand(headers: dict[str, str], target: str) -> None:
    """Where the document has them, where any service has, and where somebody put them by mistake."""
    with Sandbox(document=DOCUMENT) as sandbox:
        path, _, query = target.replace("{}", HIDDEN).partition("?")
        told = {"content-type": "text/plain", "x-note": f"my key is {HIDDEN}", **headers}
        environ = environ_of("POST", f"http://localhost{path}?{query}", told, f"<{HIDDEN}>".encode())
        list(sandbox(environ, lambda *_: None))
        text = json.dumps(sandbox.journal.to_json())
        assert sandbox.journal.last.key == "unknown"
    assert HIDDEN not in text
    for value in headers.values():
        assert value not in text


def test_the_sandboxs_own_keys_are_masked_in_a_body(sandbox: Sandbox) -> None:
    ask = in_process(sandbox)
    ask("POST", "/profiles", {"identifiers": {"email": "a"}, "attributes": {"city": "sandbox-private"}})
    ask("POST", "/profiles", {"identifiers": {"email": "x" * 1950 + "sandbox-private" + "y" * 5000}})
    text = json.dumps(sandbox.journal.to_json())
    assert "sandbox-private" not in text
    assert "sandbox-p" not in text


@pytest.mark.parametrize("key", ['my very/private "key"+é', "0123.abcdef-xyz"])
def test_a_key_is_masked_however_it_is_written(key: str) -> None:
    """In a URL, where it may be encoded in several ways, and in JSON, where it may be escaped."""
    with Sandbox(private_key=key) as sandbox:
        ask = in_process(sandbox)
        forms = [quote(key), quote(key, safe=""), quote_plus(key)]
        for form in forms:
            ask("GET", f"/profiles/email/{form}?fields={form}", key="other")
        forms += [json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1]]
        for form in forms[-2:]:
            ask("POST", "/profiles", f'{{"attributes": {{"city": "<{form}>"}}}}'.encode())
        told = [f"{entry.target} {entry.body}" for entry in sandbox.journal]
    assert len(told) == 5
    assert not [form for form in forms if form in "".join(told)]


@pytest.mark.parametrize("name", ["x-api-key", "X_Api_Key", "apiKey", "api_key", "privateApiKey", "access_token"])
def test_a_key_that_stands_in_the_wrong_place_is_masked_by_its_name(name: str, sandbox: Sandbox) -> None:
    """A real key that was sent to the sandbox by mistake, where no key is read."""
    ask = in_process(sandbox)
    ask("GET", f"/segments?a=1&{name}={HIDDEN}", key=None)
    ask("GET", "/segments", key=None, **{name.replace("-", "_"): HIDDEN})
    ask("POST", "/profiles", {"identifiers": {"email": "ada"}, name: HIDDEN, "attributes": {"city": "Rome"}}, key=None)
    ask("POST", "/profiles", f'{{"{name}" : "\\"{HIDDEN}'.encode(), key=None)
    told = sandbox.journal.to_json()
    assert HIDDEN not in json.dumps(told)
    assert told[0]["target"] == f"/v3/segments?a=1&{name}=***"
    assert json.loads(told[2]["body"]) == {
        "identifiers": {"email": "ada"},
        name: "***",
        "attributes": {"city": "Rome"},
    }


def test_it_is_a_sequence(sandbox: Sandbox) -> None:
    ask = in_process(sandbox)
    assert len(sandbox.journal) == 0
    with pytest.raises(IndexError, match="no request has come"):
        _ = sandbox.journal.last
    for path in ("/segments", "/schema/objects", "/nothing"):
        ask("GET", path)
    journal = sandbox.journal
    assert [entry.number for entry in journal] == [1, 2, 3]
    assert [entry.number for entry in journal[1:]] == [2, 3]
    assert journal[-1] is journal.last
    assert repr(journal) == "<Journal of 3 requests>"
    assert [entry.number for entry in journal.since(1)] == [2, 3]
    assert journal.since(3) == journal.since(99) == []
    assert [entry.operation for entry in journal.where(status=200)] == ["listSegments", "listSchemaObjects"]
    assert [entry.operation for entry in journal.where(status="4xx")] == [None]
    assert [entry.number for entry in journal.where(operation="listSegments", status="200")] == [1]
    with pytest.raises(AttributeError):
        journal.last.status = 500  # type: ignore[misc]  # what the test is about


def test_clearing_keeps_the_numbers(sandbox: Sandbox) -> None:
    ask = in_process(sandbox)
    ask("GET", "/segments")
    sandbox.journal.clear()
    assert (len(sandbox.journal), sandbox.journal.newest) == (0, 1)
    ask("GET", "/segments")
    assert [entry.number for entry in sandbox.journal.since(1)] == [2]


def _entry(body: str = "") -> Entry:
    return Entry(0, "", None, "GET", None, "/", "none", Headers(), body, 200, None, 1.0, "accepted")


def test_the_oldest_go_when_there_are_too_many() -> None:
    journal = Journal(most=3)
    for _ in range(5):
        journal.record(_entry())
    assert [entry.number for entry in journal] == [3, 4, 5]
    assert [entry.number for entry in journal.since(0)] == [3, 4, 5]
    assert [entry.number for entry in journal.since(4)] == [5]


def test_memory_is_bounded_whatever_the_entries_hold() -> None:
    journal = Journal()
    for _ in range(200):
        journal.record(_entry("x" * 1_000_000))
    assert 10 < len(journal) < 70


def test_threads_share_it(sandbox: Sandbox) -> None:
    ask = in_process(sandbox)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ask("GET", "/segments"), range(200)))
        assert [entry.number for entry in sandbox.journal] == list(range(1, 201))


def test_a_seed_is_not_in_it() -> None:
    with Sandbox(seed={"profiles": [{"identifiers": {"email": "a"}}]}) as sandbox:
        assert len(sandbox.journal) == 0
        assert sandbox.answer(Arrived("GET", "/v3/segments", "", {"x-api-key": "sandbox-private"}, b"")).status == 200
        assert len(sandbox.journal) == 0


def test_an_operation_without_a_handler_is_told_to_have_none() -> None:
    with Sandbox(document=DOCUMENT) as sandbox, sandbox.api() as api:
        api.call("pet", id="7")
        assert sandbox.journal.last.why == "no handler: answered with an example"


def test_a_parameter_that_is_refused_has_its_place() -> None:
    with Sandbox(document=DOCUMENT) as sandbox:
        list(sandbox(environ_of("GET", "http://localhost/api/v1/pets/seven/owner", {}, None), lambda *_: None))
        [problem] = sandbox.journal.last.problems
        assert (problem.where, problem.pointer) == ("path.id", "")
