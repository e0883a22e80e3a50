"""Loopback servers that speak TLS with certificates made for the occasion, and a proxy that leads to them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import trustme

from tests.servers import Answer, Heard, Server, stop_listening

AUTHORITY = trustme.CA(organization_name="Testers", organization_unit_name="Unit")


def certificate(*names: str, days: float = 90) -> ssl.SSLContext:
    """Return the settings of a server whose certificate is for some names, and expires in some days."""
    until = datetime.now(UTC) + timedelta(days=days, hours=1)
    issued = AUTHORITY.issue_cert(*names or ("127.0.0.1",), not_before=until - timedelta(days=99), not_after=until)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    return context


class SecureServer(Server):
    """Serves as `Server` does, over TLS."""

    def __init__(
        self, answer: Callable[[Heard], Answer] | Answer, context: ssl.SSLContext, *, reads: bool = True
    ) -> None:
        super().__init__(answer, reads=reads)
        self._context = context
        self.url = self.url.replace("http:", "https:")

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            super()._serve(self._context.wrap_socket(connection, server_side=True))


class Proxy:
    """Leads a CONNECT to where it asks for; `heard` is what it was asked, `refusing` its answer where it does not."""

    def __init__(self, refusing: bytes = b"") -> None:
        self._refusing = refusing
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self.heard: list[str] = []
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        stop_listening(self._socket, self._accepting)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._socket.accept()
                threading.Thread(target=self._lead, args=(near,), daemon=True).start()

    def _lead(self, near: socket.socket) -> None:
        with suppress(OSError), near:
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += near.recv(4096)
            self.heard.append(asked.decode())
            if self._refusing:
                near.sendall(self._refusing)
                return
            host, _, port = asked.split()[1].decode().rpartition(":")
            with socket.create_connection((host, int(port))) as far:
                near.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                back = threading.Thread(target=_pump, args=(far, near), daemon=True)
                back.start()
                _pump(near, far)
                back.join(10)


def _pump(source: Any, target: Any) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
