"""Drift: what a ledger keeps of answers, what it proposes, and that no value is ever in either."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, reject, settings

from odp_dynamic import SpecError
from odp_dynamic._pointers import lookup
from odp_dynamic.drift import findings, propose
from odp_dynamic.overlay import apply_overlay
from tests.drifting import SCHEMA, Answer, applied, document_of, drift_of, line, proposed, replayed, source_of
from tests.drifting_schemas import ANSWERS, VALUES, cases

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "drift.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["promise"])
def test_what_is_found(case: dict[str, Any]) -> None:
    """And each is what the case's promise says."""
    ledger, _ = drift_of(source_of(case), [Answer(told) for told in case["answers"]])
    assert [line(finding) for finding in findings(ledger)] == case["found"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["promise"])
def test_the_proposal_makes_the_same_traffic_clean(case: dict[str, Any]) -> None:
    """Neither a problem nor drift is left, but for what the proposal itself says it cannot put right."""
    source, answers = source_of(case), [Answer(told) for told in case["answers"]]
    ledger, api = drift_of(source, answers)
    proposal = propose(ledger, document_of(api))
    drift, problems = replayed(source, answers, proposal)
    assert len(proposal.left) == len(drift) == case.get("left", 0), (proposal.left, drift)
    assert len(problems) == case.get("left", 0), problems
    assert proposal == propose(ledger, document_of(api))


PROPOSALS = yaml.safe_load((Path(__file__).parent / "cases" / "drift_proposals.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", PROPOSALS, ids=lambda case: case["promise"])
def test_one_proposal_is_enough(case: dict[str, Any]) -> None:
    source, answers = source_of(case), [Answer({"status": 200, "body": told}) for told in case["answers"]]
    proposal = proposed(source, answers)
    drift, problems = replayed(source, answers, proposal)
    assert (len(proposal.left), len(drift), len(problems)) == (case.get("left", 0),) * 3, (proposal, drift)
    if "becomes" in case:
        component = f"/components/schemas/{case['component']}" if "component" in case else SCHEMA
        assert lookup(applied(source, proposal), component) == case["becomes"]


@pytest.mark.parametrize("case", CASES + PROPOSALS, ids=lambda case: case["promise"])
def test_a_proposal_carried_out_twice_changes_nothing(case: dict[str, Any]) -> None:
    """And the first time each of its actions finds what it is about."""
    source = source_of(case)
    proposal = proposed(source, [Answer(told) for told in case["answers"]])
    once = applied(source, proposal)
    assert applied(once, proposal) == once
    if proposal.overlay is not None:
        apply_overlay(source, proposal.overlay, strict=True)


@settings(max_examples=200, deadline=None)
@given(cases(), ANSWERS, ANSWERS)
def test_one_proposal_makes_any_traffic_clean(case: dict[str, Any], seen: list[Any], also: list[Any]) -> None:
    """Whatever the schema is, and whichever ledger saw an answer; and to carry it out twice changes nothing."""
    source = source_of(case)
    parts = [[Answer({"status": 200, "body": value}) for value in values] for values in (seen, also)]
    try:
        (ledger, api), (other, _) = (drift_of(source, answers) for answers in parts)
    except SpecError:
        reject()  # schemas that only refer to one another
    proposal = propose(ledger.merge(other), document_of(api))
    assert (proposal.left, *replayed(source, [*parts[0], *parts[1]], proposal)) == ((), [], [])
    once = applied(source, proposal)
    assert applied(once, proposal) == once


@settings(max_examples=100, deadline=None)
@given(cases(), VALUES)
def test_no_value_is_kept(case: dict[str, Any], value: Any) -> None:
    """Neither of a body nor of a name that looks like data, in the ledger, the findings or the proposal."""

    def marked(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: marked(inner) for name, inner in node.items()} | {"canary@example.com": 1}
        if isinstance(node, list):
            return [marked(inner) for inner in node]
        return f"canary-{node}"

    answers = [Answer({"status": status, "body": marked(value)}) for status in (200, 418)]
    try:
        ledger, api = drift_of(source_of(case), answers)
    except SpecError:
        reject()  # schemas that only refer to one another
    proposal = propose(ledger, document_of(api))
    told = [ledger.to_json(), [finding.to_json() for finding in findings(ledger)], proposal]
    assert "canary" not in json.dumps(told)
