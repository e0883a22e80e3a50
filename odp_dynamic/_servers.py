"""Servers: which of those that a document declares a request goes to, and what the variables of its URL are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ._operations import Operation, Server, ServerVariable
from ._settings import BASE_URL, SERVER, setting
from ._templates import Template
from ._values import Problem
from .errors import closest, did_you_mean

Wanted = int | str | Mapping[str, Any] | None
_PAIR = r"([\w.-]+)=([^,]*)"
_MOST_DIGITS = 9


class Choice(NamedTuple):
    """Is a server and the values of variables of its URL that are no defaults.

    `given` are those that the caller chose, `read` those that were read in a credential.
    """

    server: Server
    given: Mapping[str, str] = {}  # never changed
    read: Mapping[str, str] = {}  # never changed

    @property
    def values(self) -> dict[str, str]:
        """Return the values of all variables."""
        defaults = {name: variable.default for name, variable in self.server.variables.items()}
        return {**defaults, **self.read, **self.given}


class Servers:
    """Finds the base URL of one operation.

    `keyed` says that it may depend on the credential that signs a request.
    """

    def __init__(self, operation: Operation) -> None:
        self._servers = operation.servers
        self._source = operation.document.source
        self._pointer = operation.pointer
        self.keyed = any(v.from_credential for server in self._servers for v in server.variables.values())

    def base(self, base_url: str | None, wanted: Wanted, secrets: Sequence[str] = ()) -> str | Problem:
        """Return the URL that paths are put after; `base_url` is it where there is one, else `choice` decides."""
        if base_url:
            url = base_url
        else:
            choice = self.choice(wanted, secrets)
            if isinstance(choice, Problem):
                return choice
            url = self.url(choice)
            if Template.of(url).names:
                return self._problem(f"the document does not declare all variables of {url}; pass base_url")
        if url.startswith(("http://", "https://")):
            return url.rstrip("/")
        return self._problem(f"no server to send to; pass base_url or server (the document has: {self._known()})")

    def url(self, choice: Choice) -> str:
        """Return the URL of a server with its variables filled in."""
        values = choice.values
        template = Template.of(choice.server.url)
        return self._absolute(template.filled(values.get(name, f"{{{name}}}") for name in template.names))

    def choice(self, wanted: Wanted, secrets: Sequence[str] = ()) -> Choice | Problem:
        """Return the server that was asked for, or the problem that there is none.

        `wanted` is its index, its URL (the template, or filled in), its description, a value that is in the ``enum`` of
        a variable of it and of no other, or the values of variables by name: a mapping, or a text such as
        ``region=eu1,stage=test``; None is the first. A variable without a value is read in the `secrets` where the
        document says how, or else has its default.
        """
        if wanted is None:
            found: Choice | str = Choice(self._servers[0])
        elif isinstance(wanted, Mapping):
            found = self._with(wanted)
        else:
            found = self._called(str(wanted))
        return self._problem(found) if isinstance(found, str) else found._replace(read=_read(found.server, secrets))

    def _called(self, text: str) -> Choice | str:
        return self._named(text) or self._valued(text)

    def _named(self, text: str) -> Choice | None:
        """Return the server of this number, URL or description."""
        if text.isdecimal() and len(text) <= _MOST_DIGITS and int(text) < len(self._servers):
            return Choice(self._servers[int(text)])
        folded = _folded(text)
        return next((choice for name, choice in self._names() if folded and _folded(name) == folded), None)

    def _valued(self, text: str) -> Choice | str:
        """Return the server that a value of a variable, or a URL with all values in it, leaves; or what is wrong."""
        holders = [choice for value, choice in self._values() if value.casefold() == text.casefold()]
        if len(holders) == 1:
            return holders[0]
        filled = [choice for server in self._servers if (choice := self._filled(server, text)) is not None]
        fitting = next((choice for choice in filled if not _refused(choice.server, choice.given)), None)
        if fitting is not None:
            return fitting
        if holders:
            return f"no server alone has that value; say which variable has it, as in {_spelt(holders[0].given)!r}"
        if filled:
            return _refused(filled[0].server, filled[0].given)
        if text and all(re.fullmatch(_PAIR, part) for part in text.split(",")):
            return self._with(dict(re.findall(_PAIR, text)))
        return self._unknown(text)

    def _with(self, given: Mapping[str, Any]) -> Choice | str:
        """Return the first server whose variables can have some values, or what is wrong with them."""
        values = {name: str(value) for name, value in given.items()}
        known = dict.fromkeys(name for server in self._servers for name in server.variables)
        strange = [name for name in values if name not in known]
        if strange:
            misses = [f"no server has a variable {name!r}{did_you_mean(closest(name, known))}" for name in strange]
            told = f"there are {', '.join(known)}" if known else "they have none"
            return f"{'; '.join(misses)} ({told})"
        having = [server for server in self._servers if values.keys() <= server.variables.keys()]
        if not having:
            return f"no server has all of the variables {', '.join(values)}; pass those of one of them"
        fitting = next((server for server in having if not _refused(server, values)), None)
        return Choice(fitting, values) if fitting else _refused(having[0], values)

    def _filled(self, server: Server, text: str) -> Choice | None:
        """Return the values with which the URL of a server is a text, None where there are none."""
        if not server.variables:
            return None
        template = Template.of(self._absolute(server.url).rstrip("/"))
        found = re.fullmatch(template.expression("(.+?)"), text.rstrip("/"), re.IGNORECASE)
        if found is None or set(template.names) - server.variables.keys():
            return None
        return Choice(server, dict(zip(template.names, found.groups(), strict=True)))

    def _names(self) -> Iterator[tuple[str, Choice]]:
        """Yield what each server may be called; who writes out a URL has chosen what is in it."""
        for server in self._servers:
            plain = Choice(server)
            yield server.url, plain
            yield self._absolute(server.url), plain
            yield server.description, plain
            yield self.url(plain), plain._replace(given=plain.values)

    def _values(self) -> Iterator[tuple[str, Choice]]:
        for server in self._servers:
            for name, variable in server.variables.items():
                for value in variable.enum:
                    yield value, Choice(server, {name: value})

    def _unknown(self, text: str) -> str:
        names = [name for name, _ in (*self._names(), *self._values()) if name]
        own = "; an address that it does not have is a base URL" if "://" in text else ""
        return f"no server is called so{did_you_mean(closest(text, names))}; the document has: {self._known()}{own}"

    def _known(self) -> str:
        return ", ".join(map(_told, self._servers))

    def _absolute(self, url: str) -> str:
        if url.startswith("//"):  # a server that leaves the scheme open is meant to be reached the safe way
            return f"https:{url}"
        return _joined(self._source, url) if self._source.startswith(("http://", "https://")) else url

    def _problem(self, message: str) -> Problem:
        return Problem("server", "", "servers", message, self._pointer)


def wanted(server: Any) -> Wanted:
    """Return how a caller named a server, as `Servers.choice` takes it; raise ValueError for what names none."""
    if isinstance(server, Mapping):
        return dict(server)
    if server is None or (isinstance(server, int | str) and not isinstance(server, bool)):
        return server
    raise ValueError("server must be a number, a text, or a mapping of the variables of its URL")


def where(server: Wanted, base_url: str | None, named: Mapping[str, Any]) -> tuple[Wanted, str | None]:
    """Return the server and the base URL of the first who says either: the caller, a named environment, variables."""
    for level in ((server, base_url), (named.get("server"), named.get("base_url"))):
        if level != (None, None):
            return level
    return setting(SERVER), setting(BASE_URL)


def _read(server: Server, secrets: Sequence[str]) -> dict[str, str]:
    """Return the values that the document says are in a credential, and that are."""
    found = {name: _within(variable, secrets) for name, variable in server.variables.items()}
    return {name: value for name, value in found.items() if value is not None}


def _within(variable: ServerVariable, secrets: Sequence[str]) -> str | None:
    if not variable.from_credential:
        return None
    texts = ((found[1], secret) for secret in secrets if (found := re.search(variable.from_credential, secret)))
    return next((text for text, secret in texts if text and _may_be_told(text, secret, variable)), None)


def _may_be_told(text: str, secret: str, variable: ServerVariable) -> bool:
    """Tell whether a part of a secret may stand in a URL, which is shown: a word of the document's, or a small part."""
    return text in variable.enum if variable.enum else 4 * len(text) <= len(secret)


def _refused(server: Server, values: Mapping[str, str]) -> str:
    """Return what is wrong with values of variables of a server, "" where nothing is."""
    wrong = ((name, server.variables[name].enum) for name in values if name in server.variables)
    return "; ".join(
        f"{name!r} must be one of {', '.join(enum)}{did_you_mean(closest(values[name], enum))}"
        for name, enum in wrong
        if enum and values[name] not in enum
    )


def _spelt(values: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in values.items())


def _folded(name: str) -> str:
    return name.casefold().rstrip("/")


def _told(server: Server) -> str:
    lists = [f"{name}: {' '.join(v.enum) or 'any value'}" for name, v in server.variables.items()]
    notes = [server.description] * bool(server.description) + lists
    return f"{server.url} ({'; '.join(notes)})" if notes else server.url


@lru_cache(maxsize=64)
def _joined(base: str, url: str) -> str:
    from urllib.parse import urljoin

    return urljoin(base, url)
