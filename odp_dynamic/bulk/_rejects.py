"""The reject file: the rows that were not stored, a line of JSON each, with where they stand and why."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import IO

from ._journal import Journal
from ._report import Reject


class Rejects:
    """Writes rejects to a file, which is made with the first of them; None is no file.

    With the journal of a load that goes on, the file is written anew from it: what a crash left half-written, or wrote
    and did not settle, is gone. Raises OSError where it cannot be written.
    """

    def __init__(self, path: str | None, journal: Journal | None) -> None:
        self._path = path
        self._file: IO[str] | None = None
        before = iter(journal.rejects()) if journal is not None and path is not None else iter(())
        for line in before:
            self._write(line)

    def __call__(self, reject: Reject) -> None:
        """Write one down."""
        if self._path is not None:
            self._write(reject.to_json())

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            with suppress(OSError):  # of what could not be written, which has been told
                self._file.close()

    def _write(self, line: str) -> None:
        if self._file is None:
            assert self._path is not None  # noqa: S101  # who has no path writes nothing
            # Rows are personal: the file is its owner's.
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)
        self._file.write(f"{line}\n")
