"""The network, on `requests`, which no other module knows; imported when a call first needs it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from time import monotonic, perf_counter
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
from urllib3.exceptions import HTTPError

from .._forks import begins_anew
from .._values import Request, Response
from ..errors import TransportError
from ._connections import Adapter, Exchange, current
from ._failures import translated

_MOST_REDIRECTS = 10
_PIECE = 1 << 16
_CODINGS = frozenset({"content-encoding", "transfer-encoding"})  # with them the length is another one, or none


class _Discreet(logging.Filter):
    """Keeps the values of paths and queries, keys among them, and what a server sent, out of urllib3's log.

    It has whole targets, at DEBUG, and whole URLs, in the warning of header fields that it cannot read; that one has
    what it could not read too, in an error and its traceback. What is not ours to send is logged as ever.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        exchange = current.get()
        if exchange is not None and isinstance(record.args, tuple):
            record.args = tuple(_discreet(arg, exchange) for arg in record.args)
            record.exc_info = None
        return True


def _discreet(told: object, exchange: Exchange) -> object:
    if isinstance(told, Exception):
        return type(told).__name__
    if isinstance(told, str) and told.startswith("/"):
        return "/" + exchange.shown.split("/", 3)[-1]
    return exchange.shown if isinstance(told, str) and "://" in told else told


for _name in ("connection", "connectionpool", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(_Discreet())


class _Origin(NamedTuple):
    """Is what is worked out once for an origin: who sends to it, and with which settings and header fields.

    `tells` says whether its connections tell the exchange what they send.
    """

    send: Callable[..., requests.Response]
    settings: dict[str, Any]
    fields: Callable[[dict[str, str]], Any]
    tells: bool


class RequestsTransport:
    """Sends through a `requests.Session`, with connections kept alive and settings resolved once an origin.

    `session` is one you have set up: its headers, proxies, certificates, `trust_env` and adapters are used; by default
    a new one, which honours the environment's proxies and certificate bundle as `requests` users know them. Redirects
    are followed only within the origin, and only where that repeats the same request (RFC 9110, 15.4). A session's own
    authentication, hooks and cookies are left aside: the document says how a request is signed. Threads may share it, a
    process that was forked makes connections of its own.

    - `pool_size` is how many connections to one origin are kept; more threads than that open some anew.
    - `largest_answer` is in bytes, after content coding: a larger one is a TransportError, and is not read on.
    - `gzip_above` compresses bodies of more bytes than that (RFC 9110, 8.4.1.3), for servers that take it; None never.

    An adapter of your own bounds what `requests` bounds: the total timeout then ends nothing but the reading of a body,
    and a connection that broke counts as one that has sent.
    """

    def __init__(
        self,
        session: requests.Session | None = None,
        *,
        pool_size: int = 16,
        largest_answer: int = 100_000_000,
        gzip_above: int | None = None,
    ) -> None:
        self._session = _new_session(pool_size) if session is None else session
        self._largest_answer = largest_answer
        self._gzip_above = gzip_above
        self._origins: dict[str, _Origin] = {}
        begins_anew(self)

    def __repr__(self) -> str:
        return "<RequestsTransport>"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_origins": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        begins_anew(self)

    def close(self) -> None:
        """Close all connections; the transport can be used again."""
        self._session.close()

    def send(self, request: Request, /) -> Response:
        """Return the answer; raise TimedOut or TransportError when there is none."""
        url, end = request.url, monotonic() + request.timeout[2]
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._send_once(request, url, end)
            target = _redirect(request.method, url, response) if 300 <= response.status < 400 else None
            if target is None:
                return response
            url = target
        raise TransportError(f"was redirected more than {_MOST_REDIRECTS} times", request, passing=False)

    def _send_once(self, request: Request, url: str, end: float) -> Response:
        begun = perf_counter()
        exchange = Exchange(end, shown=request.target)
        current.set(exchange)
        try:
            origin = self._origin(url)
            exchange.sent = not origin.tells
            answer = origin.send(self._prepared(request, url, origin), timeout=_timeout(request), **origin.settings)
            content = self._content(answer, exchange)
        except (OSError, HTTPError, ValueError) as error:  # what requests raises is an OSError
            failure = translated(error, request, exchange)
        else:
            if content is not None:
                return Response(answer.status_code, answer.headers, content, request, perf_counter() - begun)
            told = (
                f"the answer is larger than {self._largest_answer:,} bytes; if it is meant to be, raise largest_answer"
            )
            failure = TransportError(told, request, passing=False)
        finally:
            current.set(None)
        raise failure  # out here, for the other error, which a traceback would show, has the whole URL

    def _prepared(self, request: Request, url: str, origin: _Origin) -> requests.PreparedRequest:
        """Return a request filled in by hand: what prepare() would do has been done, and it would change paths."""
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = request.method, url, request.body
        fields, body = dict(request.headers), request.body
        if body is not None and self._gzip_above is not None and len(body) > self._gzip_above:
            prepared.body = body = _compressed(body, fields)
        if body is not None:
            fields["Content-Length"] = str(len(body))
        elif request.method in {"POST", "PUT", "PATCH"}:
            fields["Content-Length"] = "0"
        prepared.headers = origin.fields(fields)
        return prepared

    def _content(self, answer: requests.Response, exchange: Exchange) -> bytes | None:
        """Return the body, None for one that is too large; close what is not read to its end."""
        try:
            content = self._read(answer, exchange)
        except BaseException:
            answer.close()
            raise
        if content is None:
            answer.close()
        return content

    def _read(self, answer: requests.Response, exchange: Exchange) -> bytes | None:
        length = answer.headers.get("Content-Length", "")
        if length.isdecimal() and float(length) > self._largest_answer:
            return None
        if length.isdecimal() and not _CODINGS & {name.lower() for name in answer.headers}:
            content: bytes = answer.raw.read()  # in one go: it is as long as it says, or an error
            return content
        pieces, size = [], 0
        for piece in answer.iter_content(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > self._largest_answer:
                return None
            exchange.left  # noqa: B018  # raises TimeoutError
        return b"".join(pieces)

    def _origin(self, url: str) -> _Origin:
        base = url[: url.index("/", 8) + 1]
        return self._origins.get(base) or self._origins.setdefault(base, self._resolved(base))

    def _resolved(self, base: str) -> _Origin:
        session = self._session
        merged = session.merge_environment_settings(base, proxies={}, stream=False, verify=None, cert=None)
        settings: dict[str, Any] = dict(merged)
        if base.startswith("http:") and _is_loopback(base):  # a key may go there in the clear, but not by way of others
            settings["proxies"] = {name: url for name, url in settings["proxies"].items() if _is_loopback(url)}
        adapter, own = session.get_adapter(base), _fields(session)
        # An adapter of the user's may count on the mapping that a session would give it.
        is_ours = isinstance(adapter, Adapter)
        fields = dict if is_ours and not own else lambda given: CaseInsensitiveDict({**own, **given})
        return _Origin(adapter.send, settings, fields, is_ours)

    def begin_anew(self) -> None:
        """Forget all connections, open as they are: they belong to the process that this one was forked from.

        Two would speak on one socket. To close them could say good-bye on the other's behalf, or wait for a lock that a
        thread of it held; so they are kept.
        """
        for adapter in self._session.adapters.values():
            if isinstance(adapter, HTTPAdapter):
                _left.append((adapter.poolmanager, adapter.proxy_manager))
                state: Any = adapter
                state.__setstate__(state.__getstate__())  # which makes its pools anew
        self._origins = {}


_left: list[Any] = []


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


def route(url: str) -> tuple[str | None, str]:
    """Return the proxy through which a URL is reached, None for none, and the file or folder of trusted certificates.

    They are those of a new session: what the environment says, as `requests` reads it.
    """
    with requests.Session() as session:
        settings = session.merge_environment_settings(url, proxies={}, stream=False, verify=None, cert=None)
    bundle = settings["verify"]
    return select_proxy(url, settings["proxies"]), DEFAULT_CA_BUNDLE_PATH if bundle is True else str(bundle)


def _new_session(pool_size: int) -> requests.Session:
    session = requests.Session()
    session.headers.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, Adapter(pool_maxsize=pool_size))
    return session


def _is_loopback(url: str) -> bool:
    host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")


def _fields(session: requests.Session) -> dict[str, Any]:
    """Return the header fields of a session; None is how `requests` users leave one out."""
    fields: Mapping[str, Any] = session.headers
    return {name: value for name, value in fields.items() if value is not None}


def _timeout(request: Request) -> tuple[float, float]:
    connect, wait, total = request.timeout
    return (connect, wait) if total >= connect and total >= wait else (min(connect, total), min(wait, total))


def _compressed(body: bytes, fields: dict[str, str]) -> bytes:
    """Return a body compressed, and say so in the header fields; one that is coded already stays as it is."""
    from gzip import compress

    if any(name.lower() == "content-encoding" for name in fields):
        return body
    fields["Content-Encoding"] = "gzip"
    return compress(body, compresslevel=6, mtime=0)  # the same bytes for each attempt


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
