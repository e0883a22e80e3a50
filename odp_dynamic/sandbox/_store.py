"""The sandbox's state: one sqlite3 database, in memory or in a file.

One connection serves all threads, one transaction at a time: sqlite writes one at a time in any case, and what a
handler reads is then what it writes upon. A file is in WAL mode, so that other processes may read and write it too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock

from ._comparisons import FUNCTIONS

_APPLICATION = 0x4F445053  # "ODPS": tells a sandbox's file from anybody else's
_VERSION = 3
_PATIENCE = 10  # seconds to wait for another process that writes

# Attributes and identifiers are rows, not columns or JSON: profiles are made of them, may be merged by them, and each
# is as old as its own last change. Every item that is written has a number of its own, the next of `writes`: the
# highest `seen` of a field is its "last seen" value (facts §4), the highest `written` is the latest attribute, profile
# or object, which no clock tells for sure, and a merge or a move that bears an event's number was caused by it. An
# attribute of null was cleared.
_TABLES = """
CREATE TABLE writes (
    number INTEGER NOT NULL
);
CREATE TABLE profiles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    written INTEGER NOT NULL
);
CREATE TABLE attributes (
    profile INTEGER NOT NULL REFERENCES profiles ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    updated TEXT NOT NULL,
    written INTEGER NOT NULL,
    PRIMARY KEY (profile, name)
) WITHOUT ROWID;
CREATE TABLE identifier_fields (
    position INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    confidence TEXT NOT NULL
);
CREATE TABLE identifiers (
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    profile INTEGER NOT NULL REFERENCES profiles ON DELETE CASCADE,
    seen INTEGER NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (field, value)
) WITHOUT ROWID;
CREATE INDEX identifiers_of_profile ON identifiers (profile, field, seen);
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    profile INTEGER NOT NULL REFERENCES profiles ON DELETE CASCADE,
    type TEXT NOT NULL,
    action TEXT,
    identifiers TEXT NOT NULL,
    data TEXT NOT NULL,
    at REAL NOT NULL,
    received TEXT NOT NULL,
    idempotence_id TEXT
);
CREATE INDEX events_of_profile ON events (profile, type, action);
CREATE INDEX events_by_idempotence ON events (idempotence_id) WHERE idempotence_id IS NOT NULL;
CREATE TABLE resolutions (
    id INTEGER PRIMARY KEY,
    profile INTEGER NOT NULL REFERENCES profiles ON DELETE CASCADE,
    became TEXT NOT NULL,
    other INTEGER,
    told TEXT NOT NULL,
    number INTEGER NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX resolutions_of_profile ON resolutions (profile);
CREATE TABLE schema_objects (
    position INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL UNIQUE,
    description TEXT
);
CREATE TABLE schema_fields (
    position INTEGER PRIMARY KEY,
    object TEXT NOT NULL REFERENCES schema_objects (name) ON DELETE CASCADE,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    type TEXT NOT NULL,
    description TEXT,
    is_primary INTEGER,
    UNIQUE (object, name),
    UNIQUE (object, display_name)
);
CREATE TABLE objects (
    type TEXT NOT NULL REFERENCES schema_objects (name) ON DELETE CASCADE,
    id TEXT NOT NULL,
    fields TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    written INTEGER NOT NULL,
    PRIMARY KEY (type, id)
) WITHOUT ROWID;
CREATE TABLE segments (
    position INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    condition TEXT NOT NULL
);
"""
# What `restore` empties; the rest goes with them. SQLite's own table holds the numbers that profiles had.
_CLEARED = ("profiles", "identifier_fields", "schema_objects", "segments", "writes", "sqlite_sequence")


class Store:
    """Is the database; nothing is in a new one before `begin`.

    Raises ValueError for a file that is no database.
    """

    def __init__(self, database: str) -> None:
        self._database = database
        self._lock = RLock()
        try:
            self._connection = sqlite3.connect(
                database, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
        except sqlite3.OperationalError as error:
            raise ValueError(f"{database} cannot be opened: {error}") from None
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            raise ValueError(f"{self._database} cannot be opened: {error}") from None
        except sqlite3.DatabaseError:
            told = "is no database of the sandbox; name another file, or a new one"
            raise ValueError(f"{self._database} {told}") from None
        # A process that is killed loses nothing that was answered; only a power cut may (sqlite.org/pragma.html).
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        for name, (count, function) in FUNCTIONS.items():
            self._connection.create_function(name, count, function, deterministic=True)

    def begin(self, fill: Callable[[sqlite3.Connection], None]) -> None:
        """Make the tables of a new database and fill it; leave one alone that was filled before.

        It is one transaction: a process that is killed meanwhile, or a `fill` that fails, leaves a database that is
        still new. Raises ValueError for one of something else, or of another version of the sandbox, and for one that
        cannot be written.
        """
        try:
            self._begin(fill)
        except sqlite3.OperationalError as error:
            raise ValueError(f"{self._database} cannot be opened: {error}") from None

    def _begin(self, fill: Callable[[sqlite3.Connection], None]) -> None:
        with self.transaction(write=True) as db:
            [application], [version] = (db.execute(f"PRAGMA {name}").fetchone() for name in _MARKS)
            if application == _APPLICATION and version == _VERSION:
                return
            if db.execute("SELECT 1 FROM sqlite_master").fetchone():
                told = "is of another application, or version of the sandbox; name another file"
                raise ValueError(f"{self._database} {told}")
            for statement in _TABLES.split(";\n"):
                db.execute(statement)
            for name, value in _MARKS.items():
                db.execute(f"PRAGMA {name} = {value}")
            fill(db)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[sqlite3.Connection]:
        """Give the connection for one transaction, which is undone when an exception leaves it.

        Inside of one, of the same thread, it is a part of that one: nothing of it lasts unless that one does.
        """
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def restore(self, fill: Callable[[sqlite3.Connection], None]) -> None:
        """Empty the database and fill it anew, in one transaction."""
        with self.transaction(write=True) as db:
            for table in _CLEARED:
                db.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names
            fill(db)

    def close(self) -> None:
        with self._lock:
            self._connection.close()


_MARKS = {"application_id": _APPLICATION, "user_version": _VERSION}
