"""The schema: what is there from the start, and what a definition must be; all its faults are told at once."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Ask

RULE = "must be 2 to 62 characters of lower snake case, and start with a letter"
FIELD = {"name": "colour", "display_name": "Colour", "type": "string"}
KEY = {"name": "ticket_id", "display_name": "Ticket ID", "type": "string", "primary": True}


def names(definitions: list[dict[str, Any]]) -> list[str]:
    return [definition["name"] for definition in definitions]


class TestStandard:
    def test_the_standard_schema_is_there(self, ask: Ask) -> None:
        objects = ask("GET", "/schema/objects").data
        assert names(objects) == ["customers", "products", "orders", "events"]
        fields = {told["name"]: set(names(told["fields"])) for told in objects}
        assert {"email", "phone", "vuid", "first_name", "zip", "dob_day"} <= fields["customers"]
        assert {"product_id", "name", "sku", "price"} <= fields["products"]
        assert {"order_id", "total", "coupon_code"} <= fields["orders"]
        assert {"ts", "page", "campaign", "event_email", "idempotence_id"} <= fields["events"]

    def test_names_and_display_names_are_unique(self, ask: Ask) -> None:
        objects = ask("GET", "/schema/objects").data
        for fields in [objects, *(told["fields"] for told in objects)]:
            for key in ("name", "display_name"):
                assert len({told[key] for told in fields}) == len(fields)

    @pytest.mark.parametrize(("name", "key"), [("products", "product_id"), ("orders", "order_id")])
    def test_objects_have_a_primary_key(self, ask: Ask, name: str, key: str) -> None:
        fields = ask("GET", f"/schema/objects/{name}").data["fields"]
        assert [field["name"] for field in fields if field.get("primary")] == [key]


OBJECTS: list[tuple[str, Any, list[tuple[str, str]]]] = [
    ("9-lives", {"display_name": " "}, [("name", RULE), ("display_name", "must not be blank")]),
    ("t", {"display_name": "T"}, [("name", RULE)]),
    ("t" * 63, {"display_name": "T"}, [("name", RULE)]),
    ("Tickets", {"display_name": "T"}, [("name", RULE)]),
    (
        "products",
        {"display_name": "Orders"},
        [("name", "already used by another object"), ("display_name", "already used by another object")],
    ),
    ("no-name", {}, [("display_name", "is missing"), ("name", RULE)]),
    (
        "tickets",
        {"display_name": 5, "description": []},
        [("description", "must be of type string"), ("display_name", "must be of type string")],
    ),
    ("tickets", {"display_name": "T", "fields": []}, [("fields", "at least one primary key field required")]),
    (
        "tickets",
        {"display_name": "T", "fields": [{**KEY, "primary": 1}, KEY, {"name": "X", "type": "colour"}, 5]},
        [
            ("fields[1].name", "already used by another field"),
            ("fields[1].display_name", "already used by another field"),
            ("fields[2].display_name", "is missing"),
            ("fields[2].type", "must be one of string, number, boolean, timestamp"),
            ("fields[2].name", RULE),
            ("fields[3].name", "is missing"),
            ("fields[3].display_name", "is missing"),
            ("fields[3].type", "is missing"),
        ],
    ),
]
FIELDS: list[tuple[Any, list[tuple[str, str]]]] = [
    ({**FIELD, "name": "Colour"}, [("name", RULE)]),
    (
        {**FIELD, "name": "sku", "display_name": "Brand"},
        [("name", "already used by another field"), ("display_name", "already used by another field")],
    ),
    (
        {"name": "5", "type": "rainbow", "primary": True},
        [
            ("display_name", "is missing"),
            ("type", "must be one of string, number, boolean, timestamp"),
            ("name", RULE),
            ("primary", "only allowed during object creation"),
        ],
    ),
    (
        {**FIELD, "type": 5, "display_name": ""},
        [
            ("type", "must be of type string"),
            ("type", "must be one of string, number, boolean, timestamp"),
            ("display_name", "must not be blank"),
        ],
    ),
]


class TestDefinitions:
    @pytest.mark.parametrize(("name", "body", "faults"), OBJECTS)
    def test_all_faults_of_an_object_are_told_at_once(
        self, ask: Ask, name: str, body: Any, faults: list[tuple[str, str]]
    ) -> None:
        reply = ask("POST", f"/schema/objects/{name}", body)
        assert (reply.status, reply.data["title"]) == (400, "Bad Request")
        told = [(fault["field"], fault["reason"]) for fault in reply.data["detail"]["invalids"]]
        assert sorted(told) == sorted(faults)
        assert "tickets" not in names(ask("GET", "/schema/objects").data)

    @pytest.mark.parametrize(("body", "faults"), FIELDS)
    def test_all_faults_of_a_field_are_told_at_once(self, ask: Ask, body: Any, faults: list[tuple[str, str]]) -> None:
        before = ask("GET", "/schema/objects/products").data
        reply = ask("POST", "/schema/objects/products/fields", body)
        assert reply.status == 400
        told = [(fault["field"], fault["reason"]) for fault in reply.data["detail"]["invalids"]]
        assert told == faults
        assert ask("GET", "/schema/objects/products").data == before

    def test_the_longest_and_the_shortest_name_will_do(self, ask: Ask) -> None:
        for n, name in enumerate(("tt", "t" * 62)):
            assert ask("POST", f"/schema/objects/{name}", {"display_name": f"T{n}"}).status == 201

    def test_creating_is_not_idempotent(self, ask: Ask) -> None:
        """A client that ensures swallows `already used` (facts §5)."""
        for status in (201, 400):
            reply = ask("POST", "/schema/objects/tickets", {"display_name": "Tickets"})
            assert reply.status == status
        assert {fault["reason"] for fault in reply.data["detail"]["invalids"]} == {"already used by another object"}
        assert [ask("POST", "/schema/objects/products/fields", FIELD).status for _ in range(2)] == [201, 400]

    def test_a_field_of_the_same_name_may_be_in_another_object(self, ask: Ask) -> None:
        assert [ask("POST", f"/schema/objects/{name}/fields", FIELD).status for name in ("products", "orders")] == [
            201,
            201,
        ]

    def test_a_field_captures_data_only_after_its_creation(self, ask: Ask) -> None:
        """And what was sent before is gone (facts §5)."""
        item = [{"object_id": "p", "fields": {"colour": "red"}}]
        ask("POST", "/objects/products", item)
        ask("POST", "/schema/objects/products/fields", FIELD)
        assert ask("GET", "/objects/products/p").data["fields"] == {}
        ask("POST", "/objects/products", item)
        assert ask("GET", "/objects/products/p").data["fields"] == {"colour": "red"}

    def test_an_object_may_bring_its_fields_as_on_the_vendors_wire(self, ask: Ask) -> None:
        body = {"display_name": "Tickets", "fields": [KEY, FIELD]}
        reply = ask("POST", "/schema/objects/tickets", body)
        assert (reply.status, reply.data["fields"]) == (201, [KEY, FIELD])
        good = {"object_id": "t", "fields": {"ticket_id": "t", "colour": "red"}}
        assert ask("POST", "/objects/tickets", [good]).status == 202
        assert ask("POST", "/objects/tickets", [{**good, "object_id": "u"}]).status == 400
