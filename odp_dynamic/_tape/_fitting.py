"""Whether a recorded exchange still fits the document, and if not, where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .._operations import Operation
from .._values import Headers, Request, Response
from .._wire import judge
from ..errors import closest
from ._file import Exchange
from ._payloads import content_of, value_of
from ._placeholders import is_placeholder


def misfits(operations: Mapping[str, Operation], exchange: Exchange) -> Iterator[str]:
    """Yield all that the document no longer allows of an exchange, but for what it did not allow even then."""
    if exchange.operation not in operations:
        near = closest(exchange.operation, operations)
        yield f"the document has no such operation any more{f'; did it become {near!r}?' if near else ''}"
        return
    operation = operations[exchange.operation]
    known = set(exchange.problems)
    found = [*_arguments(operation, exchange), *_body(operation, exchange), *_answer(operation, exchange)]
    yield from (problem for problem in found if problem not in known)


def _arguments(operation: Operation, exchange: Exchange) -> Iterator[str]:
    parameters = {parameter.where: parameter for parameter in operation.parameters}
    yield from (f"{where}: is no parameter any more" for where in exchange.arguments if where not in parameters)
    for where, parameter in parameters.items():
        value = exchange.arguments.get(where)
        if value is not None and not is_placeholder(value):
            yield from map(str, parameter.problems(value))
        elif value is None and parameter.required:
            yield f"{where}: is required now, and was not given"


def _body(operation: Operation, exchange: Exchange) -> Iterator[str]:
    body = operation.request_body
    if not exchange.body:
        if body is not None and body.required:
            yield "body: is required now, and was not sent"
    elif body is None:
        yield "body: is not taken any more"
    elif "json" in exchange.body:
        yield from map(str, body.problems(value_of(exchange.body)))


def _answer(operation: Operation, exchange: Exchange) -> Iterator[str]:
    request = Request(operation.id, operation.method, "", {})
    return map(str, judge(operation, answer_of(exchange, request)).problems)


def answer_of(exchange: Exchange, request: Request) -> Response:
    """Return the recorded answer as it is written, placeholders and all."""
    headers = Headers(exchange.headers)
    content = content_of(exchange.answer, value_of(exchange.answer), headers.get("Content-Type"))
    return Response(exchange.status, headers, content, request)
