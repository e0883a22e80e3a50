"""Segments: named conditions over what is stored; who is in them is computed whenever somebody asks.

A condition is a mapping of one entry:

- ``{identifier: email}``: has a value of that identifier
- ``{attribute: {country: [DE, FR]}}``: has one of these values in each attribute named (a single value may stand alone)
- ``{event: {type: order, action: purchase, at_least: 2}}``: did this so often, once where nothing is said
- ``{all: […]}``, ``{any: […]}``, ``{not: …}``: of conditions
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from ._answers import Answer
from ._calls import Call

# A condition on the profile `p`, with the values of its question marks.
Clause = tuple[str, list[Any]]


def list_segments(call: Call) -> Answer:
    """Return the segments with the number of profiles that are in them now."""
    return Answer(HTTPStatus.OK, list(_counted(call.db)))


def segments_of(db: sqlite3.Connection, profile: int) -> list[str]:
    """Return the names of the segments that a profile is in."""
    names = []
    for name, _, (sql, values) in _segments(db):
        if db.execute(f"SELECT 1 FROM profiles p WHERE p.id = ? AND {sql}", [profile, *values]).fetchone():  # noqa: S608
            names.append(name)
    return names


def _counted(db: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    for name, description, (sql, values) in _segments(db):
        [count] = db.execute(f"SELECT count(*) FROM profiles p WHERE {sql}", values).fetchone()  # noqa: S608
        yield {"name": name, "description": description, "customer_count": count}


def _segments(db: sqlite3.Connection) -> Iterator[tuple[str, str, Clause]]:
    for name, description, condition in db.execute(
        "SELECT name, description, condition FROM segments ORDER BY position"
    ).fetchall():
        yield name, description, clause(json.loads(condition))


def clause(condition: Mapping[str, Any]) -> Clause:
    """Return a condition as SQL; all that comes from the condition is among the values."""
    [(word, rule)] = condition.items()
    return _CLAUSES[word](rule)


def _identifier(field: str) -> Clause:
    return "EXISTS (SELECT 1 FROM identifiers WHERE profile = p.id AND field = ?)", [field]


def _attribute(rule: Mapping[str, Any]) -> Clause:
    return _joined(" AND ", [_one_attribute(name, wanted) for name, wanted in rule.items()])


def _one_attribute(name: str, wanted: Any) -> Clause:
    values = [json.dumps(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
    marks = ", ".join("?" * len(values))
    sql = f"EXISTS (SELECT 1 FROM attributes WHERE profile = p.id AND name = ? AND value IN ({marks}))"  # noqa: S608
    return sql, [name, *values]


def _event(rule: Mapping[str, Any]) -> Clause:
    tests = {name: rule[name] for name in ("type", "action") if name in rule}
    where = " AND ".join(["profile = p.id", *(f"{name} = ?" for name in tests)])
    least = rule.get("at_least", 1)
    # The limit ends the count when it is enough: some customers have many events.
    sql = f"(SELECT count(*) FROM (SELECT 1 FROM events WHERE {where} LIMIT ?)) >= ?"  # noqa: S608  # our own names
    return sql, [*tests.values(), least, least]


def _not(condition: Mapping[str, Any]) -> Clause:
    sql, values = clause(condition)
    return f"NOT ({sql})", values


def _joined(word: str, clauses: list[Clause]) -> Clause:
    return f"({word.join(sql for sql, _ in clauses)})", [value for _, values in clauses for value in values]


_CLAUSES: Mapping[str, Callable[[Any], Clause]] = {
    "identifier": _identifier,
    "attribute": _attribute,
    "event": _event,
    "not": _not,
    "all": lambda rules: _joined(" AND ", [clause(rule) for rule in rules]),
    "any": lambda rules: _joined(" OR ", [clause(rule) for rule in rules]),
}
