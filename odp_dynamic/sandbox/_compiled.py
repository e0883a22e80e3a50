"""openapi-core's judgement of one operation, put together once out of its own parts.

What it makes anew for each request (which parameters there are, how each is read, by which schema it is judged) takes
more time than judging. Here that is done once, and only the judging is left. It says yes, or nothing: where a part
finds a fault, or where there is something that is not put together here, openapi-core itself is to be asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol

from jsonschema_path import SchemaPath
from openapi_core.exceptions import OpenAPIError
from openapi_core.schema.parameters import get_style_and_explode
from openapi_core.templating.media_types.finders import MediaTypeFinder
from openapi_core.templating.responses.finders import ResponseFinder
from openapi_core.validation.validators import BaseValidator

from ._requests import is_json

Judge = Callable[[Any], None]
Reader = Callable[[Mapping[str, Any]], Any]
Places = Mapping[str, Mapping[str, Any]]

_FAULTS = (OpenAPIError, ValueError, TypeError, AttributeError)  # what openapi-core's parts raise, and `json`


class Sent(Protocol):
    """Is a request as openapi-core reads it."""

    parameters: Places
    content_type: str
    body: bytes


class Answered(Protocol):
    """Is an answer as openapi-core reads it."""

    status_code: int
    content_type: str
    data: bytes


class Compiled:
    """Is the judgement of one operation, which stands in the document at a path template and a method."""

    def __init__(self, requests: BaseValidator, answers: BaseValidator, path: str, method: str) -> None:
        item = requests.spec / "paths" / path
        operation = item / method
        self._parameters = [_parameter(requests, one) for one in _parameters(item, operation)]
        self._has_body = "requestBody" in operation
        body = operation / "requestBody"
        self._needs_body = (body / "required").read_bool(default=False)
        self._media_types = MediaTypeFinder(body / "content")
        declared = (body / "content").str_items() if self._has_body else ()
        self._bodies = {name: _judge_of(requests, media_type) for name, media_type in declared}
        self._answers = answers
        self._responses = ResponseFinder(operation / "responses")
        self._judges: dict[tuple[int, str], Judge | None] = {}  # of answers, which are ours: there are few kinds

    def accepts(self, sent: Sent) -> bool:
        """Tell whether a request is right; where it is not said to be, ask openapi-core."""
        try:
            return all(one.accepts(sent.parameters) for one in self._parameters) and self._takes(sent)
        except _FAULTS:
            return False

    def accepts_answer(self, answered: Answered) -> bool:
        """Tell whether an answer is right; where it is not said to be, ask openapi-core."""
        kind = answered.status_code, answered.content_type
        if kind not in self._judges:
            self._judges[kind] = self._judge_of_answers(*kind)
        judge = self._judges[kind]
        try:
            return judge is not None and _accepts(judge, answered.data)
        except _FAULTS:
            return False

    def _takes(self, sent: Sent) -> bool:
        if not self._has_body or not sent.body:
            return not self._needs_body
        if not is_json(sent.content_type):
            return False
        return _accepts(self._bodies[self._media_types.find(sent.content_type).mime_type], sent.body)

    def _judge_of_answers(self, status: int, media_type: str) -> Judge | None:
        try:
            response = self._responses.find(str(status))
            if "headers" in response or "content" not in response or not is_json(media_type):
                return None
            return _judge_of(self._answers, MediaTypeFinder(response / "content").find(media_type).media_type)
        except OpenAPIError:
            return None


def _accepts(judge: Judge, content: bytes) -> bool:
    if content:
        judge(json.loads(content))
    return bool(content)


def _parameters(item: SchemaPath, operation: SchemaPath) -> Iterable[SchemaPath]:
    """Return what is declared, of the path's parameters those that the operation does not have (OAS 3.1.1, 4.8.10)."""
    declared = [one for node in (item, operation) if "parameters" in node for one in node / "parameters"]
    return {((one / "in").read_str(), (one / "name").read_str()): one for one in declared}.values()


class _Parameter(NamedTuple):
    """Is how a parameter is read and judged, `read` None where openapi-core must be asked."""

    location: str
    may_be_absent: bool
    read: Reader | None
    judge: Judge

    def accepts(self, parameters: Places) -> bool:
        if self.read is None:
            return False
        try:
            value = self.read(parameters[self.location])
        except KeyError:
            return self.may_be_absent
        self.judge(value)
        return True


def _parameter(core: BaseValidator, parameter: SchemaPath) -> _Parameter:
    location, name = (parameter / "in").read_str(), (parameter / "name").read_str()
    if "content" in parameter:
        return _Parameter(location, may_be_absent=False, read=None, judge=_anything)
    schema = parameter / "schema"
    style, explode = get_style_and_explode(parameter)
    reader = core.style_deserializers_factory.create(core.spec, schema, style, explode, name)
    read: Reader = reader.deserialize
    if reader.schema_type == "string" and reader.deserializer_callable:
        read = partial(reader.deserializer_callable, explode, name, "string")  # and need not be cast
    is_optional = not (parameter / "required").read_bool(default=False)
    return _Parameter(location, is_optional and "default" not in schema, read, _judge(core, schema))


def _judge_of(core: BaseValidator, media_type: SchemaPath) -> Judge:
    return _judge(core, media_type / "schema") if "schema" in media_type else _anything


def _judge(core: BaseValidator, schema: SchemaPath) -> Judge:
    return core.schema_validators_factory.create(core.spec, schema).validate


def _anything(value: Any) -> None:
    del value
