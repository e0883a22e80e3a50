"""Insights: small figures about a profile, declared in ``standard.yaml`` and computed whenever somebody asks.

An insight is a mapping: `measure` is one of `_MEASURES`, `of` a dotted path in the events' data where it measures that,
and the rest says which events are meant, as in a condition (see `_conditions`). One that has no value is left out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from math import isfinite
from typing import Any, NamedTuple

from ._conditions import Clause, event_clause
from ._standard import standard


class _Measure(NamedTuple):
    """Is a way to measure: the SQL of what is measured of the events, and what is made of the result."""

    sql: str
    shown: Callable[[Any], Any] = lambda value: value


def insights_of(db: sqlite3.Connection, profile: int) -> dict[str, Any]:
    """Return the insights of a profile by name."""
    names, (sql, values) = _query()
    row = db.execute(sql, [*values, profile]).fetchone()
    told = {name: _shown(name, value) for name, value in zip(names, row, strict=True) if value is not None}
    return {name: value for name, value in told.items() if value is not None}


@cache
def _query() -> tuple[list[str], Clause]:
    columns, values = [], []
    for rule in standard()["insights"].values():
        sql, more = _column(rule)
        columns.append(sql)
        values += more
    return list(standard()["insights"]), (f"SELECT {', '.join(columns)} FROM profiles p WHERE p.id = ?", values)  # noqa: S608  # our own names


def _column(rule: Mapping[str, Any]) -> Clause:
    where, values = event_clause({name: value for name, value in rule.items() if name not in ("measure", "of")})
    measured = [f"$.{rule['of']}"] if "of" in rule else []
    return f"(SELECT {_MEASURES[rule['measure']].sql} FROM events WHERE {where})", [*measured, *values]  # noqa: S608


def _shown(name: str, value: Any) -> Any:
    return _MEASURES[standard()["insights"][name]["measure"]].shown(value)


def _moment(seconds: float) -> str | float:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return seconds  # of a year that no calendar has


_MEASURES: Mapping[str, _Measure] = {
    "count": _Measure("count(*)"),
    "sum": _Measure("total(json_extract(data, ?))", lambda value: round(value, 6) if isfinite(value) else None),
    "first": _Measure("min(at)", _moment),
    "last": _Measure("max(at)", _moment),
}
