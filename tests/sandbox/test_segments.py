"""What a segment's condition means."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic.sandbox import Sandbox

from .conftest import in_process

PROFILES = [
    {"identifiers": {"email": "ada", "vuid": "a"}, "attributes": {"country": "GB", "age": 36}},
    {"identifiers": {"email": "bob"}, "attributes": {"country": "DE", "age": 36}},
    {"identifiers": {"vuid": "c"}, "attributes": {"country": "DE", "vip": True}},
]
EVENTS = [
    {"type": "order", "action": "purchase", "identifiers": {"email": "ada"}},
    {"type": "order", "action": "purchase", "identifiers": {"vuid": "a"}},
    {"type": "order", "action": "refund", "identifiers": {"vuid": "c"}},
]

CONDITIONS: list[tuple[Any, int]] = [
    ({"identifier": "email"}, 2),
    ({"identifier": "phone"}, 0),
    ({"attribute": {"country": "DE"}}, 2),
    ({"attribute": {"country": ["DE", "GB"], "age": 36}}, 2),
    ({"attribute": {"age": "36"}}, 0),
    ({"attribute": {"vip": True}}, 1),
    ({"event": {"type": "order"}}, 2),
    ({"event": {"type": "order", "action": "purchase", "at_least": 2}}, 1),
    ({"event": {"type": "order", "action": "purchase", "at_least": 3}}, 0),
    ({"not": {"identifier": "email"}}, 1),
    ({"all": [{"identifier": "email"}, {"attribute": {"country": "DE"}}]}, 1),
    ({"any": [{"identifier": "email"}, {"attribute": {"vip": True}}]}, 3),
    ({"all": [{"any": [{"identifier": "vuid"}]}, {"not": {"event": {"action": "refund"}}}]}, 1),
]


@pytest.mark.parametrize(("condition", "count"), CONDITIONS, ids=[json.dumps(condition) for condition, _ in CONDITIONS])
def test_a_condition_counts_whom_it_means(condition: Any, count: int, tmp_path: Path) -> None:
    file = tmp_path / "odp.db"
    with Sandbox(file, seed={"profiles": PROFILES, "events": EVENTS}) as sandbox:
        with closing(sqlite3.connect(file, isolation_level=None)) as db:
            row = ("it", "", json.dumps(condition))
            db.execute("INSERT INTO segments (name, description, condition) VALUES (?, ?, ?)", row)
        ask = in_process(sandbox)
        assert ask("GET", "/segments").data[-1] == {"name": "it", "description": "", "customer_count": count}
        members = [ask("GET", f"/profiles/{path}").data["segments"] for path in ("email/ada", "email/bob", "vuid/c")]
        assert sum("it" in names for names in members) == count
