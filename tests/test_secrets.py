"""No key, and nothing personal, is in anything that is told: errors, reprs, notes, warnings, tracebacks, logs."""

from __future__ import annotations

import logging
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from odp_dynamic import Api, OdpError, Request, Retry
from tests.apis import answering, body, parameter, secured
from tests.servers import Answer, Cut, Heard, Server, Stall, closed_port, http

CANARIES = {"header": "canary-header", "query": "canary-query", "cookie": "canary-cookie", "basic": "canary:password"}
SCHEMES = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    "basic": {"type": "http", "scheme": "basic"},
}
PERSONAL = "ada-personal"
TOLD_NOTHING = ("canary", "Y2FuYXJ5", PERSONAL)


def document() -> dict[str, Any]:
    source = secured({name: [] for name in SCHEMES}, **SCHEMES)
    source["paths"] = {
        "/people/{name}": {
            "put": {
                **source["paths"]["/things"]["post"],
                "parameters": [parameter("name", "path"), parameter("near"), parameter("X-Who", "header")],
                "requestBody": body({"type": "object", "properties": {"email": {"type": "string"}}}),
                "responses": answering({"type": "object", "properties": {"n": {"type": "integer"}}}),
            }
        }
    }
    return source


ARGUMENTS: dict[str, Any] = {"name": PERSONAL, "near": PERSONAL, "X-Who": PERSONAL, "email": PERSONAL}
ANSWERS: dict[str, Answer | Callable[[Heard], Answer]] = {
    "fine": http(200, "{}"),
    "broken": http(200, f'{{"n": "{PERSONAL}"}}'),
    "invalid": http(200, f'{{"n": {PERSONAL}'),
    "undeclared": http(206, f'{{"n": "{PERSONAL}"}}'),
    "refused": http(400, f'{{"message": "{PERSONAL} has canary-header"}}'),
    "forbidden": http(403, f'{{"detail": {{"invalids": [{{"event": 0, "message": "{PERSONAL}"}}]}}}}'),
    "limited": http(429, f"<b>{PERSONAL}</b>", "text/html", Retry_After="0"),
    "failing": http(502, PERSONAL, "text/plain"),
    "cut": Cut(http(200, "{}" * 50)[:-9]),
    "reset": Cut(reset=True),
    "slow": Stall(),
    "in circles": lambda heard: http(307, Location=heard.target),
    "away": http(302, Location=f"http://{PERSONAL}.test/?canary"),
    "no HTTP": f"{PERSONAL}\r\n\r\n".encode(),
}


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Give all that any logger is told, as it would be written."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    collector, root = Collector(), logging.getLogger()
    before = root.level
    root.addHandler(collector)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(collector)
    root.setLevel(before)


def told_by(act: Callable[[], Any]) -> str:
    """Return all that a call leaves behind: the whole traceback without the lines of source, reprs and warnings."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            told = repr(act())
        except OdpError as error:
            chain = traceback.TracebackException.from_exception(error, lookup_lines=False, capture_locals=False)
            told = "\n".join([*chain.format(), repr(error), str(error)])
            told += str(error.__cause__ or "") + str(error.__context__ or "")  # a traceback leaves some of them out
    return told + "\n".join(str(w.message) for w in warned)


@pytest.mark.parametrize("mode", ["raise", "warn"])
@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_is_told_whatever_the_server_does(name: str, mode: Any, logged: list[str]) -> None:
    with Server(ANSWERS[name]) as server:
        settings: Any = {"responses": mode, "timeout": (2, 0.2), "retry": Retry(attempts=2, backoff=0.001)}
        with Api(document(), base_url=server.url, credentials=CANARIES, **settings) as api:
            told = told_by(lambda: api.request("it", **ARGUMENTS))
        assert CANARIES["query"] in server.heard[0].target
    assert not [word for word in TOLD_NOTHING if word in told + "\n".join(logged)]
    assert any("/people/{name}" in line for line in logged) or name in {"cut", "reset", "slow", "no HTTP"}


def test_nothing_is_told_where_there_is_no_server(logged: list[str]) -> None:
    for base in (f"http://127.0.0.1:{closed_port()}", "https://."):
        with Api(document(), base_url=base, credentials=CANARIES, retry=None) as api:
            told = told_by(lambda: api.request("it", **ARGUMENTS))  # called at once
        assert not [word for word in TOLD_NOTHING if word in told + "\n".join(logged)]


def test_a_users_own_requests_are_logged_as_ever(logged: list[str]) -> None:
    """Only what this package sends is masked in urllib3's log."""
    import requests

    with Server(http(200, "{}")) as server:
        with Api(document(), base_url=server.url, credentials=CANARIES) as api:
            api.call("it", **ARGUMENTS)
        with requests.Session() as session:
            session.get(f"{server.url}/mine?q=1", timeout=5)
    assert any("/mine?q=1" in line for line in logged)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"email": 5}, {"name": "", "email": PERSONAL}, {**ARGUMENTS, "emial": PERSONAL}, {"X-Who": f"{PERSONAL}\n"}],
    ids=str,
)
def test_nothing_is_told_of_a_request_that_is_refused(arguments: Any) -> None:
    api = Api(document(), credentials=CANARIES, base_url="http://api.test")
    assert not [word for word in TOLD_NOTHING if word in told_by(lambda: api.prepare("it", **arguments))]


def test_nothing_is_told_by_the_values_themselves() -> None:
    api = Api(document(), credentials=CANARIES)
    request: Request = api.prepare("it", **ARGUMENTS)
    plan = api._shared.plans["it"]  # noqa: SLF001  # what a debugger would show
    told = [repr(part) for part in (request, api, *plan)]
    assert not [word for word in TOLD_NOTHING if word in "\n".join([*told, request.curl(values=False)])]
    assert "canary" not in request.curl()
