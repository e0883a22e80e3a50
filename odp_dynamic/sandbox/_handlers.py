"""Which function does the work of which operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import _events, _objects, _profiles, _registry, _segments
from ._answers import Answer
from ._calls import Call

Handler = Callable[[Call], Answer]

HANDLERS: Mapping[str, Handler] = {
    "sendEvents": _events.send_events,
    "upsertProfile": _profiles.upsert_profile,
    "getProfile": _profiles.get_profile,
    "upsertObjects": _objects.upsert_objects,
    "getObject": _objects.get_object,
    "listSchemaObjects": _registry.list_schema_objects,
    "getSchemaObject": _registry.get_schema_object,
    "createSchemaObject": _registry.create_schema_object,
    "createSchemaField": _registry.create_schema_field,
    "listSegments": _segments.list_segments,
}
# The service tells the faults of these by the item's place in the batch, those of all others by field (facts §7).
BATCHES = frozenset({"sendEvents", "upsertProfile", "upsertObjects"})
# These judge bodies too, and so tell all faults at once: they take what the referee found, and add their own.
JUDGES = BATCHES | {"createSchemaObject", "createSchemaField"}
