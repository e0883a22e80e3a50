"""Tables of text: CSV (RFC 4180) and TSV.

The csv module splits; what it is given one line at a time is kept until the row is whole, so that a row knows its
lines, no row is longer than `MAX_ROW`, and what stands behind a quote that never closes is read again.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from itertools import chain

import orjson

from ._records import Fault, Record
from ._rows import MAX_ROW, MAX_TEXT, InputError, text_of

SEPARATORS = {"csv": ",", "tsv": "\t"}
_CHUNK = 2**16
_OVERHEAD = 100  # bytes that a line costs besides its own, or many short ones would take a lot of memory
_LINE_FEED = ord("\n")
_VALUE = re.compile(r"[-+]?\d+([.,]\d+)*|[^@\s]+@[^@\s]+\.[a-zA-Z]+")
_UNCLOSED = "opens a quote that is never closed; the rows behind it are read without it"
_TOO_LONG = f"is longer than {MAX_ROW >> 20} MiB; no service takes that as one row"
_NOT_UTF8 = "is not UTF-8; save the file as UTF-8"


class _Endless(Exception):  # never leaves this module
    """Says that a row became longer than any may be."""


class _Overlong(bytes):
    """Is the beginning of a line that is longer than a row may be."""

    __slots__ = ()


class Table:
    """Is the header of a table, and its rows."""

    def __init__(self, stream: io.BufferedReader, form: str, source: str) -> None:
        if csv.field_size_limit() < MAX_ROW:
            csv.field_size_limit(MAX_ROW)  # the module's own is one for all, and would refuse cells of 128 KiB
        self._source = source
        self._separator = SEPARATORS[form]
        self._lines = _Lines(stream)
        self._rows = csv.reader(self._lines, delimiter=self._separator, strict=True)
        self.header = self._header()

    def _header(self) -> list[str]:
        first = next(chain(self._records(0), [None]))
        if first is None:
            raise InputError("is empty; a table begins with a header, the names of its columns", self._source)
        if isinstance(first, Fault):
            raise InputError(f"the header {first.why}", self._source, first.line)
        names = list(first.cells)
        values = [index for index, name in enumerate(names, 1) if _VALUE.fullmatch(name.strip())]
        if values:
            message = f"there is no header: column {values[0]} of the first row holds a value; add the columns' names"
            raise InputError(message, self._source, first.line)
        other = next((mark for mark in ";|\t," if mark in names[0]), None) if len(names) == 1 else None
        if other:
            remedy = "say that its form is tsv" if other == "\t" else "save the file with commas"
            message = f"the columns are separated by {other!r} rather than by {self._separator!r}; {remedy}"
            raise InputError(message, self._source)
        return names

    def records(self) -> Iterator[Record | Fault]:
        """Yield the rows behind the header; blank lines are none."""
        return self._records(len(self.header))

    def _records(self, width: int) -> Iterator[Record | Fault]:
        lines, following, dumps = self._lines, self._rows.__next__, orjson.dumps
        while True:
            line = lines.begin()
            try:
                cells = following()
            except StopIteration:
                return
            except (csv.Error, _Endless) as error:
                yield self._broken(line, error)
                continue
            if not cells:
                continue
            try:
                raw = dumps(cells)
            except TypeError:  # what is not UTF-8 was read as lone surrogates
                yield Fault(line, _NOT_UTF8, lines.text())
                continue
            if width and len(cells) != width:
                yield Fault(line, _counted(len(cells), width), lines.text())
            else:
                yield Record(line, cells, raw)

    def _broken(self, line: int, error: Exception) -> Fault:
        lines = self._lines
        if isinstance(error, _Endless) and len(lines.held) == 1:
            return Fault(line, _TOO_LONG, lines.text())
        if isinstance(error, _Endless) or "end of data" in str(error):
            text = lines.read_again()
            return Fault(line, _UNCLOSED, text)
        if "new-line character" in str(error):
            return Fault(line, "holds a carriage return outside quotes; end lines with a line feed", lines.text())
        if "expected after" in str(error):
            more = f"; the row goes to line {lines.line}" if lines.line > line else ""
            return Fault(line, f"has text behind a closing quote; quotes within quotes are doubled{more}", lines.text())
        return Fault(line, f"is no row of a table: {error}", lines.text())


def _counted(cells: int, width: int) -> str:
    return f"has {cells} cell{'s'[: cells != 1]} where the header has {width}; quote a cell that holds a separator"


class _Lines:
    """Gives lines to a csv.reader, and holds those of the row that it is reading.

    A line ends with a line feed, as for every tool that counts lines. What is no UTF-8 becomes lone surrogates.
    """

    def __init__(self, stream: io.BufferedReader) -> None:
        self._readline = stream.readline
        self._again: deque[bytes] = deque()
        self._size = 0
        self.held: list[bytes] = []
        self.line = 0

    def begin(self) -> int:
        """Begin a row, and return the line it begins on."""
        self.held.clear()
        self._size = 0
        return self.line + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._readline(MAX_ROW)
        if not line:
            raise StopIteration
        self.line += 1
        self.held.append(line)
        self._size += len(line) + _OVERHEAD
        if self._size >= MAX_ROW:
            if len(line) == MAX_ROW and line[-1] != _LINE_FEED:
                self.held[-1] = _Overlong(line[:MAX_TEXT])
                self._finish_line()
            raise _Endless
        if type(line) is _Overlong:
            raise _Endless
        return line.decode("utf-8", "surrogateescape")

    def read_again(self) -> str:
        """Put all lines of the row but the first back, and return the first."""
        self.line -= len(self.held) - 1
        self._again.extendleft(reversed(self.held[1:]))
        del self.held[1:]
        return self.text()

    def text(self) -> str:
        """Return the row's text, cut where it is too long for a message."""
        return text_of(b"".join(self.held).rstrip(b"\r\n"))

    def _finish_line(self) -> None:
        while (piece := self._readline(_CHUNK)) and not piece.endswith(b"\n"):
            pass
