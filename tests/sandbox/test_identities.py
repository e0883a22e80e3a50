"""Whose an identifier is: the scenarios of a file, sent as events and as upserts, and what a merge leaves to see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from odp_dynamic.sandbox import Behaviour, Sandbox

from .conftest import Ask, in_process
from .people import event, pairs, partition, people

SCENARIOS = yaml.safe_load((Path(__file__).parent / "data" / "identities.yaml").read_text())


@pytest.mark.parametrize("way", ["events", "upserts"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["about"])
def test_identities(scenario: dict[str, Any], way: str) -> None:
    """Events and upserts both feed identity resolution (facts §4), and the journal tells what they did."""
    behaviour = Behaviour(**scenario.get("behaviour", {}))
    with Sandbox(seed={"identifiers": scenario.get("identifiers", {})}, behaviour=behaviour) as sandbox:
        ask = in_process(sandbox)
        for told in scenario["sent"]:
            identifiers = dict(pairs(told))
            if way == "events":
                assert ask("POST", "/events", [event(identifiers)]).status == 202
            else:
                assert ask("POST", "/profiles", {"identifiers": identifiers}).status == 200
        assert partition(sandbox) == {frozenset(pairs(told)) for told in scenario["ends"]}
        became = [outcome.became for outcome in sandbox.journal.last.outcomes]
        assert [word for word in became if word not in {"stored", "updated"}] == scenario["became"]


def test_a_batch_is_worked_on_in_its_order(ask: Ask, sandbox: Sandbox) -> None:
    ask("POST", "/events", [event({"email": who, "vuid": "A"}) for who in ("a", "b", "c")])
    assert partition(sandbox) == {
        frozenset({("email", "a")}),
        frozenset({("email", "b")}),
        frozenset({("email", "c"), ("vuid", "A")}),
    }


class TestMerges:
    """What a merge keeps, and what can be seen of it afterwards."""

    @pytest.fixture
    def merged(self, ask: Ask, sandbox: Sandbox) -> dict[str, Any]:
        john = {"identifiers": {"email": "john@gmail.com"}, "attributes": {"first_name": "John", "city": "Rome"}}
        other = {"identifiers": {"email": "john@acme.com"}, "attributes": {"first_name": "Johnny", "country": "IT"}}
        assert [ask("POST", "/profiles", body).status for body in (john, other)] == [200, 200]
        ask("POST", "/events", [event({"email": "john@acme.com"}, page="/shoes")])
        ask("POST", "/profiles", {"identifiers": {"email": "john@gmail.com", "customer_id": "1"}})
        ask("POST", "/events", [event({"email": "john@acme.com", "customer_id": "1"})])
        [person] = people(sandbox)
        return person

    def test_it_keeps_the_number_of_the_first(self, merged: dict[str, Any]) -> None:
        assert merged["profile"] == 1

    def test_identities_have_a_confidence_and_when_they_were_last_seen(self, merged: dict[str, Any]) -> None:
        told = {one["value"]: one["confidence"] for one in merged["identities"]}
        assert told == dict.fromkeys(["john@gmail.com", "john@acme.com", "1"], "high")
        assert all(one["last_seen"].endswith("Z") for one in merged["identities"])

    def test_it_has_the_attributes_and_events_of_both(self, merged: dict[str, Any]) -> None:
        assert merged["attributes"] == {"first_name": "Johnny", "city": "Rome", "country": "IT"}
        events = [one for one in merged["timeline"] if one["what"] == "event"]
        assert [one["data"] for one in events] == [{}, {"page": "/shoes"}]

    def test_what_it_was_merged_from_can_be_seen_and_by_which_event(self, merged: dict[str, Any]) -> None:
        [merge] = merged["merged"]
        assert merge["other"] == 2
        assert merge["told"]["attributes"] == {"first_name": "Johnny", "country": "IT"}
        assert [one["value"] for one in merge["told"]["identities"]] == ["john@acme.com"]
        [cause] = [one for one in merged["timeline"] if one["what"] == "event" and one["number"] == merge["number"]]
        assert cause["identifiers"] == {"email": "john@acme.com", "customer_id": "1"}

    def test_every_identifier_finds_it(self, merged: dict[str, Any], ask: Ask) -> None:
        paths = ["email/john%40gmail.com", "email/john%40acme.com", "customer_id/1"]
        found = [ask("GET", f"/profiles/{path}").data for path in paths]
        assert found[0] == found[1] == found[2]
        assert found[0]["email"] == "john@acme.com"
        assert merged["segments"] == found[0]["segments"] == ["reachable_by_email", "prospects", "european_customers"]


@pytest.mark.parametrize(
    ("merge", "attributes"),
    [
        ("latest", {"city": "b1", "state": "a3", "zip": "b2", "name": "a1"}),
        ("oldest", {"city": "a1", "state": "b1", "zip": "b2", "name": "a1"}),
        ("survivor", {"city": "a1", "state": "a3", "zip": "b2", "name": "a1"}),
    ],
)
def test_which_attribute_wins_a_merge_is_a_setting(merge: Any, attributes: dict[str, str]) -> None:
    """`a` was made first, and so survives; what it does not have, the other gives. A cleared value is a word, too."""
    with Sandbox(behaviour=Behaviour(merge=merge)) as sandbox:
        ask = in_process(sandbox)
        for who, told in [
            ("a", {"city": "a1", "name": "a1", "gender": "M"}),
            ("b", {"city": "b1", "state": "b1"}),
            ("b", {"zip": "b2", "gender": None}),
            ("a", {"state": "a3"}),
        ]:
            assert ask("POST", "/profiles", {"identifiers": {"email": who}, "attributes": told}).status == 200
        for who in "ab":
            ask("POST", "/events", [event({"email": who, "customer_id": "1"})])
        [person] = people(sandbox)
        gender = {} if merge == "latest" else {"gender": "M"}
        assert person["attributes"] == {**attributes, **gender}


def test_a_merge_of_merges_keeps_all_that_can_be_seen(sandbox: Sandbox) -> None:
    ask = in_process(sandbox)
    ask("POST", "/events", [event({"customer_id": str(n)}) for n in range(4)])
    for one, other in [("2", "3"), ("0", "1"), ("1", "2")]:
        ask("POST", "/events", [event({"customer_id": who, "email": f"{one}{other}"}) for who in (one, other)])
    [person] = people(sandbox)
    assert [one["other"] for one in person["merged"]] == [3, 2, 4]


def test_a_profile_keeps_25_values_of_an_identifier(ask: Ask, sandbox: Sandbox) -> None:
    """The documented limit (facts §3): the 26th costs the least recently seen one."""
    ask("POST", "/events", [event({"email": "a", "vuid": str(n)}) for n in range(25)])
    ask("POST", "/events", [event({"email": "a", "vuid": "0"}), event({"email": "a", "vuid": "25"})])
    [person] = people(sandbox)
    assert {one["value"] for one in person["identities"] if one["field"] == "vuid"} == {
        str(n) for n in range(26) if n != 1
    }
    assert [one["told"] for one in person["timeline"] if one["what"] == "forgotten"] == [
        {"field": "vuid", "value": "1"}
    ]
    assert ask("GET", "/profiles/vuid/1").status == 404


def test_numbers_of_profiles_are_not_used_twice(sandbox: Sandbox) -> None:
    ask = in_process(sandbox)
    for identifiers in ({"email": "a"}, {"customer_id": "1"}, {"email": "a", "customer_id": "1"}, {"email": "b"}):
        ask("POST", "/events", [event(identifiers)])
    assert [person["profile"] for person in people(sandbox)] == [1, 3]
    sandbox.reset()
    ask("POST", "/events", [event({"email": "a"})])
    assert [person["profile"] for person in people(sandbox)] == [1]


def test_the_journal_tells_which_profile_was_merged_into_which(ask: Ask, sandbox: Sandbox) -> None:
    for identifiers in ({"email": "a"}, {"customer_id": "1"}, {"email": "a", "customer_id": "1"}):
        ask("POST", "/profiles", {"identifiers": identifiers})
    [told] = [one for one in sandbox.journal.last.outcomes if one.became == "merged"]
    assert told.profile == 1
    assert told.why.startswith("profile 2 is part of profile 1 now")
