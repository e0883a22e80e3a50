"""What the tests of the command line share: `odp` runs it in process, `process` as a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result

from odp_dynamic.cli import app

Odp = Callable[..., Result]
Process = Callable[..., subprocess.CompletedProcess[str]]
KEYS = {"ODP_PUBLIC_API_KEY": "canary-public-key", "ODP_PRIVATE_API_KEY": "canary-private-key"}


def clean_environment(**more: str) -> dict[str, str]:
    """Return this process's environment without what odp would read from it, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ODP_")}
    return {**kept, "COLUMNS": "80", **more}


@pytest.fixture
def odp(monkeypatch: pytest.MonkeyPatch) -> Odp:
    for name in list(os.environ):
        if name.startswith("ODP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str, stdin: str | bytes | None = None, **environment: str) -> Result:
        return CliRunner().invoke(app, words, input=stdin, env=environment, prog_name="odp")

    return run


@pytest.fixture
def process() -> Process:
    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "odp_dynamic", *words]
        return subprocess.run(  # our own program
            command,
            capture_output=True,
            env=clean_environment(**environment),
            timeout=60,
            check=False,
            encoding="utf-8",
        )

    return run


class _Scripted(BaseHTTPRequestHandler):
    """Answers every request with what its server was told to."""

    def _answer(self) -> None:
        status, content_type, content = self.server.script  # type: ignore[attr-defined]  # given below
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _answer  # noqa: N815  # the names that http.server calls

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def foreign_server() -> Iterator[Callable[..., str]]:
    """Give a function that makes a server answer always the same, and returns its URL."""
    servers = []

    def answering(status: int, content: bytes = b"", content_type: str = "application/json") -> str:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Scripted)
        server.script = (status, content_type, content)  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield answering
    for server in servers:
        server.shutdown()
        server.server_close()
