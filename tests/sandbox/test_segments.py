"""What a segment's condition means, and who is counted."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odp_dynamic.sandbox import Behaviour, Sandbox
from odp_dynamic.sandbox._comparisons import WORDS
from odp_dynamic.sandbox._conditions import _CLAUSES, _OF_EVENTS
from odp_dynamic.sandbox._seeds import _PARTS, form

from .conftest import Ask, in_process
from .people import event

DAYS_AGO = {days: (datetime.now(UTC) - timedelta(days=days)).isoformat() for days in (2, 40)}
PROFILES = [
    {"identifiers": {"email": "ada@x.org", "vuid": "a"}, "attributes": {"country": "GB", "age": 36, "tier": "gold"}},
    {"identifiers": {"email": "bob@x.com"}, "attributes": {"country": "DE", "age": "36.5"}},
    {"identifiers": {"vuid": "c"}, "attributes": {"country": "DE", "vip": True, "since": "2024-03-01"}},
]
ADA, BOB, CARL = ("email/ada%40x.org", "email/bob%40x.com", "vuid/c")


def order(who: dict[str, str], action: str, total: float, ts: str) -> dict[str, Any]:
    data = {"order": {"order_id": ts, "total": total}, "channel": "web", "ts": ts}
    return {"type": "order", "action": action, "identifiers": who, "data": data}


EVENTS = [
    order({"email": "ada@x.org"}, "purchase", 120, DAYS_AGO[2]),
    order({"vuid": "a"}, "purchase", 20, DAYS_AGO[40]),
    order({"vuid": "c"}, "refund", -20, DAYS_AGO[2]),
]
PURCHASE = {"type": "order", "action": "purchase"}

# Each condition with those who fulfil it.
CONDITIONS: list[tuple[Any, set[str]]] = [
    ({"identifier": "email"}, {ADA, BOB}),
    ({"identifier": "phone"}, set()),
    ({"identifier": {"email": {"ends_with": ".org"}}}, {ADA}),
    ({"identifier": {"email": {"contains": "@x"}, "vuid": "a"}}, {ADA}),
    ({"attribute": {"country": "DE"}}, {BOB, CARL}),
    ({"attribute": {"country": ["DE", "GB"], "age": 36}}, {ADA}),
    ({"attribute": {"age": 36.0}}, {ADA}),
    ({"attribute": {"age": "36"}}, set()),
    ({"attribute": {"age": {"at_least": 36}}}, {ADA, BOB}),
    ({"attribute": {"age": {"more_than": 36, "less_than": "37"}}}, {BOB}),
    ({"attribute": {"age": {"at_most": 36}}}, {ADA}),
    ({"attribute": {"age": {"exists": False}}}, {CARL}),
    ({"attribute": {"tier": {"exists": True}}}, {ADA}),
    ({"attribute": {"tier": {"starts_with": "go"}}}, {ADA}),
    ({"attribute": {"vip": True}}, {CARL}),
    ({"attribute": {"vip": 1}}, set()),
    ({"attribute": {"since": {"before": "2024-04-01", "after": 1704067200}}}, {CARL}),
    ({"event": {}}, {ADA, CARL}),
    ({"event": {"type": "order"}}, {ADA, CARL}),
    ({"event": {"type": ["order", "product"], "action": ["refund", "return"]}}, {CARL}),
    ({"event": {**PURCHASE, "at_least": 2}}, {ADA}),
    ({"event": {**PURCHASE, "at_least": 3}}, set()),
    ({"event": {**PURCHASE, "at_most": 1}}, {BOB, CARL}),
    ({"event": {**PURCHASE, "at_least": 1, "at_most": 2}}, {ADA}),
    ({"event": {**PURCHASE, "within_days": 30}}, {ADA}),
    ({"event": {**PURCHASE, "within_days": 30, "at_least": 2}}, set()),
    ({"event": {**PURCHASE, "within_days": 1}}, set()),
    ({"event": {"data": {"order.total": {"more_than": 100}}}}, {ADA}),
    ({"event": {"data": {"order.total": {"less_than": 100}, "channel": "web"}, "within_days": 30}}, {CARL}),
    ({"event": {"data": {"order.total.none": {"exists": True}}}}, set()),
    ({"not": {"identifier": "email"}}, {CARL}),
    ({"all": [{"identifier": "email"}, {"attribute": {"country": "DE"}}]}, {BOB}),
    ({"any": [{"identifier": "email"}, {"attribute": {"vip": True}}]}, {ADA, BOB, CARL}),
    ({"all": [{"any": [{"identifier": "vuid"}]}, {"not": {"event": {"action": "refund"}}}]}, {ADA}),
]
KEEPING = Behaviour(unknown_field="stored")


def test_a_condition_means_whom_it_says(subtests: pytest.Subtests) -> None:
    """Membership and count are the same, whoever asks."""
    segments = [{"name": f"s{n}", "condition": condition} for n, (condition, _) in enumerate(CONDITIONS)]
    seed = {"profiles": PROFILES, "events": EVENTS, "segments": segments}
    with Sandbox(seed=seed, behaviour=KEEPING) as sandbox:
        ask = in_process(sandbox)
        members = {who: ask("GET", f"/profiles/{who}").data["segments"] for who in (ADA, BOB, CARL)}
        counts = {told["name"]: told["customer_count"] for told in ask("GET", "/segments").data}
        for n, (condition, expected) in enumerate(CONDITIONS):
            with subtests.test(json.dumps(condition)):
                assert {who for who, names in members.items() if f"s{n}" in names} == expected
                assert counts[f"s{n}"] == len(expected)


class TestSegments:
    def test_they_tell_name_description_and_count(self, ask: Ask) -> None:
        told = ask("GET", "/segments").data
        assert told[0] == {
            "name": "reachable_by_email",
            "description": "Customers whose e-mail address is known",
            "customer_count": 0,
        }

    def test_somebody_comes_and_goes(self, ask: Ask) -> None:
        def prospects() -> int:
            return int({told["name"]: told["customer_count"] for told in ask("GET", "/segments").data}["prospects"])

        before = prospects()
        ask("POST", "/profiles", {"identifiers": {"email": "a", "vuid": "A"}})
        joined = prospects()
        ask("POST", "/events", [order({"vuid": "A"}, "purchase", 5, DAYS_AGO[2])])
        assert (before, joined, prospects()) == (0, 1, 0)

    def test_a_merge_counts_one_person_for_two(self, ask: Ask) -> None:
        ask("POST", "/events", [event({"email": "a"}), event({"customer_id": "1", "email": "b"})])
        counts = [ask("GET", "/segments").data[0]["customer_count"]]
        ask("POST", "/events", [event({"email": "a", "customer_id": "1"})])
        counts.append(ask("GET", "/segments").data[0]["customer_count"])
        assert counts == [2, 1]

    def test_what_was_cleared_is_no_attribute(self, ask: Ask) -> None:
        for country in ("FR", None):
            ask("POST", "/profiles", {"identifiers": {"email": "a"}, "attributes": {"country": country}})
        assert "european_customers" not in ask("GET", "/profiles/email/a").data["segments"]


def test_a_seed_may_change_a_standard_segment() -> None:
    mine = {"name": "buyers", "description": "Mine", "condition": {"identifier": "phone"}}
    with Sandbox(seed={"segments": [mine]}) as sandbox:
        told = {one["name"]: one["description"] for one in in_process(sandbox)("GET", "/segments").data}
        assert told["buyers"] == "Mine"
        assert len(told) == 6


NOT_ONE = "must have at most 1 property, and has 2"


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"evnt": {}}, "/evnt: is no property of this object; did you mean 'event'?"),
        ({"event": {"within": 5}}, "/event/within: is no property of this object; did you mean 'within_days'?"),
        ({"event": {"within_days": "x"}}, "/event/within_days: must be a number, not a string"),
        ({"event": {"at_least": "2"}}, "/event/at_least: must be an integer, not a string"),
        ({"event": {"at_most": -1}}, "/event/at_most: must be at least 0"),
        ({"event": {"at_most": 2**63}}, "/event/at_most: must be at most 1000000000"),
        ({"event": {"within_days": 2**70}}, "/event/within_days: must be at most 1000000"),
        ({"event": {"type": {"is": "order"}}}, "/event/type: must be a string or an array, not an object"),
        ({"event": {"data": 5}}, "/event/data: must be an object, not an integer"),
        ({"attribute": 5}, "/attribute: must be an object, not an integer"),
        ({"attribute": {"age": {"at_leats": 5}}}, "/attribute/age/at_leats: is no property of this object; did you"),
        ({"attribute": {"age": {}}}, "/attribute/age: must have at least 1 property, and has 0"),
        ({"attribute": {"age": {"at_least": "x"}}}, "segment 'it': what a value is compared with must be a number"),
        ({"attribute": {"dob": {"before": "x"}}}, "segment 'it': what a value is compared with must be a time"),
        (
            {"attribute": {"email": "a"}},
            "segment 'it': identifiers are no attributes; ask for {identifier: {email: …}}",
        ),
        ({"all": [{"not": {"attribute": {"vuid": "a"}}}]}, "ask for {identifier: {vuid: …}}"),
        ({"all": []}, "/all: must have at least 1 item, and has 0"),
        ({"all": {"identifier": "email"}}, "/all: must be an array, not an object"),
        ({}, ": must have at least 1 property, and has 0"),
        ({"identifier": "email", "not": {"identifier": "vuid"}}, NOT_ONE),
        ({"not": {"any": [{"identifier": "email", "event": {}}]}}, f"/not/any/0: {NOT_ONE}"),
        ("email", ": must be an object, not a string"),
    ],
)
def test_a_condition_that_is_none_is_refused(condition: Any, told: str) -> None:
    """When it is defined, with its place and what would do: not later, when somebody asks who is in the segment."""
    with pytest.raises(ValueError, match=re.escape(told)):
        Sandbox(seed={"segments": [{"name": "it", "condition": condition}]})


def test_all_that_is_wrong_with_segments_is_told_at_once() -> None:
    segments = [
        {"name": "a", "condition": {"identifer": "email"}, "descripton": "x"},
        {"condition": {"event": {"at_least": "2", "within_days": -1}}},
        {"name": "c"},
    ]
    with pytest.raises(ValueError, match="this is no seed") as error:
        Sandbox(seed={"segments": segments})
    assert str(error.value).splitlines()[1:] == [
        "  seed /segments/0/condition/identifer: is no property of this object; did you mean 'identifier'?",
        "  seed /segments/0/descripton: is no property of this object; did you mean 'description'?",
        "  seed /segments/1/name: is required and missing",
        "  seed /segments/1/condition/event/within_days: must be at least 0",
        "  seed /segments/1/condition/event/at_least: must be an integer, not a string",
        "  seed /segments/2/condition: is required and missing",
    ]


def test_a_condition_is_as_deep_as_can_be_computed() -> None:
    condition: Any = {"identifier": "email"}
    for _ in range(100):
        condition = {"not": condition}
    with pytest.raises(ValueError, match="segment 'it': its condition is too deep or too large"):
        Sandbox(seed={"segments": [{"name": "it", "condition": condition}]})


def test_the_form_has_all_words() -> None:
    """What the schema of seeds lets in, SQL is made of; and what SQL is made of, the schema lets in."""
    schemas = form().document.root["components"]["schemas"]
    assert schemas["Condition"]["properties"].keys() == _CLAUSES.keys()
    assert schemas["Condition"]["properties"]["event"]["properties"].keys() == _OF_EVENTS.keys()
    assert schemas["Rule"]["properties"].keys() == WORDS.keys()
    assert schemas["Seed"]["properties"].keys() == _PARTS.keys()


facts = st.fixed_dictionaries({}, optional={"country": st.sampled_from(["DE", "GB"]), "dob_day": st.integers(1, 3)})
conditions = st.recursive(
    st.sampled_from(
        [
            {"attribute": {"country": "DE"}},
            {"attribute": {"dob_day": {"at_least": 2}}},
            {"attribute": {"dob_day": {"exists": False}}},
            {"identifier": "vuid"},
        ]
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
    ),
    max_leaves=6,
)


def holds(condition: Any, attributes: dict[str, Any]) -> bool:
    """Tell what a condition means, in Python."""
    [(word, rule)] = condition.items()
    if word == "identifier":
        return False
    if word == "attribute":
        [(name, wanted)] = rule.items()
        value = attributes.get(name)
        if isinstance(wanted, str):
            return bool(value == wanted)
        return (value is None) if "exists" in wanted else value is not None and value >= wanted["at_least"]
    if word == "not":
        return not holds(rule, attributes)
    return (all if word == "all" else any)(holds(one, attributes) for one in rule)


@settings(max_examples=40)
@given(conditions, st.lists(facts, min_size=1, max_size=4))
def test_conditions_are_logic(condition: Any, attributes: list[dict[str, Any]]) -> None:
    SHARED.seed(
        {
            "profiles": [{"identifiers": {"email": str(n)}, "attributes": told} for n, told in enumerate(attributes)],
            "segments": [{"name": "it", "condition": condition}],
        }
    )
    count = sum(holds(condition, told) for told in attributes)
    assert in_process(SHARED)("GET", "/segments").data[-1]["customer_count"] == count


SHARED = Sandbox()
