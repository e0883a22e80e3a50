"""Recordings of the pytest plugin: each exchange is a call that some test makes."""

from __future__ import annotations

import re
from collections.abc import Collection

from .._tape import Exchange, parsed
from ._values import Found, Unread, Use

_BEGINS = re.compile(rb'\s*\{\s*"recording"\s*:')


def is_recording(content: bytes) -> bool:
    """Tell whether a file is one of the pytest plugin's, by how it begins."""
    return _BEGINS.match(content) is not None


def uses_of_recording(content: bytes, path: str, ids: Collection[str]) -> Found:
    """Return the calls of a recording, each at the line where its exchange begins."""
    try:
        _, exchanges = parsed(content.decode("utf-8"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Found((), (Unread(path, 0, "is no recording that can be read; record it again"),))
    unread = [Unread(path, line, "is no recorded call") for line, exchange in exchanges if not _is_one(exchange)]
    uses = [
        Use(path, line, 1, "recording", exchange.operation, exchange.arguments, exchange=exchange)
        for line, exchange in exchanges
        if _is_one(exchange) and exchange.operation in ids
    ]
    return Found(tuple(uses), tuple(unread))


def _is_one(exchange: Exchange) -> bool:
    """Return whether an exchange has the types that a recorder writes; a file may be anybody's."""
    mappings = exchange.arguments, exchange.body, exchange.headers, exchange.answer
    kinds: list[tuple[object, type]] = [(exchange.operation, str), (exchange.status, int), (exchange.problems, list)]
    if not all(isinstance(value, kind) for value, kind in [*kinds, *((mapping, dict) for mapping in mappings)]):
        return False
    texts: list[object] = [*exchange.headers.values(), *exchange.problems]
    return all(isinstance(text, str) for text in texts)
