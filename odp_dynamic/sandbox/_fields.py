"""Values for the fields of an object: which are stored, which are refused, and which vanish."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import closest
from ._behaviour import Behaviour
from ._types import FITS, LONGEST_TEXT


class Kept(NamedTuple):
    """Is what becomes of values: `values` are stored (None clears), `faults` and `ignored` tell why of the others.

    Both are pairs of a field and what is to be said of it.
    """

    values: dict[str, Any]
    faults: list[tuple[str, str]]
    ignored: list[tuple[str, str]]


class Fields:
    """Is the fields of one object of the schema, by name with their types; none for an object that is not there."""

    def __init__(self, db: sqlite3.Connection, name: str, behaviour: Behaviour) -> None:
        self.object = name
        self.types = dict(db.execute("SELECT name, type FROM schema_fields WHERE object = ?", (name,)))
        self._behaviour = behaviour

    def judged(self, values: Any) -> Kept:
        """Return what becomes of these values; of what is no mapping, nothing."""
        kept = Kept({}, [], [])
        for name, value in (values if isinstance(values, Mapping) else {}).items():
            self._judge(name, value, kept)
        return kept

    def missing(self, name: str) -> str:
        """Say that there is no such field, and which is closest."""
        near = closest(name, self.types)
        return f"{self.object} have no such field{f'; the closest is {near!r}' if near else ''}"

    def _judge(self, name: str, value: Any, kept: Kept) -> None:
        """Put one value where it belongs; the rules are settings, for most are not documented."""
        rule = self._behaviour
        if name not in self.types and rule.unknown_field == "ignored":
            kept.ignored.append((name, self.missing(name)))
        elif value is None and rule.null == "ignored":
            kept.ignored.append((name, "null says nothing"))
        elif value is None or (rule.blank == "clears" and isinstance(value, str) and not value.strip()):
            kept.values[name] = None
        elif not FITS.get(self.types.get(name, ""), _anything)(value):
            self._judge_wrong(name, kept)
        elif isinstance(value, str) and len(value) > LONGEST_TEXT and self.types.get(name) == "string":
            self._judge_long(name, value, kept)
        else:
            kept.values[name] = value

    def _judge_wrong(self, name: str, kept: Kept) -> None:
        if self._behaviour.wrong_type == "refused":
            kept.faults.append((name, f"is not a {self.types[name]}"))
        else:
            kept.ignored.append((name, f"it is not a {self.types[name]}"))

    def _judge_long(self, name: str, value: str, kept: Kept) -> None:
        told = f"a text has at most {LONGEST_TEXT} characters"
        if self._behaviour.long_text == "refused":
            kept.faults.append((name, f"is too long: {told}"))
        elif self._behaviour.long_text == "ignored":
            kept.ignored.append((name, told))
        else:
            kept.values[name] = value[:LONGEST_TEXT] if self._behaviour.long_text == "cut" else value


def _anything(_: Any) -> bool:
    return True
