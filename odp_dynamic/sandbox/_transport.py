"""Requests without a socket: a transport for `Api` that calls a WSGI application."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter, sleep
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from .._values import Headers, Request, Response
from ..errors import TimedOut, TransportError
from ._delivery import SLEEP

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_BODYLESS = frozenset({204, 304})  # RFC 9110, 6.4.1


class WsgiTransport:
    """Sends each request into `application`, in the caller's thread; paths reach it as they were encoded.

    What an application does to the connection looks as it does on a socket: one that it resets, an answer that is
    shorter than it says, and waiting for longer than the request's timeout are a TransportError.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    def send(self, request: Request) -> Response:
        """Return the application's answer; raise TransportError where it breaks off, or comes too late."""
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _failure: Any = None) -> Callable[..., Any]:
            started[:] = [int(status[:3]), Headers(headers)]
            return chunks.append

        chunks: list[bytes] = []
        _, wait, total = request.timeout
        patience = _Patience(wait, total)
        environ = environ_of(request.method, request.url, request.headers, request.body)
        environ[SLEEP] = patience.sleep
        begun = perf_counter()
        try:
            for chunk in self._application(environ, start_response):
                chunks.append(chunk)
                patience.renew()
        except ConnectionError as error:
            raise _broken(request) from error
        if patience.is_over:
            raise TimedOut(f"no whole answer within {min(wait, total):g} s", request)
        [status, headers] = started
        content = b"".join(chunks)
        if len(content) < _promised(request, status, headers):
            raise _broken(request)
        return Response(status, headers, content, request, perf_counter() - begun)


class _Patience:
    """Waits for as long as a caller would, and remembers that it would have waited no longer.

    That is `seconds` for each piece of the answer, and `total` in all.
    """

    def __init__(self, seconds: float, total: float) -> None:
        self._seconds = self._left = seconds
        self._total = total
        self.is_over = False

    def sleep(self, seconds: float) -> None:
        """Wait; where the caller's patience ends before, only so long: the work goes on, as in a server it would."""
        left = min(self._left, self._total)
        self.is_over |= seconds > left
        seconds = min(seconds, left)
        self._left -= seconds
        self._total -= seconds
        sleep(seconds)

    def renew(self) -> None:
        """Begin anew: something came."""
        if not self.is_over:
            self._left = self._seconds


def _broken(request: Request) -> TransportError:
    return TransportError(
        f"the connection to {urlsplit(request.url).netloc} broke before the answer was whole", request
    )


def _promised(request: Request, status: int, headers: Mapping[str, str]) -> int:
    """Return the length that an answer says its body has."""
    if request.method == "HEAD" or status in _BODYLESS:
        return 0
    return int(headers.get("Content-Length", "0"))


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
