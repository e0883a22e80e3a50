"""From an answer to what leaves: bytes, and the fault that spoils them.

All that can be spoilt is said in terms of WSGI (PEP 3333), so that a fault works the same wherever the application
runs: an answer that is cut states a length that it does not keep, one that trickles comes in several pieces, and a
connection that is to be reset is an exception. What a socket makes of these is `_server`'s business, what a caller in
process sees of them is `_transport`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ._answers import Answer, envelope, phrase
from ._faultplan import Fault
from ._requests import is_json

Sleep = Callable[[float], object]
SLEEP = "odp_dynamic.sleep"  # the key in a WSGI environment of what waits: a server that closes need not wait


class Lost(ConnectionResetError):
    """Says that the connection is to be reset: no answer leaves."""


class Delivery(NamedTuple):
    """Is what leaves: a status, header fields, and the body's pieces."""

    status: int
    headers: list[tuple[str, str]]
    pieces: Iterator[bytes]


class _Parcel(NamedTuple):
    """Is an answer before it leaves: `stated` is the length that it says it has."""

    content: bytes
    media_type: str
    stated: int
    piece: int = 0
    pause: float = 0.0


def deliver(answer: Answer, content: bytes, fault: Fault | None, sleep: Sleep) -> Delivery:
    """Return what leaves for an answer with this body; raise Lost where nothing does."""
    parcel = _Parcel(content, answer.media_type, len(content))
    if fault is None:
        return Delivery(answer.status, _headers(parcel), iter((content,)))
    parcel = _SPOILING.get(fault.kind, _whole)(parcel, fault)
    headers = _headers(parcel)
    if fault.retry_after is not None:
        headers.append(("Retry-After", str(fault.retry_after)))
    return Delivery(answer.status, headers, _pieces(parcel, sleep))


def refusal_by(fault: Fault) -> Answer:
    """Return the answer that a fault of the kind ``"status"`` gives."""
    status = fault.status or 0
    if fault.body is None:
        return envelope(status, {"message": phrase(status)})
    media_type = fault.content_type or "application/json"
    told = fault.body if is_json(media_type.partition(";")[0]) or isinstance(fault.body, str) else str(fault.body)
    return Answer(status, told, media_type)


def _headers(parcel: _Parcel) -> list[tuple[str, str]]:
    length = ("Content-Length", str(parcel.stated))
    return [length, ("Content-Type", parcel.media_type)] if parcel.stated else [length]


def _pieces(parcel: _Parcel, sleep: Sleep) -> Iterator[bytes]:
    size = parcel.piece or len(parcel.content) or 1
    for start in range(0, len(parcel.content), size):
        if start:
            sleep(parcel.pause)
        yield parcel.content[start : start + size]


def _whole(parcel: _Parcel, _: Fault) -> _Parcel:
    return parcel


def _cut(parcel: _Parcel, fault: Fault) -> _Parcel:
    stated = max(parcel.stated, 1)
    kept = stated // 2 if fault.sent is None else min(fault.sent, stated - 1)
    return parcel._replace(content=parcel.content[:kept], stated=stated)


def _invalid_json(parcel: _Parcel, _: Fault) -> _Parcel:
    content = parcel.content[: len(parcel.content) // 2] + b"{"  # whatever stands before it, it is never closed
    return parcel._replace(content=content, stated=len(content))


def _content_type(parcel: _Parcel, fault: Fault) -> _Parcel:
    return parcel._replace(media_type=fault.content_type or "text/html")


def _trickle(parcel: _Parcel, fault: Fault) -> _Parcel:
    return parcel._replace(piece=fault.piece, pause=fault.pause)


def _reset(_: _Parcel, fault: Fault) -> _Parcel:
    raise Lost(str(fault))


_SPOILING: Mapping[str, Callable[[_Parcel, Fault], _Parcel]] = {
    "cut": _cut,
    "invalid_json": _invalid_json,
    "content_type": _content_type,
    "trickle": _trickle,
    "reset": _reset,
}
