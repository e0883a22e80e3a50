"""Segments: named conditions over what is stored; who is in them is computed whenever somebody asks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ._answers import Answer
from ._calls import Call
from ._conditions import Clause, attributes_in, clause, clause_of
from ._identifiers import confidences


def list_segments(call: Call) -> Answer:
    """Return the segments with the number of profiles that are in them now."""
    return Answer(HTTPStatus.OK, counted(call.db))


def counted(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return name, description and customer count of each segment, in the order of their definition."""
    rows = _rows(db)
    counts = _measured(db, "total", [clause_of(condition) for _, _, condition in rows], "TRUE", [])
    return [
        {"name": name, "description": description, "customer_count": int(count)}
        for (name, description, _), count in zip(rows, counts, strict=True)
    ]


def segments_of(db: sqlite3.Connection, profile: int) -> list[str]:
    """Return the names of the segments that a profile is in."""
    rows = _rows(db)
    verdicts = _measured(db, "max", [clause_of(condition) for _, _, condition in rows], "p.id = ?", [profile])
    return [name for (name, _, _), is_in in zip(rows, verdicts, strict=True) if is_in]


def define_segment(db: sqlite3.Connection, told: Mapping[str, Any]) -> None:
    """Add a segment, or change the one of that name; raise ValueError for a condition that cannot be computed."""
    name, condition = told["name"], told["condition"]
    try:
        _measured(db, "total", [clause(condition)], "FALSE", [])
    except ValueError as error:
        raise ValueError(f"segment {name!r}: {error}") from None
    except sqlite3.Error as error:
        raise ValueError(f"segment {name!r}: its condition is too deep or too large: {error}") from None
    if wrong := confidences(db).keys() & attributes_in(condition):
        hint = ", ".join(f"{{identifier: {{{one}: …}}}}" for one in sorted(wrong))
        raise ValueError(f"segment {name!r}: identifiers are no attributes; ask for {hint}")
    db.execute(
        "INSERT INTO segments (name, description, condition) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET description = excluded.description, condition = excluded.condition",
        (name, told.get("description", ""), json.dumps(condition)),
    )


def _rows(db: sqlite3.Connection) -> list[tuple[str, str, str]]:
    return db.execute("SELECT name, description, condition FROM segments ORDER BY position").fetchall()


def _measured(
    db: sqlite3.Connection, measure: str, clauses: list[Clause], where: str, more: list[Any]
) -> tuple[Any, ...]:
    """Return for each clause a measure of its truth over the profiles that are meant; in one pass over them."""
    if not clauses:
        return ()
    columns = ", ".join(f"{measure}({sql})" for sql, _ in clauses)
    values = [value for _, values in clauses for value in values]
    row: tuple[Any, ...] = db.execute(
        f"SELECT {columns} FROM profiles p WHERE {where}",  # noqa: S608  # our own names, see `clause`
        [*values, *more],
    ).fetchone()
    return row
