"""The journal of a load: which rows are done, so that a load that ended in any way can go on from there.

A load accounts for its rows by spans: so many rows of a source, from one number to another, in the order in which they
are read. A span is settled in one transaction, with the rejects in it; what is not settled is not done, and is read and
sent again by who resumes. Where sending again could do something twice, a span is claimed before it is sent: one that
was claimed and not settled is in doubt.

It is a sqlite3 database, and one load's alone: nobody else opens it until that has ended, in whatever way
(sqlite.org/pragma.html#pragma_locking_mode). A killed process loses nothing that was settled; a power cut may lose the
last spans of a load that can be sent again, and no claim (sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from ..errors import OdpError

_APPLICATION = 0x4F44504C  # "ODPL": tells a journal from anybody else's file
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE spans (
    source TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (source, first)
) WITHOUT ROWID;
CREATE TABLE rejects (
    source TEXT NOT NULL,
    number INTEGER NOT NULL,
    told TEXT NOT NULL,
    PRIMARY KEY (source, number)
) WITHOUT ROWID;
"""

_PATIENCE = 0.25  # seconds for who only looks into it; another load holds it to its end
_TOGETHER = 32  # spans
_AT_LEAST_EVERY = 0.25  # seconds

ACKNOWLEDGED, IN_DOUBT, REJECTED = "acknowledged", "in doubt", "rejected"


class JournalError(OdpError):
    """Says that a journal cannot be used for this load, and what to do; the caller must act."""


class Span(NamedTuple):
    """Is the rows of a source from `first` to `last`, both included."""

    source: str
    first: int
    last: int

    @property
    def size(self) -> int:
        """Return how many rows it has."""
        return self.last - self.first + 1


class _Settled(NamedTuple):
    """Is what became of a span: the states of its parts, and the rejects in it."""

    span: Span
    states: tuple[tuple[Span, str], ...]
    rejects: tuple[tuple[int, str], ...]


class Journal:
    """Is the record of one load; threads share it.

    `about` is what tells one load from another: the operation, its arguments, the sources. A file that holds another
    load's, or one's where `resume` is false, raises JournalError; so does one that is no journal, and one that another
    load has open. `careful` is for loads in which sending again may do something twice.
    """

    def __init__(self, path: str | PathLike[str], about: Mapping[str, Any], *, resume: bool, careful: bool) -> None:
        self.path = str(path)
        self._careful = careful
        self._waiting: list[_Settled] = []
        self._kept = monotonic()
        self._lock = Lock()
        try:
            self._db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                self._db.execute("PRAGMA locking_mode = EXCLUSIVE")  # from the next statement on
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute(f"PRAGMA synchronous = {'FULL' if careful else 'NORMAL'}")
                self._agree(about, resume=resume, is_new=self._prepared())
            except BaseException:
                self._db.close()
                raise
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise JournalError(f"{path} is in use by a load that is running; wait for its end, or end it") from None
            raise JournalError(f"the journal {path} cannot be opened: {error}; name another with --journal") from None
        except sqlite3.DatabaseError:
            raise JournalError(f"{path} is no journal of a load; name another with --journal") from None

    def settled(self, source: str) -> list[tuple[int, int]]:
        """Return the spans of a source that are done, in order: sent and acknowledged, rejected, or in doubt."""
        rows = self._db.execute("SELECT first, last FROM spans WHERE source = ? ORDER BY first", (source,))
        return list(rows.fetchall())

    def beginnings(self) -> dict[str, int]:
        """Return how many rows of each source are done from its first one on, without a gap."""
        found: dict[str, int] = {}
        rows = self._db.execute("SELECT source, first, last FROM spans ORDER BY source, first").fetchall()
        for source, first, last in rows:
            if first == found.get(source, 0):
                found[source] = last + 1
        return found

    def claim(self, span: Span) -> None:
        """Say that a span is about to be sent, so that it is known to be in doubt if nothing more is heard of it."""
        with self._lock:
            self._waiting.append(_Settled(span, ((span, IN_DOUBT),), ()))
            self._keep()

    def settle(self, span: Span, states: Sequence[tuple[Span, str]], rejects: Sequence[tuple[int, str]] = ()) -> None:
        """Say what became of a span, part by part; a part that is left out is not done.

        `rejects` are those in it, each with its number and its line of the reject file. Where sending again does no
        harm, several spans are kept together: who forgets one sends it again.
        """
        with self._lock:
            self._waiting.append(_Settled(span, tuple(states), tuple(rejects)))
            if self._careful or len(self._waiting) >= _TOGETHER or monotonic() - self._kept > _AT_LEAST_EVERY:
                self._keep()

    def rejects(self) -> Iterator[str]:
        """Yield the lines of the reject file, in the order of sources and rows."""
        yield from (told for (told,) in self._db.execute("SELECT told FROM rejects ORDER BY source, number"))

    def totals(self) -> dict[str, int]:
        """Return how many rows are in each state, of all that were ever settled."""
        with self._lock:
            self._keep()
            spans = dict(self._db.execute("SELECT state, sum(last - first + 1) FROM spans GROUP BY state").fetchall())
            [rejected] = self._db.execute("SELECT count(*) FROM rejects").fetchone()
        stored = spans.get(ACKNOWLEDGED, 0) - rejected
        return {ACKNOWLEDGED: stored, REJECTED: rejected, IN_DOUBT: spans.get(IN_DOUBT, 0)}

    def forget_doubts(self) -> None:
        """Count what is in doubt as not done."""
        with self._lock:
            self._db.execute("DELETE FROM spans WHERE state = ?", (IN_DOUBT,))

    def close(self) -> None:
        """Keep what is not kept yet, and close the file."""
        with self._lock:
            try:
                self._keep()
            finally:
                self._db.close()

    def _keep(self) -> None:
        """Keep what was said, in one transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for span, states, rejects in self._waiting:
                self._db.execute("DELETE FROM spans WHERE source = ? AND first BETWEEN ? AND ?", span)
                parts = [(*part, state) for part, state in states]
                self._db.executemany("INSERT INTO spans (source, first, last, state) VALUES (?, ?, ?, ?)", parts)
                told = [(span.source, number, line) for number, line in rejects]
                self._db.executemany("INSERT OR REPLACE INTO rejects (source, number, told) VALUES (?, ?, ?)", told)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise JournalError(f"the journal {self.path} cannot be written: {error}; mend that, and resume") from None
        self._waiting.clear()
        self._kept = monotonic()

    def _prepared(self) -> bool:
        """Make the tables of a new file, and tell whether it is one."""
        [application] = self._db.execute("PRAGMA application_id").fetchone()
        if application == _APPLICATION:
            return False
        if self._db.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise sqlite3.DatabaseError
        for statement in _TABLES.split(";\n"):
            self._db.execute(statement)
        self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
        return True

    def _agree(self, about: Mapping[str, Any], *, resume: bool, is_new: bool) -> None:
        told = {name: json.dumps(value, sort_keys=True) for name, value in about.items()}
        if is_new or not self._db.execute("SELECT 1 FROM spans").fetchone():  # it knows of nothing that was done
            self._db.executemany("INSERT OR REPLACE INTO about (name, value) VALUES (?, ?)", told.items())
            return
        if not resume:
            raise JournalError(f"{self.path} has a load that began before: go on with --resume, or remove the file")
        before = dict(self._db.execute("SELECT name, value FROM about").fetchall())
        different = [name for name in told if before.get(name) != told[name]]
        if different:
            words = _listed(different)
            raise JournalError(f"{self.path} is of another load: its {words} differ; name another with --journal")


def _listed(names: Iterable[str]) -> str:
    return " and ".join(names)
