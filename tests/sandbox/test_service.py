"""The service, asked in process and on loopback: the same questions, the same answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from odp_dynamic.sandbox import Sandbox

from .conftest import Ask

EXCHANGES = yaml.safe_load((Path(__file__).parent / "data" / "exchanges.yaml").read_text())


def contains(whole: Any, part: Any) -> bool:
    """Tell whether mappings and lists have at least what another has."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and contains(whole[key], part[key]) for key in part)
    if isinstance(part, list) and part and isinstance(part[0], dict):
        return all(any(contains(one, wanted) for one in whole) for wanted in part)
    return bool(whole == part)


class TestService:
    def test_the_conversation(self, ask: Ask, subtests: pytest.Subtests) -> None:
        """Each exchange of the file, in order."""
        for exchange in EXCHANGES:
            with subtests.test(exchange["about"]):
                key = exchange.get("key", "sandbox-private")
                reply = ask(*exchange["ask"], exchange.get("body"), key=key)
                assert reply.status == exchange["status"], reply.data
                if "is" in exchange:
                    assert reply.data == exchange["is"]
                if "is_detail" in exchange:
                    assert reply.data["detail"] == exchange["is_detail"]
                assert contains(reply.data, exchange.get("has", {})), reply.data

    def test_an_object_tells_when_it_was_made_and_changed(self, ask: Ask) -> None:
        ask("POST", "/objects/products", [{"object_id": "p"}])
        made = ask("GET", "/objects/products/p").data
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["created"])
        assert made["created"] == made["updated"]
        ask("POST", "/objects/products", [{"object_id": "p", "fields": {"name": "P"}}])
        changed = ask("GET", "/objects/products/p").data
        assert changed["created"] == made["created"]
        assert changed["updated"] >= made["updated"]

    @pytest.mark.parametrize(
        ("raw", "value"),
        [
            ("..%2F..%2Fadmin", "../../admin"),
            ("a%2Fb", "a/b"),
            ("%3Fx%3D1", "?x=1"),
            ("%23", "#"),
            ("%252e%252e", "%2e%2e"),
            ("%C3%BC", "ü"),
            ("a%20b", "a b"),
            ("a%2Bb", "a+b"),
            ("a+b", "a+b"),
            ("a%40b", "a@b"),
            ("%00", "\0"),
            ("%F0%9F%90%8D", "🐍"),
            ("'%20OR%201=1--", "' OR 1=1--"),
        ],
    )
    def test_a_hostile_path_value_arrives_as_it_is(self, ask: Ask, raw: str, value: str) -> None:
        reply = ask("POST", "/objects/products", [{"object_id": value, "fields": {"name": "this one"}}])
        assert reply.status == 202
        reply = ask("GET", f"/objects/products/{raw}")
        assert (reply.status, reply.data.get("object_id")) == (200, value)

    def test_a_longer_path_is_not_a_value_with_slashes(self, ask: Ask) -> None:
        assert ask("GET", "/profiles/email/a/b").status == 403

    @pytest.mark.parametrize(
        ("kind", "good", "bad"),
        [
            ("string", ["", "x", None], [1, True, [], {}]),
            ("number", [1, -2.5, "3", "-4.5", None], ["one", "1e5", True, []]),
            ("boolean", [True, False, 0, 1, "0", "1", "true", "false", None], [2, "yes", "", []]),
            ("timestamp", ["2024-01-01", "2024-01-01T12:00:00Z", 1704067200, "1704067200", None], ["soon", True, []]),
        ],
    )
    def test_a_field_takes_values_of_its_type(self, ask: Ask, kind: str, good: list[Any], bad: list[Any]) -> None:
        """As the service's documentation has it (facts §4); null clears whatever the type."""
        ask("POST", "/schema/objects/products/fields", {"name": "it", "display_name": "It", "type": kind})
        items = [[{"object_id": "p", "fields": {"it": value}}] for value in (*good, *bad)]
        statuses = [ask("POST", "/objects/products", item).status for item in items]
        assert statuses == [202] * len(good) + [400] * len(bad)

    def test_an_empty_identifier_names_nobody(self, ask: Ask) -> None:
        assert ask("POST", "/profiles", {"identifiers": {"email": ""}}).status == 400
        assert (
            ask("POST", "/events", [{"type": "t", "action": "a", "identifiers": {"": "x", "email": ""}}]).status == 202
        )


def test_the_api_of_a_sandbox_needs_no_socket(sandbox: Sandbox) -> None:
    """Every operation of the document, called through `Api`, validated on both sides."""
    with sandbox.api() as api:
        api.call("upsertProfile", identifiers={"email": "ada@example.com"}, attributes={"first_name": "Ada"})
        api.call("sendEvents", [{"type": "order", "action": "purchase", "identifiers": {"email": "ada@example.com"}}])
        profile = api.call("getProfile", identifier_field="email", identifier_value="ada@example.com")
        assert profile["first_name"] == "Ada"
        api.call("upsertObjects", [{"object_id": "a/b", "fields": {"name": "Shirt"}}], object_type="products")
        assert api.call("getObject", object_type="products", object_id="a/b")["fields"] == {"name": "Shirt"}
        api.call("createSchemaObject", object_type="tickets", display_name="Tickets")
        field = {"name": "ticket_id", "display_name": "Ticket ID", "type": "string"}
        api.call("createSchemaField", field, object_type="tickets")
        assert api.call("getSchemaObject", object_type="tickets")["fields"] == [field]
        assert "tickets" in {told["name"] for told in api.call("listSchemaObjects")}
        counts = {told["name"]: told["customer_count"] for told in api.call("listSegments")}
        assert counts["buyers"] == 1
