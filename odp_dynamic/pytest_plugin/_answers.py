"""Scripted answers, judged as soon as they are scripted: what a service could never say is not said in its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._operations import DeclaredResponse, Operation
from .._values import Headers, Problem, Request, Response
from .._wire import judge
from .._wire._bodies import encode
from ..errors import TransportError
from ._expecting import InvalidStub

Give = Callable[[Request], Response]


def answering(
    operation: Operation, data: Any, status: int | None, content_type: str | None, headers: Mapping[str, str] | None
) -> tuple[Give, int]:
    """Return what gives an answer, and its status; raise InvalidStub where the document does not allow it.

    Without a status it is the first success that the document declares, without a content type the first one of that.
    """
    __tracebackhide__ = True
    status = _success(operation) if status is None else status
    declared = operation.response(status)
    kind = content_type or _content_type(declared, data)
    try:
        content, kind = (b"", kind) if data is None and not _promised(declared) else encode(data, kind)
    except ValueError as error:
        raise _invalid(
            operation, status, (Problem("response", "", "content", f"cannot be written: {error}"),)
        ) from None
    give = _giving(status, content, kind if content else None, headers)
    problems = _problems(operation, give)
    if problems:
        raise _invalid(operation, status, problems)
    return give, status


def breaking(
    operation: Operation, content: bytes, status: int, content_type: str | None, headers: Mapping[str, str] | None
) -> Give:
    """Return what gives an answer that departs from the document; raise InvalidStub where it does not."""
    __tracebackhide__ = True
    give = _giving(status, content, content_type, headers)
    if not _problems(operation, give):
        problem = Problem("response", "", "", "the document allows this answer; script it with returns()")
        raise InvalidStub(operation.id, (problem,), f"stub: its answer {status} breaks nothing")
    return give


def failing(operation: Operation, error: type[TransportError] | TransportError, *, sent: bool) -> Give:
    """Return what raises an error of the network; raise InvalidStub for another, which no transport raises."""
    __tracebackhide__ = True
    kind = error if isinstance(error, type) else type(error)
    if not issubclass(kind, TransportError):
        message = (
            f"a transport raises TransportError or TimedOut, not {kind.__name__}; a refusal is a status: returns()"
        )
        raise InvalidStub(operation.id, (Problem("raises", "", "", message),), "stub: no call could end like this")

    def give(request: Request) -> Response:
        raise error if isinstance(error, TransportError) else error("the stub was told to fail", request, sent=sent)

    return give


def _giving(status: int, content: bytes, content_type: str | None, headers: Mapping[str, str] | None) -> Give:
    fields = Headers({**({"Content-Type": content_type} if content_type else {}), **(headers or {})})
    return lambda request: Response(status, fields, content, request)


def _problems(operation: Operation, give: Give) -> tuple[Problem, ...]:
    return judge(operation, give(Request(operation.id, operation.method, "", {}))).problems


def _invalid(operation: Operation, status: int, problems: tuple[Problem, ...]) -> InvalidStub:
    return InvalidStub(operation.id, problems, f"stub: the document allows no such answer {status}")


def _success(operation: Operation) -> int:
    declared = sorted(status for status in operation.responses if status.startswith("2"))
    return int(declared[0].upper().replace("X", "0")) if declared else 200


def _promised(declared: DeclaredResponse | None) -> bool:
    """Tell whether None is a body: JSON's null, where the document has a body at all."""
    media = next(iter(declared.content.values()), None) if declared else None
    return media is not None and media.schema is not None and media.schema.is_valid(None)


def _content_type(declared: DeclaredResponse | None, data: Any) -> str:
    offered = list(declared.content) if declared else []
    return offered[0] if offered else "text/plain" if isinstance(data, str) else "application/json"
