"""Trying again: only where that is safe, never for long, and not when everybody else is trying again too.

The rules are our own, not a library's: tenacity and its like repeat a function, while here an answer may ask for a
wait, the budget also bounds the attempt that is under way, and each decision has to be told. What would be left to a
library is the one line of jitter.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from copy import copy
from random import uniform
from threading import Lock
from time import monotonic, sleep
from typing import Any, Self

from ._forks import begins_anew
from ._values import Attempt, Request, Response, Transport
from .errors import TransportError, phrase, retry_after

# A server that answers one of these has not done the work (429, 503) or may not have (502, 504).
_PASSING = frozenset({429, 502, 503, 504})
_NOT_DONE = frozenset({429, 503})
_SPREAD = 1.1  # of what a server asks to wait
_INSTANT = 0.01  # seconds, too few to make another request for
_COST = 10  # of a retry, in calls that go well at once

_log = logging.getLogger("odp_dynamic.retry")
_log.addHandler(logging.NullHandler())  # who does not ask for it is not told


class Retry:
    """Wraps a transport and sends again what may succeed the next time, where doing it twice does no harm.

    At most `attempts` in all, and all of them together, waits and the attempt under way included, within `budget`
    seconds. Between them it waits a random time up to `backoff` seconds, doubled each time and at most `longest` (full
    jitter), or what Retry-After asks for; when that is longer than `longest` it does not try again.

    `quota` is how many retries all threads together may have taken without success: it falls by one with each, and
    rises again when a call succeeds, so that an outage is not answered with a storm. None is no limit.

    A request is sent again when it is replayable, when it never left, or when the server says that it did nothing (429,
    503). `on_attempt` is called with the request and the `Attempt` after each; what it raises is logged, and no more.

    Each attempt is told to the logger ``odp_dynamic.retry`` too: as a warning where another one follows, with the
    fields of `Attempt` as ``odp_number``, ``odp_status`` and so on.
    """

    def __init__(
        self,
        transport: Transport | None = None,
        *,
        attempts: int = 3,
        backoff: float = 0.5,
        longest: float = 20.0,
        budget: float = 60.0,
        quota: int | None = 50,
        on_attempt: Callable[[Request, Attempt], object] | None = None,
    ) -> None:
        if attempts < 1 or min(backoff, longest, budget, quota or 0) < 0:
            raise ValueError("attempts must be at least 1, and backoff, longest, budget and quota 0 or more")
        self.transport = transport
        self.attempts = attempts
        self.backoff = backoff
        self.longest = longest
        self.budget = budget
        self.quota = quota
        self.on_attempt = on_attempt
        self._quota = _Quota(quota)

    def __repr__(self) -> str:
        rules = ", ".join(f"{name}={getattr(self, name)}" for name in _RULES)
        return f"Retry({rules})"

    def over(self, transport: Transport) -> Self:
        """Return the same rules, with a quota of their own, around another transport."""
        wrapping = copy(self)
        wrapping.transport = transport
        wrapping._quota = _Quota(self.quota)  # noqa: SLF001  # a copy of this very class
        return wrapping

    def send(self, request: Request, /) -> Response:
        """Return the first answer that need not, or must not, be asked for again; raise the last TransportError."""
        transport = self.transport
        if transport is None:
            raise TypeError("this Retry wraps no transport; give it one, or hand it to Api(retry=…)")
        end = monotonic() + self.budget
        history: list[Attempt] = []
        sent = False
        while True:
            begun = monotonic()
            outcome = _outcome(transport, _within(request, end - begun))
            if isinstance(outcome, Response) and outcome.status not in _PASSING:
                return self._done(request, outcome, history, begun)
            number = len(history) + 1
            wait, refused = self._decided(request, outcome, number, end)
            attempt = Attempt(number, _reason(outcome), _status(outcome), monotonic() - begun, wait, refused)
            history.append(attempt)
            self._tell(request, attempt)
            sent = sent or isinstance(outcome, Response) or outcome.sent
            if wait is None:
                return _given_up(outcome, history, sent=sent)
            sleep(wait)

    def _done(self, request: Request, response: Response, history: list[Attempt], begun: float) -> Response:
        """Return an answer that need not be asked for again."""
        if response.status < 500:
            self._quota.give_back(_COST * len(history) or 1)
        if not history and self.on_attempt is None and not _log.isEnabledFor(logging.DEBUG):
            return response
        attempt = Attempt(len(history) + 1, _reason(response), response.status, monotonic() - begun)
        self._tell(request, attempt)
        return response._replace(attempts=attempt.number, history=(*history, attempt)) if history else response

    def _decided(
        self, request: Request, outcome: Response | TransportError, number: int, end: float
    ) -> tuple[float | None, str]:
        """Return the seconds to wait before the next attempt, or None and why there is none."""
        asked = retry_after(outcome.headers) if isinstance(outcome, Response) else None
        if asked is None:
            wait = uniform(0, min(self.longest, self.backoff * 2 ** (number - 1)))  # noqa: S311  # no secret
        else:
            wait = asked * uniform(1, _SPREAD)  # noqa: S311  # all who were told the same do not come back at once
        hindrance = next(self._hindrances(request, outcome, number, asked or 0.0), "")
        if not hindrance and monotonic() + wait >= end:
            hindrance = f"the budget of {self.budget:g} s would be over"
        if not hindrance and not self._quota.take():
            hindrance = "the quota is used up: too many calls have failed lately"
        return (None, hindrance) if hindrance else (wait, "")

    def _hindrances(
        self, request: Request, outcome: Response | TransportError, number: int, asked: float
    ) -> Iterator[str]:
        """Yield all that speaks against another attempt, the weightiest first."""
        if not _is_safe(request, outcome):
            yield "it may have been done, and might then be done twice"
        if isinstance(outcome, TransportError) and not outcome.passing:
            yield "it would end the same way"
        if number >= self.attempts:
            yield f"the limit of attempts is {number}"
        if asked > self.longest:
            yield f"the server asks to wait {asked:g} s, and {self.longest:g} s is the longest wait"

    def _tell(self, request: Request, attempt: Attempt) -> None:
        level = logging.DEBUG if attempt.wait is None else logging.WARNING
        if _log.isEnabledFor(level):
            told = {f"odp_{name}": value for name, value in attempt._asdict().items()}
            _log.log(level, "%s: %s", request.operation, attempt, extra={"odp_operation": request.operation, **told})
        if self.on_attempt is not None:
            try:
                self.on_attempt(request, attempt)
            except Exception:  # noqa: BLE001  # who watches must not make a call that was done look as if it was not
                _log.exception("%s: on_attempt failed", request.operation)


_RULES = ("attempts", "backoff", "longest", "budget", "quota")


class _Quota:
    """Is what is left for retries; threads share it."""

    def __init__(self, retries: int | None) -> None:
        self._retries = retries
        self._most = self._left = _COST * (retries or 0)
        self.begin_anew()
        begins_anew(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _Quota, (self._retries,)  # it is a matter of one process

    def begin_anew(self) -> None:
        """Take a new lock, in a child that was forked."""
        self._lock = Lock()

    def take(self) -> bool:
        """Pay for one retry, or tell that there is nothing left to pay with."""
        if self._retries is None:
            return True
        with self._lock:
            if self._left < _COST:
                return False
            self._left -= _COST
            return True

    def give_back(self, amount: int) -> None:
        """Give back some of what was paid."""
        if self._left < self._most:
            with self._lock:
                self._left = min(self._most, self._left + amount)


def _outcome(transport: Transport, request: Request) -> Response | TransportError:
    try:
        return transport.send(request)
    except TransportError as error:
        return error


def _given_up(outcome: Response | TransportError, history: list[Attempt], *, sent: bool) -> Response:
    if isinstance(outcome, TransportError):
        outcome.history, outcome.sent = tuple(history), sent  # by whichever attempt
        raise outcome
    return outcome._replace(attempts=len(history), history=tuple(history))


def _status(outcome: Response | TransportError) -> int | None:
    return outcome.status if isinstance(outcome, Response) else None


def _within(request: Request, left: float) -> Request:
    """Return the request with no more time than is left."""
    connect, wait, total = request.timeout
    return request if total <= left + _INSTANT else request._replace(timeout=(connect, wait, max(left, 0.001)))


def _is_safe(request: Request, outcome: Response | TransportError) -> bool:
    if request.replayable:
        return True
    return not outcome.sent if isinstance(outcome, TransportError) else outcome.status in _NOT_DONE


def _reason(outcome: Response | TransportError) -> str:
    if isinstance(outcome, TransportError):
        return outcome.message
    return f"{outcome.status} {phrase(outcome.status)}".rstrip()
