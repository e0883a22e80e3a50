"""What is stored, for people: profiles with their identities and what happened to them, objects, schema, segments.

A profile's timeline holds its events and what identity resolution did to it, the newest first. All lists end after a
limit; `totals` counts what there is.
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
_MOST_OF_EACH = 50  # of a profile's timeline


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
    rows = db.execute("SELECT id, created, updated FROM profiles ORDER BY updated DESC, id DESC LIMIT ?", (limit,))
    return [
        {
            "profile": profile,
            "created": created,
            "updated": updated,
            **portrait(db, profile),
            "segments": segments_of(db, profile),
            "timeline": _timeline(db, profile),
        }
        for profile, created, updated in rows.fetchall()
    ]


def _timeline(db: sqlite3.Connection, profile: int) -> list[dict[str, Any]]:
    events = db.execute(
        "SELECT number, received, type, action, identifiers, data FROM events WHERE profile = ?"
        " ORDER BY number DESC LIMIT ?",
        (profile, _MOST_OF_EACH),
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
    resolutions = db.execute(
        "SELECT number, at, became, other, told FROM resolutions WHERE profile = ? ORDER BY id DESC LIMIT ?",
        (profile, _MOST_OF_EACH),
    )
    happened += [
        {"number": number, "at": at, "what": what, "other": other, "told": json.loads(told)}
        for number, at, what, other, told in resolutions
    ]
    return sorted(happened, key=lambda one: one["number"], reverse=True)[:_MOST_OF_EACH]


def _objects(db: sqlite3.Connection, limit: int) -> dict[str, list[dict[str, Any]]]:
    names = [name for (name,) in db.execute("SELECT DISTINCT type FROM objects ORDER BY type").fetchall()]
    return {name: _objects_of(db, name, limit) for name in names}


def _objects_of(db: sqlite3.Connection, name: str, limit: int) -> list[dict[str, Any]]:
    rows = db.execute(
        "SELECT id, fields, created, updated FROM objects WHERE type = ? ORDER BY updated DESC, id LIMIT ?",
        (name, limit),
    )
    return [
        {"object_id": key, "fields": json.loads(fields), "created": created, "updated": updated}
        for key, fields, created, updated in rows
    ]
