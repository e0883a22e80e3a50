"""No key, and nothing personal, is in anything that is told: errors, reprs, notes, warnings, tracebacks, logs.

However the key was given: as it is, or by where it is found. And it goes nowhere but to the origin that it is for.
Where one is kept on purpose, in the pickle of a client that was given it, is told by the test of pickles.
"""

from __future__ import annotations

import json
import logging
import pickle
import shlex
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
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
    "unreadable fields": f"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{PERSONAL}\r\nA: {PERSONAL}\r\n\r\n{{}}".encode(),
}


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Give all that any logger is told, as it would be written."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            more = {name: value for name, value in vars(record).items() if name.startswith("odp_")}
            lines.append(f"{self.format(record)} {more}")  # with its traceback, where it has one

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
            told = repr(getattr(error, "history", "")) + repr(getattr(getattr(error, "response", None), "history", ""))
            chain = traceback.TracebackException.from_exception(error, lookup_lines=False, capture_locals=False)
            told += "\n".join([*chain.format(), repr(error), str(error)])
            told += str(error.__cause__ or "") + str(error.__context__ or "")  # a traceback leaves some of them out
    return told + "\n".join(str(w.message) for w in warned)


def writing(secret: str) -> list[str]:
    """Return a command that writes a secret; it has the secret among its words, too."""
    return [sys.executable, "-c", "import sys; print(sys.argv[1]); print(sys.argv[1], file=sys.stderr)", secret]


def _by_variables(_: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name, secret in CANARIES.items():
        patch.setenv(f"ODP_{name.upper()}", secret)
    return {}


def _by_named_variables(_: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name, secret in CANARIES.items():
        patch.setenv(f"MY_{name.upper()}", secret)
    return {"credentials": {name: {"env": f"MY_{name.upper()}"} for name in CANARIES}}


def _by_files(folder: Path, _: pytest.MonkeyPatch) -> dict[str, Any]:
    for name, secret in CANARIES.items():
        (folder / name).write_text(f"{secret}\n")
    return {"credentials": {name: {"file": str(folder / name)} for name in CANARIES}}


def _by_commands(*_: Any) -> dict[str, Any]:
    listed: dict[str, Any] = {name: {"command": writing(secret)} for name, secret in CANARIES.items()}
    return {"credentials": {**listed, "basic": {"command": shlex.join(writing(CANARIES["basic"]))}}}


def _by_an_environment(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, Any]:
    lines = [f"{name} = {{ command = {json.dumps(writing(secret))} }}" for name, secret in CANARIES.items()]
    (folder / "odp.toml").write_text("\n".join(["[env.it.credentials]", *lines]))
    patch.chdir(folder)
    return {"environment": "it"}


WAYS: dict[str, Callable[[Path, pytest.MonkeyPatch], dict[str, Any]]] = {
    "as they are": lambda *_: {"credentials": CANARIES},
    "a pair": lambda *_: {"credentials": {**CANARIES, "basic": tuple(CANARIES["basic"].split(":"))}},
    "variables": _by_variables,
    "named variables": _by_named_variables,
    "files": _by_files,
    "commands": _by_commands,
    "an environment": _by_an_environment,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["fine", "invalid", "refused", "reset", "away"])
def test_nothing_is_told_however_the_key_was_given(
    way: str, name: str, logged: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = WAYS[way](tmp_path, monkeypatch)
    with Server(ANSWERS[name]) as server, Api(document(), base_url=server.url, retry=None, **settings) as api:
        told = told_by(lambda: api.request("it", **ARGUMENTS))
        told += repr(api) + repr(vars(api)) + repr(api._shared.contract.plans["it"].signer)  # noqa: SLF001  # a debugger's view
        [heard] = server.heard
    assert CANARIES["query"] in heard.target
    assert heard.headers["x-key"] == CANARIES["header"]
    assert heard.headers["authorization"] == "Basic Y2FuYXJ5OnBhc3N3b3Jk"
    assert not [word for word in TOLD_NOTHING if word in told + "\n".join(logged)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"command": [*writing("canary"), "canary"], "file": "canary"},
        {"file": "/dev/null"},
        {"command": [sys.executable, "-c", "print('canary'); raise SystemExit('canary')"]},
        {"command": ["canary\0"]},
        {"command": ["no-such-program", "canary"]},
        {"command": [sys.executable, "-c", "print('canary canary', chr(10), 'canary')"]},
        {"command": [sys.executable, "-c", r"import sys; sys.stdout.buffer.write(b'canary\xff')"]},
        {"env": "canary.key"},
        {"secret": "canary"},
        b"canary",
    ],
    ids=lambda wrong: str(wrong)[-30:],
)
def test_nothing_is_told_of_a_key_that_cannot_be_got(wrong: Any, logged: list[str]) -> None:
    try:
        api = Api(document(), base_url="https://a.test", credentials={**CANARIES, "header": wrong})
    except ValueError as error:
        told = "".join(traceback.TracebackException.from_exception(error, lookup_lines=False).format())
        told += f"{error!r}{error.__context__!r}"
    else:
        told = told_by(lambda: api.request("it", **ARGUMENTS))
    assert not [word for word in TOLD_NOTHING if word in told + "\n".join(logged)]


def test_a_pickle_has_where_a_key_is_found_and_not_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for way in ("named variables", "files"):
        api = Api(document(), base_url="https://a.test", **WAYS[way](tmp_path, monkeypatch))
        api.prepare("it", **ARGUMENTS)
        assert b"canary" not in pickle.dumps(api)


def test_a_key_with_its_region_is_not_told_by_the_url() -> None:
    source: Mapping[str, Any] = document()
    variable = {"default": "us1", "x-from-credential": "(.*)"}
    source = {**source, "servers": [{"url": "https://{region}.test", "variables": {"region": variable}}]}
    api = Api(source, credentials=CANARIES)
    request = api.prepare("it", **ARGUMENTS)
    assert "canary" not in request.target + request.curl() + repr(vars(api))


@pytest.mark.parametrize("mode", ["raise", "warn"])
@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_is_told_whatever_the_server_does(name: str, mode: Any, logged: list[str]) -> None:
    attempts: list[str] = []
    rules = Retry(attempts=2, backoff=0.001, on_attempt=lambda *told: attempts.append(f"{told} {told[1]}"))
    with Server(ANSWERS[name]) as server:
        settings: Any = {"responses": mode, "timeout": (2, 0.2), "retry": rules}
        with Api(document(), base_url=server.url, credentials=CANARIES, **settings) as api:
            told = told_by(lambda: api.request("it", **ARGUMENTS))
        assert CANARIES["query"] in server.heard[0].target
    assert not [word for word in TOLD_NOTHING if word in told + "\n".join(logged + attempts)]
    assert any("/people/{name}" in line for line in logged) or name in {"cut", "reset", "slow", "no HTTP"}
    assert [line for line in logged if line.startswith("it: attempt 1: ")]
    assert attempts


@pytest.mark.parametrize("name", ["fine", "refused", "limited", "unreadable fields"])
def test_nothing_is_told_by_way_of_a_proxy(name: str, logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for whole URLs, and urllib3 logs them."""
    with Server(ANSWERS[name]) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        with Api(document(), base_url="http://127.0.0.1:9", credentials=CANARIES, retry=None) as api:
            told = told_by(lambda: api.request("it", **ARGUMENTS))
        assert proxy.heard[0].target.startswith("http://127.0.0.1:9/people/")
    assert not [word for word in TOLD_NOTHING if word in told + "\n".join(logged)]
    assert any("/people/{name}" in line for line in logged)


def test_a_proxy_of_a_secure_origin_is_told_the_host_and_no_more(
    logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(http(403, PERSONAL)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with Api(document(), base_url="https://127.0.0.1:9", credentials=CANARIES, retry=None) as api:
            told = told_by(lambda: api.request("it", **ARGUMENTS))
        assert [(heard.method, heard.target) for heard in proxy.heard] == [("CONNECT", "127.0.0.1:9")]
        assert not [word for word in TOLD_NOTHING if word in repr(proxy.heard)]
    assert not [word for word in TOLD_NOTHING if word in told + "\n".join(logged)]


@pytest.mark.parametrize("code", [300, 301, 302, 303, 305, 307, 308])
@pytest.mark.parametrize("method", ["get", "put", "post"])
@pytest.mark.parametrize(
    "location",
    [
        "{other}/?q=1",
        "//{host}/",
        "http://127.0.0.1@{host}/",
        "http:\\\\{host}/",
        "http://localhost:{port}/",
        "\\\\{host}",
    ],
)
def test_no_other_origin_ever_hears_of_a_call(code: int, method: str, location: str) -> None:
    """Not its key, and nothing else: a redirect off the origin is an answer like any other."""
    source = document()
    source["paths"]["/people/{name}"] = {method: source["paths"]["/people/{name}"]["put"]}
    with Server(http(200, "{}")) as other:
        host = other.url.partition("//")[2]
        target = location.format(other=other.url, host=host, port=host.partition(":")[2])
        # A target without a host is the origin's own, and is asked for once.
        answers: Callable[[Heard], Answer] = lambda _: http(200, "{}") if len(server.heard) > 1 else away  # noqa: E731
        away = http(code, Location=target)
        with Server(answers) as server, Api(source, base_url=server.url, credentials=CANARIES) as api:
            told_by(lambda: api.request("it", **ARGUMENTS))
            assert CANARIES["query"] in server.heard[0].target
        assert (other.heard, other.connections) == ([], 0)


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
    plan = api._shared.contract.plans["it"]  # noqa: SLF001  # what a debugger would show
    told = [repr(part) for part in (request, api, *plan)]
    assert not [word for word in TOLD_NOTHING if word in "\n".join([*told, request.curl(values=False)])]
    assert "canary" not in request.curl()
