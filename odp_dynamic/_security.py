"""Credentials: which of them an operation needs, where they go, and what is said when they are missing."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any, NamedTuple

from ._operations import Operation
from ._pointers import join
from ._secrets import Secrets, Unavailable
from ._settings import setting, variable_of
from ._values import Problem
from .errors import SpecError, closest

# Patterns are compiled when they are first needed, and then kept by `re`: not all programs need them.
_LOOPBACK = r"http://(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(/|$)"
_FIELD = r"[!-~]+(?: [!-~]+)*"  # RFC 9110, 5.5
_CRUMB = r"[!#-+\--:<-\[\]-~]+"  # RFC 6265, 4.1.1: anything else would be read as another cookie
_TEXT = r"[^\x00-\x1f\x7f\ud800-\udfff]+"  # RFC 7617, 2


class Credential(NamedTuple):
    """Is a secret in its place: `location` is header, query or cookie."""

    location: str
    name: str
    value: str

    def __repr__(self) -> str:
        return f"<Credential {self.location} {self.name}>"


class Keys(NamedTuple):
    """Is what a request is signed with: the number of the alternative in the document, and its schemes' secrets."""

    alternative: int
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Keys {len(self.secrets)}>"


_NO_KEYS = Keys(-1, ())


class Scheme(NamedTuple):
    """Is a security scheme that an operation may use (OAS 3.1.1, 4.8.27)."""

    name: str
    type: str
    location: str
    field: str
    form: str
    variable: str


class Signer:
    """Finds the credentials of one operation: the first of its alternatives that can be met."""

    def __init__(self, operation: Operation) -> None:
        self._alternatives = [[_scheme(operation, name) for name in requirement] for requirement in operation.security]
        self._pointer = operation.pointer
        self._ready: dict[tuple[Any, ...], list[Credential] | Problem] = {}

    def keys(self, given: Secrets) -> Keys | Problem:
        """Return what a request is signed with, the first alternative that can be met; or the problem that none can.

        A secret is taken from `given` under its scheme's name, else from its environment variable.
        """
        try:
            for number, schemes in enumerate(self._alternatives):
                secrets = [_secret(scheme, given) for scheme in schemes]
                if None not in secrets:
                    return Keys(number, tuple(secrets))  # type: ignore[arg-type]  # no None is in it
            return self._missing(given) if self._alternatives else _NO_KEYS
        except Unavailable as error:
            return self._problem(str(error))

    def credentials(self, keys: Keys, base: str) -> list[Credential] | Problem:
        """Return the credentials that go with a request to `base`, or the problem with them.

        A secret is never sent over plain http, but to loopback.
        """
        if keys is _NO_KEYS:
            return []
        place = base, keys
        return self._ready.get(place) or self._ready.setdefault(place, self._checked(keys, base))

    def _checked(self, keys: Keys, base: str) -> list[Credential] | Problem:
        schemes = self._alternatives[keys.alternative]
        signing = [pair for pair in zip(schemes, keys.secrets, strict=True) if pair[0].location]
        if signing and base.startswith("http://") and not re.match(_LOOPBACK, base):
            return self._problem("a secret is not sent over plain http, where anybody may read it; use https")
        for scheme, secret in signing:
            if not re.fullmatch(_sendable(scheme), secret):
                return self._problem(
                    f"the secret for {scheme.field} has white space or characters that cannot be sent; copy it anew"
                )
        return [_placed(scheme, secret) for scheme, secret in signing]

    def _missing(self, given: Secrets) -> Problem:
        ways = []
        for schemes in self._alternatives:
            lacking = [scheme.name for scheme in schemes if _secret(scheme, given) is None]
            ways.append(" and ".join(f"{name!r} (or set {variable_of(name)})" for name in lacking))
        message = f"needs a key: pass credentials with {'; or '.join(ways)}"
        names = {scheme.name for schemes in self._alternatives for scheme in schemes}
        misspelt = next((near for name in given if name not in names and (near := closest(name, names))), None)
        return self._problem(f"{message}; did you mean {misspelt!r} in credentials?" if misspelt else message)

    def _problem(self, message: str) -> Problem:
        return Problem("security", "", "security", message, self._pointer)


def _scheme(operation: Operation, name: str) -> Scheme:
    node, pointer = operation.document.resolve(join("", "components", "securitySchemes", name))
    kind, variable = node.get("type"), variable_of(name)
    if kind == "apiKey":
        if node.get("in") not in {"header", "query", "cookie"} or not isinstance(node.get("name"), str):
            source = operation.document.source
            raise SpecError("an apiKey needs a 'name', and 'in': header, query or cookie", pointer, source)
        return Scheme(name, kind, node["in"], node["name"], "", variable)
    if kind == "mutualTLS":  # the transport's client certificate says it all
        return Scheme(name, kind, "", "", "", variable)
    if kind in {"http", "oauth2", "openIdConnect"}:
        form = str(node.get("scheme") or "Bearer").capitalize()
        return Scheme(name, kind, "header", "Authorization", form, variable)
    known = "apiKey, http, mutualTLS, oauth2 or openIdConnect"
    raise SpecError(f"a security scheme's type is one of {known}", join(pointer, "type"), operation.document.source)


def _secret(scheme: Scheme, given: Secrets) -> str | None:
    """Return a scheme's secret as text, ``user:password`` for HTTP's basic scheme; None where there is none."""
    if not scheme.location:
        return ""
    return given.get(scheme.name) or setting(scheme.variable)


def _sendable(scheme: Scheme) -> str:
    """Return the pattern of the secrets that a scheme's place can carry as they are."""
    if scheme.form == "Basic":
        return _TEXT
    return _CRUMB if scheme.location == "cookie" else _FIELD


def _placed(scheme: Scheme, secret: str) -> Credential:
    if scheme.form == "Basic":
        secret = b64encode(secret.encode()).decode()
    return Credential(scheme.location, scheme.field, f"{scheme.form} {secret}" if scheme.form else secret)
