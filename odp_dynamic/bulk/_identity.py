"""Ids by which the service can tell that it has seen an item before.

An id is made of the source that a row stands in, its number there and what it holds, so that whoever sends it again,
after a crash, a retry or by mistake, sends the same; a row that was changed has another. Where it goes is the
document's ``x-idempotency-pointer``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from .._pointers import split

Marker = Callable[[Any, str, int, bytes], Any]


def marker(pointer: str) -> Marker:
    """Return what puts an id into a row, given its source's name, its number and what it was read from.

    A marked row is another one; what its author has put there already stays, and so does a row that has no place for an
    id, which is left to validation.
    """
    *way, last = split(pointer)

    def mark(row: Any, source: str, number: int, raw: bytes) -> Any:
        if not isinstance(row, dict):
            return row
        marked = node = {**row}
        for name in way:
            inner = node.get(name, {})
            if not isinstance(inner, dict):
                return row
            node[name] = node = {**inner}
        if last in node:
            return row
        node[last] = f"{_short(source)}-{number}-{blake2b(raw, digest_size=8).hexdigest()}"
        return marked

    return mark


@lru_cache(64)
def _short(source: str) -> str:
    return blake2b(source.encode(), digest_size=8).hexdigest()
