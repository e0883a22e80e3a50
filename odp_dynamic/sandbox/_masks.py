"""Secrets, before the journal sees them: which kind of key a request shows, and the request without it."""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus, unquote_plus

from .._document import Document
from .._pointers import join
from .._values import MASK, Headers
from ._keys import Keys
from ._requests import Arrived

# Hidden whatever the document says: what stands there is a secret of some service.
_ALWAYS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})
# Hidden too, however they are spelt: under these names people show their keys in the wrong place.
_MISPLACED = ("api-key", "x-api-key", "access-token", "authorization")
_SHORTEST = 8  # a shorter secret would be found in words

Masking = Callable[[str], str]


class Masks:
    """Knows where a document has secrets, and hides what stands there, and what stands there wherever else it does."""

    def __init__(self, document: Document, keys: Keys) -> None:
        self._keys = keys
        schemes = [
            document.resolve(join("", "components", "securitySchemes", name))[0] for name in keys.credentials(document)
        ]
        placed = [(scheme.get("in"), str(scheme.get("name"))) for scheme in schemes if scheme.get("type") == "apiKey"]
        self._headers = _ALWAYS | {name.lower() for place, name in placed if place == "header"}
        self._queries = {name for place, name in placed if place == "query"}
        self._own = {form for key in (keys.private, keys.public) for form in _forms(key)}
        names = {*_MISPLACED, *keys.credentials(document), *(name for _, name in placed)}
        spelt = "|".join(sorted(map(_spellings, names), key=len, reverse=True))
        self._is_named = lru_cache(1000)(re.compile(spelt, re.IGNORECASE).fullmatch)
        self._members = re.compile(rf'("(?:{spelt})"\s*:\s*")(?:[^"\\]|\\.)+', re.IGNORECASE)

    def presented(self, request: Arrived) -> list[str]:
        """Return all that a request shows where secrets stand."""
        shown = [value for name, value in request.headers.items() if name in self._headers and name != "cookie"]
        shown += request.cookies().values() if "cookie" in request.headers else ()
        if self._queries:
            shown += [value for name, value in request.arguments().items() if name in self._queries]
        return [secret for value in shown for secret in _readings(value)]

    def kind(self, presented: list[str]) -> str:
        """Return which kind of key is among these: ``"private"``, ``"public"``, ``"unknown"``, or ``"none"``."""
        if self._keys.private in presented:
            return "private"
        if self._keys.public in presented:
            return "public"
        return "unknown" if any(presented) else "none"

    def masking(self, presented: list[str]) -> Masking:
        """Return what hides these secrets, and the sandbox's own, in a text; and members that are named as such."""
        secrets = {*self._own, *(form for secret in presented for form in _forms(secret))}

        def masked(text: str) -> str:
            for secret in secrets:
                if secret in text:
                    text = text.replace(secret, MASK)
            return self._members.sub(rf"\1{MASK}", text) if '"' in text else text

        return masked

    def headers(self, request: Arrived, masked: Masking) -> Headers:
        """Return the header fields without their secrets."""
        return Headers(
            [
                (name, MASK if name in self._headers or self._is_named(name) else masked(value))
                for name, value in request.headers.items()
            ]
        )

    def target(self, request: Arrived, masked: Masking) -> str:
        """Return path and query as they were sent, without their secrets."""
        if not request.query:
            return masked(request.path)
        pairs = [pair.partition("=") for pair in request.query.split("&")]
        query = "&".join(
            f"{name}={MASK}" if self._is_named(unquote_plus(name)) else f"{name}{equals}{value}"
            for name, equals, value in pairs
        )
        return masked(f"{request.path}?{query}")


@lru_cache(100)
def _forms(secret: str) -> frozenset[str]:
    """Return a secret as it may be written in a text: as it is, in a URL, in JSON; none for a short one."""
    if len(secret) < _SHORTEST:
        return frozenset()
    in_json = (json.dumps(secret, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False))
    return frozenset([secret, quote(secret), quote(secret, safe=""), quote_plus(secret), *in_json])


def _spellings(name: str) -> str:
    """Return a pattern of all ways to spell a name: with hyphens, underscores, or neither."""
    return "[-_]?".join(map(re.escape, re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+|[^A-Za-z0-9_-]+", name)))


def _readings(value: str) -> Iterator[str]:
    """Yield a secret as it is shown, and what it holds where it is an Authorization (RFC 9110, 11.4)."""
    yield value
    form, space, secret = value.partition(" ")
    if not space:
        return
    yield secret
    if form.lower() == "basic":
        try:
            yield b64decode(secret, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return
