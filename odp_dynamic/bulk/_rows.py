"""Rows, as they come out of an input."""

from __future__ import annotations

from typing import Any, NamedTuple


class Row(NamedTuple):
    """Is one row that could be read."""

    value: Any
    source: str
    number: int
    line: int
    raw: bytes


class Unreadable(NamedTuple):
    """Is one that could not."""

    why: str
    source: str
    number: int
    line: int
    text: str
