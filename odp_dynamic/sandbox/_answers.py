"""Answers, and the envelopes that the service puts its faults in (facts §7)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from ._requests import is_json

Fault = Mapping[str, Any]


class Answer(NamedTuple):
    """Is what a request gets: `data` is the JSON body, None where there is none."""

    status: int
    data: Any = None
    media_type: str = "application/json"


# The front door's answer to whoever has no business here: an unknown route, method or key (facts §1).
FORBIDDEN = {"message": "Forbidden"}


def now() -> str:
    """Return the time as the service writes it: RFC 3339, UTC, milliseconds (facts §2)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def phrase(status: int) -> str:
    """Return the words for a status, also for one that has none of its own (RFC 9110, 15)."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return phrase(status // 100 * 100)


def written(answer: Answer) -> bytes:
    """Return the body of an answer as it is sent."""
    if answer.data is None:
        return b""
    if not is_json(answer.media_type.partition(";")[0]):
        return str(answer.data).encode()
    return json.dumps(answer.data, ensure_ascii=False, separators=(",", ":")).encode()


def envelope(status: int, detail: Any = None, *, at: str | None = None) -> Answer:
    """Return the service's own envelope: title, status, timestamp, and detail where there is one."""
    data = {"title": phrase(status), "status": int(status), "timestamp": at or now()}
    return Answer(status, data if detail is None else {**data, "detail": detail})


def message(status: int, text: str) -> Answer:
    """Return a refusal for one reason."""
    return envelope(status, {"message": text})


def refusal(faults: Sequence[Fault]) -> Answer:
    """Return the refusal that lists all faults: 400, `detail.invalids`."""
    return envelope(HTTPStatus.BAD_REQUEST, {"invalids": list(faults)})


def item_fault(index: int, text: str) -> Fault:
    """Return one fault of the data plane: `event` is the item's place in the batch, whatever the items are."""
    return {"event": index, "message": text}


def field_fault(field: str, reason: str) -> Fault:
    """Return one fault of a definition: `field` is a path such as ``fields[0].name``."""
    return {"field": field, "reason": reason}
