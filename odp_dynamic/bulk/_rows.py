"""What reading gives: rows, and what could not be made a row."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import OdpError

MAX_ROW = 10 * 2**20  # bytes of one row; memory stays flat because nothing longer is ever held
MAX_TEXT = 10_000  # characters of an offending text that are kept for the reject file


class Row(NamedTuple):
    """Is one row that could be read.

    `value` is decoded and mapped: what goes into the request. `source` is the file as it was named ("-" for standard
    input), `number` its place there from 0, `line` the line it begins on from 1, after decompression; formats without
    lines have `number` + 1. `raw` is what it was read from, before any mapping: JSON's text, or the cells as JSON.
    """

    value: Any
    source: str
    number: int
    line: int
    raw: bytes


class Unreadable(NamedTuple):
    """Is one row that could not be read; the reading went on behind it.

    `why` is a sentence, without its subject, that never holds the content. `text` is the offending text, at most
    `MAX_TEXT` characters of it. The other fields are a Row's.
    """

    why: str
    source: str
    number: int
    line: int
    text: str


Outcome = Row | Unreadable


class InputError(OdpError):
    """Says that a source cannot be read, or not any further, and what to do; the caller must act.

    `source` is the file as it was named, or what else was told wrongly, such as a mapping; `line` is where the reading
    stopped, None where it did not begin. All rows before were read.
    """

    def __init__(self, message: str, source: str = "", line: int | None = None) -> None:
        super().__init__(message, source, line)
        self.message = message
        self.source = source
        self.line = line

    def __str__(self) -> str:
        place = "<stdin>" if self.source == "-" else self.source
        place = place if self.line is None else f"{place}:{self.line}"
        return f"{place}: {self.message}" if place else self.message


def text_of(raw: bytes) -> str:
    """Return the text that bytes hold, for a reject file: what is not UTF-8 is replaced, what is too long left out."""
    return raw[: 4 * MAX_TEXT].decode("utf-8", "replace")[:MAX_TEXT]
