"""Paths, and addresses of callbacks, without the names of their parameters, which mean nothing to a server."""

from __future__ import annotations

import re

from .._operations import Operation
from .._templates import Template

_HEADER = re.compile(r"(?:^|\{)\$(?:request|response)\.header\.[^{}]+")


def place_of(operation: Operation) -> tuple[str, str]:
    """Return where requests of an operation go."""
    return operation.method, Template.of(operation.path).form


def address(expression: str) -> str:
    """Return the key of a callback such that it is equal for what finds the same address.

    A runtime expression, which begins with a dollar (OAS 3.1.1, 4.8.20.4), says where that is read; other names are
    those of parameters, and the names of headers are the same in any case.
    """
    template = Template.of(expression)
    found = template.filled(f"{{{name if name.startswith('$') else ''}}}" for name in template.names)
    return _HEADER.sub(lambda header: header[0].lower(), found)


def renamed(old: str, new: str) -> dict[str, str]:
    """Return which parameters are called otherwise at the same place of a path, nothing for paths of two forms."""
    before, after = Template.of(old), Template.of(new)
    if before.literals != after.literals:
        return {}
    pairs = zip(before.names, after.names, strict=True)
    return {one: other for one, other in pairs if one not in after.names and other not in before.names}


def is_moved(old: str, new: str) -> bool:
    """Return whether requests go to another path now."""
    for before, after in renamed(old, new).items():
        old = old.replace(f"{{{before}}}", f"{{{after}}}")
    return old != new
