"""Validated calls against bare `requests` doing the same, and validation against the gate alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema_rs
import requests

from benchmarks.measure import Row, in_turn, ratio_row, seconds
from odp_dynamic import Api

KEYS = {"publicApiKey": "bench-public", "privateApiKey": "bench-private"}
EMAIL = "ada@example.com"


@contextmanager
def server() -> Iterator[str]:
    """Run the loopback server in a process of its own; give its base URL."""
    command = [sys.executable, str(Path(__file__).with_name("server.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}/v3"
        process.kill()


def events(count: int) -> list[dict[str, Any]]:
    """Return events as small as real ones are."""
    return [
        {
            "type": "order",
            "action": "purchase",
            "identifiers": {"email": f"customer{n}@example.com"},
            "data": {"order": {"order_id": f"o-{n}", "total": n * 1.5, "items": [{"product_id": "p1", "quantity": 2}]}},
        }
        for n in range(count)
    ]


def rows() -> list[Row]:
    """Measure calls and validation."""
    with server() as base, Api(base_url=base, credentials=KEYS, pacing=False) as api, requests.Session() as session:
        session.headers["x-api-key"] = KEYS["privateApiKey"]
        return [*_calls(api, session, base), _validation(api)]


def _calls(api: Api, session: requests.Session, base: str) -> Iterator[Row]:
    def get() -> Any:
        return api.call("getProfile", identifier_field="email", identifier_value=EMAIL)

    def bare_get() -> Any:
        return session.get(f"{base}/profiles/email/ada%40example.com", timeout=(5, 30)).json()

    assert get() == bare_get()
    measured = in_turn(lambda: seconds(get, 200), lambda: seconds(bare_get, 200), 21)
    yield ratio_row("a validated `getProfile` / `session.get(…).json()`", measured, 0.62, "µs")
    for count, most, times in ((1, 0.62, 200), (500, 1.0, 40)):
        batch = events(count)

        def post(batch: Any = batch) -> Any:
            return api.call("sendEvents", batch)

        def bare_post(batch: Any = batch) -> Any:
            return session.post(f"{base}/events", json=batch, timeout=(5, 30)).json()

        measured = in_turn(lambda: seconds(post, times), lambda: seconds(bare_post, times), 21)  # noqa: B023
        yield ratio_row(f"a validated `sendEvents` of {count} / `session.post(json=…)`", measured, most, "µs")


def _validation(api: Api) -> Row:
    batch = events(500)
    body = api.operations["sendEvents"].request_body
    assert body is not None
    assert not body.problems(batch)
    gate = jsonschema_rs.Draft202012Validator({"type": "array", "items": api.schemas["EventInput"].definition})
    ours, other, _ = in_turn(
        lambda: seconds(lambda: body.problems(batch), 200), lambda: seconds(lambda: gate.is_valid(batch), 200), 21
    )
    extra = (ours - other) * 1e3
    figures = (f"{ours * 1e3:.3f} ms", f"{other * 1e3:.3f} ms", f"{extra:+.3f} ms")
    return Row("validating 500 events / the gate alone", *figures, "≤ +0.2 ms", extra <= 0.2)
