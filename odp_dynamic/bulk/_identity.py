"""Ids by which the service can tell that it has seen an item before.

An id is made of the source that a row stands in, its number there and what it holds, so that whoever sends it again,
after a crash, a retry or by mistake, sends the same; a row that was changed has another. Where rows have no place that
stays theirs, it is made of what they hold alone. Where it goes is the document's ``x-idempotency-pointer``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from .._pointers import split

Marker = Callable[[Any, str, int, bytes], Any]

# Bytes of a digest: where it is all that tells rows apart, half as many would make two of a billion rows one.
_SIZE = 16


def marker(pointer: str) -> Marker:
    """Return what puts an id into a row, given its source's name, its number and what it was read from.

    A marked row is another one; what its author has put there already stays, unless it is null, and so does a row that
    has no place for an id, which is left to validation.
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
        if node.get(last) is not None:
            return row
        node[last] = f"{_short(source)}-{number}-{blake2b(raw, digest_size=_SIZE).hexdigest()}"
        return marked

    return mark


def marker_by_content(pointer: str, scope: str, *, counted: bool = True) -> Marker:
    """Return what puts an id into a row that is made of `scope` and of what the row was read from, wherever it stands.

    Rows that are exactly alike are numbered as they come, so that each has an id of its own and together they have the
    same ones in any order; for this a hash of each is remembered, in some 80 bytes. Without `counted` they share one.
    """
    mark = marker(pointer)
    met: set[int] = set()
    more: Counter[int] = Counter()

    def mark_by_content(row: Any, _source: str, _number: int, raw: bytes) -> Any:
        number = 0
        if counted:
            key = hash(raw)
            if key in met:
                more[key] += 1
                number = more[key]
            else:
                met.add(key)
        return mark(row, scope, number, raw)

    return mark_by_content


@lru_cache(64)
def _short(source: str) -> str:
    return blake2b(source.encode(), digest_size=8).hexdigest()
