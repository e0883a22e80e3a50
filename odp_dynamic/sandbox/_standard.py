"""What an account has from the start, read from ``standard.yaml``."""

from __future__ import annotations

import json
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from .._document._yaml import build

_FILE = Path(__file__).with_name("standard.yaml")


@cache
def _standard() -> Any:
    return build(_FILE.read_text(encoding="utf-8"), _FILE.name)


@cache
def identifier_names() -> frozenset[str]:
    """Return the fields that identify a customer wherever they stand."""
    return frozenset(_standard()["identifiers"])


@cache
def computed_names() -> frozenset[str]:
    """Return the fields of a profile that the service computes."""
    return frozenset(_standard()["computed"])


def furnish(db: sqlite3.Connection) -> None:
    """Put the standard objects and segments into an empty database."""
    for name, told in _standard()["objects"].items():
        row = (name, told["display_name"], told["description"])
        db.execute("INSERT INTO schema_objects (name, display_name, description) VALUES (?, ?, ?)", row)
        fields = [(name, field, *_described(field, rule)) for field, rule in told["fields"].items()]
        db.executemany("INSERT INTO schema_fields (object, name, type, display_name) VALUES (?, ?, ?, ?)", fields)
    segments = [(told["name"], told["description"], json.dumps(told["condition"])) for told in _standard()["segments"]]
    db.executemany("INSERT INTO segments (name, description, condition) VALUES (?, ?, ?)", segments)


def _described(field: str, rule: str | list[str]) -> tuple[str, str]:
    return (rule, field.replace("_", " ").title()) if isinstance(rule, str) else (rule[0], rule[1])
