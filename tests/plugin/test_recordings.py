"""Recordings: what is kept of real calls, what is hidden, and what becomes of a call in a replay."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic import Api, NotFound, ServerError
from odp_dynamic._document import Document, load
from odp_dynamic._tape import read
from odp_dynamic.pytest_plugin import StaleRecording, Unmaskable, Unrecorded, recorder
from odp_dynamic.pytest_plugin._documents import document_at
from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._transport import WsgiTransport
from tests.apis import Scripted, answering, body, one, parameter, secured, status
from tests.plugin.conftest import ADA, Run

pytest_plugins = ["pytester"]
KEYS = {"publicApiKey": "canary-public-key", "privateApiKey": "canary-private-key"}


def profile_of(api: Api, value: str) -> Any:
    return api.call("getProfile", identifier_field="email", identifier_value=value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a recording is to be."""
    return tmp_path / "deep" / "it.yaml"


@pytest.fixture
def recorded(path: Path) -> Path:
    """Return a recording of a sandbox's calls: an event, a profile, a miss."""
    with Sandbox(document=document_at(None), private_key="canary-private-key") as sandbox:
        transport = recorder(WsgiTransport(sandbox), path, mode="record")
        with sandbox.api(transport=transport) as api:
            api.call("sendEvents", [ADA])
            profile_of(api, "ada@example.com")
            with pytest.raises(NotFound):
                profile_of(api, "nobody@example.com")
    return path


def replaying(path: Path, document: Any = None) -> Api:
    loaded = document if isinstance(document, Document) or document is None else load(document)
    transport = recorder(None, path, document=loaded)
    return Api(loaded, transport=transport, credentials=KEYS, base_url="https://api.test", retry=None)


def recording(source: Any, script: list[Any], path: Path, *, keep: tuple[str, ...] = ()) -> Api:
    """Return a client of a document of its own whose calls are recorded, with a script for a service."""
    document = load(source)
    transport = recorder(Scripted(*script), path, mode="record", document=document, keep=keep)
    credentials = dict.fromkeys((source.get("components") or {}).get("securitySchemes") or {}, "canary-secret")
    return Api(document, transport=transport, credentials=credentials, retry=None, responses="record")


def test_neither_secrets_nor_values_are_in_the_file(recorded: Path) -> None:
    text = recorded.read_text("utf-8")
    for value in ("canary", "ada", "nobody", "example.com", "sandbox.invalid", "x-api-key", "purchase"):
        assert value not in text
    assert not list(recorded.parent.glob("*.part"))


def test_a_value_has_one_placeholder_throughout(recorded: Path) -> None:
    _, (sent, got, miss) = read(recorded)
    (event,) = sent.body["json"]
    placeholder = event["identifiers"]["email"]
    assert placeholder == "<body.identifiers.email:1>"
    assert got.arguments["path.identifier_value"] == got.answer["json"]["email"] == placeholder
    assert miss.arguments["path.identifier_value"] == "<path.identifier_value:1>"


def test_each_exchange_is_readable_json(recorded: Path) -> None:
    records = recorded.read_text("utf-8").split("\n---\n")
    assert [json.loads(record).get("operation") for record in records] == [
        None,
        "sendEvents",
        "getProfile",
        "getProfile",
    ]


def test_a_replay_answers_with_what_the_test_sent(recorded: Path) -> None:
    with replaying(recorded) as api:
        api.call("sendEvents", [{**ADA, "identifiers": {"email": "bob@example.com"}}])
        assert profile_of(api, "bob@example.com")["email"] == "bob@example.com"
        with pytest.raises(NotFound):
            profile_of(api, "carl@example.com")


def test_what_only_the_service_knew_comes_back_as_its_placeholder(recorded: Path) -> None:
    with replaying(recorded) as api:
        assert profile_of(api, "bob@example.com")["segments"][0] == "<response.segments:1>"


def test_each_exchange_is_played_once(recorded: Path) -> None:
    with replaying(recorded) as api:
        profile_of(api, "bob@example.com")
        with pytest.raises(NotFound):
            profile_of(api, "bob@example.org")
        with pytest.raises(Unrecorded, match="left besides: sendEvents"):
            profile_of(api, "bob@example.com")


def test_one_value_is_not_played_as_two(recorded: Path) -> None:
    with replaying(recorded) as api:
        profile_of(api, "bob@example.com")
        with pytest.raises(Unrecorded, match="two values that were one are not, or two that were not are"):
            profile_of(api, "bob@example.com")


def test_a_call_that_is_not_there_is_told_with_the_difference(recorded: Path) -> None:
    with replaying(recorded) as api, pytest.raises(Unrecorded) as caught:
        api.call("sendEvents", [{**ADA, "data": {"n": 1}}])
    assert "the first exchange left differs:\n    /body/0/data is not expected" in str(caught.value)


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ((), []),
        (("body.type", "path.object_type"), ["order"]),
        (("body.*",), ["order", "purchase", "ada@example.com"]),
    ],
)
def test_places_that_are_to_be_kept_are(path: Path, keep: tuple[str, ...], kept: list[str]) -> None:
    with Sandbox(document=document_at(None)) as sandbox:
        transport = recorder(WsgiTransport(sandbox), path, mode="record", keep=keep)
        with sandbox.api(transport=transport) as api:
            api.call("sendEvents", [ADA])
    text = path.read_text("utf-8")
    assert [value for value in ("order", "purchase", "ada@example.com") if f'"{value}"' in text] == kept


ANSWER = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["a", "b"]},
        "at": {"type": "string", "format": "date-time"},
        "code": {"type": "string", "x-personal": False},
        "birthday": {"type": "string", "format": "date"},
        "zip": {"type": "string", "maxLength": 5},
        "count": {"type": "integer"},
        "ok": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "free": {"type": "object", "additionalProperties": True},
    },
}
KEPT: list[tuple[str, Any, Any]] = [
    ("kind", "a", "a"),
    ("at", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
    ("at", "ada was here", "<response.at:1>"),
    ("code", "X1", "X1"),
    ("birthday", "2001-01-01", "<response.birthday:1>"),
    ("count", 7, 7),
    ("ok", True, True),
    ("tags", ["x", "y", "x", ""], ["<response.tags:1>", "<response.tags:2>", "<response.tags:1>", ""]),
    ("free", {"x": "y", "n": 1, "z": None}, {"x": "<response.free.x:1>", "n": 1, "z": None}),
    ("undeclared", "y", "<response.undeclared:1>"),
]


@pytest.mark.parametrize(("name", "value", "told"), KEPT)
def test_the_document_says_what_is_hidden(path: Path, name: str, value: Any, told: Any) -> None:
    with recording(one({"responses": answering(ANSWER)}), [json.dumps({name: value}).encode()], path) as api:
        api.call("it")
    assert read(path)[1][0].answer == {"json": {name: told}}


def test_numbers_among_arguments_are_hidden(path: Path) -> None:
    source = one({"parameters": [parameter("id", "path", {"type": "integer"})]}, "/things/{id}", "get")
    with recording(source, [b""], path) as api:
        api.call("it", id=4711)
    assert "4711" not in path.read_text("utf-8")
    with replaying(path, source) as api:
        assert api.call("it", id=815) is None


def test_arguments_of_any_form_are_hidden(path: Path) -> None:
    source = one({"parameters": [parameter("ids"), parameter("by", style="deepObject", explode=True)]}, method="get")
    with recording(source, [b""], path) as api:
        api.call("it", ids=["ada", "bob"], by={"name": "ada"})
    told = {"query.ids": ["<query.ids:1>", "<query.ids:2>"], "query.by": {"name": "<query.ids:1>"}}
    assert read(path)[1][0].arguments == told
    with replaying(path, source) as api:
        assert api.call("it", ids=["x", "y"], by={"name": "x"}) is None


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "apiKey", "in": "header", "name": "X-Key"},
        {"type": "apiKey", "in": "query", "name": "key"},
        {"type": "apiKey", "in": "cookie", "name": "key"},
        {"type": "http", "scheme": "bearer"},
    ],
)
def test_a_secret_that_an_answer_repeats_is_hidden_even_where_text_is_kept(path: Path, scheme: dict[str, str]) -> None:
    with recording(secured({"it": []}, it=scheme), [b'{"told": "key canary-secret!"}'], path, keep=("*",)) as api:
        api.call("it")
    assert read(path)[1][0].answer == {"json": {"told": "key ***!"}}


def test_headers_are_told_only_where_they_are_declared(path: Path) -> None:
    headers: dict[str, Any] = {"X-Owner": {"schema": {}}, "X-Left": {"schema": {}}}
    source = one({"responses": {"200": {"description": "", "headers": headers}}})
    sent = {"X-Owner": "ada", "X-Left": "7", "Set-Cookie": "a=b", "Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}
    with recording(source, [status(200, {}, headers=sent)], path) as api:
        api.call("it")
    told = dict(read(path)[1][0].headers)
    assert told.pop("Retry-After").startswith("Thu")
    assert told == {"Content-Type": "application/json", "X-Owner": "<header.x-owner:1>", "X-Left": "7"}


def test_text_is_hidden_and_played(path: Path) -> None:
    source = one({"responses": answering({"type": "string"}, media_type="text/plain")})
    with recording(source, [status(200, b"Dear Ada", "text/plain")], path) as api:
        api.call("it")
    assert read(path)[1][0].answer == {"text": "<response:1>"}
    with replaying(path, source) as api:
        assert api.call("it") == "<response:1>"


def test_other_bytes_are_recorded_only_where_they_are_to_be_kept(path: Path) -> None:
    source = one({"responses": answering({}, media_type="image/png")})
    with recording(source, [status(200, b"\x00ada", "image/png")], path) as api, pytest.raises(Unmaskable):
        api.call("it")
    assert not path.exists()
    with recording(source, [status(200, b"\x00ada", "image/png")], path, keep=("response",)) as api:
        api.call("it")
    with replaying(path, source) as api:
        assert api.call("it") == b"\x00ada"


@pytest.mark.parametrize("media_type", ["application/x-www-form-urlencoded", "application/octet-stream"])
def test_bodies_that_are_no_json_are_told_apart(path: Path, media_type: str) -> None:
    is_form = "form" in media_type
    values: list[Any] = [{"a": "1"}, {"a": "1", "b": "2"}] if is_form else [b"1", b"22"]
    source = one({"requestBody": body({"type": "object"} if is_form else {}, media_type)})
    with recording(source, [b"[1]", b"[2]"], path) as api:
        assert [api.call("it", value) for value in values] == [[1], [2]]
    with replaying(path, source) as api:
        assert [api.call("it", value) for value in reversed(values)] == [[2], [1]]


def test_a_value_that_cannot_be_masked_is_told_with_the_way_out(path: Path) -> None:
    source = one({"responses": answering(ANSWER)})
    with recording(source, [b'{"zip": "12345"}'], path) as api, pytest.raises(Unmaskable) as caught:
        api.call("it")
    assert "x-personal: false" in str(caught.value)
    assert "/zip: " in str(caught.value)
    assert "12345" not in str(caught.value)


def test_an_answer_that_broke_the_document_then_may_do_so_now(path: Path) -> None:
    source = one({"responses": answering({"type": "object", "required": ["name"]})})
    with recording(source, [status(200, {})], path) as api:
        api.call("it")
    with replaying(path, source) as api:
        assert api.using(responses="record").request("it").problems


def other(change: Callable[[dict[str, Any]], Any]) -> Document:
    root = deepcopy(document_at(None).root)
    change(root)
    return load(root)


def schema_of(root: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = root["components"]["schemas"][name]
    return found


def get_of(root: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = root["paths"]["/profiles/{identifier_field}/{identifier_value}"]["get"]
    return found


STALE: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (
        lambda r: get_of(r).update(operationId="fetchProfile"),
        "exchange 2, getProfile: the document has no such operation",
    ),
    (
        lambda r: schema_of(r, "Profile").update(required=["phone"]),
        "exchange 2, getProfile: response /phone: is required",
    ),
    (lambda r: get_of(r)["responses"].pop("404"), "exchange 3, getProfile: response: the status 404 is not declared"),
    (
        lambda r: schema_of(r, "EventInput").update(required=["data"]),
        "exchange 1, sendEvents: body /0/data: is required",
    ),
    (
        lambda r: get_of(r)["parameters"][2].update(required=True),
        "exchange 2, getProfile: query.fields: is required now",
    ),
    (lambda r: r["paths"]["/events"]["post"].pop("requestBody"), "exchange 1, sendEvents: body: is not taken any more"),
    (
        lambda r: get_of(r).update(requestBody={"required": True, "content": {}}),
        "exchange 2, getProfile: body: is required now, and was not sent",
    ),
]


@pytest.mark.parametrize(("change", "told"), STALE)
def test_a_recording_that_no_longer_fits_the_document_says_what_changed(
    recorded: Path, change: Callable[[dict[str, Any]], Any], told: str
) -> None:
    with pytest.raises(StaleRecording) as caught:
        replaying(recorded, other(change))
    assert told in str(caught.value)
    assert "Optimizely Data Platform REST API 3.0" in str(caught.value)


def test_a_parameter_that_is_gone_is_told(path: Path) -> None:
    source = one({"parameters": [parameter("page")]}, method="get")
    with recording(source, [b""], path) as api:
        api.call("it", page=True)
    with pytest.raises(StaleRecording, match=r"query\.page: is no parameter any more"):
        replaying(path, one(method="get"))
    with pytest.raises(StaleRecording, match=r"query\.page: must be a string"):
        replaying(path, one({"parameters": [parameter("page", schema={"type": "string"})]}, method="get"))


def test_a_missing_recording_says_how_to_make_it(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="--odp-record=record"):
        recorder(None, path)


@pytest.mark.parametrize(
    "text", ["", "a: b", "{}", '{"recording": 2}', '{"recording": 1, "document": ""}\n---\n{"a": 1}']
)
def test_a_file_that_is_no_recording_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "it.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="recording"):
        recorder(None, path)


def test_the_mode_is_told_by_the_environment(recorded: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert recorded == path
    script = Scripted(b"[]")
    monkeypatch.setenv("ODP_RECORD", "auto")
    assert "exchanges left" in repr(recorder(script, path))
    assert repr(recorder(script, path.with_name("new.yaml"))).startswith("<Recorder")
    monkeypatch.setenv("ODP_RECORD", "recod")
    with pytest.raises(ValueError, match="one of replay, record, auto"):
        recorder(script, path)


def test_without_a_transport_the_network_is_recorded(path: Path) -> None:
    with recorder(None, path, mode="record") as transport:
        assert repr(transport).endswith("0 exchanges>")
    assert not path.exists()


def test_a_refusal_in_a_replay_is_not_waited_for(path: Path) -> None:
    with recording(one(method="get"), [status(503)], path) as api, pytest.raises(ServerError):
        api.call("it")
    with replaying(path, one(method="get")) as api, pytest.raises(ServerError):
        api.call("it")


TESTS = """
import pytest

@pytest.fixture
def odp_recording_settings(odp_sandbox):
    from odp_dynamic.sandbox._transport import WsgiTransport
    return {"transport": WsgiTransport(odp_sandbox), "credentials": odp_sandbox.credentials,
            "base_url": "https://sandbox.invalid/v3"}

class TestIt:
    @pytest.mark.parametrize("name", ["ada@example.com", "a/b"])
    def test_call(self, odp_recording, odp_sandbox, name):
        event = {"type": "order", "action": "purchase", "identifiers": {"email": name}}
        odp_recording.call("sendEvents", [event])
        print("asked", len(odp_sandbox.journal))

@pytest.mark.odp_recording(path="mine.yaml", keep=["body.action"])
def test_named(odp_recording):
    odp_recording.call("sendEvents", [{"type": "order", "action": "purchase"}])
"""


def test_each_test_has_a_recording_of_its_own(run: Run, pytester: pytest.Pytester) -> None:
    name = "test_each_test_has_a_recording_of_its_own"
    run(TESTS, "-s").assert_outcomes(errors=3)
    run(TESTS, "-s", "--odp-record=record").assert_outcomes(passed=3)
    kept = pytester.path.joinpath("mine.yaml").read_text("utf-8")
    assert '"purchase"' in kept
    assert '"order"' not in kept
    files = sorted(path.name for path in pytester.path.joinpath("recordings", name).iterdir())
    assert files == ["TestIt.test_call[a_b].yaml", "TestIt.test_call[ada_example.com].yaml"]
    result = run(TESTS, "-s")
    result.assert_outcomes(passed=3)
    result.stdout.no_fnmatch_line("*asked 1*")


def test_a_recording_is_of_the_real_service_unless_settings_say_otherwise(run: Run) -> None:
    source = """
    def test_it(odp_recording):
        odp_recording.using(base_url="http://127.0.0.1:1").call("listSegments")
    """
    result = run(source, "--odp-record=record")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ODP_PRIVATE_API_KEY*"])


def test_places_are_kept_that_the_ini_names(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nodp_record_keep =\n  body.type\n")
    run(TESTS, "--odp-record=auto").assert_outcomes(passed=3)
    assert '"order"' in pytester.path.joinpath("mine.yaml").read_text("utf-8")
