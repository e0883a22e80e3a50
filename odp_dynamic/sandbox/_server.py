"""The sandbox on a loopback port: werkzeug's threaded server, with connections that stay open.

werkzeug closes each connection after one answer, for it does not know whether the body was read. Here it is always
read before the application is called, so the next request can follow. Whatever comes is answered in the service's
envelope, or its connection is closed; nothing that comes ends the server.
"""

from __future__ import annotations

import io
import logging
import socket
import struct
from collections.abc import Callable, Iterable
from http import HTTPStatus
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Self
from urllib.parse import quote

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from ._answers import message, phrase, written
from ._control import PREFIX
from ._delivery import SLEEP, Lost
from ._framing import announced, body_of
from ._requests import UNREAD, Unread
from ._transport import Application

LOOPBACK = "127.0.0.1"
_RESET = struct.pack("ii", 1, 0)  # linger for no time: closing resets the connection (socket(7))
_MOST_DRAINED = 20_000_000
_LONGEST_DRAINED = 2.0  # seconds

_ASCII = "".join(map(chr, range(128)))

_log = logging.getLogger("odp_dynamic.sandbox")


class Served:
    """Is a sandbox that listens: `url` is its base URL, `page` that of its page for people.

    It is a context manager, and `close` ends it.
    """

    def __init__(
        self, application: Application, port: int, prefix: str, closed: Callable[[Served], None], patience: float
    ) -> None:
        # Ours to bind: werkzeug, where the port is taken, would print that and end the process.
        with socket.create_server((LOOPBACK, port)) as listening:
            self._server = _Server(LOOPBACK, port, application, handler=_Handler, fd=listening.fileno())
        self._server.patience = patience
        self._closed = closed
        self.port = self._server.port
        self.origin = f"http://{LOOPBACK}:{self.port}"
        self.url = f"{self.origin}{prefix}"
        self.page = f"{self.origin}{PREFIX}/"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name=f"sandbox {self.port}", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<Served {self.url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, end all connections and wait for the server's thread; a second time does nothing."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.end_connections()
            self._server.server_close()
            self._thread.join()
            self._closed(self)


class _Server(ThreadedWSGIServer):
    """Knows its open connections, which would otherwise outlive it: clients keep them."""

    multithread = True
    daemon_threads = True
    patience = 60.0

    def __init__(self, *args: Any, **options: Any) -> None:
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        self.closing = Event()
        super().__init__(*args, **options)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_RESET)) == _RESET:
            self.close_request(request)  # as it is: to shut it down first would end it in good order
        else:
            super().shutdown_request(request)

    def end_connections(self) -> None:
        self.closing.set()
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it is gone already

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what went wrong with a connection, which is its end; the server goes on."""
        del request, client_address
        _log.debug("a connection broke", exc_info=True)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's name
        del type
        _log.debug(message, *args)


class _Handler(WSGIRequestHandler):
    """Answers one connection's requests, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece
    server: _Server
    _was_refused = False
    _unwanted: Unread | None = None  # of a body that its client holds back

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.patience)

    def finish(self) -> None:
        """End the connection, so that a client that is still sending reads why."""
        super().finish()
        if self._was_refused:
            _drain(self.connection)

    def run_wsgi(self) -> None:
        """Read one request whole, call the application, write its answer."""
        if self.request_version == "HTTP/0.9":
            return self.send_error(HTTPStatus.BAD_REQUEST)
        if not self.path.isascii():  # bytes that should have been encoded
            self.path = quote(self.path, safe=_ASCII, encoding="latin-1")
        try:
            environ = self.make_environ()
        except ValueError:
            return self.send_error(HTTPStatus.BAD_REQUEST)
        body = self._unwanted or body_of(self.headers, self.rfile)
        if isinstance(body, Unread):
            self.close_connection = self._was_refused = True
            environ[UNREAD] = body
        else:
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = io.BytesIO(body)
        environ[SLEEP] = self._sleep
        return self._call(environ)

    def handle_expect_100(self) -> bool:
        """Ask for the body (RFC 9110, 10.1.1), unless it is one that will not be taken."""
        self._unwanted = announced(self.headers)
        if self._unwanted is None:
            super().handle_expect_100()
            self.wfile.flush()
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no HTTP, in the service's envelope; nothing of it is repeated."""
        del message, explain
        self.close_connection = self._was_refused = True
        self.request_version = self.protocol_version  # whatever it was, an answer has a status
        content = _refusal(code)
        headers = [("Content-Length", str(len(content))), ("Content-Type", "application/json")]
        self._write(f"{int(code)} {phrase(code)}", headers, [content])

    def _call(self, environ: dict[str, Any]) -> None:
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _failure: Any = None) -> Callable[..., Any]:
            started[:] = [status, headers]
            return lambda _: None

        try:
            pieces = self.server.app(environ, start_response)
            [status, headers] = started
        except Lost:
            return self._reset()
        except Exception:  # noqa: BLE001  # an application that fails is answered for
            _log.exception("the sandbox failed")
            return self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)
        try:
            return self._write(status, headers, pieces)
        except Lost:
            return self._reset()

    def _reset(self) -> None:
        """End the connection without a word."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def _write(self, status: str, headers: list[tuple[str, str]], pieces: Iterable[bytes]) -> None:
        """Write an answer; where its body is shorter than it says, the connection ends."""
        code, _, words = status.partition(" ")
        self.send_response(int(code), words)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        missing = int(dict(headers).get("Content-Length", "0")) if self.command != "HEAD" else 0
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            missing -= len(piece)
        if missing:
            self.close_connection = True

    def _sleep(self, seconds: float) -> None:
        """Wait; not for longer than the server listens."""
        if self.server.closing.wait(seconds):
            raise Lost("the server was closed")

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's name
        self.server.log(type, message, *args)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log without the path: its values are personal."""
        self.server.log("info", "%s answered %s %s", self.command, code, size)


def _refusal(status: int) -> bytes:
    known = HTTPStatus(status)
    return written(message(known, known.description or known.phrase))


def _drain(connection: socket.socket) -> None:
    """Read away what still comes, for a while: to close before would reset the connection, answer and all."""
    end, drained = monotonic() + _LONGEST_DRAINED, 0
    try:
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(_LONGEST_DRAINED / 4)
        while monotonic() < end and drained < _MOST_DRAINED:
            piece = connection.recv(1 << 16)
            if not piece:
                return
            drained += len(piece)
    except OSError:
        return
