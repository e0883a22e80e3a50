"""Events: what customers did. They only ever arrive; their identifiers tell whose they are (facts §4).

The items of a batch are worked on in their order. An answer of 202 promises nothing (facts §2): what became of each
event, the journal tells.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from ._answers import Answer
from ._batches import NOBODY, Batch
from ._calls import Call
from ._fields import Fields, Kept
from ._identifiers import confidences, usable
from ._identities import Resolver
from ._nested import nested_of
from ._numbers import next_write
from ._types import seconds_of

# Names under which field code sends data and its time (facts §2), besides the names of fields.
_MISTAKEN = dict.fromkeys(("timestamp", "time", "properties", "fields", "attributes"))


def send_events(call: Call) -> Answer:
    """Store events with the profiles of their identifiers, which are made where there are none; answers 202."""
    batch = Batch(call, call.body)
    if refused := batch.refused_whole():
        return refused
    work = _Work(call, batch)
    for index, item in batch.all():
        work.judge(index, item)
    for index, item in batch.good():
        work.store(index, item)
    return batch.answer(HTTPStatus.ACCEPTED)


class _Work:
    """Is one batch of events being worked on; `_data` is what will be stored of each event's data."""

    def __init__(self, call: Call, batch: Batch) -> None:
        self._call = call
        self._batch = batch
        self._known = confidences(call.db)
        self._fields = Fields(call.db, "events", call.behaviour)
        self._nested = nested_of(call)
        self._resolver = Resolver(call.db, self._known, call.behaviour)
        self._data: dict[int, dict[str, Any]] = {}

    def judge(self, index: int, item: Mapping[str, Any]) -> None:
        """Find what is wrong with an event, and what of its data will be stored."""
        kept = self._judged(item.get("data"))
        self._batch.find(index, kept, "data")
        self._batch.find_misplaced(
            index,
            item,
            {"type": {}, "action": {}, "identifiers": self._known, "data": {**_MISTAKEN, **self._fields.types}},
        )
        self._data[index] = {name: value for name, value in kept.values.items() if value is not None}
        if self._call.behaviour.event_without_identifier == "refused" and not self._identifiers(item):
            self._batch.fault(index, NOBODY)

    def store(self, index: int, item: Mapping[str, Any]) -> None:
        """Store an event, or drop it."""
        identifiers, ignored = usable(item.get("identifiers", {}), self._known, self._call.behaviour)
        data = self._data[index]
        for name, why in ignored:
            self._batch.tell(index, "ignored", why, f"identifiers.{name}")
        if not identifiers:
            self._batch.tell(index, "dropped", "an event without an identifier of the account is nobody's")
        elif self._is_repeated(data):
            why = "an event with this idempotence_id is stored already"
            self._batch.tell(index, "dropped", why, "data.idempotence_id")
        else:
            self._insert(index, item, identifiers, data)

    def _insert(self, index: int, item: Mapping[str, Any], identifiers: dict[str, str], data: dict[str, Any]) -> None:
        write = next_write(self._call.db, self._call.now)
        resolved = self._resolver.resolve(identifiers, write)
        told = map(json.dumps, (identifiers, data))
        row = (write.number, resolved.profile, item["type"], item.get("action"), *told, self._at(data), write.at)
        self._call.db.execute(
            "INSERT INTO events (number, profile, type, action, identifiers, data, at, received, idempotence_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, data.get("idempotence_id")),
        )
        for name in data.keys() & self._nested.keys():
            self._nested[name].keep(item.get("action"), data[name])
        self._batch.tell(index, "stored", "an event goes to the profile of its identifiers", profile=resolved.profile)
        self._batch.tell_resolved(index, resolved)

    def _judged(self, data: Any) -> Kept:
        data = data if isinstance(data, Mapping) else {}
        kept = self._fields.judged({name: value for name, value in data.items() if name not in self._nested})
        for name in data.keys() & self._nested.keys():
            values, faults, ignored = self._nested[name].judged(data[name])
            kept = Kept({**kept.values, **values}, kept.faults + faults, kept.ignored + ignored)
        return kept

    def _identifiers(self, item: Mapping[str, Any]) -> dict[str, str]:
        return usable(item.get("identifiers"), self._known, self._call.behaviour).values

    def _is_repeated(self, data: Mapping[str, Any]) -> bool:
        if "idempotence_id" not in data or self._call.behaviour.repeated_event == "stored":
            return False
        query = "SELECT 1 FROM events WHERE idempotence_id = ?"
        return self._call.db.execute(query, (data["idempotence_id"],)).fetchone() is not None

    def _at(self, data: Mapping[str, Any]) -> float:
        """Return when it was done: `ts` of its data, or now (facts §4)."""
        told = seconds_of(data.get("ts"), large=self._call.behaviour.large_epoch)
        return datetime.fromisoformat(self._call.now).timestamp() if told is None else told
