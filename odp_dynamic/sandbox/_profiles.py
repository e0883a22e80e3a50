"""Profiles: what is known of somebody, by identifiers.

Identifiers may stand among the attributes, where the vendor's own wire has them (facts §2). Values are compared letter
by letter, except where `Behaviour` says otherwise.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ._answers import Answer, message
from ._batches import NOBODY, Batch
from ._calls import Call
from ._fields import Fields, Kept
from ._identifiers import confidences, normal, usable
from ._identities import Resolver, attributes_of, owner_of
from ._insights import insights_of
from ._numbers import Write, next_write
from ._segments import segments_of
from ._standard import computed_names


def upsert_profile(call: Call) -> Answer:
    """Create or update a profile: only what is sent changes (facts §4); answers 200 with the Accepted body."""
    batch = Batch(call, [call.body], is_one=True)
    if isinstance(call.body, Mapping):
        work = _Work(call, batch)
        work.judge()
        if not batch.faults:
            work.store()
    return batch.answer(HTTPStatus.OK)


def get_profile(call: Call) -> Answer:
    """Return the profile that an identifier, not only the last seen one, belongs to; 404 where there is none.

    The answer is flat: attributes, each identifier's last seen value (facts §4), insights, and the names of its
    segments. `fields` picks from it; names that are not there are left out.
    """
    field, value = call.path["identifier_field"], call.path["identifier_value"]
    known = confidences(call.db)
    if field not in known and call.behaviour.unknown_identifier == "ignored":
        return message(HTTPStatus.NOT_FOUND, f"expected one of [{'|'.join(known)}].")  # the service's words, facts §2
    profile = owner_of(call.db, field, normal(field, value, call.behaviour))
    if profile is None:
        return message(HTTPStatus.NOT_FOUND, f"Unable to find profile for {field} = {value}")
    chosen = [name.strip() for name in call.query.get("fields", "").split(",") if name.strip()]
    return Answer(HTTPStatus.OK, view(call.db, profile, chosen))


def view(db: sqlite3.Connection, profile: int, chosen: list[str] | None = None) -> dict[str, Any]:
    """Return a profile as it is read from outside: all of it, or what is chosen of it."""
    told: dict[str, Any] = attributes_of(db, profile)
    # Later rows overwrite earlier ones, which leaves the last seen value of each field.
    told.update(db.execute("SELECT field, value FROM identifiers WHERE profile = ? ORDER BY seen, value", (profile,)))
    for name, compute in _COMPUTED.items():
        if not chosen or name in chosen:
            told[name] = compute(db, profile)
    return {name: told[name] for name in chosen if name in told} if chosen else told


_COMPUTED = {"insights": insights_of, "segments": segments_of}


class _Work:
    """Is one profile being written."""

    def __init__(self, call: Call, batch: Batch) -> None:
        self._call = call
        self._batch = batch
        self._known = confidences(call.db)
        self._fields = Fields(call.db, "customers", call.behaviour)
        self._identifiers: dict[str, str] = {}
        self._attributes: dict[str, Any] = {}

    def judge(self) -> None:
        """Find what is wrong with the profile, and what of it will be stored."""
        among = self._judge_attributes()
        for place, sent in (("attributes", among), ("identifiers", self._call.body.get("identifiers"))):
            # What names them as identifiers comes last, and wins.
            values, ignored = usable(sent, self._known, self._call.behaviour)
            self._identifiers.update(values)
            self._batch.find(0, Kept({}, [], ignored), place)
        if not self._identifiers and self._call.behaviour.profile_without_identifier == "refused":
            self._find_nobody()
        places = {"identifiers": self._known, "attributes": self._fields.types}
        self._batch.find_misplaced(0, self._call.body, places)

    def store(self) -> None:
        """Store the profile, or drop it."""
        if not self._identifiers:
            self._batch.tell(0, "dropped", "a profile without an identifier of the account is nobody's")
            return
        write = next_write(self._call.db, self._call.now)
        resolved = Resolver(self._call.db, self._known, self._call.behaviour).resolve(self._identifiers, write)
        _set_attributes(self._call.db, resolved.profile, self._attributes, write)
        self._batch.tell_resolved(0, resolved)
        if not resolved.is_new:
            self._batch.tell(0, "updated", "only what is sent changes", *self._attributes, profile=resolved.profile)

    def _judge_attributes(self) -> dict[str, Any]:
        """Set the attributes aside that will be stored, and return the identifiers among them."""
        sent = self._call.body.get("attributes")
        sent = sent if isinstance(sent, Mapping) else {}
        own = {name: value for name, value in sent.items() if name not in computed_names()}
        kept = self._fields.judged(own)
        kept.ignored.extend((name, "the service computes it") for name in sent if name not in own)
        among = {name: value for name, value in kept.values.items() if name in self._known}
        kept.ignored.extend((name, "an identifier is not cleared") for name, value in among.items() if value is None)
        self._batch.find(0, kept, "attributes")
        self._attributes = {name: value for name, value in kept.values.items() if name not in among}
        return {name: value for name, value in among.items() if value is not None}

    def _find_nobody(self) -> None:
        """Refuse a profile that identifies nobody; where the body is broken, that is not known."""
        if not self._call.faults:
            self._batch.fault(0, NOBODY)


def _set_attributes(db: sqlite3.Connection, profile: int, attributes: Mapping[str, Any], write: Write) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO attributes (profile, name, value, updated, written) VALUES (?, ?, ?, ?, ?)",
        [(profile, name, json.dumps(value), write.at, write.number) for name, value in attributes.items()],
    )
