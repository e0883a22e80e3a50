"""The sandbox on a loopback port: werkzeug's threaded server, with connections that stay open.

werkzeug closes each connection after one answer, for it does not know whether the body was read. Here it is always
read before the application is called, so the next request can follow.
"""

from __future__ import annotations

import io
import logging
import socket
from collections.abc import Callable
from threading import Lock, Thread
from typing import Any, Self

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from ._requests import MAX_BODY
from ._transport import Application

LOOPBACK = "127.0.0.1"
_MOST_DRAINED = 10 * MAX_BODY  # a body that is refused is read so far, so that the refusal can be
_PIECE = 1 << 20

_log = logging.getLogger("odp_dynamic.sandbox")


class Served:
    """Is a sandbox that listens: `url` is its base URL. It is a context manager, and `close` ends it."""

    def __init__(self, application: Application, port: int, prefix: str, closed: Callable[[Served], None]) -> None:
        # Ours to bind: werkzeug, where the port is taken, would print that and end the process.
        with socket.create_server((LOOPBACK, port)) as listening:
            self._server = _Server(LOOPBACK, port, application, handler=_Handler, fd=listening.fileno())
        self._closed = closed
        self.port = self._server.port
        self.url = f"http://{LOOPBACK}:{self.port}{prefix}"
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

    def __init__(self, *args: Any, **options: Any) -> None:
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(*args, **options)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it is gone already

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  # werkzeug's name
        _log.log(logging.WARNING if type == "error" else logging.DEBUG, message, *args)


class _Handler(WSGIRequestHandler):
    """Answers one connection's requests, one after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece
    server: _Server

    def run_wsgi(self) -> None:
        """Read one request whole, call the application, write its answer."""
        environ = self.make_environ()
        body = self._read(environ["wsgi.input"])
        if body is None:
            self.close_connection = True
            environ["CONTENT_LENGTH"] = str(MAX_BODY + 1)
        else:
            environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = io.BytesIO(body)
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _failure: Any = None) -> Callable[..., Any]:
            started[:] = [status, headers]
            return chunks.append

        chunks: list[bytes] = []
        chunks.extend(self.server.app(environ, start_response))
        [status, headers] = started
        self._write(status, headers, b"".join(chunks))

    def _read(self, stream: Any) -> bytes | None:
        """Return the body; None where it is too large, after reading it away as far as that is sensible."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._kept(stream, None)
        stated = self.headers.get("Content-Length", "0").strip()
        return self._kept(stream, int(stated)) if stated.isdigit() else None

    def _kept(self, stream: Any, length: int | None) -> bytes | None:
        pieces, size = [], 0
        while size < (_MOST_DRAINED if length is None else min(length, _MOST_DRAINED)):
            piece = stream.read(_PIECE if length is None else min(_PIECE, length - size))
            if not piece:
                break
            size += len(piece)
            if size <= MAX_BODY:
                pieces.append(piece)
        return b"".join(pieces) if size <= MAX_BODY and (length is None or size == length) else None

    def _write(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        code, _, phrase = status.partition(" ")
        self.send_response(int(code), phrase)
        for name, value in headers:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log at debug level, without the path: its values are personal."""
        self.server.log("info", "%s answered %s %s", self.command, code, size)
