"""The sandbox under load: its memory, and how often it answers against a bare application on the same server."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from urllib.parse import urlsplit

from benchmarks.measure import Row, in_turn
from tests.sandbox.loading import Load, Service, ask, load, requests_of, sandbox, service

LONG = 30.0
ROUNDS, SHORT = 5, 2.0

# The sandbox's own server and nothing behind it: werkzeug, a connection that stays open, a body that is read.
BARE = """
import sys
from odp_dynamic.sandbox._server import Served

status, content = sys.argv[1], bytes.fromhex(sys.argv[2])
headers = [("Content-Length", str(len(content))), ("Content-Type", "application/json")]

def application(environ, start_response):
    start_response(status, headers)
    return [content]

with Served(application, 0, "/v3", lambda _: None, 60) as served:
    print(served.url, flush=True)
    sys.stdin.read()
"""


def rows() -> Iterator[Row]:
    """Measure a file's sandbox: memory in a long run, then rates in short ones."""
    with tempfile.TemporaryDirectory() as folder, sandbox(Path(folder) / "odp.db") as running:
        yield _memory(running)
        yield _rate(running, "getProfile", 0.25)
        yield _rate(running, "sendEvents", 0.15)


def _memory(running: Service) -> Row:
    done: list[Load] = []
    asking = Thread(target=lambda: done.append(load(running.url, "both", LONG)))
    begun = monotonic()
    asking.start()
    sleep(LONG / 3)
    early = running.memory
    asking.join()
    late = running.memory
    [result] = done
    name = f"memory after {monotonic() - begun:.0f} s of load / after a third ({result.rate:.0f}/s, {result.failed} failed)"
    figures = (f"{late / 2**20:.1f} MiB", f"{early / 2**20:.1f} MiB", f"{late / early:.2f}")
    return Row(name, *figures, "≤ 1.1", late / early <= 1.1 and not result.failed)


def _rate(running: Service, operation: str, least: float) -> Row:
    status, content = _answer(running.url, operation)
    with service(BARE, status, content.hex()) as bare:
        ours, other, ratio = in_turn(
            lambda: load(running.url, operation, SHORT).rate, lambda: load(bare.url, operation, SHORT).rate, ROUNDS
        )
    name = f"`{operation}` answers of the sandbox / of bare werkzeug"
    return Row(name, f"{ours:.0f}/s", f"{other:.0f}/s", f"{ratio:.2f}", f"≥ {least:g}", ratio >= least)


def _answer(url: str, operation: str) -> tuple[str, bytes]:
    """Return status and body of one answer."""
    base = urlsplit(url)
    with socket.create_connection((base.hostname or "", base.port or 0), timeout=30) as wire:
        head, _, content = ask(wire, next(requests_of(url, operation))[0]).partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0].decode().partition(" ")[2], content
