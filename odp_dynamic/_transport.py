"""The network, on `requests`, which no other module knows; imported when a call first needs it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError, ReadTimeoutError

from ._values import Request, Response
from .errors import TimedOut, TransportError

_MOST_REDIRECTS = 10
_LOGS = [logging.getLogger(f"urllib3.{name}") for name in ("connectionpool", "util.retry")]
# What urllib3's log shows for the target of the request that is on its way.
_shown: ContextVar[Mapping[str, str]] = ContextVar("_shown", default={})  # noqa: B039  # never changed


class _Discreet(logging.Filter):
    """Keeps the values of paths and queries, keys among them, out of urllib3's log, which has whole targets."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            shown = _shown.get()
            record.args = tuple(shown.get(arg, arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


for _log in _LOGS:
    _log.addFilter(_Discreet())


class _Adapter(HTTPAdapter):
    """Is requests' adapter without what each of its requests works out anew: the pool of an origin, and cookies.

    It serves sessions made here, whose proxies and certificates do not change once an origin is resolved.
    """

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        origin = request.url[: request.url.index("/", 8)]
        pools = self.__dict__.setdefault("pools", {})
        pool = pools.get(origin)
        return pool or pools.setdefault(origin, super().get_connection_with_tls_context(request, verify, proxies, cert))

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers)
        response.raw = resp
        response.request, response.url = req, req.url
        return response

    def close(self) -> None:
        self.__dict__.pop("pools", None)
        super().close()


class _Origin(NamedTuple):
    """Is what is worked out once for an origin: who sends to it, and with which settings and header fields."""

    send: Callable[..., requests.Response]
    settings: dict[str, Any]
    fields: Callable[[dict[str, str]], Any]


class RequestsTransport:
    """Sends through a `requests.Session`, with connections kept alive and settings resolved once an origin.

    `session` is one you have set up: its headers, proxies, certificates and adapters are used; by default a new one,
    which honours the environment's proxies and certificate bundle as `requests` users know them. Redirects are followed
    only within the origin, and only where that repeats the same request (RFC 9110, 15.4). A session's own
    authentication, hooks and cookies are left aside: the document says how a request is signed. Threads may share it.
    """

    def __init__(self, session: requests.Session | None = None) -> None:
        self._session = _new_session() if session is None else session
        self._origins: dict[str, _Origin] = {}

    def __repr__(self) -> str:
        return "<RequestsTransport>"

    def __getstate__(self) -> dict[str, Any]:
        return {"_session": self._session, "_origins": {}}

    def close(self) -> None:
        """Close all connections; the transport can be used again."""
        self._session.close()

    def send(self, request: Request, /) -> Response:
        """Return the answer; raise TimedOut or TransportError when there is none."""
        url = request.url
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._send_once(request, url)
            target = _redirect(request.method, url, response) if 300 <= response.status < 400 else None
            if target is None:
                return response
            url = target
        raise TransportError(f"was redirected more than {_MOST_REDIRECTS} times", request)

    def _send_once(self, request: Request, url: str) -> Response:
        begun = perf_counter()
        if _LOGS[0].isEnabledFor(logging.DEBUG):
            _shown.set({url[url.index("/", 8) :]: request.target[request.target.index("/", 8) :]})
        try:
            origin = self._origin(url)
            # Filled in by hand: what prepare() would do has been done, and it would change the encoding of paths.
            prepared = requests.PreparedRequest()
            prepared.method, prepared.url, prepared.body = request.method, url, request.body
            prepared.headers = origin.fields(_with_length(request))
            answer = origin.send(prepared, timeout=request.timeout, **origin.settings)
            content = answer.content
        except (requests.RequestException, HTTPError, ValueError) as error:
            failure = _translated(error, request)
        else:
            return Response(answer.status_code, answer.headers, content, request, perf_counter() - begun)
        raise failure  # out here, for the other error, which a traceback would show, has the whole URL

    def _origin(self, url: str) -> _Origin:
        base = url[: url.index("/", 8) + 1]
        return self._origins.get(base) or self._origins.setdefault(base, self._resolved(base))

    def _resolved(self, base: str) -> _Origin:
        session = self._session
        settings = dict(session.merge_environment_settings(base, proxies={}, stream=False, verify=None, cert=None))
        adapter, own = session.get_adapter(base), dict(session.headers)
        # An adapter of the user's may count on the mapping that a session would give it.
        plain = not own and isinstance(adapter, _Adapter)
        fields = dict if plain else lambda given: CaseInsensitiveDict({**own, **given})
        return _Origin(adapter.send, settings, fields)


def fetch(url: str) -> bytes:
    """Return what stands at a URL that the caller named: a document or a part of one; raise OSError when it fails.

    Redirects are not followed: they could lead to a host that the caller did not name.
    """
    headers = {"Accept": "application/yaml, application/json, */*;q=0.5"}
    answer = requests.get(url, timeout=(5, 30), headers=headers, allow_redirects=False)
    answer.raise_for_status()
    if answer.is_redirect:
        raise OSError("it has moved; name the URL that it moved to")
    return answer.content


def _new_session() -> requests.Session:
    session = requests.Session()
    session.headers.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter())
    return session


def _with_length(request: Request) -> dict[str, str]:
    fields = dict(request.headers)
    if request.body is not None:
        fields["Content-Length"] = str(len(request.body))
    elif request.method in {"POST", "PUT", "PATCH"}:
        fields["Content-Length"] = "0"
    return fields


def _redirect(method: str, url: str, response: Response) -> str | None:
    """Return where an answer sends the same request within its own origin, None where it should not be followed."""
    location = response.headers.get("Location")
    if location is None or response.status not in {301, 302, 307, 308}:
        return None
    if method not in {"GET", "HEAD"} and response.status in {301, 302}:
        return None  # clients commonly turn these into GET: another request than was meant
    before = urlsplit(url)
    try:
        after = urlsplit(urljoin(url, location))
    except ValueError:  # no URL
        return None
    if (before.scheme, before.netloc) != (after.scheme, after.netloc):
        return None
    return after._replace(path=after.path or "/", fragment="").geturl()


def _translated(error: Exception, request: Request) -> TransportError:
    """Say in our words what `requests` says in its own, without the URL, which may hold personal data."""
    inner = error.args[0] if error.args else None
    if isinstance(error, requests.ConnectTimeout):
        return TimedOut(f"could not connect within {request.timeout[0]:g} s", request, sent=False)
    if isinstance(error, requests.Timeout) or isinstance(inner, ReadTimeoutError):  # before, or within the body
        return TimedOut(f"no answer within {request.timeout[1]:g} s", request)
    host = request.url.split("/")[2].rpartition("@")[2]
    cause = getattr(inner, "reason", None)
    for kind, words in _NEVER_SENT.items():
        if isinstance(error, kind) or isinstance(cause, kind):
            return TransportError(words.format(host=host), request, sent=False)
    return TransportError(f"the connection to {host} broke before the answer was whole", request)


_NEVER_SENT: dict[type[Exception], str] = {
    requests.exceptions.ProxyError: "the proxy for {host} cannot be used; see the proxy settings",
    requests.exceptions.SSLError: "the certificate of {host} is not trusted; see the CA bundle",
    NameResolutionError: "the host {host} is not known; check its name and the network",
    NewConnectionError: "cannot connect to {host}; is it up, and the port right?",
    ValueError: "the address {host} is none; correct the server's URL",
}
