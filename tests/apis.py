"""Small documents, and clients of them, for the tests of the floors above the document."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from odp_dynamic import Api, Operation, Request, Response
from odp_dynamic._document import load
from odp_dynamic._operations import operations_of
from tests.documents import document

JSON = "application/json"
KEYS = {"publicApiKey": "canary-public-key", "privateApiKey": "canary-private-key"}
BASE = "https://api.test/v1"


def body(schema: Any, media_type: str = JSON, **more: Any) -> dict[str, Any]:
    """Return a request body or a response that has one media type."""
    return {"content": {media_type: {"schema": schema}}, **more}


def answering(schema: Any, status: str = "200", media_type: str = JSON) -> dict[str, Any]:
    return {status: {"description": "done", **body(schema, media_type)}}


def parameter(name: str, place: str = "query", schema: Any = None, **more: Any) -> dict[str, Any]:
    needed = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "schema": schema or {}, **needed, **more}


def one(
    operation: Mapping[str, Any] | None = None, path: str = "/things", method: str = "post", **more: Any
) -> dict[str, Any]:
    """Return a document with one operation, called ``it`` unless it says otherwise; `more` are keys of the document."""
    described = {"operationId": "it", "responses": {"200": {"description": "done"}}, **(operation or {})}
    return document(paths={path: {method: described}}, **{"servers": [{"url": BASE}], **more})


def read(source: Mapping[str, Any], name: str = "it") -> Operation:
    """Return an operation of a document."""
    return operations_of([load(source)])[name]


def secured(*alternatives: Mapping[str, Any], **schemes: Any) -> dict[str, Any]:
    """Return a document whose one operation needs one of the alternatives, which name the schemes."""
    return one({"security": list(alternatives)}, components={"securitySchemes": schemes})


class Scripted:
    """Is a transport that gives a script's answers, the last one again and again, and keeps what was sent.

    An answer is an exception, bytes (JSON with status 200), or what makes a Response of a Request.
    """

    def __init__(self, *script: Exception | bytes | Callable[[Request], Response]) -> None:
        self._script = list(script) or [b""]
        self.sent: list[Request] = []

    def send(self, request: Request, /) -> Response:
        self.sent.append(request)
        answer = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(answer, Exception):
            raise answer
        return Response(200, {"Content-Type": JSON}, answer, request) if isinstance(answer, bytes) else answer(request)


def status(
    code: int, data: Any = None, content_type: str = JSON, headers: Mapping[str, str] | None = None
) -> Callable[[Request], Response]:
    """Return an answer for `Scripted`: `data` is written as JSON unless it is bytes or None."""
    content = data if isinstance(data, bytes) else b"" if data is None else json.dumps(data).encode()
    return lambda request: Response(code, {"Content-Type": content_type, **(headers or {})}, content, request)


def client(source: Any = None, *script: Any, **settings: Any) -> tuple[Api, Scripted]:
    """Return a client that speaks to a script, and the script; without retries unless asked."""
    transport = Scripted(*script)
    return Api(source, transport=transport, **{"credentials": KEYS, "retry": None, **settings}), transport
