"""The journal: what became of each request, and of each of its items.

It is the user's own local tool, so it shows payloads; secrets are masked before anything gets here (`_masks`). It is
kept in memory only, also where the sandbox's state is in a file: it tells of this run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple, overload

from .._values import Headers, Problem
from ._calls import Outcome
from ._faultplan import Fault

_MOST = 2_000  # characters of a body
_MARGIN = 500  # is masked too: a secret that the end cuts is still found
_ROOM = 64_000_000  # of memory, roughly: requests with hundreds of items leave less room for others


class Entry(NamedTuple):
    """Is what became of one request.

    `number` counts all requests of this sandbox, from 1. `operation` is the operationId and `template` its path, both
    None where no operation was asked for; `target` is path and query as they were sent. `key` is the kind of the key:
    ``"public"``, ``"private"``, ``"unknown"`` or ``"none"``. `body` and `answer` are the beginnings of the two bodies,
    None where there was none; the answer is the one before `fault` spoilt it.

    `status` is None where the connection was reset. `milliseconds` are those of the work, without a fault's delay.
    `verdict` is ``"accepted"``, ``"refused"``, ``"failed"``, or ``"undone"`` where a fault kept the work from being
    done; `why` says in a sentence what `problems` say place by place. `outcomes` tell what became of each item.
    """

    number: int
    time: str
    operation: str | None
    method: str
    template: str | None
    target: str
    key: str
    headers: Headers
    body: str | None
    status: int | None
    answer: str | None
    milliseconds: float
    verdict: str
    why: str = ""
    problems: tuple[Problem, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    fault: Fault | None = None

    def __str__(self) -> str:
        told = f"{self.method} {self.target} {self.status or 'reset'} {self.verdict}"
        return f"{told}: {self.why}" if self.why else told

    def to_json(self) -> dict[str, Any]:
        """Return the entry as data that JSON can hold."""
        told = {
            **self._asdict(),
            "headers": dict(self.headers),
            "problems": [problem._asdict() for problem in self.problems],
            "outcomes": [outcome._asdict() for outcome in self.outcomes],
        }
        return told if self.fault is None else {**told, "fault": self.fault.to_json()}


class Journal(Sequence[Entry]):
    """Is the last requests, oldest first: `most` of them, or fewer where they are large; threads may share it."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._entries: deque[Entry] = deque()
        self._size = 0
        self._count = 0
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<Journal of {len(self)} requests>"

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(tuple(self._entries))

    @overload
    def __getitem__(self, index: int, /) -> Entry: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[Entry]: ...
    def __getitem__(self, index: int | slice, /) -> Entry | list[Entry]:
        with self._lock:
            return list(self._entries)[index] if isinstance(index, slice) else self._entries[index]

    @property
    def last(self) -> Entry:
        """Return the newest entry; raise IndexError where no request has come."""
        with self._lock:
            if not self._entries:
                raise IndexError("the journal is empty: no request has come since it was cleared")
            return self._entries[-1]

    @property
    def newest(self) -> int:
        """Return the number of the newest request, whether or not it is still here; 0 before the first."""
        return self._count

    def since(self, number: int) -> list[Entry]:
        """Return the entries whose number is higher; who asks with the last number seen misses none that is here."""
        with self._lock:
            new = min(self._count - number, len(self._entries))
            return list(islice(reversed(self._entries), max(new, 0)))[::-1]

    def where(
        self,
        *,
        operation: str | None = None,
        status: int | str | None = None,
        became: str | None = None,
        since: int = 0,
    ) -> list[Entry]:
        """Return the entries of an operation, with a status (429, or ``"4xx"``), with an item that `became` so."""
        return [
            entry
            for entry in self.since(since)
            if (operation is None or entry.operation == operation)
            and (status is None or _has_status(entry, str(status)))
            and (became is None or any(outcome.became == became for outcome in entry.outcomes))
        ]

    def to_json(self) -> list[dict[str, Any]]:
        """Return all entries as data that JSON can hold."""
        return [entry.to_json() for entry in self]

    def clear(self) -> None:
        """Forget all entries; numbers go on, so that who asks for news is not misled."""
        with self._lock:
            self._entries.clear()
            self._size = 0

    def record(self, entry: Entry) -> None:
        """Add an entry under the next number, and let the oldest go where there is no room."""
        with self._lock:
            self._count += 1
            self._entries.append(entry._replace(number=self._count))
            self._size += _size_of(entry)
            while len(self._entries) > self._most or (self._size > _ROOM and len(self._entries) > 1):
                self._size -= _size_of(self._entries.popleft())


def excerpt(body: bytes, masked: Callable[[str], str]) -> str | None:
    """Return the beginning of a body as text, with a marker where more was; None for an empty one."""
    if not body:
        return None
    text = masked(body[: _MOST + _MARGIN].decode("utf-8", "replace"))
    return text if len(body) <= _MOST else f"{text[:_MOST]} … [{len(body):,} bytes in all]"


def _has_status(entry: Entry, status: str) -> bool:
    told = str(entry.status or "")
    return told == status or (status[1:].lower() == "xx" and told[:1] == status[:1])


def _size_of(entry: Entry) -> int:
    """Return roughly the bytes that an entry takes: measured, an outcome takes about 250."""
    words = len(entry.body or "") + len(entry.answer or "") + len(entry.target)
    return 2_000 + words + 300 * (len(entry.outcomes) + len(entry.problems))
