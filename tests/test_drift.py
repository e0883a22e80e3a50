"""Drift: what a ledger keeps of answers, what it proposes, and that no value is ever in either."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from odp_dynamic.drift import findings, propose
from tests.drifting import Answer, document_of, drift_of, line, replayed, source_of

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


NAMES = st.sampled_from(["a", "b", "c", "ada@example.com"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, "", "x", "xyz"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
_TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
_LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "type": _TYPES | st.lists(_TYPES, min_size=1, max_size=3, unique=True),
        "enum": st.lists(st.integers(0, 2) | st.just("x"), min_size=1, max_size=2, unique=True),
        "minimum": st.integers(0, 1),
        "maxLength": st.integers(0, 1),
        "minItems": st.integers(0, 1),
    },
)


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {"properties": st.dictionaries(NAMES, inner, max_size=3)},
        optional={
            "type": st.just("object"),
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": st.booleans() | inner,
            "items": inner | st.just(False),  # noqa: FBT003  # a schema
            "anyOf": several,
            "oneOf": several,
            "allOf": several,
            "maxProperties": st.integers(0, 2),
        },
    )


SCHEMAS = st.recursive(_LEAVES, _larger, max_leaves=5)


def _has_no_alternatives(schema: Any) -> bool:
    """Return whether a schema has no anyOf and oneOf: those within one another may need a second proposal."""
    return not any(f'"{keyword}":' in json.dumps(schema) for keyword in ("anyOf", "oneOf"))


@settings(max_examples=200, deadline=None)
@given(SCHEMAS.filter(_has_no_alternatives), st.lists(VALUES, min_size=1, max_size=4))
def test_the_proposal_makes_any_traffic_clean(schema: Any, values: list[Any]) -> None:
    source, answers = source_of({"schema": schema}), [Answer({"status": 200, "body": value}) for value in values]
    ledger, api = drift_of(source, answers)
    proposal = propose(ledger, document_of(api))
    assert (proposal.left, *replayed(source, answers, proposal)) == ((), [], [])


@settings(max_examples=100, deadline=None)
@given(SCHEMAS, VALUES)
def test_no_value_is_kept(schema: Any, value: Any) -> None:
    """Neither of a body nor of a name that looks like data, in the ledger, the findings or the proposal."""

    def marked(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: marked(inner) for name, inner in node.items()} | {"canary@example.com": 1}
        if isinstance(node, list):
            return [marked(inner) for inner in node]
        return f"canary-{node}"

    answers = [Answer({"status": status, "body": marked(value)}) for status in (200, 418)]
    ledger, api = drift_of(source_of({"schema": schema}), answers)
    proposal = propose(ledger, document_of(api))
    told = [ledger.to_json(), [finding.to_json() for finding in findings(ledger)], proposal]
    assert "canary" not in json.dumps(told)
