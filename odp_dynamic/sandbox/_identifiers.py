"""Identifiers: which fields identify a customer, how much each may be trusted, and which of those sent are usable."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import closest
from ._behaviour import Behaviour
from ._standard import computed_names

HIGH = "high"
LOW = "low"

# Field by field, in the order in which they were defined.
Confidences = Mapping[str, str]


class Usable(NamedTuple):
    """Is what can be used of the identifiers that were sent, and why the rest cannot: a sentence for each field."""

    values: dict[str, str]
    ignored: list[tuple[str, str]]


def confidences(db: sqlite3.Connection) -> Confidences:
    """Return how far each identifier of the account is trusted: "high" or "low" (facts §4)."""
    return dict(db.execute("SELECT name, confidence FROM identifier_fields ORDER BY position"))


def define_identifier(db: sqlite3.Connection, name: str, confidence: str) -> None:
    """Add an identifier, or change how far it is trusted; raise ValueError for a confidence that is none.

    It becomes a field of customers and, with ``event_`` before it, of events, as at the service (facts §5).
    """
    if confidence not in (HIGH, LOW):
        raise ValueError(f"identifier {name!r}: its confidence must be {HIGH!r} or {LOW!r}")
    db.execute(
        "INSERT INTO identifier_fields (name, confidence) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET confidence = excluded.confidence",
        (name, confidence),
    )
    shown = name.replace("_", " ").title().replace("Id", "ID")
    db.executemany(
        "INSERT OR IGNORE INTO schema_fields (object, name, display_name, type) VALUES (?, ?, ?, 'string')",
        [("customers", name, f"Last Seen {shown}"), ("events", f"event_{name}", f"Event {shown}")],
    )


def usable(sent: Any, known: Confidences, behaviour: Behaviour) -> Usable:
    """Return the identifiers by which somebody can be found: known ones that say something."""
    kept, ignored = {}, []
    for name, value in (sent if isinstance(sent, Mapping) else {}).items():
        why = _why_not(name, value, known, behaviour)
        if why:
            ignored.append((name, why))
        else:
            kept[name] = normal(name, value, behaviour)
    return Usable(kept, ignored)


def normal(name: str, value: str, behaviour: Behaviour) -> str:
    """Return a value in the form by which it is compared."""
    return value.casefold() if name == "email" and behaviour.email_case == "folded" else value


def confidence_of(name: str, known: Confidences, behaviour: Behaviour) -> str:
    """Return how far an identifier is trusted, also one that the account does not have."""
    return known.get(name, behaviour.unknown_identifier)


def _why_not(name: str, value: Any, known: Confidences, behaviour: Behaviour) -> str | None:
    if name in computed_names():
        return "the service computes it"
    if not name or (name not in known and behaviour.unknown_identifier == "ignored"):
        near = closest(name, known)
        return f"the account has no such identifier{f'; the closest is {near!r}' if near else ''}"
    if not isinstance(value, str):
        return "it is no text"
    return None if value.strip() else "it is blank, and identifies nobody"
