"""Who may call what: keys, and the security schemes of the document."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from hmac import compare_digest
from typing import Any

from .._document import Document
from .._operations import Operation
from .._pointers import join

PUBLIC_SCHEME = "publicApiKey"
PRIVATE_SCHEME = "privateApiKey"


class Keys:
    """Is the two keys of an account (facts §1): what the public one opens, the private one opens too.

    A security scheme that is not ODP's own accepts either.
    """

    def __init__(self, public: str, private: str) -> None:
        self.public = public
        self.private = private

    def credentials(self, document: Document) -> dict[str, str]:
        """Return a secret for each security scheme of a document."""
        return {name: self.public if name == PUBLIC_SCHEME else self.private for name in _schemes(document)}

    def allow(self, operation: Operation, places: Mapping[str, Mapping[str, str]]) -> bool:
        """Tell whether a request meets one of the operation's alternatives; `places` is header, query and cookie.

        Names of headers are in lower case.
        """
        alternatives = operation.security or ({},)
        return any(all(self._meets(operation.document, name, places) for name in names) for names in alternatives)

    def know(self, document: Document, places: Mapping[str, Mapping[str, str]]) -> bool:
        """Tell whether a request bears one of the keys, in whatever place the document has for one."""
        schemes = [document.resolve(join("", "components", "securitySchemes", name))[0] for name in _schemes(document)]
        presented = [secret for scheme in schemes for secret in _presented(scheme, places)]
        return _matches(presented, [self.public, self.private])

    def _meets(self, document: Document, name: str, places: Mapping[str, Mapping[str, str]]) -> bool:
        scheme, _ = document.resolve(join("", "components", "securitySchemes", name))
        if scheme.get("type") == "mutualTLS":
            return True  # the connection's business
        accepted = [self.private] if name == PRIVATE_SCHEME else [self.private, self.public]
        return _matches(_presented(scheme, places), accepted)


def _schemes(document: Document) -> Mapping[str, Any]:
    return (document.root.get("components") or {}).get("securitySchemes") or {}


def _matches(presented: Iterable[str], accepted: Iterable[str]) -> bool:
    # Each pair is compared, and in constant time: how long it takes tells nothing about a key.
    known = [one.encode() for one in accepted]
    verdicts = [compare_digest(one.encode(), other) for one in presented for other in known]
    return any(verdicts)


def _presented(scheme: Mapping[str, Any], places: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield what a request shows for a scheme (OAS 3.1.1, 4.8.27)."""
    if scheme.get("type") == "apiKey":
        name = scheme["name"].lower() if scheme["in"] == "header" else scheme["name"]
        yield from [places[scheme["in"]][name]] if name in places[scheme["in"]] else []
        return
    form, _, secret = places["header"].get("authorization", "").partition(" ")
    if form.lower() != (scheme.get("scheme") or "bearer").lower():
        return
    if form.lower() == "basic":
        try:
            secret = b64decode(secret, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return
        yield secret.partition(":")[2]
    yield secret
