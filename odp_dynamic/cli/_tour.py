"""The stops of the tour: a call with all that can be seen of it, and a payload that is refused."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .._bind import UNSET, Binder
from .._operations import Content, Operation
from .._transport import RequestsTransport
from .._values import MASK, Request, Response
from ..errors import InvalidRequest, OdpError, StatusError, UnknownOperation
from ._columns import width
from ._output import bad, bold, dim, good, harmless, json_of, say
from ._shape import shape_of

if TYPE_CHECKING:
    from .._api import Api

_MOST_LINES = 14


class Wire(RequestsTransport):
    """Is the network, which counts what is sent."""

    sent = 0

    def send(self, request: Request, /) -> Response:
        """Send a request, and count it."""
        self.sent += 1
        return super().send(request)


class Stop:
    """Is one call of the tour."""

    def __init__(self, api: Api, told: Mapping[str, Any], number: str) -> None:
        self._api = api
        self._told = told
        self._number = number
        self._operation = api.operations[told["operation"]]

    def show(self) -> Iterator[str]:
        """Make the call, show it, and yield what is not as it should be."""
        say()
        say(f"{bold(f'{self._number}  {self._operation.id}')}  {dim(self._told['story'])}")
        arguments = self._told.get("arguments", {})
        try:
            request = self._api.prepare(self._operation.id, self._told.get("body", UNSET), **arguments)
            _show_request(request)
            _tick(f"request: {_judged_request(self._operation, arguments, request)}")
            response = self._sent(request)
        except OdpError as error:
            say(bad(f"    {harmless(str(error))}"))
            yield f"{self._operation.id} failed: {type(error).__name__}"
            return
        _show_answer(response)
        _tick(f"answer: {_judged_answer(self._operation, response)}")
        if "expect" in self._told and not holds(response.data, self._told["expect"]):
            yield f"{self._operation.id} did not answer what the tour promises"

    def _sent(self, request: Request) -> Response:
        """Send a request, and return the answer; a refusal too, where the tour promises one of its status."""
        try:
            return self._api.send(request)
        except StatusError as error:
            if error.status != self._told.get("status"):
                raise
            return error.response


def fits(api: Api, tour: Mapping[str, Any]) -> bool:
    """Tell whether all calls of a tour are calls of the operations at hand."""
    try:
        for told in tour["calls"]:
            api.prepare(told["operation"], told.get("body", UNSET), **told.get("arguments", {}))
    except (UnknownOperation, InvalidRequest):
        return False
    return True


def show_refusal(api: Api, wire: Wire, told: Mapping[str, Any]) -> Iterator[str]:
    """Show a payload being refused before anything is sent; yield what is not as it should be."""
    say()
    say(f"{bold('a bad payload')}  {dim(told['story'])}")
    say(f"    api.call({told['operation']!r}, …)")
    _show_json(told["body"])
    before = wire.sent
    try:
        api.call(told["operation"], told["body"])
    except InvalidRequest as error:
        say(f"    {type(error).__name__}: {len(error.problems)} problems")
        for problem in error.problems:
            say(f"      {bad('✗')} {problem}")
        if [problem.pointer for problem in error.problems] != told["expect"]:
            yield "the bad payload was refused for other reasons than the tour promises"
    else:
        yield "the bad payload was not refused"
    if wire.sent == before:
        _tick(f"nothing was sent: the sandbox has had {wire.sent} requests, as before")
    else:
        yield "the bad payload was sent"


def holds(data: Any, expected: Any) -> bool:
    """Tell whether an answer holds what is expected: of a mapping these entries, of a list such items."""
    if isinstance(expected, dict):
        return isinstance(data, dict) and all(name in data and holds(data[name], expected[name]) for name in expected)
    if isinstance(expected, list):
        return isinstance(data, list) and all(any(holds(item, one) for item in data) for one in expected)
    return bool(data == expected)


def _show_request(request: Request) -> None:
    say(f"    {request.method} {harmless(request.url)}")
    for name, value in request.headers.items():
        if name.lower() != "accept":
            shown = MASK if ("header", name) in request.secrets else value
            say(dim(f"    {harmless(f'{name}: {shown}')}"))
    if request.body is not None:
        _show_json(json.loads(request.body))


def _show_answer(response: Response) -> None:
    phrase = HTTPStatus(response.status).phrase
    say(f"    {bold(f'{response.status} {phrase}')}, {response.elapsed * 1000:.0f} ms")
    if response.data is not None:
        _show_json(response.data)


def _show_json(value: Any) -> None:
    lines = _compact(value, 6)
    for line in lines[:_MOST_LINES]:
        say(f"      {line}")
    if len(lines) > _MOST_LINES:
        say(dim(f"      … and {len(lines) - _MOST_LINES} more lines"))


def _compact(value: Any, indent: int, lead: str = "") -> list[str]:
    """Return a value after its name as JSON whose parts stay on a line where they fit."""
    line = lead + json_of(value, indent=None)
    if not isinstance(value, dict | list) or indent + len(line) < width():
        return [line]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    pairs = value.items() if isinstance(value, dict) else (("", item) for item in value)
    lines = [lead + opening]
    for name, item in pairs:
        lines += [f"  {part}" for part in _compact(item, indent + 2, f"{json_of(name)}: " if name else "")]
        lines[-1] += ","
    lines[-1] = lines[-1][:-1]
    return [*lines, closing]


def _tick(text: str) -> None:
    first, *rest = textwrap.wrap(text, width() - 6)
    say(f"    {good('✓')} {first}")
    for line in rest:
        say(f"      {line}")


def _judged_request(operation: Operation, arguments: Mapping[str, Any], request: Request) -> str:
    """Return the words for what of a request was validated."""
    binder = Binder(operation)
    whole = [binder.parent(name) for name in arguments]
    places = [one.where for one in operation.parameters if one.name in arguments or one in whole]
    parts = [f"{len(places)} parameter{'s'[: len(places) != 1]} ({', '.join(places)})"] if places else []
    if operation.request_body is not None and request.body is not None:
        parts.append(f"body against {_types(operation, operation.request_body, 'request')}")
    return " and ".join(parts) or "it takes neither parameters nor a body"


def _judged_answer(operation: Operation, response: Response) -> str:
    """Return the words for what of an answer was validated."""
    declared = operation.response(response.status)
    if declared is None or not declared.content:
        return f"{response.status} is declared; the document describes no body"
    return f"{response.status} against {_types(operation, declared, 'response')}"


def _types(operation: Operation, declared: Content, direction: str) -> str:
    schemas = [media.schema for media in declared.content.values() if media.schema]
    return " or ".join(shape_of(operation.document, s.pointer, direction=direction).type for s in schemas)
