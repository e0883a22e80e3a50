"""What is in a new database: what an account has from the start, by ``standard.yaml``."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from ._identifiers import define_identifier
from ._numbers import begin_numbers
from ._segments import define_segment
from ._standard import standard


def furnish(db: sqlite3.Connection) -> None:
    """Put the standard objects, identifiers and segments into an empty database."""
    begin_numbers(db)
    for name, told in standard()["objects"].items():
        row = (name, told["display_name"], told["description"])
        db.execute("INSERT INTO schema_objects (name, display_name, description) VALUES (?, ?, ?)", row)
        db.executemany(
            "INSERT INTO schema_fields (object, name, type, display_name, is_primary) VALUES (?, ?, ?, ?, ?)",
            _fields_of(name, told),
        )
    for name, confidence in standard()["identifiers"].items():
        define_identifier(db, name, confidence)
    for told in standard()["segments"]:
        define_segment(db, told)


def _fields_of(name: str, told: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, bool | None]]:
    for field, rule in told["fields"].items():
        kind, shown = (rule, field.replace("_", " ").title()) if isinstance(rule, str) else rule
        yield name, field, kind, shown, field == told.get("primary") or None
