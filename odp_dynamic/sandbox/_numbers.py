"""The numbers of what is written: each item has the next one."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple


class Write(NamedTuple):
    """Is one item being written: its number, and the time of its request."""

    number: int
    at: str


def begin_numbers(db: sqlite3.Connection) -> None:
    """Let an empty database count."""
    db.execute("INSERT INTO writes (number) VALUES (0)")


def next_write(db: sqlite3.Connection, at: str) -> Write:
    """Return the next item's number; the transaction must write."""
    db.execute("UPDATE writes SET number = number + 1")
    [number] = db.execute("SELECT number FROM writes").fetchone()
    return Write(number, at)
