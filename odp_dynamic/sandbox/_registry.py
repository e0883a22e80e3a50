"""The schema: which objects there are, and which fields they have, of which types.

Names are made once and for ever: there is no renaming and no deleting (facts §5). All faults of a definition are told
at once, the referee's too, in the service's words where they are known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from ._answers import Answer, Fault, field_fault, message, refusal
from ._calls import Call, Outcome
from ._definitions import field_faults, naming_faults, tell_unread


def list_schema_objects(call: Call) -> Answer:
    """Return all objects of the schema with their fields: a bare array (facts §2), the standard ones first."""
    return Answer(HTTPStatus.OK, definitions(call.db))


def get_schema_object(call: Call) -> Answer:
    """Return one object of the schema; 404 where there is none (facts §2)."""
    name = call.path["object_type"]
    return Answer(HTTPStatus.OK, _definition(call.db, name)) if exists(call.db, name) else _unknown(call, name)


def create_schema_object(call: Call) -> Answer:
    """Create an object and return its definition; answers 201.

    The document's definition has no fields. Where the vendor's own are sent with it (facts §5), they are created too,
    and one of them must be primary.
    """
    body = call.body if isinstance(call.body, Mapping) else {}
    wanted = {**_named(body), "name": call.path["object_type"]}
    fields = body.get("fields", [])
    faults = [*naming_faults(wanted, _taken(call.db, "schema_objects", "TRUE", ""), "object")]
    faults += _faults_of_fields(fields) if "fields" in body else []
    if call.faults or faults:
        return _refused(call, faults)
    _add_object(call.db, wanted)
    for field in fields:
        _add_field(call.db, wanted["name"], field)
    call.told.append(Outcome(None, "created", "no object had its name or display name", tuple(wanted)))
    tell_unread(call.told, body, ("display_name", "description", "fields"))
    return Answer(HTTPStatus.CREATED, _definition(call.db, wanted["name"]))


def create_schema_field(call: Call) -> Answer:
    """Create a field of an object and return it; answers 201, and 404 where there is no such object."""
    name = call.path["object_type"]
    if not exists(call.db, name) and not call.faults:
        return _unknown(call, name)
    body = call.body if isinstance(call.body, Mapping) else {}
    faults = [*naming_faults(body, _taken(call.db, "schema_fields", "object = ?", name), "field")]
    if body.get("primary"):
        faults.append(field_fault("primary", "only allowed during object creation"))  # facts §5
    if call.faults or faults:
        return _refused(call, faults)
    _add_field(call.db, name, body)
    call.told.append(Outcome(None, "created", "no field of the object had its name or display name"))
    tell_unread(call.told, body, ("name", "display_name", "type", "description", "primary"))
    return Answer(HTTPStatus.CREATED, {"name": body["name"], **_named(body), "type": body["type"]})


def exists(db: sqlite3.Connection, name: str) -> bool:
    """Tell whether the schema has an object."""
    return db.execute("SELECT 1 FROM schema_objects WHERE name = ?", (name,)).fetchone() is not None


def primary_key(db: sqlite3.Connection, name: str) -> str | None:
    """Return the field that is an object's primary key; None where it has none, or several."""
    rows = db.execute("SELECT name FROM schema_fields WHERE object = ? AND is_primary", (name,)).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else None


def definitions(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return all objects of the schema with their fields."""
    names = db.execute("SELECT name FROM schema_objects ORDER BY position").fetchall()
    return [_definition(db, name) for (name,) in names]


def _definition(db: sqlite3.Connection, name: str) -> dict[str, Any]:
    [told] = _rows(db, "SELECT name, display_name, description FROM schema_objects WHERE name = ?", name)
    query = 'SELECT name, display_name, type, description, is_primary AS "primary" FROM schema_fields'
    fields = list(_rows(db, f"{query} WHERE object = ? ORDER BY position", name))
    return {**told, "fields": [{**field, "primary": True} if "primary" in field else field for field in fields]}


def _rows(db: sqlite3.Connection, query: str, *values: str) -> Iterator[dict[str, Any]]:
    cursor = db.execute(query, values)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield {name: value for name, value in zip(names, row, strict=True) if value is not None}


def _named(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("display_name", "description") if name in body}


def _taken(db: sqlite3.Connection, table: str, where: str, value: str) -> dict[str, set[str]]:
    values = (value,) if "?" in where else ()
    rows = db.execute(f"SELECT name, display_name FROM {table} WHERE {where}", values).fetchall()  # noqa: S608  # ours
    return {"name": {row[0] for row in rows}, "display_name": {row[1] for row in rows}}


def _faults_of_fields(fields: Any) -> list[Fault]:
    """Return the faults of the fields that a definition of an object brings along; among themselves they are unique."""
    faults: list[Fault] = []
    taken: dict[str, set[str]] = {"name": set(), "display_name": set()}
    items = fields if isinstance(fields, list) else []
    for index, field in enumerate(items):
        own = field if isinstance(field, Mapping) else {}
        faults += [
            field_fault(f"fields[{index}].{fault['field']}", fault["reason"]) for fault in field_faults(own, taken)
        ]
        for key, names in taken.items():
            names.add(str(own.get(key)))
    if not any(isinstance(field, Mapping) and field.get("primary") is True for field in items):
        faults.append(field_fault("fields", "at least one primary key field required"))  # facts §5
    return faults


def _add_object(db: sqlite3.Connection, wanted: Mapping[str, Any]) -> None:
    db.execute(
        "INSERT INTO schema_objects (name, display_name, description) VALUES (:name, :display_name, :description)",
        {"description": None, **wanted},
    )


def _add_field(db: sqlite3.Connection, name: str, field: Mapping[str, Any]) -> None:
    columns = ("name", "display_name", "type", "description")
    db.execute(
        "INSERT INTO schema_fields (object, name, display_name, type, description, is_primary)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (name, *(field.get(column) for column in columns), field.get("primary") is True or None),
    )


def _refused(call: Call, faults: list[Fault]) -> Answer:
    """Return the refusal of a definition: the faults of its form, then those of its names; each once."""
    told = list({(fault["field"], fault["reason"]): fault for fault in (*call.faults, *faults)}.values())
    for fault in told:
        call.told.append(Outcome(None, "refused", fault["reason"], (fault["field"],)))
    return refusal(told if call.behaviour.invalids == "all" else told[:1])


def _unknown(call: Call, name: str) -> Answer:
    call.told.append(Outcome(None, "refused", "the schema has no such object"))
    return message(HTTPStatus.NOT_FOUND, f"Unable to find object {name}")
