"""What a segment's condition means, and who is counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odp_dynamic.sandbox import Behaviour, Sandbox

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


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"evnt": {}}, "segment 'it': a condition has no 'evnt'; did you mean 'event'?"),
        ({"event": {"within": 5}}, "segment 'it': an event has no 'within'; did you mean 'within_days'?"),
        ({"attribute": {"age": {"at_leats": 5}}}, "segment 'it': a value has no 'at_leats'; did you mean 'at_least'?"),
        ({"attribute": {"age": {"zzz": 5}}}, "segment 'it': a value has no 'zzz'"),
        ({"all": []}, "segment 'it': a condition needs at least one part"),
        ({}, "segment 'it': a condition is a mapping of one of"),
        ({"identifier": "email", "not": {}}, "segment 'it': a condition is a mapping of one of"),
        ("email", "segment 'it': a condition is a mapping of one of"),
    ],
)
def test_a_condition_that_is_none_is_refused(condition: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("?", r"\?")):
        Sandbox(seed={"segments": [{"name": "it", "condition": condition}]})


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


@settings(deadline=None, max_examples=40)
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
