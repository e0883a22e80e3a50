"""Two ways to ask the same sandbox: in process, and over a loopback port with `requests`; and a browser before it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import requests

from odp_dynamic._values import Request
from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._transport import WsgiTransport

if TYPE_CHECKING:  # few tests need a browser
    from selenium import webdriver

    from .browsing import Page


class Reply(NamedTuple):
    """Is an answer: `data` is the decoded body, None where there is none."""

    status: int
    data: Any
    headers: Mapping[str, str]


Ask = Callable[..., Reply]


def in_process(sandbox: Sandbox) -> Ask:
    """Return what asks a sandbox without a socket."""
    transport = WsgiTransport(sandbox)

    def ask(method: str, path: str, body: Any = None, *, key: str | None = "sandbox-private", **headers: str) -> Reply:
        url = f"https://sandbox.invalid/v3{path}"
        response = transport.send(Request("", method, url, _headers(key, body, headers), _written(body)))
        return Reply(response.status, json.loads(response.content or b"null"), response.headers)

    return ask


def on_loopback(url: str, session: requests.Session) -> Ask:
    """Return what asks a served sandbox."""

    def ask(method: str, path: str, body: Any = None, *, key: str | None = "sandbox-private", **headers: str) -> Reply:
        told = _headers(key, body, headers)
        response = session.request(method, f"{url}{path}", data=_written(body), headers=told, timeout=10)
        return Reply(response.status_code, json.loads(response.content or b"null"), response.headers)

    return ask


def _headers(key: str | None, body: Any, more: Mapping[str, str]) -> dict[str, str]:
    kind = {} if body is None else {"Content-Type": "application/json"}
    keys = {} if key is None else {"x-api-key": key}
    return {**keys, **kind, **{name.replace("_", "-"): value for name, value in more.items()}}


def _written(body: Any) -> bytes | None:
    return body if body is None or isinstance(body, bytes) else json.dumps(body).encode()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(params=["in process", "on loopback"])
def ask(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Ask]:
    """Is one way, then the other."""
    if request.param == "in process":
        yield in_process(sandbox)
        return
    with sandbox.serve() as served, requests.Session() as session:
        session.trust_env = False
        yield on_loopback(served.url, session)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    from .browsing import started

    with started(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture
def page(driver: webdriver.Chrome) -> Iterator[Page]:
    """Is a browser whose console must be empty at the end."""
    from .browsing import Page

    page = Page(driver)
    page.emulate()
    yield page
    page.leave()
    assert page.complaints() == []


@pytest.fixture
def seeded() -> Iterator[Sandbox]:
    from .browsing import SEED

    with Sandbox(seed=SEED) as sandbox:
        yield sandbox


@pytest.fixture
def opened(page: Page, seeded: Sandbox) -> Iterator[Page]:
    with page.visiting(seeded):
        yield page


@pytest.fixture
def asking(seeded: Sandbox) -> Ask:
    return in_process(seeded)
