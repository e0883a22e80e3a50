"""The live service's wire (facts §2), over the same work and the same state.

Each function reads a request as that wire has it, has the work done that is done for the document's own wire, and
writes the answer as that wire has it. Which wire a document speaks, its ``info`` says: ``x-wire: live``.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from . import _events, _objects, _profiles, _registry, _segments
from ._answers import FORBIDDEN, Answer, message
from ._batches import Batch
from ._calls import Call, Outcome
from ._fields import Fields
from ._identifiers import confidences


def send_events(call: Call) -> Answer:
    """Store events, or the one event that the body is."""
    return _events.send_events(call._replace(body=_items(call)))


def upsert_profile(call: Call) -> Answer:
    """Create or update profiles, or the one that the body is; their identifiers stand among the attributes."""
    batch = _batch(call)
    if refused := batch.refused_whole():
        return refused
    _profiles.write_profiles(call, batch, ["attributes"])
    return batch.answer(HTTPStatus.ACCEPTED)


def get_profile(call: Call) -> Answer:
    """Return what is stored of the profile that the query's one pair belongs to."""
    if len(call.query) != 1:
        return message(HTTPStatus.BAD_REQUEST, _profiles.expected(confidences(call.db)))
    [(field, value)] = call.query.items()
    found = _profiles.find_profile(call, field, value, HTTPStatus.BAD_REQUEST)
    if isinstance(found, Answer):
        return found
    status = HTTPStatus.OK if call.behaviour.found_profile == "OK" else HTTPStatus.ACCEPTED
    return Answer(status, {"attributes": _profiles.stored(call.db, found)})


def upsert_objects(call: Call) -> Answer:
    """Create or update objects, or the one that the body is; they are flat, and bear their own primary key."""
    return _objects.write_objects(call, _batch(call), _judged_object)


def get_object(call: Call) -> Answer:
    """Refuse, as the front door does for a path that does not exist (facts §1)."""
    call.told.append(Outcome(None, "refused", "the live service has no such path"))
    return Answer(HTTPStatus.FORBIDDEN, FORBIDDEN)


def list_schema_objects(call: Call) -> Answer:
    """Return the definitions of all objects."""
    return Answer(HTTPStatus.OK, [_definition(told) for told in _registry.definitions(call.db)])


def get_schema_object(call: Call) -> Answer:
    """Return the definition of an object."""
    return _defined(_registry.get_schema_object(call))


def create_schema_object(call: Call) -> Answer:
    """Create an object with its fields; its name is in the body, and created is 200."""
    body = call.body if isinstance(call.body, Mapping) else {}
    rest = {name: value for name, value in body.items() if name != "name"}
    name: Any = body.get("name")  # of another type where the referee has found a fault
    return _defined(_registry.create_schema_object(call._replace(path={"object_type": name}, body=rest)))


def create_schema_field(call: Call) -> Answer:
    """Create a field; created is 200."""
    return _okay(_registry.create_schema_field(call))


def list_segments(call: Call) -> Answer:
    """Return the ids of the segments, which are their names here."""
    return Answer(HTTPStatus.OK, {"segment_ids": [told["name"] for told in _segments.counted(call.db)]})


def _items(call: Call) -> Any:
    return [call.body] if isinstance(call.body, Mapping) else call.body


def _batch(call: Call) -> Batch:
    return Batch(call, _items(call), is_one=isinstance(call.body, Mapping))


def _judged_object(
    batch: Batch, index: int, item: Mapping[str, Any], fields: Fields, key: str | None
) -> tuple[Any, dict[str, Any]]:
    """Judge a flat object; a type without a primary key of one field has its objects' id beside their fields."""
    named = key or "object_id"
    identity = item.get(named)
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)  # a number in some of the vendor's examples, text in others (facts §2)
    kept = fields.judged({**item, named: identity} if key else {name: item[name] for name in item if name != named})
    is_key = isinstance(identity, str) and bool(identity)
    if not is_key and all(name != named for name, _ in kept.faults):
        batch.fault(index, _objects.missing(named))
    batch.find(index, kept)
    return identity, kept.values


def _defined(answer: Answer) -> Answer:
    done = _okay(answer)
    return done._replace(data=_definition(done.data)) if done.status == HTTPStatus.OK else done


def _okay(answer: Answer) -> Answer:
    return answer._replace(status=HTTPStatus.OK) if answer.status == HTTPStatus.CREATED else answer


def _definition(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition as this wire has it: objects have no description, and relations to others."""
    return {**{name: value for name, value in told.items() if name != "description"}, "relations": []}
