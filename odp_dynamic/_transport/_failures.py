"""What `requests` says in its words, in ours: who must act, whether it was sent, and whether to try again."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import NamedTuple

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError, ReadTimeoutError

from .._values import Request
from ..errors import TimedOut, TransportError
from ._connections import Exchange


class _Failure(NamedTuple):
    words: str
    passing: bool = True


_KNOWN: dict[type[BaseException], _Failure] = {
    requests.exceptions.ProxyError: _Failure("the proxy for {host} cannot be used; see the proxy settings"),
    ssl.SSLCertVerificationError: _Failure(
        "the certificate of {host} is not trusted: {why}; see the CA bundle", passing=False
    ),
    requests.exceptions.SSLError: _Failure("no secure connection to {host}; see its TLS settings, and the CA bundle"),
    NameResolutionError: _Failure("the host {host} is not known; check its name and the network"),
    NewConnectionError: _Failure("cannot connect to {host}; is it up, and the port right?"),
    ValueError: _Failure("the address {host} is none; correct the server's URL", passing=False),
}


def translated(error: Exception, request: Request, exchange: Exchange) -> TransportError:
    """Return the error of ours that stands for one of `requests`, without the URL, which may hold personal data."""
    host = request.url.split("/")[2].rpartition("@")[2]
    if type(error) is OSError:  # requests' own, before it sends
        words = f"a certificate's file for {host} cannot be found; see the CA bundle and the client certificate"
        return TransportError(words, request, sent=False, passing=False)
    sent, causes = exchange.sent, list(_causes(error))
    connect, wait, total = request.timeout
    timed_out = any(isinstance(cause, requests.Timeout | ReadTimeoutError | TimeoutError) for cause in causes)
    if timed_out and (not sent or isinstance(error, requests.ConnectTimeout)):
        return TimedOut(f"could not connect within {min(connect, total):g} s", request, sent=False)
    if timed_out:
        return TimedOut(f"no whole answer within {total if exchange.is_over else wait:g} s", request, sent=sent)
    for kind, failure in _KNOWN.items():
        cause = next((one for one in causes if isinstance(one, kind)), None)
        if cause is not None and not (kind is ValueError and sent):  # then it is of what came back
            words = failure.words.format(host=host, why=_why(cause))
            return TransportError(words, request, sent=sent, passing=failure.passing)
    return TransportError(f"the connection to {host} broke before the answer was whole", request, sent=sent)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it wraps, however it does; not its context, which may be the caller's own."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__]


def _why(error: BaseException) -> str:
    """Return OpenSSL's own word for what is wrong with a certificate; it names the host at most."""
    return getattr(error, "verify_message", "") or "it cannot be verified"
