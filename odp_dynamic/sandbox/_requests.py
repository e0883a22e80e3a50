"""A request as it arrived, read from WSGI before anything has been made of it.

The path is taken as it was sent, percent-encoding and all: WSGI's own PATH_INFO is decoded, and in it the value
``a/b`` is no longer told from two segments.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

MAX_BODY = 10_000_000  # facts §3: undocumented; what an API gateway takes
MAX_DEPTH = 250


class Unreadable(ValueError):
    """Says that a body is no JSON."""


class Unread(NamedTuple):
    """Is why a body was not read: a status, and a sentence."""

    status: int
    why: str


TOO_LARGE = Unread(413, f"the body is larger than {MAX_BODY:,} bytes")
UNREAD = "odp_dynamic.unread"  # the key in a WSGI environment of the `Unread` that a server has found


class Arrived(NamedTuple):
    """Is a request: `path` and `query` as they were sent, `headers` by name in lower case.

    `unread` says why the body is not here, `peer` is the address that it came from, empty in process.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    unread: Unread | None = None
    peer: str = ""

    @property
    def media_type(self) -> str:
        """Return the Content-Type; of JSON without parameters, which say nothing (RFC 8259, 11); ill-formed ones go."""
        essence, *parameters = self.headers.get("content-type", "").split(";")
        essence = essence.strip().lower()
        if is_json(essence):
            return essence
        return "; ".join([essence, *(told.strip() for told in parameters if told.count("=") == 1)])

    def arguments(self) -> dict[str, str]:
        """Return the query's parameters, of each the first."""
        return dict(reversed(parse_qsl(self.query, keep_blank_values=True)))

    def cookies(self) -> dict[str, str]:
        """Return the cookies; none where the header cannot be read."""
        if "cookie" not in self.headers:
            return {}
        try:
            return {name: crumb.value for name, crumb in SimpleCookie(self.headers["cookie"]).items()}
        except CookieError:
            return {}

    def data(self) -> Any:
        """Return the decoded JSON body, None for another media type or an empty body; raise Unreadable for no JSON.

        What JSON lets pass and the world does not is refused: NaN, infinite numbers, lone surrogates, over 250 levels.
        """
        if not self.body or not is_json(self.media_type):
            return None
        try:
            data = json.loads(self.body.decode(), parse_constant=_refuse, parse_float=_finite)
            if b"\\u" in self.body:
                json.dumps(data, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise Unreadable from None
        if self.body.count(b"[") + self.body.count(b"{") > MAX_DEPTH and _is_deep(data):
            raise Unreadable
        return data


def is_json(media_type: str) -> bool:
    """Tell whether a media type without parameters is JSON (RFC 6839, 3.1)."""
    return media_type == "application/json" or media_type.endswith("+json")


def _finite(word: str) -> float:
    number = float(word)
    if number in (math.inf, -math.inf):
        raise ValueError(word)
    return number


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _is_deep(data: Any) -> bool:
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        level = [child for node in level for child in _children(node)]
    return bool(level)


def _children(node: Any) -> Iterator[Any]:
    return iter(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())


def arrived(environ: Mapping[str, Any]) -> Arrived:
    """Return the request of a WSGI call; a body of more than `MAX_BODY` bytes is left unread."""
    path, _, query = _target(environ).partition("?")
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    body = environ.get(UNREAD) or _body(environ)
    content, unread = (b"", body) if isinstance(body, Unread) else (body, None)
    return Arrived(
        environ["REQUEST_METHOD"].upper(), path, query, headers, content, unread, environ.get("REMOTE_ADDR") or ""
    )


def _target(environ: Mapping[str, Any]) -> str:
    """Return path and query as they were sent, in origin form (RFC 9112, 3.2)."""
    raw: str = environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    if not raw:  # a server that tells neither: encoded slashes are lost
        path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
        raw = f"{quote(path.encode('latin-1'))}?{environ.get('QUERY_STRING', '')}"
    _, absolute, rest = raw.partition("://")
    return f"/{rest.partition('/')[2]}" if absolute and not raw.startswith("/") else raw


def _body(environ: Mapping[str, Any]) -> bytes | Unread:
    stated = environ.get("CONTENT_LENGTH") or ""
    if stated.isdigit():
        length = int(stated)
    elif environ.get("wsgi.input_terminated"):  # chunked: the stream says itself where it ends
        length = MAX_BODY + 1
    else:
        return b""
    if length > MAX_BODY and stated:
        return TOO_LARGE
    body: bytes = environ["wsgi.input"].read(length)
    return TOO_LARGE if len(body) > MAX_BODY else body
