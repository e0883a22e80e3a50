"""The live service's wire: another form of request and answer, the same state behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from odp_dynamic import Api, NotAuthorized, NotFound, SpecError
from odp_dynamic._document import load
from odp_dynamic.cli.spec._writing import document_text
from odp_dynamic.sandbox import Behaviour, Sandbox

from .conftest import Ask, in_process

LIVE = ["odp-live-v3"]
ADA = {"email": "ada@example.com", "customer_id": "C-1"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(overlays=LIVE) as sandbox:
        yield sandbox


@pytest.fixture
def live(sandbox: Sandbox) -> Api:
    return sandbox.api()


@pytest.fixture
def told(sandbox: Sandbox) -> Ask:
    return in_process(sandbox)


def outcomes(sandbox: Sandbox) -> list[tuple[int | None, str, tuple[str, ...]]]:
    """Return what became of the items of the last request."""
    return [(outcome.item, outcome.became, outcome.fields) for outcome in list(sandbox.journal)[-1].outcomes]


def test_what_one_wire_wrote_the_other_reads(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with Sandbox(file) as own:
        api = own.api()
        api.call("upsertProfile", {"identifiers": ADA, "attributes": {"first_name": "Ada"}})
        api.call("upsertObjects", [{"object_id": "P-1", "fields": {"name": "Hat"}}], object_type="products")
    with Sandbox(file, overlays=LIVE) as other:
        api = other.api()
        assert api.call("getProfile", customer_id="C-1") == {"attributes": {"first_name": "Ada", **ADA}}
        api.call("upsertObjects", {"product_id": "P-1", "price": 3}, object_type="products")
        event = {"type": "order", "action": "purchase", "identifiers": {"email": ADA["email"]}}
        api.call("sendEvents", event)
        api.call("upsertProfile", {"attributes": {"customer_id": "C-1", "city": "London"}})
    with Sandbox(file) as own:
        api = own.api()
        found = api.call("getProfile", identifier_field="email", identifier_value=ADA["email"])
        assert (found["city"], found["insights"]["orders"]) == ("London", 1)
        fields = api.call("getObject", object_type="products", object_id="P-1")["fields"]
        assert fields == {"name": "Hat", "product_id": "P-1", "price": 3}


def test_a_batch_is_judged_item_by_item(sandbox: Sandbox, told: Ask) -> None:
    reply = told("POST", "/profiles", [{"attributes": {"email": "a@b.c"}}, {"attributes": {"dob_year": "never"}}, 3])
    assert [fault["event"] for fault in reply.data["detail"]["invalids"]] == [1, 1, 2]
    assert told("GET", "/profiles?email=a%40b.c").status == 404
    reply = told("POST", "/profiles", [{"attributes": {"email": "a@b.c", "hobby": "chess"}}] * 2)
    assert reply.status == 202
    assert outcomes(sandbox) == [
        (0, "ignored", ("attributes.hobby",)),
        (1, "ignored", ("attributes.hobby",)),
        (0, "created", ()),
        (1, "updated", ()),
    ]


def test_identifiers_of_their_own_are_accepted_and_lost_which_the_journal_tells(sandbox: Sandbox, told: Ask) -> None:
    """A client that has the document is refused; who sends it all the same is not."""
    body = {"attributes": {"email": "a@b.c"}, "identifiers": {"customer_id": "C-2"}}
    assert told("POST", "/profiles", body).status == 202
    assert (None, "ignored", ("identifiers",)) in outcomes(sandbox)
    assert told("GET", "/profiles?customer_id=C-2").status == 404


@pytest.mark.parametrize("query", ["", "?email=", "?email=a&phone=b", "?foo=x", "?fields=email"])
def test_a_profile_is_asked_for_by_exactly_one_identifier(told: Ask, query: str) -> None:
    reply = told("GET", f"/profiles{query}")
    assert reply.status == (404 if query == "?email=" else 400)


def test_an_object_bears_its_own_key_as_text_or_number(sandbox: Sandbox, told: Ask) -> None:
    assert told("POST", "/objects/products", [{"product_id": 7, "name": "Hat"}, {"name": "none"}]).status == 400
    assert told("POST", "/objects/products", [{"product_id": 7, "name": "Hat"}, {"product_id": "7"}]).status == 202
    assert [became for _, became, _ in outcomes(sandbox)] == ["created", "updated"]
    reply = told("POST", "/objects/products", {"product_id": True, "price": "much"})
    assert [fault["message"] for fault in reply.data["detail"]["invalids"]] == [
        "'product_id' is not a string",
        "'price' is not a number",
    ]


@pytest.mark.parametrize("identity", [None, "", True, 1.5, [1], {"a": 1}], ids=str)
@pytest.mark.parametrize("word", ["refused", "ignored"])
def test_what_is_no_text_and_no_number_is_no_key(identity: object, word: str) -> None:
    """Whatever a value of a wrong type is by a setting: an object without a key is none."""
    seed = {"schema": {"tickets": {"display_name": "Tickets", "fields": [_field("subject")]}}}
    behaviour = Behaviour(wrong_type=word)  # type: ignore[arg-type]  # a word of the table above
    with Sandbox(overlays=LIVE, behaviour=behaviour, seed=seed) as sandbox:
        for kind, name in (("products", "product_id"), ("tickets", "object_id")):
            assert in_process(sandbox)("POST", f"/objects/{kind}", {name: identity}).status == 400


def test_an_object_without_a_key_of_its_own_is_known_by_object_id(tmp_path: Path) -> None:
    """Such a type can be made on the document's own wire only."""
    seed = {"schema": {"tickets": {"display_name": "Tickets", "fields": [_field("subject")]}}}
    with Sandbox(tmp_path / "state.db", seed=seed, overlays=LIVE) as sandbox:
        sandbox.api().call("upsertObjects", [{"object_id": "T-1", "subject": "s"}], object_type="tickets")
    with Sandbox(tmp_path / "state.db") as own:
        found = own.api().call("getObject", object_type="tickets", object_id="T-1")
        assert found["fields"] == {"subject": "s"}


def test_a_definition_is_refused_with_all_its_faults_each_once(told: Ask) -> None:
    reply = told("POST", "/schema/objects", {"name": "Bad", "display_name": "Products", "fields": [{"name": "x_id"}]})
    faults = [(fault["field"], fault["reason"]) for fault in reply.data["detail"]["invalids"]]
    assert len(faults) == len(set(faults))
    assert dict(faults) == {
        "fields[0].display_name": "is missing",
        "fields[0].type": "is missing",
        "name": "must be 2 to 62 characters of lower snake case, and start with a letter",
        "display_name": "already used by another object",
        "fields": "at least one primary key field required",
    }


def test_a_definition_that_is_taken_is_known_by_the_services_words(live: Api, told: Ask) -> None:
    body = {"name": "tickets", "display_name": "Tickets", "fields": [{**_field("ticket_id"), "primary": True}]}
    assert live.call("createSchemaObject", body)["relations"] == []
    reply = told("POST", "/schema/objects", body)
    assert {fault["reason"] for fault in reply.data["detail"]["invalids"]} == {"already used by another object"}
    assert "description" not in live.call("getSchemaObject", object_type="customers")


def test_no_object_can_be_read_back(live: Api) -> None:
    live.call("upsertObjects", {"product_id": "1"}, object_type="products")
    with pytest.raises(NotAuthorized) as caught:
        live.call("getObject", object_type="products", object_id="1")
    assert [problem.message for problem in caught.value.details] == ["Forbidden"]


def test_a_key_that_will_not_do_is_403_in_either_envelope(sandbox: Sandbox) -> None:
    answers = []
    for key in ("wrong", sandbox.public_key):
        with pytest.raises(NotAuthorized) as caught:
            sandbox.api(credentials={"privateApiKey": key}).call("getProfile", email="a@b.c")
        answers.append((caught.value.status, caught.value.details[0].message))
    assert answers == [(403, "Forbidden"), (403, "Insufficient privileges to access this resource.")]


@pytest.mark.parametrize(("word", "status"), [("Accepted", 202), ("OK", 200)])
def test_found_is_202_or_200_as_a_setting_says(word: str, status: int) -> None:
    behaviour = Behaviour(found_profile=word)  # type: ignore[arg-type]  # a word of the table above
    with Sandbox(overlays=LIVE, behaviour=behaviour, seed={"profiles": [{"identifiers": ADA}]}) as sandbox:
        assert sandbox.api().request("getProfile", email=ADA["email"]).status == status
        with pytest.raises(NotFound):
            sandbox.api().call("getProfile", email="nobody@example.com")


def test_what_the_limits_keep_clients_from_is_the_services_to_judge() -> None:
    event = {"type": "a", "identifiers": {"email": "a@b.c"}}
    for behaviour, status in ((Behaviour(), 400), (Behaviour(too_many_items="accepted"), 202)):
        with Sandbox(overlays=LIVE, behaviour=behaviour) as sandbox:
            assert in_process(sandbox)("POST", "/events", [event] * 501).status == status


def test_the_printed_document_is_served_on_the_same_wire(tmp_path: Path, sandbox: Sandbox) -> None:
    """What `odp spec overlay` prints says itself which wire it is."""
    (tmp_path / "live.yaml").write_text(document_text(sandbox.document.root, as_json=False))
    with Sandbox(document=tmp_path / "live.yaml") as printed:
        assert printed.api().call("listSegments").keys() == {"segment_ids"}


def test_without_overlays_there_are_no_limits_for_clients_either() -> None:
    event = {"type": "a", "action": "b", "identifiers": {"email": "a@b.c"}}
    for overlays, refused in ((None, True), ([], False)):
        with Sandbox(overlays=overlays, behaviour=Behaviour(too_many_items="accepted")) as sandbox:
            body = sandbox.document.root["paths"]["/events"]["post"]["requestBody"]
            assert ("maxItems" in body["content"]["application/json"]["schema"]) is refused
            assert in_process(sandbox)("POST", "/events", [event] * 501).status == 202


def test_overlays_go_upon_what_is_not_loaded_yet() -> None:
    with pytest.raises(ValueError, match="was loaded already"):
        Sandbox(document=load({**load("spec/odp-rest-v3.yaml").root}), overlays=LIVE)
    with pytest.raises(SpecError, match="did you mean 'odp-live-v3'"):
        Sandbox(overlays="odp-live-v4")


def test_an_overlay_that_does_nothing_is_told() -> None:
    idle = {"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": [{"target": "$.x", "update": {}}]}
    with pytest.warns(UserWarning, match="selects nothing"):
        Sandbox(overlays=[idle]).close()


def _field(name: str) -> dict[str, str]:
    return {"name": name, "display_name": name.title().replace("_", " "), "type": "string"}
