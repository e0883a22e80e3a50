"""Which operation a request is for, by the document's own paths."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from .._document import Document
from .._operations import Operation, operations_of
from .._servers import Choice, Servers
from .._templates import Template


class Found(NamedTuple):
    """Is an operation with the values of its path's parameters, decoded."""

    operation: Operation
    arguments: dict[str, str]


class _Route(NamedTuple):
    """Is one path template: its expression for the path as it was sent, and its parameters in order."""

    matches: re.Pattern[str]
    names: list[str]
    operation: Operation


class Routes:
    """Finds operations; `prefix` is what stands before the document's paths, the path of its first server."""

    def __init__(self, document: Document) -> None:
        operations = self.operations = operations_of([document])
        first = next(iter(operations.values()), None)
        url = Servers(first).url(Choice(first.servers[0])) if first else ""
        self.prefix = urlsplit(url).path.rstrip("/")
        self._routes: dict[tuple[str, int], list[_Route]] = {}
        for operation in sorted(operations.values(), key=lambda operation: _vagueness(operation.path)):
            template = Template.of(operation.path)
            route = _Route(re.compile(template.expression("([^/]+)")), template.names, operation)
            self._routes.setdefault((operation.method, operation.path.count("/")), []).append(route)

    def find(self, method: str, path: str) -> Found | None:
        """Return what a percent-encoded path is for, None where it is for nothing.

        Values are decoded after the path was split, so that ``%2F`` is part of a value. Decoding must give UTF-8.
        """
        if not path.startswith(f"{self.prefix}/"):
            return None
        inner = path[len(self.prefix) :]
        for route in self._routes.get((method, inner.count("/")), ()):
            if match := route.matches.fullmatch(inner):
                try:
                    values = [unquote(value, errors="strict") for value in match.groups()]
                except UnicodeDecodeError:
                    return None
                return Found(route.operation, dict(zip(route.names, values, strict=True)))
        return None


def _vagueness(path: str) -> list[int]:
    """Return a key by which literal segments come before those with a parameter (OAS 3.1.1, 4.8.8.2)."""
    forms = Template.of(path).form.split("/")
    return [2 if form == "{}" else 1 if "{}" in form else 0 for form in forms]
