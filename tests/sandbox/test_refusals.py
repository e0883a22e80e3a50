"""The referee and the door: what is refused, with which words, and that an answer never breaks the document."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._behaviour import Behaviour

from .conftest import Ask, in_process

BAD_BODIES: list[tuple[str, Any, list[dict[str, Any]]]] = [
    (
        "/events",
        [{"type": 1}, {"action": "x", "identifiers": {"email": 5}}],
        [
            {"event": 0, "message": "missing 'action' field"},
            {"event": 0, "message": "'type' must be of type string"},
            {"event": 1, "message": "missing 'type' field"},
            {"event": 1, "message": "'identifiers.email' must be of type string"},
        ],
    ),
    ("/events", {"type": "a", "action": "b"}, [{"event": 0, "message": "must be of type array"}]),
    ("/events", ["x", None], [{"event": n, "message": "must be of type object"} for n in range(2)]),
    ("/profiles", {"identifiers": []}, [{"event": 0, "message": "'identifiers' must be of type object"}]),
    (
        "/objects/products",
        [{"object_id": 5, "fields": {"price": "dear"}}, {}],
        [
            {"event": 0, "message": "'object_id' must be of type string"},
            {"event": 0, "message": "'fields.price' is not a number"},
            {"event": 1, "message": "Missing required field `object_id`"},
        ],
    ),
    (
        "/events",
        [{"type": "t", "action": "a", "data": {"ts": "soon", "order": {"total": []}}}, {"type": "t"}],
        [
            {"event": 0, "message": "'data.ts' is not a timestamp"},
            {"event": 0, "message": "'data.order.total' is not a number"},
            {"event": 1, "message": "missing 'action' field"},
        ],
    ),
    (
        "/profiles",
        {"identifiers": {"email": 5}, "attributes": {"dob_day": "first"}},
        [
            {"event": 0, "message": "'identifiers.email' must be of type string"},
            {"event": 0, "message": "'attributes.dob_day' is not a number"},
        ],
    ),
    ("/schema/objects/tickets", {}, [{"field": "display_name", "reason": "is missing"}]),
    (
        "/schema/objects/products/fields",
        {"name": "colour", "type": "rainbow"},
        [
            {"field": "display_name", "reason": "is missing"},
            {"field": "type", "reason": "must be one of string, number, boolean, timestamp"},
        ],
    ),
    (
        "/schema/objects/products/fields",
        {"name": "9", "display_name": "Name", "type": "rainbow", "primary": True},
        [
            {"field": "type", "reason": "must be one of string, number, boolean, timestamp"},
            {"field": "name", "reason": "must be 2 to 62 characters of lower snake case, and start with a letter"},
            {"field": "display_name", "reason": "already used by another field"},
            {"field": "primary", "reason": "only allowed during object creation"},
        ],
    ),
    ("/schema/objects/products/fields", 5, [{"field": "body", "reason": "must be of type object"}]),
]


class TestRefusals:
    @pytest.mark.parametrize(("path", "body", "invalids"), BAD_BODIES)
    def test_all_faults_of_a_body_are_told_at_once(self, ask: Ask, path: str, body: Any, invalids: Any) -> None:
        reply = ask("POST", path, body)
        assert reply.status == 400
        assert {"title": "Bad Request", "status": 400}.items() <= reply.data.items()
        assert reply.data["timestamp"].endswith("Z")
        assert reply.data["detail"] == {"invalids": invalids}

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"",
            b"[NaN]",
            b"[-1e400]",
            b'["\\ud800"]',
            b'"\xff"',
            b"[" * 100_000,
            b"[" * 300 + b"]" * 300,
            b"[" + b"1" * 5000 + b"]",
            "[]".encode("utf-16"),
        ],
        ids=["cut", "empty", "NaN", "infinite", "surrogate", "latin-1", "abyss", "deep", "long number", "utf-16"],
    )
    def test_what_is_no_json_is_refused(self, ask: Ask, body: bytes) -> None:
        reply = ask("POST", "/events", body)
        assert (reply.status, reply.data["detail"]) == (400, {"message": "Unable to parse request body."})

    def test_a_deep_value_is_stored_up_to_the_limit(self, ask: Ask) -> None:
        body = b'[{"object_id": "p", "fields": {"x":' + b"[" * 247 + b"]" * 247 + b"}}]"
        assert ask("POST", "/objects/products", body).status == 202
        assert ask("GET", "/objects/products/p").status == 200

    @pytest.mark.parametrize("media_type", ["text/plain", "", "application/xml; charset=utf-8"])
    def test_another_media_type_is_refused(self, ask: Ask, media_type: str) -> None:
        reply = ask("POST", "/events", b"[]", Content_Type=media_type)
        assert (reply.status, reply.data["detail"]) == (400, {"message": "Content-Type must be application/json"})

    @pytest.mark.parametrize(
        "media_type", ["application/json; charset=utf-8", "Application/JSON;", "application/json;x"]
    )
    def test_json_may_have_parameters(self, ask: Ask, media_type: str) -> None:
        assert ask("POST", "/events", b"[]", Content_Type=media_type).status == 202

    def test_a_body_that_is_too_large_is_refused(self, ask: Ask) -> None:
        assert ask("POST", "/events", b"[" + b" " * 10_000_000 + b"]").status == 413
        assert ask("GET", "/segments").status == 200

    @pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "TRACE"])
    def test_other_methods_are_forbidden(self, ask: Ask, method: str) -> None:
        assert ask(method, "/segments").status == 403

    def test_a_format_is_an_annotation(self, ask: Ask) -> None:
        """`format: email` refuses no profile, neither coming in nor going out (JSON Schema 2020-12)."""
        assert ask("POST", "/profiles", {"identifiers": {"email": "no address"}}).status == 200
        assert ask("GET", "/profiles/email/no%20address").data["email"] == "no address"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["email", "vuid", "city", "segments", "insights", "dob_day", "ccpa_opted_out", "zip_code", "x"])


@given(st.dictionaries(names, st.text(max_size=3)), st.dictionaries(names | st.text(max_size=3), json_values))
def test_no_profile_breaks_the_document(identifiers: dict[str, str], attributes: dict[str, Any]) -> None:
    """Whatever is written, reading it is answered as the document declares: the referee never has to say 500."""
    KEEPING.reset()
    ask = in_process(KEEPING)
    everybody = {**identifiers, "vuid": "it"}
    written = ask("POST", "/profiles", {"identifiers": everybody, "attributes": attributes})
    assert written.status in {200, 400}
    event = {"type": "t", "action": "a", "identifiers": everybody, "data": attributes}
    told = ask("POST", "/events", [event]).status
    assert told == 202 or (told == 400 and ask("POST", "/events", [{**event, "data": {}}]).status == 202)
    kept = ask("GET", "/profiles/vuid/it")
    assert kept.status == 200
    if written.status == 200:
        hidden = {"segments", "insights", "email", *everybody}
        assert {name: kept.data.get(name) for name in attributes.keys() - hidden} == {
            name: json.loads(json.dumps(attributes[name])) for name in attributes.keys() - hidden
        }


SHARED = Sandbox()
KEEPING = Sandbox(behaviour=Behaviour(unknown_field="stored", unknown_identifier="low"))


@given(st.sampled_from(["/events", "/profiles", "/objects/products", "/schema/objects/products/fields"]), json_values)
def test_no_body_makes_the_sandbox_fail(path: str, body: Any) -> None:
    assert in_process(SHARED)("POST", path, body).status in {200, 201, 202, 400}
