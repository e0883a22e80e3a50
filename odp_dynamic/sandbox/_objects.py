"""Objects: products, orders, and what else the schema has.

The key of an object is its `object_id`; it is the value of the type's primary key too, where it has one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from ._answers import Answer, envelope, message
from ._batches import Batch
from ._calls import Call, Outcome
from ._fields import Fields
from ._numbers import next_write
from ._registry import exists, primary_key
from ._standard import standard

# Finds what is wrong with an item of a batch, and returns its id and what of it will be stored, given the fields of its
# type and the name of the type's primary key.
Judge = Callable[[Batch, int, Mapping[str, Any], Fields, str | None], tuple[Any, dict[str, Any]]]


def upsert_objects(call: Call) -> Answer:
    """Create or update objects: only the fields that are sent change (facts §4); answers 202 (facts §2)."""
    return write_objects(call, Batch(call, call.body), _judged)


def write_objects(call: Call, batch: Batch, judge: Judge) -> Answer:
    """Create or update the objects of a batch.

    The items are worked on in their order, so of two with one id the later adds to the earlier.
    """
    kind = call.path["object_type"]
    if not exists(call.db, kind) and not call.faults:
        return _unknown(call, kind)
    if refused := batch.refused_whole():
        return refused
    fields = Fields(call.db, kind, call.behaviour)
    key = primary_key(call.db, kind)
    maker = standard()["objects"].get(kind, {}).get("made_by")
    apart = f"; but apart from those that {maker} makes, and unknown to profiles and segments" if maker else ""
    wanted = {index: judge(batch, index, item, fields, key) for index, item in batch.all()}
    for index, _ in batch.good():
        identity, values = wanted[index]
        is_new = put(call, kind, identity, values)
        why = ("no object of the type had this id" if is_new else "only what is sent changes") + apart
        batch.tell(index, "created" if is_new else "updated", why, *values)
    return batch.answer(HTTPStatus.ACCEPTED)


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


def put(call: Call, kind: str, key: str, fields: Mapping[str, Any]) -> bool:
    """Add fields to an object, which is made where there is none; None clears. Tell whether it was made."""
    write = next_write(call.db, call.now)
    row = call.db.execute("SELECT fields FROM objects WHERE type = ? AND id = ?", (kind, key)).fetchone()
    merged = {**(json.loads(row[0]) if row else {}), **fields}
    kept = json.dumps({name: value for name, value in merged.items() if value is not None})
    call.db.execute(
        "INSERT INTO objects (type, id, fields, created, updated, written) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET fields = excluded.fields, updated = excluded.updated, written = excluded.written",
        (kind, key, kept, write.at, write.at, write.number),
    )
    return row is None


def _judged(
    batch: Batch, index: int, item: Mapping[str, Any], fields: Fields, key: str | None
) -> tuple[Any, dict[str, Any]]:
    identity = item.get("object_id")
    if not identity:
        batch.fault(index, missing("object_id"))
    kept = fields.judged(item.get("fields"))
    batch.find(index, kept, "fields")
    if key in kept.values and identity not in (None, "", kept.values[key]):
        batch.fault(index, f"'fields.{key}' is the object_id of {fields.object}, and must be the same")
    batch.find_misplaced(index, item, {"object_id": (), "fields": fields.types})
    return identity, kept.values


def missing(name: str) -> str:
    """Return what is said of an object without its key, in the service's words (facts §2)."""
    return f"Missing required field `{name}`"


def _unknown(call: Call, kind: str) -> Answer:
    """Answer for objects of a type that the schema does not have."""
    becomes = call.behaviour.unknown_object
    why = "the schema has no such object"
    call.told.append(Outcome(None, "dropped" if becomes == "dropped" else "refused", why))
    if becomes == "dropped":
        return envelope(HTTPStatus.ACCEPTED, at=call.now)
    status = HTTPStatus.NOT_FOUND if becomes == "not found" else HTTPStatus.BAD_REQUEST
    return message(status, f"Unknown object type `{kind}`")
