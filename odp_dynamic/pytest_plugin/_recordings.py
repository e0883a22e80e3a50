"""Recordings: real calls kept in a file, without what is personal, and answered from it later.

In a replay a call is matched by its operation and its arguments, each recorded exchange once. A placeholder stands for
any value, but for the same one throughout the recording, and what the test sent comes back in the answers; a value that
only the service knew comes back as its placeholder. A recording that the document no longer allows is not played.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

from .._api import Api
from .._document import Document
from .._operations import Operation, operations_of
from .._retry import Retry
from .._settings import setting
from .._tape import Exchange, content_of, edition, misfits, payload, read, value_of, write
from .._values import Headers, Request, Response, Transport
from .._wire import judge
from ._any import ANY
from ._calls import body_of, call_of, decoded, placed_arguments
from ._differences import differences
from ._documents import document_at
from ._masking import Bindings, Masker, secrets_of

MODES = ("replay", "record", "auto")
_MODE = "ODP_RECORD"
_ELSEWHERE = "two values that were one are not, or two that were not are"
_HEADERS = ("Content-Type", "Retry-After")


class StaleRecording(AssertionError):
    """Says that a recording no longer fits the document: which operations, and what changed of them."""

    __module__ = __package__


class Unrecorded(AssertionError):
    """Says that a call is not in the recording, and how it differs from those that are."""

    __module__ = __package__


class Unmaskable(ValueError):
    """Says that a call cannot be recorded: with placeholders it would not fit the document."""

    __module__ = __package__


def recorder(
    transport: Transport | None,
    path: str | PathLike[str],
    *,
    mode: str | None = None,
    document: str | Document | None = None,
    keep: Iterable[str] = (),
) -> Recorder | Replayer:
    """Return a transport that records into a file what `transport` does (None: the network), or plays it back.

    `mode` is ``"record"``, ``"replay"``, or ``"auto"``: replay where there is a file; by default ``$ODP_RECORD``, or
    else replay. `document` is the one of the Api that calls, None the one that `Api()` has. `keep` are the places that
    are not masked. Recording writes the file when it is closed, which leaving a ``with`` does. Raises StaleRecording,
    and ValueError for what is no recording.
    """
    mode, path = mode or setting(_MODE) or MODES[0], Path(path)
    if mode not in MODES:
        raise ValueError(f"a recording's mode is one of {', '.join(MODES)}; {mode!r} is none")
    document = document if isinstance(document, Document) else document_at(document)
    if mode == "replay" or (mode == "auto" and path.is_file()):
        return Replayer(path, document)
    return Recorder(_network() if transport is None else transport, path, document, keep)


def _network() -> Transport:
    from .._transport import RequestsTransport  # a replay does without `requests`

    return RequestsTransport()


class _Closing:
    """Is what both have in common: a ``with`` closes them, and an Api that is closed does."""

    def close(self) -> None:
        """Keep what there is to keep."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Recorder(_Closing):
    """Is a transport that keeps each exchange of another one."""

    def __init__(self, transport: Transport, path: Path, document: Document, keep: Iterable[str]) -> None:
        self._transport = transport
        self._path = path
        self._document = document
        self._operations = operations_of([document])
        self._masker = Masker(keep)
        self._exchanges: list[Exchange] = []
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<Recorder {self._path}: {len(self._exchanges)} exchanges>"

    def send(self, request: Request, /) -> Response:
        """Return the other's answer, and keep it; raise Unmaskable where that cannot be."""
        response = self._transport.send(request)
        with self._lock:
            self._exchanges.append(self._exchange(self._operations[request.operation], request, response))
        return response

    def close(self) -> None:
        """Write the file; an empty recording is none."""
        if self._exchanges:
            write(self._path, self._document, self._exchanges)

    def _exchange(self, operation: Operation, request: Request, response: Response) -> Exchange:
        masker, secrets = self._masker, secrets_of(request)
        kind = response.headers.get("Content-Type")
        answer = decoded(response.content, kind)
        exchange = Exchange(
            operation.id,
            masker.arguments(operation, placed_arguments(operation, request)),
            self._sent(operation, request),
            response.status,
            {name: masker.header(name, response.headers[name], secrets) for name in _told(operation, response)},
            payload(masker.answer(operation, response.status, answer, secrets), kind, keep=masker.keeps("response"))
            if response.content
            else {},
            [str(problem) for problem in judge(operation, response).problems],
        )
        self._check(exchange)
        return exchange

    def _sent(self, operation: Operation, request: Request) -> dict[str, Any]:
        if not request.body:
            return {}
        masked = self._masker.body(operation, body_of(request))
        return payload(masked, request.headers.get("Content-Type"), keep=False)

    def _check(self, exchange: Exchange) -> None:
        if "bytes" in exchange.answer:
            found = ["response: is neither JSON nor text, and what in it is personal cannot be told"]
        else:
            found = list(misfits(self._operations, exchange))
        if found:
            told = "\n".join(f"  {problem}" for problem in found)
            advice = "name its place in keep= or odp_record_keep, or say x-personal: false in the document"
            raise Unmaskable(f"{exchange.operation} cannot be recorded with its values masked; {advice}\n{told}")


class Replayer(_Closing):
    """Is a transport that answers from a recording."""

    def __init__(self, path: Path, document: Document) -> None:
        if not path.is_file():
            raise FileNotFoundError(f"there is no recording {path}; make it with --odp-record=record or {_MODE}=record")
        self._path = path
        self._operations = operations_of([document])
        then, self._exchanges = read(path)
        self._check(then, edition(document))
        self._bindings = Bindings()
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<Replayer {self._path}: {len(self._exchanges)} exchanges left>"

    def send(self, request: Request, /) -> Response:
        """Return the recorded answer; raise Unrecorded for a call that is not, or no longer, in the recording."""
        __tracebackhide__ = True
        operation = self._operations[request.operation]
        live = _as_recorded(operation, request)
        with self._lock:
            for exchange in self._exchanges:
                if exchange.operation == operation.id and self._bindings.matches(_asked(exchange), live):
                    self._exchanges.remove(exchange)
                    return self._answer(exchange, request)
            raise Unrecorded(self._told(operation, request, live))

    def _answer(self, exchange: Exchange, request: Request) -> Response:
        headers = Headers(self._bindings.filled(dict(exchange.headers)))
        filled = self._bindings.filled(value_of(exchange.answer))
        return Response(
            exchange.status, headers, content_of(exchange.answer, filled, headers.get("Content-Type")), request
        )

    def _told(self, operation: Operation, request: Request, live: Any) -> str:
        lines = [f"{call_of(operation, request)} is not in {self._path}, or no longer"]
        for number, exchange in enumerate(self._exchanges, 1):
            if exchange.operation == operation.id:
                reasons = list(differences(self._bindings.filled(_asked(exchange), ANY), live)) or [_ELSEWHERE]
                lines.append("\n    ".join([f"  the {_ordinal(number)} exchange left differs:", *reasons]))
        left = [exchange.operation for exchange in self._exchanges if exchange.operation != operation.id]
        return "\n".join([*lines, f"  left besides: {', '.join(left) or 'nothing'}"])

    def _check(self, then: str, now: str) -> None:
        found = [
            f"  exchange {number}, {exchange.operation}: {problem}"
            for number, exchange in enumerate(self._exchanges, 1)
            for problem in misfits(self._operations, exchange)
        ]
        if found:
            versions = f"was made with {then}" + (f", the document is now {now}" if then != now else "")
            head = f"{self._path} no longer fits the document (it {versions}); record it again"
            raise StaleRecording("\n".join([head, *found]))


def recorded_api(transport: Recorder | Replayer, document: Document, settings: Mapping[str, Any]) -> Api:
    """Return a client that speaks through a recording; a replay needs no key, and does not wait to try again."""
    schemes = (document.root.get("components") or {}).get("securitySchemes") or {}
    own: dict[str, Any] = {"transport": transport}
    if isinstance(transport, Replayer):
        own |= {"credentials": dict.fromkeys(schemes, "replayed"), "retry": settings.get("retry", Retry(backoff=0))}
    return Api(document, **{**settings, **own})


def _asked(exchange: Exchange) -> dict[str, Any]:
    return {"arguments": dict(exchange.arguments), "body": value_of(exchange.body)}


def _as_recorded(operation: Operation, request: Request) -> dict[str, Any]:
    """Return a live call in the form of a recorded one; bytes are told by their number, as there."""
    body = body_of(request)
    return {
        "arguments": placed_arguments(operation, request),
        "body": len(body) if isinstance(body, bytes) else body,
    }


def _told(operation: Operation, response: Response) -> list[str]:
    declared = operation.response(response.status)
    names = [*_HEADERS, *(header.name for header in (declared.headers if declared else ()))]
    return [name for name in dict.fromkeys(names) if name in response.headers]


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
