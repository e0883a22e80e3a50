"""A loopback server that only reads and answers, so that what is measured is the client.

One thread a connection, no parsing beyond the length of the request. Prints its port, serves until its standard input
is closed.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from threading import Thread

PROFILE = {
    "email": "ada@example.com",
    "customer_id": "42",
    "vuid": "vuid_5f2c",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "city": "London",
    "country": "GB",
    "segments": ["engineers", "early"],
    "insights": {"orders": 7, "score": 0.9},
}


def _answer(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


ANSWERS = {
    b"G": _answer("200 OK", json.dumps(PROFILE).encode()),
    b"P": _answer("202 Accepted", b'{"title":"Accepted","status":202,"timestamp":"2026-01-01T00:00:00.000Z"}'),
}


def _serve(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    pending = b""
    with connection:
        while True:
            while (end := pending.find(b"\r\n\r\n")) < 0:
                chunk = connection.recv(1 << 18)
                if not chunk:
                    return
                pending += chunk
            head = pending[:end].lower()
            mark = head.find(b"content-length:")
            length = int(head[mark + 15 :].split(b"\r\n", 1)[0]) if mark >= 0 else 0
            first, missing = pending[:1], end + 4 + length - len(pending)
            while missing > 0:
                missing -= len(connection.recv(min(missing, 1 << 18)))
                pending = b""
            pending = pending[end + 4 + length :]
            connection.sendall(ANSWERS[first])


def _leave_with_the_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    Thread(target=_leave_with_the_parent, daemon=True).start()
    while True:
        connection, _ = listener.accept()
        Thread(target=_serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
