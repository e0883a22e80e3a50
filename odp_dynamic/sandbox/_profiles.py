"""Profiles: what is known of somebody, by identifiers.

Identifiers may stand among the attributes, where the vendor's own wire has them (facts §2). Values are compared letter
by letter, except where `Behaviour` says otherwise.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

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

PLACES = ("attributes", "identifiers")


def upsert_profile(call: Call) -> Answer:
    """Create or update a profile: only what is sent changes (facts §4); answers 200 with the Accepted body."""
    batch = Batch(call, [call.body], is_one=True)
    write_profiles(call, batch, PLACES)
    return batch.answer(HTTPStatus.OK)


def write_profiles(call: Call, batch: Batch, places: Sequence[str]) -> None:
    """Create or update the profiles of a batch, of each what stands in these places of `PLACES`."""
    work = _Work(call, batch, places)
    wanted = {index: work.judged(index, item) for index, item in batch.all()}
    for index, _ in batch.good():
        work.store(index, wanted[index])


def get_profile(call: Call) -> Answer:
    """Return the profile that an identifier, not only the last seen one, belongs to; 404 where there is none.

    The answer is flat: attributes, each identifier's last seen value (facts §4), insights, and the names of its
    segments. `fields` picks from it; names that are not there are left out.
    """
    found = find_profile(call, call.path["identifier_field"], call.path["identifier_value"], HTTPStatus.NOT_FOUND)
    if isinstance(found, Answer):
        return found
    chosen = [name.strip() for name in call.query.get("fields", "").split(",") if name.strip()]
    return Answer(HTTPStatus.OK, view(call.db, found, chosen))


def find_profile(call: Call, field: str, value: str, unknown: int) -> int | Answer:
    """Return the number of the profile that an identifier belongs to, or the refusal; `unknown` is that of a name."""
    known = confidences(call.db)
    if field not in known and call.behaviour.unknown_identifier == "ignored":
        return message(unknown, expected(known))
    profile = owner_of(call.db, field, normal(field, value, call.behaviour))
    if profile is None:
        return message(HTTPStatus.NOT_FOUND, f"Unable to find profile for {field} = {value}")
    return profile


def expected(known: Iterable[str]) -> str:
    """Return what is said of a name that is no identifier, in the service's words (facts §2)."""
    return f"expected one of [{'|'.join(known)}]."


def view(db: sqlite3.Connection, profile: int, chosen: list[str] | None = None) -> dict[str, Any]:
    """Return a profile as it is read from outside: all of it, or what is chosen of it."""
    told = stored(db, profile)
    for name, compute in _COMPUTED.items():
        if not chosen or name in chosen:
            told[name] = compute(db, profile)
    return {name: told[name] for name in chosen if name in told} if chosen else told


def stored(db: sqlite3.Connection, profile: int) -> dict[str, Any]:
    """Return what is stored of a profile: attributes, and the last seen value of each identifier."""
    told: dict[str, Any] = attributes_of(db, profile)
    # Later rows overwrite earlier ones, which leaves the last seen value of each field.
    told.update(db.execute("SELECT field, value FROM identifiers WHERE profile = ? ORDER BY seen, value", (profile,)))
    return told


_COMPUTED = {"insights": insights_of, "segments": segments_of}


class _Wanted(NamedTuple):
    """Is what of a profile will be stored."""

    identifiers: dict[str, str]
    attributes: dict[str, Any]


class _Work:
    """Is profiles being written; `places` are those of `PLACES` that are read."""

    def __init__(self, call: Call, batch: Batch, places: Sequence[str]) -> None:
        self._call = call
        self._batch = batch
        self._known = confidences(call.db)
        self._fields = Fields(call.db, "customers", call.behaviour)
        self._resolver = Resolver(call.db, self._known, call.behaviour)
        homes = {"identifiers": self._known, "attributes": {**self._known, **self._fields.types}}
        self._places = {place: names for place, names in homes.items() if place in places}
        self._broken = {fault["event"] for fault in call.faults}

    def judged(self, index: int, item: Mapping[str, Any]) -> _Wanted:
        """Find what is wrong with a profile, and return what of it will be stored."""
        among, attributes = self._attributes(index, item.get("attributes"))
        sent = {"attributes": among, "identifiers": item.get("identifiers")}
        identifiers: dict[str, str] = {}
        for place in (place for place in PLACES if place in self._places):
            # What names them as identifiers comes last, and wins.
            values, ignored = usable(sent[place], self._known, self._call.behaviour)
            identifiers.update(values)
            self._batch.find(index, Kept({}, [], ignored), place)
        is_nobody = not identifiers and index not in self._broken  # where the body is broken, that is not known
        if is_nobody and self._call.behaviour.profile_without_identifier == "refused":
            self._batch.fault(index, NOBODY)
        self._batch.find_misplaced(index, item, self._places)
        return _Wanted(identifiers, attributes)

    def store(self, index: int, wanted: _Wanted) -> None:
        """Store a profile, or drop it."""
        if not wanted.identifiers:
            self._batch.tell(index, "dropped", "a profile without an identifier of the account is nobody's")
            return
        write = next_write(self._call.db, self._call.now)
        resolved = self._resolver.resolve(wanted.identifiers, write)
        _set_attributes(self._call.db, resolved.profile, wanted.attributes, write)
        self._batch.tell_resolved(index, resolved)
        if not resolved.is_new:
            why = "only what is sent changes"
            self._batch.tell(index, "updated", why, *wanted.attributes, profile=resolved.profile)

    def _attributes(self, index: int, sent: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the identifiers among attributes, and the attributes that will be stored."""
        sent = sent if isinstance(sent, Mapping) else {}
        own = {name: value for name, value in sent.items() if name not in computed_names()}
        kept = self._fields.judged(own)
        kept.ignored.extend((name, "the service computes it") for name in sent if name not in own)
        among = {name: value for name, value in kept.values.items() if name in self._known}
        kept.ignored.extend((name, "an identifier is not cleared") for name, value in among.items() if value is None)
        self._batch.find(index, kept, "attributes")
        attributes = {name: value for name, value in kept.values.items() if name not in among}
        return {name: value for name, value in among.items() if value is not None}, attributes


def _set_attributes(db: sqlite3.Connection, profile: int, attributes: Mapping[str, Any], write: Write) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO attributes (profile, name, value, updated, written) VALUES (?, ?, ?, ?, ?)",
        [(profile, name, json.dumps(value), write.at, write.number) for name, value in attributes.items()],
    )
