"""Pacing: calls wait for their turn, so that the rate limits of the document are kept."""

from __future__ import annotations

from threading import Lock
from time import monotonic, sleep
from typing import Any

from ._forks import begins_anew
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
        self.begin_anew()
        begins_anew(self)

    def __repr__(self) -> str:
        return f"<Pacing of {len(self._used)} limits>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Pacing, ()  # it is a matter of one process

    def begin_anew(self) -> None:
        """Take a new lock, in a child that was forked."""
        self._lock = Lock()

    def over(self, transport: Transport) -> Transport:
        """Return a transport that sends when it is a request's turn."""
        return _Paced(self, transport)

    def turn(self, origin: str, limit: RateLimit, patience: float) -> float:
        """Take a turn and return the seconds until it comes; where that is more than `patience`, take none."""
        key, interval, now = (origin, limit.name), limit.seconds / limit.requests, monotonic()
        with self._lock:
            used = self._used.get(key, now)
            wait = max(used - interval * (limit.burst - 1) - now, 0.0)
            if wait <= patience:
                self._used[key] = max(used, now) + interval
        return wait


class _Paced:
    """Is a transport whose requests wait for their turn."""

    def __init__(self, pacing: Pacing, transport: Transport) -> None:
        self._pacing = pacing
        self._transport = transport

    def send(self, request: Request, /) -> Response:
        if not request.rate_limits:
            return self._transport.send(request)
        origin = request.url.split("/", 3)[2]
        connect, wait, total = request.timeout
        left = total
        # One after the other, the operation's own first: who waits long for one keeps nobody from the turns of another.
        for limit in request.rate_limits:
            seconds = self._pacing.turn(origin, limit, left)
            if seconds > left:
                late = f"its turn would come in {seconds:.3g} s ({limit}), later than {total:g} s"
                raise TimedOut(late, request, sent=False, passing=False)
            if seconds > 0:
                sleep(seconds)
                left -= seconds
        if left < total:
            request = request._replace(timeout=(connect, wait, max(left, 0.001)))
        return self._transport.send(request)
