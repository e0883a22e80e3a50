"""Secrets, before the journal sees them: which kind of key a request shows, and the request without it."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterator
from urllib.parse import unquote_plus

from .._document import Document
from .._pointers import join
from .._values import MASK, Headers
from ._keys import Keys
from ._requests import Arrived

# Hidden whatever the document says: what stands there is a secret of some service.
_ALWAYS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})
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
        self._own = [key for key in (keys.private, keys.public) if len(key) >= _SHORTEST]

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
        """Return what hides these secrets, and the sandbox's own, in a text."""
        secrets = {*self._own, *(secret for secret in presented if len(secret) >= _SHORTEST)}

        def masked(text: str) -> str:
            for secret in secrets:
                if secret in text:
                    text = text.replace(secret, MASK)
            return text

        return masked

    def headers(self, request: Arrived, masked: Masking) -> Headers:
        """Return the header fields without their secrets."""
        return Headers(
            [(name, MASK if name in self._headers else masked(value)) for name, value in request.headers.items()]
        )

    def target(self, request: Arrived, masked: Masking) -> str:
        """Return path and query as they were sent, without their secrets."""
        if not request.query:
            return masked(request.path)
        pairs = [pair.partition("=") for pair in request.query.split("&")]
        query = "&".join(
            f"{name}={MASK}" if unquote_plus(name) in self._queries else f"{name}{equals}{value}"
            for name, equals, value in pairs
        )
        return masked(f"{request.path}?{query}")


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
