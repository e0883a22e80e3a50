"""Load: a service in a process of its own, and clients in theirs that ask it as often as they can.

The file is also the client's program. It writes and reads a socket itself: what is measured is the other side.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

CUSTOMERS = 100
SERVE = """
import sys
from odp_dynamic.sandbox import Sandbox
with Sandbox(sys.argv[1], referee=sys.argv[2]) as sandbox, sandbox.serve() as served:
    print(served.url, flush=True)
    sys.stdin.read()
"""


class Load(NamedTuple):
    """Is what clients did together: how many answers were as they should be, how many were not, how many a second."""

    answered: int
    failed: int
    rate: float


class Service(NamedTuple):
    """Is a service in another process."""

    url: str
    process: int

    @property
    def memory(self) -> int:
        """Return the bytes of memory that it has now."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024


@contextmanager
def service(code: str, *arguments: str) -> Iterator[Service]:
    """Run what prints its base URL and ends with its standard input."""
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # ours
        assert process.stdout is not None
        yield Service(process.stdout.readline().strip(), process.pid)
        process.communicate(timeout=30)


@contextmanager
def sandbox(database: Path, referee: str = "always") -> Iterator[Service]:
    """Run a sandbox of a file, in which all customers are known."""
    with service(SERVE, str(database), referee) as running:
        load(running.url, "sendEvents", 0, clients=1)
        yield running


def load(url: str, operation: str, seconds: float, clients: int = 2) -> Load:
    """Let clients ask for an operation for so long, ``"both"`` for two in turn; each asks for each customer once."""
    command = [sys.executable, __file__, url, operation, str(seconds)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(clients)]  # ours
    told = [json.loads(process.communicate(timeout=seconds + 60)[0]) for process in processes]
    rate = sum(one["answered"] / one["seconds"] for one in told)
    return Load(sum(one["answered"] for one in told), sum(one["failed"] for one in told), rate)


def requests_of(url: str, operation: str) -> Iterator[tuple[bytes, bytes]]:
    """Yield requests without end, each with how its answer begins."""
    base = urlsplit(url)
    head = f"Host: {base.netloc}\r\nx-api-key: sandbox-private\r\n"
    pairs = []
    for n in range(CUSTOMERS):
        event = {"type": "order", "action": "purchase", "identifiers": {"email": f"customer{n}@example.com"}}
        body = json.dumps([{**event, "data": {"order": {"order_id": f"o-{n}", "total": 1.5}}}])
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        post = f"POST {base.path}/events HTTP/1.1\r\n{head}{kind}\r\n{body}"
        get = f"GET {base.path}/profiles/email/customer{n}%40example.com HTTP/1.1\r\n{head}\r\n"
        pairs += [(post.encode(), b"HTTP/1.1 202 ")] if operation != "getProfile" else []
        pairs += [(get.encode(), b"HTTP/1.1 200 ")] if operation != "sendEvents" else []
    yield from cycle(pairs)


def ask(wire: socket.socket, request: bytes) -> bytes:
    """Return the whole answer."""
    wire.sendall(request)
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += _received(wire)
    length = int(re.findall(rb"\r\nContent-Length: (\d+)", answer)[0])
    while len(answer) < end + 4 + length:
        answer += _received(wire)
    return answer


def _received(wire: socket.socket) -> bytes:
    piece = wire.recv(1 << 16)
    if not piece:
        raise ConnectionError("the service went away")
    return piece


def main(url: str, operation: str, seconds: str) -> None:
    base = urlsplit(url)
    answered = failed = 0
    with socket.create_connection((base.hostname or "", base.port or 0), timeout=30) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begun = time.perf_counter()
        for request, expected in requests_of(url, operation):
            good = ask(wire, request).startswith(expected)
            answered, failed = answered + good, failed + (not good)
            if answered + failed >= CUSTOMERS and time.perf_counter() - begun > float(seconds):
                break
        sys.stdout.write(json.dumps({"answered": answered, "failed": failed, "seconds": time.perf_counter() - begun}))


if __name__ == "__main__":
    main(*sys.argv[1:])
