"""Pacing: calls wait for their turn, so that the rate limits of the document are kept."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from time import monotonic, sleep
from typing import Any

from ._values import RateLimit, Request, Response, Transport
from .errors import TimedOut


class Pacing:
    """Keeps rate limits, for all that share it: the threads of an `Api` do, several do that are given the same one.

    A limit is the document's ``x-rate-limit``, on an operation or a tag (see `RateLimit`), and holds for each host
    apart. A call waits for its turn; the calls of one operation get theirs in the order in which they ask. One whose
    turn would come after its total timeout raises TimedOut, was not sent, and takes no turn.

    In any time of `seconds`, at most `requests` and one `burst` are sent: a generic cell rate algorithm, which keeps of
    each limit the one moment until which its past calls have used it up.
    """

    def __init__(self) -> None:
        self._used: dict[tuple[str, str], float] = {}
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<Pacing of {len(self._used)} limits>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Pacing, ()  # it is a matter of one process

    def over(self, transport: Transport) -> Transport:
        """Return a transport that sends when it is a request's turn."""
        return _Paced(self, transport)

    def turn(self, origin: str, limits: Sequence[RateLimit], patience: float) -> tuple[float, RateLimit | None]:
        """Take a turn and return the seconds until it comes, with the limit that makes it so late.

        Where that is more than `patience`, no turn is taken.
        """
        with self._lock:
            now, at, latest = monotonic(), 0.0, None
            for limit in limits:
                free = self._used.get((origin, limit.name), 0.0) - limit.seconds / limit.requests * (limit.burst - 1)
                if free > max(at, now):
                    at, latest = free, limit
            at = max(at, now)
            if at - now <= patience:
                for limit in limits:
                    key = origin, limit.name
                    self._used[key] = max(self._used.get(key, 0.0), at) + limit.seconds / limit.requests
            return at - now, latest


class _Paced:
    """Is a transport whose requests wait for their turn."""

    def __init__(self, pacing: Pacing, transport: Transport) -> None:
        self._pacing = pacing
        self._transport = transport

    def send(self, request: Request, /) -> Response:
        if not request.rate_limits:
            return self._transport.send(request)
        connect, wait, total = request.timeout
        origin = request.url.split("/", 3)[2]
        seconds, limit = self._pacing.turn(origin, request.rate_limits, total)
        if seconds > total:
            late = f"its turn would come in {seconds:.3g} s ({limit}), later than {total:g} s"
            raise TimedOut(late, request, sent=False, passing=False)
        if seconds > 0:
            sleep(seconds)
            request = request._replace(timeout=(connect, wait, max(total - seconds, 0.001)))
        return self._transport.send(request)
