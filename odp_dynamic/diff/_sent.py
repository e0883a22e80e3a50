"""Requests that the other side sends: webhooks, and callbacks, which are asked for by a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .._document import Document
from .._operations import METHODS, Operation, operation_at
from .._pointers import join
from ..errors import SpecError
from ._changes import Change, Level
from ._pairs import Pair, matched
from ._paths import address

MOST_CALLBACKS = 20_000  # each for each operation that has it
_DEEPEST = 50  # callbacks of callbacks


class Sent(NamedTuple):
    """Is such a request: `name` is what the document calls it, the operation's `path` where a callback goes to."""

    kind: str
    name: str
    operation: Operation

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({f'{self.operation.method} {self.operation.path}'.rstrip()})"

    @property
    def key(self) -> tuple[str, str]:
        """Its method, and its name: what a webhook is known by."""
        return self.operation.method, self.name

    @property
    def place(self) -> tuple[str, str]:
        """Its method, and where it goes to: what a callback is known by."""
        return self.operation.method, address(self.operation.path)


def webhooks_of(document: Document) -> list[Sent]:
    """Return the webhooks of a document, each method of one by itself."""
    hooks = document.root.get("webhooks") or {}
    return [sent for name in hooks for sent in _sent(document, "webhook", name, join("", "webhooks", name), "")]


def _callbacks_of(operation: Operation) -> Iterator[Sent]:
    document = operation.document
    for name in document.at(operation.pointer).get("callbacks") or {}:
        callback, pointer = document.resolve(join(operation.pointer, "callbacks", name))
        for expression in callback:
            if not expression.startswith("x-"):
                yield from _sent(document, "callback", name, join(pointer, expression), expression)


def _sent(document: Document, kind: str, name: str, pointer: str, path: str) -> Iterator[Sent]:
    item, _ = document.resolve(pointer)
    for method in METHODS:
        if method in item:
            known = item[method].get("operationId") or ""
            yield Sent(kind, name, operation_at(document, pointer, method, known, path))


def callbacks(pair: Pair) -> tuple[list[Pair], list[Change]]:
    """Return the callbacks of both versions of an operation, and what these differ in themselves.

    Raises SpecError where there are too many, or too many within one another, to compare.
    """
    old, new = list(_callbacks_of(pair.old)), list(_callbacks_of(pair.new))
    if not old and not new:
        return [], []
    both, gone, come = matched(old, new, lambda one: (one.place, one.name), lambda one: one.place, lambda one: one.key)
    pair.both.callbacks += len(old) + len(new)
    if pair.both.callbacks > MOST_CALLBACKS or pair.depth == _DEEPEST:
        source = pair.new.document.source
        raise SpecError("there are too many callbacks, or too many within one another, to compare", "", source)
    pairs = [_inner(pair, one, other) for one, other in both]
    changes = [c for inner, (one, other) in zip(pairs, both, strict=True) for c in _renamed(inner, one, other)]
    changes += [_gone(_inner(pair, one, one)) for one in gone]
    return pairs, [*changes, *(_new(_inner(pair, one, one)) for one in come)]


def _inner(pair: Pair, one: Sent, other: Sent) -> Pair:
    within = f"{one} of {pair.callback}" if pair.callback else str(one)
    return pair._replace(old=one.operation, new=other.operation, depth=pair.depth + 1, callback=within)


def _renamed(pair: Pair, one: Sent, other: Sent) -> Iterator[Change]:
    if one.place != other.place:
        told = f"is sent to {other.operation.path} now"
        yield pair.part("").change("breaking", "callback-moved", told)
    if one.name != other.name:
        yield pair.part("").change("docs", "callback-renamed", f"its name is {other.name} now")


def _gone(pair: Pair) -> Change:
    told = "is gone: whoever waits for it is told nothing" if pair.is_turned else "is gone: calls of it are refused"
    return pair.part("").change("breaking", "callback-removed", told, (pair.old.pointer, None))


def _new(pair: Pair) -> Change:
    level: Level = "maybe" if pair.is_turned else "compatible"
    told = "is new: a request that callers do not know" if pair.is_turned else "is new"
    return pair.part("").change(level, "callback-added", told, (None, pair.new.pointer))
