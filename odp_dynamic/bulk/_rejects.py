"""The reject file: the rows that were not stored, a line of JSON each, with where they stand and why."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import IO

from ._journal import Journal
from ._report import Reject
from ._target import LoadError

# What each line begins with, as a Reject writes it.
_BEGINS = b'{"file": "'


class Rejects:
    """Writes rejects to a file, which is made with the first of them; None is no file.

    A file that is there is written anew, unless it holds something else than rejects. Raises LoadError where it does,
    or cannot be written, and OSError where that shows later.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._file: IO[str] | None = None
        if path is not None:
            _make_sure(path)

    def write_anew(self, journal: Journal) -> None:
        """Begin with what a load that goes on rejected before: what a crash left half-written is gone."""
        if self._path is not None:
            for line in journal.rejects():
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


def _make_sure(path: str) -> None:
    """Raise LoadError where a file cannot become the reject file; what is there, or is not, stays so."""
    try:
        if not os.path.lexists(path):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            os.unlink(path)  # noqa: PTH108  # a name
            return
        if not (os.path.isfile(path) or os.path.isdir(path)):  # noqa: PTH112, PTH113  # a name
            return  # a pipe or a device: to open it now might be heard at its other end
        with open(path, "r+b") as file:  # noqa: PTH123  # a name
            head = file.read(len(_BEGINS))
    except OSError as error:
        raise LoadError(f"the reject file {path} cannot be written: {error.strerror}; name another") from None
    if head not in {b"", _BEGINS}:
        raise LoadError(f"{path} holds something else than rejects, which would be lost; name another reject file")
