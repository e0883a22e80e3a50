"""What is stored, for people: profiles with their identities and what happened to them, objects, schema, segments.

A profile's timeline holds its events and what identity resolution did to it, the newest first. What the profile was
merged from is a list of its own too, for no number of events may hide that. All lists end after a limit; `totals`, of
the whole and of each profile, count what there is.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from ._identifiers import confidences
from ._identities import portrait
from ._registry import definitions
from ._segments import counted, segments_of

_TABLES = ("profiles", "events", "objects")
_MOST_EVENTS = 50  # of a profile's timeline, with what else happened to it
_MOST_MERGED = 500  # of what a profile was merged from


def state(db: sqlite3.Connection, limit: int) -> dict[str, Any]:
    """Return all that is stored, of profiles and of the objects of each type the last changed."""
    totals = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _TABLES}  # noqa: S608  # ours
    return {
        "totals": totals,
        "identifiers": confidences(db),
        "profiles": _profiles(db, limit),
        "objects": _objects(db, limit),
        "schema": definitions(db),
        "segments": counted(db),
    }


def _profiles(db: sqlite3.Connection, limit: int) -> list[dict[str, Any]]:
    rows = db.execute("SELECT id, created, updated FROM profiles ORDER BY written DESC LIMIT ?", (limit,))
    return [
        {
            "profile": profile,
            "created": created,
            "updated": updated,
            **portrait(db, profile),
            "segments": segments_of(db, profile),
            "totals": _totals(db, profile),
            "merged": _resolutions(db, profile, "merged", _MOST_MERGED),
            "timeline": _timeline(db, profile),
        }
        for profile, created, updated in rows.fetchall()
    ]


def _totals(db: sqlite3.Connection, profile: int) -> dict[str, int]:
    """Return the lengths that the lists of a profile would have without their limits."""
    [events] = db.execute("SELECT count(*) FROM events WHERE profile = ?", (profile,)).fetchone()
    [resolutions, merged] = db.execute(
        "SELECT count(*), count(*) FILTER (WHERE became = 'merged') FROM resolutions WHERE profile = ?", (profile,)
    ).fetchone()
    return {"merged": merged, "timeline": events + resolutions}


def _timeline(db: sqlite3.Connection, profile: int) -> list[dict[str, Any]]:
    events = db.execute(
        "SELECT number, received, type, action, identifiers, data FROM events WHERE profile = ?"
        " ORDER BY number DESC LIMIT ?",
        (profile, _MOST_EVENTS),
    )
    happened: list[dict[str, Any]] = [
        {
            "number": number,
            "at": at,
            "what": "event",
            "type": kind,
            "action": action,
            "identifiers": json.loads(identifiers),
            "data": json.loads(data),
        }
        for number, at, kind, action, identifiers, data in events
    ]
    happened += _resolutions(db, profile, "%", _MOST_EVENTS)
    return sorted(happened, key=lambda one: one["number"], reverse=True)[:_MOST_EVENTS]


def _resolutions(db: sqlite3.Connection, profile: int, became: str, most: int) -> list[dict[str, Any]]:
    """Return what identity resolution did to a profile, the newest first; `became` is a pattern of LIKE."""
    rows = db.execute(
        "SELECT number, at, became, other, told FROM resolutions"
        " WHERE profile = ? AND became LIKE ? ORDER BY id DESC LIMIT ?",
        (profile, became, most),
    )
    return [
        {"number": number, "at": at, "what": what, "other": other, "told": json.loads(told)}
        for number, at, what, other, told in rows
    ]


def _objects(db: sqlite3.Connection, limit: int) -> dict[str, list[dict[str, Any]]]:
    names = [name for (name,) in db.execute("SELECT DISTINCT type FROM objects ORDER BY type").fetchall()]
    return {name: _objects_of(db, name, limit) for name in names}


def _objects_of(db: sqlite3.Connection, name: str, limit: int) -> list[dict[str, Any]]:
    rows = db.execute(
        "SELECT id, fields, created, updated FROM objects WHERE type = ? ORDER BY written DESC LIMIT ?",
        (name, limit),
    )
    return [
        {"object_id": key, "fields": json.loads(fields), "created": created, "updated": updated}
        for key, fields, created, updated in rows
    ]
