"""The sandbox under load: its memory, and how often it answers against a bare application on the same server."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

from benchmarks.measure import Row, in_turn
from tests.sandbox.loading import Service, ask, load, requests_of, sandbox, service

LONG = 30.0
ROUNDS, SHORT = 5, 2.0

# A werkzeug application that does nothing, on the sandbox's own server: connections stay open, bodies are read.
BARE = """
import sys
from odp_dynamic.sandbox._server import Served
from werkzeug import Request, Response

status, content = sys.argv[1], bytes.fromhex(sys.argv[2])

@Request.application
def application(request):
    request.get_data()
    return Response(content, status, content_type="application/json")

with Served(application, 0, "/v3", lambda _: None, 60) as served:
    print(served.url, flush=True)
    sys.stdin.read()
"""


def rows() -> Iterator[Row]:
    """Measure sandboxes of files, each new: a profile is read the slower the more events it has."""
    with tempfile.TemporaryDirectory() as folder:
        with sandbox(Path(folder) / "long.db") as running:
            yield _memory(running)
        with sandbox(Path(folder) / "always.db") as running:
            yield _rate(running, "getProfile", "", 0.25)
            yield _rate(running, "sendEvents", "", 0.1)
        with sandbox(Path(folder) / "sample.db", "sample") as running:
            yield _rate(running, "getProfile", ", one in ten judged", 0.25)


def _memory(running: Service) -> Row:
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(load, running.url, "both", LONG)
        sleep(LONG / 3)
        early = running.memory
        result = asking.result()
    late = running.memory
    name = f"memory after {LONG:g} s, {result.answered:,} answers, {result.failed} failures / after a third"
    figures = (f"{late / 2**20:.1f} MiB", f"{early / 2**20:.1f} MiB", f"{late / early:.2f}")
    return Row(name, *figures, "≤ 1.1", late / early <= 1.1 and not result.failed)


def _rate(running: Service, operation: str, note: str, least: float) -> Row:
    status, content = _answer(running.url, operation)
    with service(BARE, status, content.hex()) as bare:
        ours, other, ratio = in_turn(
            lambda: load(running.url, operation, SHORT).rate, lambda: load(bare.url, operation, SHORT).rate, ROUNDS
        )
    name = f"the sandbox's answers to `{operation}`{note} / those of bare werkzeug"
    return Row(name, f"{ours:.0f}/s", f"{other:.0f}/s", f"{ratio:.2f}", f"≥ {least:g}", ratio >= least)


def _answer(url: str, operation: str) -> tuple[str, bytes]:
    """Return status and body of one answer."""
    base = urlsplit(url)
    with socket.create_connection((base.hostname or "", base.port or 0), timeout=30) as wire:
        head, _, content = ask(wire, next(requests_of(url, operation))[0]).partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0].decode().partition(" ")[2], content
