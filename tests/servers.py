"""Loopback servers that answer what a test says, byte for byte, and record what reached them, byte for byte."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import BinaryIO, NamedTuple, Self


class Heard(NamedTuple):
    """Is a request as it came over the wire: `target` is undecoded, header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


class Cut(NamedTuple):
    """Is an answer that breaks off after `sent`; by a reset when `reset`, else by a close."""

    sent: bytes = b""
    reset: bool = False


class Stall(NamedTuple):
    """Is an answer that never goes on after `sent`."""

    sent: bytes = b""


class Trickle(NamedTuple):
    """Is an answer that comes byte by byte after `sent`, `pause` seconds before each."""

    sent: bytes
    slowly: bytes
    pause: float = 0.05


Answer = bytes | Cut | Stall | Trickle


def http(status: int, body: bytes | str = b"", content_type: str | None = "application/json", **fields: str) -> bytes:
    """Return an HTTP answer; a field is named as a keyword, with underscores for its hyphens."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Words", f"Content-Length: {len(content)}"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


class Server:
    """Serves `answer` on a loopback port, with connections kept alive; `heard` is what came, in its order.

    One that does not read (`reads`) answers once, as soon as anything comes.
    """

    def __init__(self, answer: Callable[[Heard], Answer] | Answer, *, reads: bool = True) -> None:
        self._answer = answer if callable(answer) else lambda _: answer
        self._reads = reads
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.heard: list[Heard] = []
        self.connections = 0
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        stop_listening(self._socket, self._accepting)
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def open(self) -> int:
        """Return how many connections are open."""
        return sum(connection.fileno() >= 0 for connection in list(self._open))

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._open.add(connection)
        with suppress(OSError), connection, connection.makefile("rb") as stream:
            while (heard := _read(stream) if self._reads else _unread(connection)) is not None:
                if self._reads:
                    self.heard.append(heard)
                answer = self._answer(heard)
                connection.sendall(answer if isinstance(answer, bytes) else answer.sent)
                if not isinstance(answer, bytes):
                    self._end(connection, answer)
                if not isinstance(answer, bytes) or not self._reads:
                    break
        self._open.discard(connection)

    def _end(self, connection: socket.socket, answer: Cut | Stall | Trickle) -> None:
        """Do what follows the first bytes of an answer that is the last one of its connection."""
        if isinstance(answer, Stall):
            self._closing.wait(30)
        if isinstance(answer, Trickle):
            for byte in answer.slowly:
                self._closing.wait(answer.pause)
                connection.sendall(bytes([byte]))
        if isinstance(answer, Cut) and answer.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            connection.shutdown(socket.SHUT_WR)


def _unread(connection: socket.socket) -> Heard:
    if not isinstance(connection, ssl.SSLSocket):  # there the handshake has come, at least
        connection.recv(1, socket.MSG_PEEK)
    return Heard("", "", {}, b"")


def stop_listening(listening: socket.socket, accepting: threading.Thread) -> None:
    """Close a socket when nobody waits on it any more, for who did could get connections of the next of its number."""
    with suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)
    accepting.join(5)
    listening.close()


def _read(stream: BinaryIO) -> Heard | None:
    line = stream.readline().decode("latin-1")
    if line.count(" ") < 2:  # the end, or no HTTP
        return None
    method, target, _ = line.split(" ", 2)
    fields: dict[str, str] = {}
    while (line := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip()
    return Heard(method, target, fields, stream.read(int(fields.get("content-length", 0))))


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def soon(holds: Callable[[], bool]) -> bool:
    """Wait for something to hold, five seconds at most; return whether it does."""
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()
