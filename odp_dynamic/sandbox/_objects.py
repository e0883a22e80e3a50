"""Objects: products, orders, and what else the schema has.

Decided where the facts are silent (§11): an object whose type the schema does not have is refused with 400, for the
document declares no 404 there; an object needs an id; a batch is stored whole or not at all; null clears a field.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus

from ._answers import Answer, Fault, envelope, item_fault, message, refusal
from ._calls import Call
from ._registry import exists, type_faults


def upsert_objects(call: Call) -> Answer:
    """Create or update objects: only the fields that are sent change; answers 202 (facts §2)."""
    kind = call.path["object_type"]
    if not exists(call.db, kind):
        return message(HTTPStatus.BAD_REQUEST, f"Unknown object type `{kind}`")
    faults = list(_faults(call, kind))
    if faults:
        return refusal(faults)
    for item in call.body:
        _put(call, kind, item["object_id"], item.get("fields", {}))
    return envelope(HTTPStatus.ACCEPTED, at=call.now)


def get_object(call: Call) -> Answer:
    """Return an object with the times of its making and of its last change; 404 where there is none."""
    kind, key = call.path["object_type"], call.path["object_id"]
    row = call.db.execute(
        "SELECT fields, created, updated FROM objects WHERE type = ? AND id = ?", (kind, key)
    ).fetchone()
    if row is None:
        return message(HTTPStatus.NOT_FOUND, f"Unable to find {kind} with object_id = {key}")
    fields, created, updated = row
    data = {"object_id": key, "type": kind, "fields": json.loads(fields), "created": created, "updated": updated}
    return Answer(HTTPStatus.OK, data)


def _faults(call: Call, kind: str) -> Iterator[Fault]:
    for index, item in enumerate(call.body):
        if not item.get("object_id"):
            yield item_fault(index, "Missing required field `object_id`")  # the service's words, facts §2
        for fault in type_faults(call.db, kind, item.get("fields", {})):
            yield item_fault(index, fault)


def _put(call: Call, kind: str, key: str, fields: dict[str, object]) -> None:
    row = call.db.execute("SELECT fields FROM objects WHERE type = ? AND id = ?", (kind, key)).fetchone()
    merged = {**(json.loads(row[0]) if row else {}), **fields}
    kept = json.dumps({name: value for name, value in merged.items() if value is not None})
    call.db.execute(
        "INSERT INTO objects (type, id, fields, created, updated) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET fields = excluded.fields, updated = excluded.updated",
        (kind, key, kept, call.now, call.now),
    )
