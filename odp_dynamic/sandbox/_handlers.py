"""Which function does the work of which operation, on which wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .._document import Document
from . import _events, _live, _objects, _profiles, _registry, _segments
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
LIVE: Mapping[str, Handler] = {
    "sendEvents": _live.send_events,
    "upsertProfile": _live.upsert_profile,
    "getProfile": _live.get_profile,
    "upsertObjects": _live.upsert_objects,
    "getObject": _live.get_object,
    "listSchemaObjects": _live.list_schema_objects,
    "getSchemaObject": _live.get_schema_object,
    "createSchemaObject": _live.create_schema_object,
    "createSchemaField": _live.create_schema_field,
    "listSegments": _live.list_segments,
}
# The service tells the faults of these by the item's place in the batch, those of all others by field (facts §7).
BATCHES = frozenset({"sendEvents", "upsertProfile", "upsertObjects"})
# These judge bodies too, and so tell all faults at once: they take what the referee found, and add their own.
JUDGES = BATCHES | {"createSchemaObject", "createSchemaField"}


def handlers_of(document: Document) -> Mapping[str, Handler]:
    """Return the handlers of the wire that a document speaks, as its ``info`` says: the live service's, or its own."""
    return LIVE if document.root["info"].get("x-wire") == "live" else HANDLERS
