"""Calls in sources and recordings: which are found, and which of them a new document breaks.

The tables of tests/cases/uses give a source, and the operations before and after (`tests.using`), the latter as a
patch upon the former (RFC 7396); ``expect`` has a line ``LINE ID LEVEL`` for each use, and after it, it may be, words
that the reasons have.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from odp_dynamic import Api, InvalidRequest
from odp_dynamic._document import load
from odp_dynamic._tape import Exchange, write
from odp_dynamic.uses import UNKNOWN, Found, Judged, find, judge
from tests.test_diff_cases import merged
from tests.using import document, loaded

FOLDER = Path(__file__).parent / "cases" / "uses"
TABLES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
CASES = {f"{stem}: {case['name']}": case for stem, cases in TABLES.items() for case in cases}
GET = {"get": {"parameters": {"q": {"type": "string"}}}}


def judged_source(folder: Path, source: str | bytes, old: Any, new: Any, more: Any = None) -> list[Judged]:
    """Return what becomes of the calls in a source; `old` and `new` are operations as `tests.using` has them."""
    path = folder / "app.py"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    before, after = document(old, more), document(new, more)
    found = find([path], {*old, *new})
    assert found.unread == ()
    return judge(found.uses, before, after)


def told(one: Judged) -> str:
    return f"{one.use.line} {one.use.operation} {one.level}"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_call_is_found_at_its_line_and_judged(case: dict[str, Any], tmp_path: Path) -> None:
    old = case.get("old", GET)
    new = merged(old, case.get("patch", {}))
    found = judged_source(tmp_path, case["source"], old, new, case.get("document"))
    expected = [line.split(" ", 3) for line in case["expect"]]
    assert list(map(told, found)) == [" ".join(line[:3]) for line in expected]
    for one, line in zip(found, expected, strict=True):
        assert all(words in " | ".join(map(str, one.reasons)) for words in line[3:])
