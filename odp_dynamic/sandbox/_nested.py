"""Objects inside an event's data: an order is told with its purchase, and becomes an object of its own (facts §4).

Which these are, ``standard.yaml`` says under `nested`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._calls import Call
from ._fields import Fields, Kept
from ._objects import put
from ._registry import primary_key
from ._standard import standard


class Nested:
    """Is one name in the data of events that holds an object: `object` says of which type."""

    def __init__(self, call: Call, name: str, rule: Mapping[str, Any]) -> None:
        self._call = call
        self._name = name
        self._rule = rule
        self._fields = Fields(call.db, rule["object"], call.behaviour)

    def judged(self, value: Any) -> Kept:
        """Return what becomes of the object as a whole: its fields are those of its type, and what an event adds."""
        if not isinstance(value, Mapping):
            return Kept({}, [], [(self._name, "it is no object")])
        own = {name: part for name, part in value.items() if name not in self._rule["and"]}
        values, *told = self._fields.judged(own)
        faults, ignored = ([(f"{self._name}.{name}", why) for name, why in pairs] for pairs in told)
        more = {name: value[name] for name in self._rule["and"] if name in value}
        said = {name: part for name, part in {**values, **more}.items() if part is not None}
        return Kept({self._name: said}, faults, ignored)

    def keep(self, action: str | None, value: Mapping[str, Any]) -> None:
        """Store the object by itself where the event's action makes one; without an id it is none."""
        key = value.get(primary_key(self._call.db, self._rule["object"]) or "")
        if action == self._rule["action"] and isinstance(key, str) and key:
            fields = {name: part for name, part in value.items() if name not in self._rule["and"]}
            put(self._call, self._rule["object"], key, fields)


def nested_of(call: Call) -> dict[str, Nested]:
    """Return what the data of events may hold besides fields, by name."""
    return {name: Nested(call, name, rule) for name, rule in standard()["nested"].items()}
