"""Requests without a socket: a transport for `Api` that calls a WSGI application."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from .._values import Headers, Request, Response

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiTransport:
    """Sends each request into `application`, in the caller's thread; paths reach it as they were encoded."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def send(self, request: Request) -> Response:
        """Return the application's answer."""
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _failure: Any = None) -> Callable[..., Any]:
            started[:] = [int(status[:3]), headers]
            return chunks.append

        chunks: list[bytes] = []
        begun = perf_counter()
        chunks.extend(
            self._application(environ_of(request.method, request.url, request.headers, request.body), start_response)
        )
        status, headers = started
        return Response(status, Headers(headers), b"".join(chunks), request, perf_counter() - begun)


def environ_of(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
    """Return the WSGI environment (PEP 3333) of a request."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path).decode("latin-1"),
        "QUERY_STRING": parts.query,
        "REQUEST_URI": target,
        "RAW_URI": target,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body or b"")),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body or b""),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ
