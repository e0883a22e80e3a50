"""requests' adapter and urllib3's connections, with what they lack: an end, and knowledge of what has been sent.

A timeout of theirs bounds one wait on the socket; a server that sends a byte now and then holds a caller for ever. Here
an `Exchange` has one deadline, and each wait on its socket ends there at the latest: in the thread of the call itself,
without a second one that watches. And it knows whether any of the request was handed to the network, which decides
whether it may be sent again.
"""

from __future__ import annotations

import http.client
import io
import socket
from contextvars import ContextVar
from time import monotonic
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Exchange:
    """Is one request and its answer, under way: `deadline` on the clock of `monotonic`, `shown` its URL in logs.

    `sent` is whether any of the request was handed to the network; true until a connection of ours knows better.
    """

    __slots__ = ("deadline", "sent", "shown")

    def __init__(self, deadline: float, shown: str) -> None:
        self.deadline = deadline
        self.shown = shown
        self.sent = True

    @property
    def is_over(self) -> bool:
        """Tell whether its time is over."""
        return monotonic() >= self.deadline

    @property
    def left(self) -> float:
        """Return the seconds until the deadline; raise TimeoutError when there are none."""
        left = self.deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the exchange's time is over")
        return left


# The exchange of this thread's call; a connection is handed from call to call, and asks here whose it is now.
current: ContextVar[Exchange | None] = ContextVar("current", default=None)


class _Bounded(io.RawIOBase):
    """Is what is read from a socket, no wait longer than the socket's timeout, and none beyond the deadline."""

    def __init__(self, connected: socket.socket, exchange: Exchange) -> None:
        self._socket = connected
        self._patience = connected.gettimeout() or exchange.left
        self._exchange = exchange
        self.ended = False
        # Counts as a use of the socket, which then stays open for as long as the answer is read.
        self._stream = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._socket.settimeout(min(self._patience, self._exchange.left))
        count = self._stream.readinto(buffer)
        self.ended = count == 0
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Source:
    """Is what an answer takes for its socket: it asks it for a file to read, and for no more."""

    def __init__(self, connected: socket.socket, exchange: Exchange) -> None:
        self._connected = connected
        self._exchange = exchange

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Bounded(self._connected, self._exchange))


class _Answer(http.client.HTTPResponse):
    """Is an answer that is read within the time of the exchange, and whose head is whole."""

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        exchange = current.get()
        source: Any = sock if exchange is None else _Source(sock, exchange)
        super().__init__(source, *args, **options)

    def begin(self) -> None:
        source = getattr(self.fp, "raw", None)
        super().begin()  # takes the end of the stream for the end of the head
        if isinstance(source, _Bounded) and source.ended:
            raise http.client.IncompleteRead(b"")


class _Timed:
    """Makes a connection tell its exchange when it sends, and send within its time."""

    response_class = _Answer
    sock: socket.socket | None
    _connecting = False

    def connect(self) -> None:
        self._connecting = True
        try:
            super().connect()  # type: ignore[misc]  # mixed into connections
        finally:
            self._connecting = False

    def _new_conn(self) -> socket.socket:
        return _in_time(super()._new_conn())  # type: ignore[misc]

    def _tunnel(self) -> None:
        super()._tunnel()  # type: ignore[misc]
        if self.sock is not None:
            _in_time(self.sock)  # next is the handshake

    def send(self, data: Any) -> None:
        exchange = current.get()
        if exchange is None or self._connecting:  # what is said to a proxy is none of the request
            super().send(data)  # type: ignore[misc]
            return
        if self.sock is None:
            self.connect()
        if self.sock is not None:
            self.sock.settimeout(exchange.left)  # sendall() takes it for all that it sends
        exchange.sent = True
        super().send(data)  # type: ignore[misc]


def _in_time(connected: socket.socket) -> socket.socket:
    """Return a socket that waits no longer than the exchange has time."""
    exchange = current.get()
    if exchange is not None:
        left = max(exchange.deadline - monotonic(), 0.001)  # nothing is raised here, where nobody would close it
        connected.settimeout(min(connected.gettimeout() or left, left))
    return connected


class _Connection(_Timed, HTTPConnection):  # type: ignore[misc]  # urllib3 does not say what http.client allows
    pass


class _TLSConnection(_Timed, HTTPSConnection):  # type: ignore[misc]  # as above
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class Adapter(HTTPAdapter):
    """Is requests' adapter without what each of its requests works out anew: the pool of an origin, and cookies.

    It serves sessions made here, whose proxies and certificates do not change once an origin is resolved.
    """

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self._pools: dict[str, Any] = {}
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        return manager

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        origin = request.url[: request.url.index("/", 8)]
        pool = self._pools.get(origin)
        if pool is None:
            made = super().get_connection_with_tls_context(request, verify, proxies, cert)
            pool = self._pools.setdefault(origin, made)
        return pool

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.request, response.url = req, req.url
        return response

    def close(self) -> None:
        pools = list(self._pools.values())
        self._pools.clear()
        super().close()
        for pool in pools:
            pool.close()  # urllib3 leaves it to who drops the last reference, which an error's traceback may hold
