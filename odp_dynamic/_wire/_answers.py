"""Answers: bytes to data, and where they depart from what the document declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._operations import DeclaredResponse, Operation
from .._pointers import join
from .._values import Problem, Response
from ..errors import StatusError, status_error
from ._bodies import decode, matching, media_type_of


def judge(operation: Operation, response: Response) -> Response:
    """Return the answer with its data, and with its problems: all that the document does not say of it."""
    declared = operation.response(response.status)
    content_type = response.headers.get("Content-Type")
    data, problems = _decoded(response.content, content_type)
    if declared is None:
        known = ", ".join(operation.responses) or "none"
        message = f"the status {response.status} is not declared; the document has {known}"
        problems = [Problem("response", "", "responses", message, join(operation.pointer, "responses")), *problems]
    else:
        if not problems and declared.content and operation.method != "HEAD":
            problems = _body(declared, data, content_type, empty=not response.content)
        if declared.headers:
            problems = [*problems, *_headers(declared, response.headers)]
    return _with(response, data, problems)


def read(response: Response) -> Response:
    """Return the answer with its data and without a judgement."""
    return _with(response, _decoded(response.content, response.headers.get("Content-Type"))[0], ())


def _with(response: Response, data: Any, problems: Iterable[Problem]) -> Response:
    # _replace() would do, and takes longer than judging a small body.
    status, headers, content, request, elapsed, attempts, _, _, history = response
    return Response(status, headers, content, request, elapsed, attempts, data, tuple(problems), history)


def refusal(operation: Operation, response: Response) -> StatusError:
    """Return the error that stands for an answer whose status is no success."""
    declared = operation.response(response.status)
    meaning = declared.description or None if declared else None
    return status_error(response.status)(operation.id, response, details(response.data), meaning)


def _decoded(content: bytes, content_type: str | None) -> tuple[Any, Sequence[Problem]]:
    try:
        # A body that does not say what it is gets the benefit of the doubt: nearly all are JSON.
        return decode(content, content_type or "application/json"), ()
    except ValueError as error:
        kind = media_type_of(content_type) if content_type else "JSON"
        return None, [Problem("response", "", "content", f"is no readable {kind}: {error}")]


def _body(declared: DeclaredResponse, data: Any, content_type: str | None, *, empty: bool) -> Sequence[Problem]:
    """Judge the body of an answer for which the document promises one."""
    chosen = matching(declared.content, content_type or "application/json")
    if empty:
        message = f"is empty; the document promises {', '.join(declared.content)}"
    elif chosen is None:
        kind = media_type_of(content_type or "application/json")
        message = f"is {kind}; the document promises {', '.join(declared.content)}"
    else:
        # Bytes are no JSON value: all that a document says of them is their type.
        schema = None if isinstance(data, bytes) else declared.content[chosen].schema
        return schema.problems(data, "response") if schema is not None else ()
    return [Problem("response", "", "content", message, join(declared.pointer, "content"))]


def _headers(declared: DeclaredResponse, headers: Mapping[str, str]) -> Iterator[Problem]:
    for header in declared.headers:
        if header.required and header.name not in headers:
            where = f"response.{header.name}"
            yield Problem(
                where, "", "required", "is a header that the document promises, and is missing", header.pointer
            )


def details(body: Any) -> list[Problem]:
    """Return the faults that a refusal's body lists, whatever envelope it came in; none when it has none to tell.

    Known are the data plane's ``detail.invalids[{event, message}]``, the schema API's ``detail.invalids[{field,
    reason}]``, ``detail.message``, ``message`` alone, ``errors[{message}]`` and ``title`` with ``detail`` (RFC 9457).
    """
    if not isinstance(body, Mapping):
        return []
    detail = body.get("detail")
    listed = detail.get("invalids") if isinstance(detail, Mapping) else body.get("errors")
    faults = [fault for item in listed for fault in _faults(item)] if isinstance(listed, list) else []
    if faults:
        return faults
    message = detail.get("message") if isinstance(detail, Mapping) else detail
    found = next((text for text in (message, body.get("message"), body.get("title")) if isinstance(text, str)), None)
    return [Problem("server", "", "", found)] if found else []


def _faults(item: Any) -> Iterator[Problem]:
    if isinstance(item, str):
        yield Problem("server", "", "", item)
    if not isinstance(item, Mapping):
        return
    index, field = item.get("event"), item.get("field")
    pointer = join("", index) if isinstance(index, int) else _pointer_of(field) if isinstance(field, str) else ""
    reasons = item.get("message", item.get("reason", item.get("detail", "is refused without a reason")))
    for reason in reasons if isinstance(reasons, list) else [reasons]:
        yield Problem("body" if pointer else "server", pointer, "", str(reason))


def _pointer_of(field: str) -> str:
    """Return the JSON pointer of a path such as ``relations[0].child_object``."""
    return join("", *field.replace("[", ".").replace("]", "").split("."))
