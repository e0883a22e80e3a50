"""Profiles and events: who somebody is, what is known of them, and what they did.

Decided where the facts are silent (§11): values are compared as they are sent, letter by letter; of identifiers that
belong to several profiles, the first in the request's order that is known decides, and the others stay where they are;
an event without identifiers is accepted and dropped, for an answer of 202 promises nothing (facts §2).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ._answers import Answer, envelope, item_fault, message, refusal
from ._calls import Call
from ._registry import type_faults
from ._segments import segments_of
from ._standard import computed_names, identifier_names


def upsert_profile(call: Call) -> Answer:
    """Create or update a profile: only what is sent changes, and null clears (facts §4).

    Identifiers may stand among the attributes, where the vendor's own wire has them (facts §2). A profile needs one;
    an attribute that the schema of customers knows must be of its type. Answers 200 with the Accepted body.
    """
    identifiers, attributes = _told(call.body)
    faults = type_faults(call.db, "customers", {**call.body.get("attributes", {}), **identifiers})
    if not identifiers:
        faults.insert(0, "missing identifier: at least one is needed, such as 'email'")
    if faults:
        return refusal([item_fault(0, fault) for fault in faults])
    profile = _touched(call.db, identifiers, call.now)
    _set_attributes(call.db, profile, attributes, call.now)
    return envelope(HTTPStatus.OK, at=call.now)


def send_events(call: Call) -> Answer:
    """Store events and touch or create the profiles of their identifiers; answers 202 (facts §2)."""
    for event in call.body:
        identifiers = _usable(event.get("identifiers", {}))
        if identifiers:
            profile = _touched(call.db, identifiers, call.now)
            row = (profile, event["type"], event.get("action"), *map(json.dumps, (identifiers, event.get("data", {}))))
            call.db.execute(
                "INSERT INTO events (profile, type, action, identifiers, data, received) VALUES (?, ?, ?, ?, ?, ?)",
                (*row, call.now),
            )
    return envelope(HTTPStatus.ACCEPTED, at=call.now)


def get_profile(call: Call) -> Answer:
    """Return the profile that an identifier, not only the last seen one, belongs to; 404 where there is none.

    The answer is flat: attributes, each identifier's last seen value (facts §4), and the names of its segments.
    `fields` picks from it; names that are not there are left out.
    """
    field, value = call.path["identifier_field"], call.path["identifier_value"]
    profile = _owner(call.db, field, value)
    if profile is None:
        return message(HTTPStatus.NOT_FOUND, f"Unable to find profile for {field} = {value}")
    view = _view(call.db, profile)
    chosen = [name.strip() for name in call.query.get("fields", "").split(",") if name.strip()]
    return Answer(HTTPStatus.OK, {name: view[name] for name in chosen if name in view} if chosen else view)


def _told(body: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the identifiers and the attributes of a body, wherever they stand."""
    attributes = {name: value for name, value in body.get("attributes", {}).items() if name not in computed_names()}
    among = {name: value for name, value in attributes.items() if name in identifier_names()}
    told = {**{name: value for name, value in among.items() if isinstance(value, str)}, **body.get("identifiers", {})}
    return _usable(told), {name: value for name, value in attributes.items() if name not in among}


def _usable(identifiers: Mapping[str, str]) -> dict[str, str]:
    """Leave out blank values and empty names, and names of what the service computes: nobody is found by them."""
    return {name: value for name, value in identifiers.items() if name and value and name not in computed_names()}


def _owner(db: sqlite3.Connection, field: str, value: str) -> int | None:
    row = db.execute("SELECT profile FROM identifiers WHERE field = ? AND value = ?", (field, value)).fetchone()
    return None if row is None else int(row[0])


def _touched(db: sqlite3.Connection, identifiers: Mapping[str, str], at: str) -> int:
    """Return the profile of these identifiers, made where there is none; those that are new become its own."""
    owners = (_owner(db, field, value) for field, value in identifiers.items())
    profile = next((owner for owner in owners if owner is not None), None)
    if profile is None:
        profile = db.execute("INSERT INTO profiles (created, updated) VALUES (?, ?)", (at, at)).lastrowid or 0
    else:
        db.execute("UPDATE profiles SET updated = ? WHERE id = ?", (at, profile))
    [seen] = db.execute("SELECT coalesce(max(seen), 0) + 1 FROM identifiers").fetchone()
    db.executemany(
        "INSERT INTO identifiers (field, value, profile, seen) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET seen = excluded.seen WHERE profile = excluded.profile",
        [(field, value, profile, seen) for field, value in identifiers.items()],
    )
    return profile


def _set_attributes(db: sqlite3.Connection, profile: int, attributes: Mapping[str, Any], at: str) -> None:
    for name, value in attributes.items():
        if value is None:
            db.execute("DELETE FROM attributes WHERE profile = ? AND name = ?", (profile, name))
        else:
            db.execute("INSERT OR REPLACE INTO attributes VALUES (?, ?, ?, ?)", (profile, name, json.dumps(value), at))


def _view(db: sqlite3.Connection, profile: int) -> dict[str, Any]:
    """Return a profile as it is read from outside."""
    attributes = db.execute("SELECT name, value FROM attributes WHERE profile = ? ORDER BY name", (profile,))
    view = {name: json.loads(value) for name, value in attributes}
    # Later rows overwrite earlier ones, which leaves the last seen value of each field.
    view.update(db.execute("SELECT field, value FROM identifiers WHERE profile = ? ORDER BY seen, value", (profile,)))
    return {**view, "segments": segments_of(db, profile)}
