"""The schema: which objects there are, which fields they have, and of which type these are.

Names are made once and for ever: there is no renaming and no deleting (facts §5). All faults of a definition are told
at once, in the service's words where they are known.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from ._answers import Answer, Fault, field_fault, message, refusal
from ._calls import Call

_NAME = re.compile(r"[a-z][a-z0-9_]{1,61}")  # facts §4
_NAME_RULE = "must be 2 to 62 characters of lower snake case, and start with a letter"


def list_schema_objects(call: Call) -> Answer:
    """Return all objects of the schema with their fields: a bare array (facts §2), the standard ones first."""
    names = call.db.execute("SELECT name FROM schema_objects ORDER BY position").fetchall()
    return Answer(HTTPStatus.OK, [_definition(call.db, name) for (name,) in names])


def get_schema_object(call: Call) -> Answer:
    """Return one object of the schema; 404 where there is none (facts §2)."""
    name = call.path["object_type"]
    return Answer(HTTPStatus.OK, _definition(call.db, name)) if exists(call.db, name) else _unknown(name)


def create_schema_object(call: Call) -> Answer:
    """Create an object without fields and return its definition; answers 201."""
    wanted = {"name": call.path["object_type"], **_named(call.body)}
    faults = list(_naming_faults(wanted, _taken(call.db, "schema_objects", "TRUE", ()), "object"))
    if faults:
        return refusal(faults)
    call.db.execute(
        "INSERT INTO schema_objects (name, display_name, description) VALUES (:name, :display_name, :description)",
        {"description": None, **wanted},
    )
    return Answer(HTTPStatus.CREATED, _definition(call.db, wanted["name"]))


def create_schema_field(call: Call) -> Answer:
    """Create a field of an object and return it; answers 201, and 404 where there is no such object."""
    name = call.path["object_type"]
    if not exists(call.db, name):
        return _unknown(name)
    wanted = {"name": call.body["name"], **_named(call.body), "type": call.body["type"]}
    faults = list(_naming_faults(wanted, _taken(call.db, "schema_fields", "object = ?", (name,)), "field"))
    if faults:
        return refusal(faults)
    call.db.execute(
        "INSERT INTO schema_fields (object, name, display_name, type, description)"
        " VALUES (:object, :name, :display_name, :type, :description)",
        {"description": None, "object": name, **wanted},
    )
    return Answer(HTTPStatus.CREATED, wanted)


def exists(db: sqlite3.Connection, name: str) -> bool:
    """Tell whether the schema has an object."""
    return db.execute("SELECT 1 FROM schema_objects WHERE name = ?", (name,)).fetchone() is not None


def type_faults(db: sqlite3.Connection, name: str, values: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each value that is not of its field's type.

    Fields that the schema does not have may hold anything (facts §2: the service accepts them), and so may null.
    Whether the service refuses a wrong type or drops the value is not known (facts §11): here it is refused.
    """
    types = dict(db.execute("SELECT name, type FROM schema_fields WHERE object = ?", (name,)))
    wrong = [
        field
        for field, value in values.items()
        if value is not None and field in types and not _FITS[types[field]](value)
    ]
    return [f"'{field}' is not a {types[field]}" for field in wrong]


def _definition(db: sqlite3.Connection, name: str) -> dict[str, Any]:
    [told] = _rows(db, "SELECT name, display_name, description FROM schema_objects WHERE name = ?", name)
    fields = "SELECT name, display_name, type, description FROM schema_fields WHERE object = ? ORDER BY position"
    return {**told, "fields": list(_rows(db, fields, name))}


def _rows(db: sqlite3.Connection, query: str, *values: str) -> Iterator[dict[str, Any]]:
    cursor = db.execute(query, values)
    names = [column[0] for column in cursor.description]
    for row in cursor:
        yield {name: value for name, value in zip(names, row, strict=True) if value is not None}


def _named(body: Mapping[str, Any]) -> dict[str, str]:
    return {name: body[name] for name in ("display_name", "description") if name in body}


def _taken(db: sqlite3.Connection, table: str, where: str, values: Iterable[str]) -> dict[str, set[str]]:
    rows = db.execute(f"SELECT name, display_name FROM {table} WHERE {where}", tuple(values)).fetchall()  # noqa: S608
    return {"name": {row[0] for row in rows}, "display_name": {row[1] for row in rows}}


def _naming_faults(wanted: Mapping[str, str], taken: Mapping[str, set[str]], kind: str) -> Iterator[Fault]:
    if not _NAME.fullmatch(wanted["name"]):
        yield field_fault("name", _NAME_RULE)
    if not wanted["display_name"].strip():
        yield field_fault("display_name", "must not be blank")
    for key in ("name", "display_name"):
        if wanted[key] in taken[key]:
            yield field_fault(key, f"already used by another {kind}")


def _unknown(name: str) -> Answer:
    return message(HTTPStatus.NOT_FOUND, f"Unable to find object {name}")


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[-+]?\d+(\.\d+)?", value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, (bool, int, str)) and value in (True, False, "0", "1", "true", "false")


def _is_timestamp(value: Any) -> bool:
    from datetime import datetime

    if not isinstance(value, str) or _is_number(value):
        return _is_number(value)  # seconds since 1970
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


# What a field of each type takes (facts §4).
_FITS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "boolean": _is_boolean,
    "timestamp": _is_timestamp,
}
