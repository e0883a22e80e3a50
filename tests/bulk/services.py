"""Services that take rows, and refuse some, in one of the ways that services have."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Lock
from typing import Any

from odp_dynamic import Api, Request, Response
from tests.apis import JSON, body, one

ROW = {"type": "object", "properties": {"n": {"type": "integer"}, "data": {"type": "object"}}, "required": ["n"]}
Refusing = Callable[[list[int], int], Any]


def document(**more: Any) -> dict[str, Any]:
    """Return a document with an operation that takes an array of rows."""
    return one({"requestBody": body({"type": "array", "items": ROW}, required=True), **more})


def rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"n": n} for n in range(start, start + count)]


class Service:
    """Is a transport: the other side of the wire, which stores rows by their `n` unless it finds some of them `bad`.

    `refusing` makes the body of a refusal of the places of bad rows in a request. `largest` is the most rows that a
    request may have before it is answered 413.
    """

    def __init__(self, bad: set[int] | None = None, refusing: Refusing | None = None, largest: int = 10**9) -> None:
        self.stored: list[int] = []
        self.requests = 0
        self.sizes: list[int] = []
        self.script: list[Callable[[Request], Response]] = []
        self._bad = bad or set()
        self._refusing = refusing or names_all
        self._largest = largest
        self._lock = Lock()

    def send(self, request: Request, /) -> Response:
        sent = json.loads(request.body or b"[]")
        with self._lock:
            self.requests += 1
            self.sizes.append(len(sent))
            if self.script:
                return self.script.pop(0)(request)
            if len(sent) > self._largest:
                return answer(request, 413, {"message": "too large"})
            bad = [place for place, row in enumerate(sent) if row["n"] in self._bad]
            if bad:
                return answer(request, 400, self._refusing(bad, len(sent)))
            return self.store(request)

    def store(self, request: Request) -> Response:
        self.stored += [row["n"] for row in json.loads(request.body or b"[]")]
        return answer(request, 200)


def answer(request: Request, status: int, data: Any = None) -> Response:
    content = b"" if data is None else json.dumps(data).encode()
    return Response(status, {"Content-Type": JSON} if content else {}, content, request)


def names_all(bad: list[int], _: int) -> Any:
    return {"detail": {"invalids": [{"event": place, "message": "is bad"} for place in bad]}}


def names_first(bad: list[int], _: int) -> Any:
    return {"detail": {"invalids": [{"event": bad[0], "message": "is bad"}]}}


def names_none(_bad: list[int], _: int) -> Any:
    return {"detail": {"message": "is bad"}}


def lies(_bad: list[int], count: int) -> Any:
    """Name rows that are not there."""
    return {"detail": {"invalids": [{"event": count + 7, "message": "is bad"}]}}


REFUSALS: dict[str, Refusing] = {f.__name__: f for f in (names_all, names_first, names_none, lies)}


def client(service: Any, source: Any = None, **settings: Any) -> Api:
    return Api(source or document(), **{"transport": service, "retry": None, **settings})
