"""Trying again: only where that is safe, and never for long."""

from __future__ import annotations

from copy import copy
from random import uniform
from time import monotonic, sleep
from typing import Self

from ._values import Request, Response, Transport
from .errors import TransportError, retry_after

# A server that answers one of these has not done the work (429, 503) or may not have (502, 504).
_PASSING = frozenset({429, 502, 503, 504})
_NOT_DONE = frozenset({429, 503})


class Retry:
    """Wraps a transport and sends again what may succeed the next time, where doing it twice does no harm.

    At most `attempts` in all, and none that would begin after `budget` seconds. Between them it waits a random time up
    to `backoff` seconds, doubled each time and at most `longest`, or what Retry-After asks for; when that is longer
    than `longest` it does not try again.

    A request is sent again when it is replayable, when it never left (no connection), or when the server says that it
    did nothing (429, 503).
    """

    def __init__(
        self,
        transport: Transport | None = None,
        *,
        attempts: int = 3,
        backoff: float = 0.5,
        longest: float = 20.0,
        budget: float = 60.0,
    ) -> None:
        self.transport = transport
        self.attempts = attempts
        self.backoff = backoff
        self.longest = longest
        self.budget = budget

    def __repr__(self) -> str:
        return f"Retry(attempts={self.attempts}, backoff={self.backoff}, longest={self.longest}, budget={self.budget})"

    def over(self, transport: Transport) -> Self:
        """Return the same rules around another transport."""
        wrapping = copy(self)
        wrapping.transport = transport
        return wrapping

    def send(self, request: Request, /) -> Response:
        """Return the first answer that need not, or must not, be asked for again; raise the last TransportError."""
        if self.transport is None:
            raise TypeError("this Retry wraps no transport; give it one, or hand it to Api(retry=…)")
        end = monotonic() + self.budget
        attempt = 1
        while True:
            try:
                response = self.transport.send(request)
            except TransportError as error:
                safe = request.replayable or not error.sent
                wait = self._wait(attempt, None) if safe else None
                if wait is None or not self._may_wait(attempt, wait, end):
                    error.message += f" (attempt {attempt}{_why(attempt, self.attempts, safe=safe)})"
                    raise
            else:
                safe = request.replayable or response.status in _NOT_DONE
                wait = self._wait(attempt, response) if response.status in _PASSING and safe else None
                if wait is None or not self._may_wait(attempt, wait, end):
                    return response if attempt == 1 else response._replace(attempts=attempt)
            sleep(wait)
            attempt += 1

    def _wait(self, attempt: int, response: Response | None) -> float | None:
        asked = retry_after(response.headers) if response is not None else None
        if asked is not None:
            return asked if asked <= self.longest else None
        return uniform(0, min(self.longest, self.backoff * 2 ** (attempt - 1)))  # noqa: S311  # jitter is no secret

    def _may_wait(self, attempt: int, wait: float, end: float) -> bool:
        return attempt < self.attempts and monotonic() + wait < end


def _why(attempt: int, most: int, *, safe: bool) -> str:
    if attempt >= most:
        return f" of {most}"
    return "; time is up" if safe else "; sending it again might do it twice"
