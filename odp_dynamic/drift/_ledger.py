"""The ledger: what answers had that their document does not say, in memory or in a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import time
from typing import Any, Self
from weakref import finalize

from .._forks import begins_anew
from .._operations import Operation
from .._values import Response
from ._files import LedgerError, Tallies, add_to, load, merged, of_json, to_json
from ._looking import Look
from ._outlines import Outlines
from ._tallies import BOUNDS, Bounds, Tally

_SECONDS = 60  # between two writings of a file
_MOST_LOOKS = 2000  # servers choose what Content-Types there are


class Ledger:
    """Collects what answers do that their document does not say; never what they hold.

    `path` None keeps it in memory, for as long as the ledger lives and within bounds. With a path it is in a JSON file,
    which is added to: by `save`, which closing an Api calls, once a minute while answers come, and at the end of the
    process. Several processes may share a file, threads a ledger. It pickles: one with a file as its path, another
    with all that it holds. `clock` returns seconds since 1970, `bounds` say how much is kept in memory. Raises
    LedgerError for a file that is no ledger.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        clock: Callable[[], float] = time,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self.path = None if path is None else Path(path)
        self._clock = clock
        self._bounds = bounds
        self._tallies: Tallies = {}
        self._looks: dict[tuple[int, int, str], Look] = {}
        self._outlines: dict[int, Outlines] = {}
        self._due = clock() + _SECONDS
        self.begin_anew()
        begins_anew(self)
        if self.path is not None:
            load(self.path)  # a mistake is told where it is made, and not after a day of answers
            finalize(self, _save_last, self.path, self._tallies)

    def begin_anew(self) -> None:
        """Take a new lock, in a child that was forked; what its parent has not saved is the parent's to save."""
        self._lock = Lock()
        if self.path is not None:
            self._tallies.clear()

    def record(self, operation: Operation, response: Response) -> None:
        """Look at an answer that was judged, and keep where it departs.

        A file that cannot be written just now loses nothing, and stops no call: it is tried again.
        """
        found = self._look(operation, response).entries(response)
        now = int(self._clock())
        with self._lock:
            tally = self._tallies.get(operation.id) or self._tallies.setdefault(
                operation.id, Tally(bounds=self._bounds)
            )
            tally.count(found, now)
        if self.path is not None and now >= self._due:
            with suppress(OSError, LedgerError):
                self.save()

    def save(self) -> None:
        """Add to the file what has come since; nothing to do for a ledger in memory.

        Raises OSError where it cannot be written and LedgerError where it is no ledger any more; nothing is lost then.
        """
        if self.path is None:
            return
        self._due = self._clock() + _SECONDS
        with self._lock:
            taken = dict(self._tallies)
            self._tallies.clear()
        try:
            if taken:
                add_to(self.path, taken)
        except (OSError, LedgerError):
            with self._lock:
                back = merged(taken, self._tallies, bounds=self._bounds)
                self._tallies.clear()
                self._tallies.update(back)
            raise

    def merge(self, other: Ledger) -> Ledger:
        """Return the sum of two ledgers, in memory; neither is changed, and in which order it is does not matter."""
        total = Ledger(clock=self._clock, bounds=self._bounds)
        total._tallies.update(merged(self.tallies, other.tallies, bounds=self._bounds))
        return total

    @property
    def tallies(self) -> Mapping[str, Tally]:
        """Return what is kept of each operation, what the file has included; a copy."""
        there = load(self.path) if self.path is not None else {}
        with self._lock:
            return merged(there, self._tallies, bounds=self._bounds)

    def to_json(self) -> dict[str, Any]:
        """Return it as the JSON value that its file has."""
        return to_json(self.tallies)

    @classmethod
    def of_json(cls, data: Any) -> Self:
        """Return a ledger in memory of what `to_json` gave; raise LedgerError where it is none of ours."""
        ledger = cls()
        ledger._tallies.update(of_json(data, "<dict>"))
        return ledger

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ledger) and self.to_json() == other.to_json()

    __hash__ = object.__hash__  # by which it is known to its process; equal is what holds the same

    def __reduce__(self) -> tuple[Any, ...]:
        return (Ledger, (self.path,)) if self.path is not None else (Ledger.of_json, (self.to_json(),))

    def __repr__(self) -> str:
        return f"<Ledger {self.path or 'in memory'}>"

    def _look(self, operation: Operation, response: Response) -> Look:
        key = id(operation), response.status, response.headers.get("Content-Type") or ""
        look = self._looks.get(key)
        if look is None or look.operation is not operation:
            if len(self._looks) >= _MOST_LOOKS:
                self._looks.clear()
                self._outlines.clear()
            document = operation.document
            outlines = self._outlines.setdefault(id(document), Outlines(document))
            look = self._looks[key] = Look(operation, response.status, key[2], outlines)
        return look


def _save_last(path: Path, tallies: Tallies) -> None:
    """Add what is left to the file, when its ledger goes or the process ends: there is nobody left to tell."""
    if tallies:
        with suppress(OSError, LedgerError):
            add_to(path, tallies)
