"""Partial writes of profiles, objects and events, and what the journal tells of each item."""

from __future__ import annotations

from typing import Any

import pytest

from odp_dynamic.sandbox import Behaviour, Sandbox
from odp_dynamic.sandbox._calls import BECAME

from .conftest import Ask, in_process
from .people import event, people

ADA = {"email": "ada"}


def told(sandbox: Sandbox) -> list[tuple[int | None, str, tuple[str, ...]]]:
    """Return what the journal tells of the last request's items."""
    return [(one.item, one.became, one.fields) for one in sandbox.journal.last.outcomes]


class TestPartial:
    """Only what is sent changes."""

    def test_a_profile(self, ask: Ask) -> None:
        ask("POST", "/profiles", {"identifiers": ADA, "attributes": {"city": "Rome", "name": "Ada", "state": ""}})
        ask("POST", "/profiles", {"identifiers": ADA, "attributes": {"city": "Oslo", "name": None}})
        ask("POST", "/profiles", {"identifiers": ADA})
        found = ask("GET", "/profiles/email/ada?fields=city,name,state").data
        assert found == {"city": "Oslo", "state": ""}

    def test_an_object(self, ask: Ask) -> None:
        for fields in ({"name": "Shirt", "price": 5, "brand": "A"}, {"price": 6, "brand": None}, {}):
            ask("POST", "/objects/products", [{"object_id": "p", "fields": fields}])
        assert ask("GET", "/objects/products/p").data["fields"] == {"name": "Shirt", "price": 6}

    def test_of_two_items_with_one_id_the_later_adds_to_the_earlier(self, ask: Ask) -> None:
        items = [{"object_id": "p", "fields": fields} for fields in ({"name": "A", "price": 1}, {"price": 2})]
        ask("POST", "/objects/products", items)
        assert ask("GET", "/objects/products/p").data["fields"] == {"name": "A", "price": 2}

    def test_an_identifier_among_attributes_is_no_attribute(self, ask: Ask, sandbox: Sandbox) -> None:
        ask("POST", "/profiles", {"attributes": {**ADA, "city": "Rome"}})
        [person] = people(sandbox)
        assert person["attributes"] == {"city": "Rome"}

    def test_a_profile_that_was_never_seen_is_not_merged_by_its_attributes(self, ask: Ask, sandbox: Sandbox) -> None:
        for who in "ab":
            ask("POST", "/profiles", {"identifiers": {"email": who}, "attributes": {"name": "same"}})
        assert len(people(sandbox)) == 2


OUTCOMES: list[tuple[str, str, Any, list[tuple[int | None, str, tuple[str, ...]]]]] = [
    (
        "events: stored, made, nobody's",
        "/events",
        [event(ADA), event({}), event(ADA)],
        [(0, "stored", ()), (0, "created", ()), (1, "dropped", ()), (2, "stored", ())],
    ),
    (
        "events: what the schema does not have",
        "/events",
        [event(ADA, pagee="/", order={"totl": 1, "total": 1})],
        [
            (0, "ignored", ("data.pagee",)),
            (0, "ignored", ("data.order.totl",)),
            (0, "stored", ()),
            (0, "created", ()),
        ],
    ),
    (
        "events: what nobody reads, and who is not known",
        "/events",
        [{**event({"e-mail": "ada", "vuid": " "}), "timestamp": 1, "product_id": "p"}],
        [
            (0, "ignored", ("timestamp",)),
            (0, "ignored", ("product_id",)),
            (0, "ignored", ("identifiers.e-mail",)),
            (0, "ignored", ("identifiers.vuid",)),
            (0, "dropped", ()),
        ],
    ),
    (
        "events: refused, and refused for another's sake",
        "/events",
        [event(ADA), event(ADA, ts="soon")],
        [(1, "refused", ()), (0, "refused", ())],
    ),
    (
        "a profile: made",
        "/profiles",
        {"identifiers": ADA, "attributes": {"frist_name": "Ada", "segments": [], "phone": None}, "city": "Rome"},
        [
            (None, "ignored", ("attributes.frist_name",)),
            (None, "ignored", ("attributes.segments",)),
            (None, "ignored", ("attributes.phone",)),
            (None, "ignored", ("city",)),
            (None, "created", ()),
        ],
    ),
    (
        "a profile: nobody's",
        "/profiles",
        {"attributes": {"city": "Rome"}},
        [(None, "refused", ())],
    ),
    (
        "objects",
        "/objects/products",
        [{"object_id": "p", "name": "Shirt"}, {"object_id": "p", "fields": {"price": 1, "colour": "red"}}],
        [
            (0, "ignored", ("name",)),
            (1, "ignored", ("fields.colour",)),
            (0, "created", ()),
            (1, "updated", ("price",)),
        ],
    ),
    ("objects of no type", "/objects/tickets", [{"object_id": "t"}], [(None, "refused", ())]),
    (
        "an object of the schema",
        "/schema/objects/tickets",
        {"display_name": "Tickets", "descripton": "x"},
        [(None, "created", ("display_name", "name")), (None, "ignored", ("descripton",))],
    ),
    (
        "a field of the schema",
        "/schema/objects/products/fields",
        {"name": "name", "display_name": "X", "type": "number"},
        [(None, "refused", ("name",))],
    ),
]


@pytest.mark.parametrize(("path", "body", "outcomes"), [row[1:] for row in OUTCOMES], ids=[row[0] for row in OUTCOMES])
def test_the_journal_tells_what_became_of_each_item(
    ask: Ask, sandbox: Sandbox, path: str, body: Any, outcomes: list[tuple[int | None, str, tuple[str, ...]]]
) -> None:
    ask("POST", path, body)
    assert told(sandbox) == outcomes
    assert {became for _, became, _ in outcomes} <= set(BECAME)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (event(ADA, pagee="/"), "events have no such field; the closest is 'page'"),
        (event(ADA, zzzzzz="/"), "events have no such field"),
        ({**event(ADA), "timestamp": 5}, "only type, action, identifiers, data are read; it belongs into 'data'"),
        ({**event(ADA), "email": "a"}, "only type, action, identifiers, data are read; it belongs into 'identifiers'"),
        ({**event(ADA), "actoin": "a"}, "only type, action, identifiers, data are read; the closest is 'action'"),
        (event({"emial": "x", **ADA}), "the account has no such identifier; the closest is 'email'"),
        (event({"vuid": "", **ADA}), "it is blank, and identifies nobody"),
        (event({"segments": "x", **ADA}), "the service computes it"),
    ],
)
def test_what_is_ignored_is_told_with_the_closest_that_is_not(ask: Ask, sandbox: Sandbox, body: Any, why: str) -> None:
    ask("POST", "/events", [body])
    assert sandbox.journal.last.outcomes[0].why == why


def test_no_sentence_holds_what_was_sent(ask: Ask, sandbox: Sandbox) -> None:
    secret = "x7q-value"  # noqa: S105  # to be found again
    data = {"ts": secret, "page": secret, "nothing": secret, "order": {"total": secret}}
    ask("POST", "/events", [event({"email": secret, "vuid": secret, "none": secret}, **data)])
    ask("POST", "/events", [event({"email": secret, "vuid": secret}, page=secret, idempotence_id=secret)] * 2)
    ask("POST", "/profiles", {"identifiers": {"email": secret}, "attributes": {"dob_day": secret, "x": secret}})
    ask("POST", "/objects/products", [{"object_id": secret, "fields": {"price": secret, "product_id": 5}}])
    sentences = [outcome.why for entry in sandbox.journal for outcome in entry.outcomes]
    assert len(sentences) >= 10
    assert not any(secret in sentence for sentence in sentences)


class TestEvents:
    def test_an_event_that_was_sent_again_is_stored_once(self, ask: Ask, sandbox: Sandbox) -> None:
        """By its idempotence_id, which the vendor's SDKs stamp (facts §3); also within a batch."""
        same = event(ADA, idempotence_id="1")
        for batch in ([same, same], [same, event(ADA, idempotence_id="2")]):
            assert ask("POST", "/events", batch).status == 202
        [person] = people(sandbox)
        assert sorted(one["data"]["idempotence_id"] for one in person["timeline"] if one["what"] == "event") == [
            "1",
            "2",
        ]

    @pytest.mark.parametrize(
        ("order", "action", "status"),
        [
            ({"order_id": "o", "total": 5}, "purchase", 200),
            ({"order_id": "o", "total": -5}, "refund", 404),
            ({"total": 5}, "purchase", 404),
            ("o", "purchase", 404),
        ],
    )
    def test_a_purchase_is_an_order_too(self, ask: Ask, order: Any, action: str, status: int) -> None:
        told = {"type": "order", "action": action, "identifiers": ADA, "data": {"order": order}}
        assert ask("POST", "/events", [told]).status == 202
        assert ask("GET", "/objects/orders/o").status == status

    def test_an_order_keeps_its_items_in_the_event(self, ask: Ask, sandbox: Sandbox) -> None:
        order = {"order_id": "o", "total": 5, "items": [{"product_id": "p", "price": 5}]}
        told = {"type": "order", "action": "purchase", "identifiers": ADA, "data": {"order": order}}
        ask("POST", "/events", [told])
        [person] = people(sandbox)
        assert person["timeline"][0]["data"] == {"order": order}
        assert ask("GET", "/objects/orders/o").data["fields"] == {"order_id": "o", "total": 5}

    def test_null_in_an_event_says_nothing(self, ask: Ask, sandbox: Sandbox) -> None:
        ask("POST", "/events", [event(ADA, page=None, title="T", order={"total": None, "items": None})])
        [person] = people(sandbox)
        assert person["timeline"][0]["data"] == {"title": "T", "order": {}}

    def test_insights_are_computed_from_events(self, ask: Ask) -> None:
        for total, ts in ((19.9, "2024-05-01"), ("0.2", 1704067200)):
            order = {"order_id": f"{ts}", "total": total}
            told = {"type": "order", "action": "purchase", "identifiers": ADA, "data": {"order": order, "ts": ts}}
            assert ask("POST", "/events", [told]).status == 202
        ask("POST", "/events", [event(ADA, ts="2024-06-01T12:00:00Z")])
        assert ask("GET", "/profiles/email/ada?fields=insights").data["insights"] == {
            "events": 3,
            "orders": 2,
            "total_spent": 20.1,
            "first_seen": "2024-01-01T00:00:00.000Z",
            "last_seen": "2024-06-01T12:00:00.000Z",
            "last_order": "2024-05-01T00:00:00.000Z",
        }

    def test_a_sum_without_end_is_left_out(self, ask: Ask) -> None:
        purchase = {"type": "order", "action": "purchase", "identifiers": ADA, "data": {"order": {"total": 1e308}}}
        ask("POST", "/events", [purchase] * 2)
        assert "total_spent" not in ask("GET", "/profiles/email/ada").data["insights"]

    def test_a_time_that_no_calendar_has_is_kept_as_a_number(self, ask: Ask) -> None:
        ask("POST", "/events", [event(ADA, ts=1e18)])
        assert ask("GET", "/profiles/email/ada").data["insights"]["last_seen"] == 1e18


class TestKeysOfObjects:
    def test_an_object_id_is_the_value_of_the_primary_key(self, ask: Ask) -> None:
        items = [
            {"object_id": "p", "fields": {"product_id": "p", "name": "A"}},
            {"object_id": "p", "fields": {"product_id": "q"}},
        ]
        assert ask("POST", "/objects/products", items[:1]).status == 202
        reply = ask("POST", "/objects/products", items)
        assert reply.data["detail"]["invalids"] == [
            {"event": 1, "message": "'fields.product_id' is the object_id of products, and must be the same"}
        ]

    def test_a_type_without_a_primary_key_has_object_ids_alone(self, ask: Ask) -> None:
        ask("POST", "/schema/objects/tickets", {"display_name": "Tickets"})
        assert ask("POST", "/objects/tickets", [{"object_id": "t", "fields": {}}]).status == 202


def test_outcomes_are_told_of_the_profile_they_concern() -> None:
    with Sandbox(behaviour=Behaviour(event_without_identifier="refused")) as sandbox:
        ask = in_process(sandbox)
        ask("POST", "/events", [event(ADA), event({"email": "bob"}), event({"vuid": "A", **ADA})])
        stored = [one for one in sandbox.journal.last.outcomes if one.became == "stored"]
        assert [(one.item, one.profile) for one in stored] == [(0, 1), (1, 2), (2, 1)]


@pytest.mark.parametrize(("kind", "maker"), [("customers", "upsertProfile"), ("events", "sendEvents")])
def test_who_writes_customers_as_objects_is_told_how_they_are_made(
    ask: Ask, sandbox: Sandbox, kind: str, maker: str
) -> None:
    """What the service does with them nobody knows; here they are objects like others, which is soon mistaken."""
    assert ask("POST", f"/objects/{kind}", [{"object_id": "1", "fields": {}}]).status == 202
    assert f"apart from those that {maker} makes" in sandbox.journal.last.outcomes[0].why
    assert ask("GET", "/profiles/customer_id/1").status == 404
    ask("POST", "/objects/products", [{"object_id": "1"}])
    assert "apart" not in sandbox.journal.last.outcomes[0].why
