"""The sandbox under load: two clients, and how much slower it answers than a bare application on the same server."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.measure import Row, in_turn
from tests.sandbox.loading import ask, load, requests_of, sandbox, service

LONG = 30.0
ROUNDS, SHORT = 7, 1.5
FULL = 10_000  # requests that the journal keeps: until it is full, memory grows

# The sandbox's own server, and on it nothing: werkzeug, the connection that stays open, the body that is read.
BARE = """
import sys
from odp_dynamic.sandbox._server import Served

status, content = sys.argv[1], bytes.fromhex(sys.argv[2])
headers = [("Content-Length", str(len(content))), ("Content-Type", "application/json")]

def application(environ, start_response):
    environ["wsgi.input"].read()
    start_response(status, headers)
    return [content]

with Served(application, 0, "/v3", lambda _: None, 60) as served:
    print(served.url, flush=True)
    sys.stdin.read()
"""


def rows() -> Iterator[Row]:
    """Measure memory first, which is then at its height, and rates."""
    with tempfile.TemporaryDirectory() as folder:
        with sandbox(Path(folder) / "long.db") as running:
            yield _memory(running)
        for referee, least in (("always", 0.25), ("off", 0.25)):
            with sandbox(Path(folder) / f"{referee}.db", referee) as running:
                for operation in ("getProfile", "sendEvents"):
                    yield _rate(running.url, operation, referee, least if operation == "getProfile" else 0)


def _memory(running: Service) -> Row:
    ...
