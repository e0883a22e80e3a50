"""JSON Lines, and files of JSON values: one array, or values after one another.

orjson decodes lines: on 266 bytes of an order it takes 0.7 µs, the standard library 2.8. It is stricter as well (no
NaN, no lone surrogates), but gives integers beyond 64 bits as floats, so those lines go to the standard library.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import IO, Any, NoReturn

import orjson

from .._plain import NotJSON, plain
from ._rows import MAX_ROW, InputError, Outcome, Row, Unreadable, text_of

_DIGITS = bytes(0x30 if 0x30 <= byte <= 0x39 else byte for byte in range(256))
_LONG = b"0" * 19  # the fewest digits that 64 bits may not hold
_TOO_LONG = f"is longer than {MAX_ROW >> 20} MiB; no service takes that as one row"
_NOT_UTF8 = "is not UTF-8; save the file as UTF-8"
_BLANK = re.compile(r"[ \t\r\n]*")
_CHUNK = 2**16


def json_lines(stream: io.BufferedReader, source: str, skip: int) -> Iterator[Outcome]:
    """Yield what each line that is not blank holds, from the one behind the first `skip` on."""
    number = line = 0
    for text in iter(partial(stream.readline, MAX_ROW + 1), b""):
        line += 1
        if text.isspace():
            continue
        whole = len(text) <= MAX_ROW or text.endswith(b"\n")
        if number >= skip:
            if whole:
                yield _line(text, source, number, line)
            else:
                yield Unreadable(_TOO_LONG, source, number, line, text_of(text))
        if not whole:
            _finish_line(stream)
        number += 1


def _line(text: bytes, source: str, number: int, line: int) -> Outcome:
    try:
        value = orjson.loads(text)
        if _LONG in text.translate(_DIGITS):
            value = json.loads(text)
    except ValueError:  # also Python's own, for integers of thousands of digits
        return Unreadable(_fault(text), source, number, line, text_of(text.rstrip(b"\r\n")))
    return Row(value, source, number, line, text.rstrip())


def _finish_line(stream: IO[bytes]) -> None:
    while (piece := stream.readline(_CHUNK)) and not piece.endswith(b"\n"):
        pass


def _fault(text: bytes) -> str:
    """Return why a line is no JSON: the standard library says it best, and without the content."""
    try:
        plain(json.loads(text.decode(), parse_constant=_refuse))
    except NotJSON as error:
        return f"is not JSON that can be sent: {error}"
    except UnicodeDecodeError:
        return _NOT_UTF8
    except json.JSONDecodeError as error:
        return f"{_said(error)} at column {error.colno}"
    except RecursionError:
        return "is nested too deeply to be read"
    except ValueError as error:  # our own, or Python's bound on the digits of an integer
        return f"is not JSON: {error}"
    return "is not JSON that services read"


def _said(error: json.JSONDecodeError) -> str:
    return f"is not JSON: {error.msg[:1].lower()}{error.msg[1:].removesuffix(' at')}"


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON; leave it out, or say null")


def json_values(stream: io.BufferedReader, source: str, skip: int) -> Iterator[Outcome]:
    """Yield the items of a JSON array, or of values that stand after one another, behind the first `skip`.

    Raises InputError where the text is no JSON any more: there is no telling where the next item would begin.
    """
    text = _Text(stream, source)
    first = text.peek()
    if not first:
        raise InputError("is empty; JSON is at least []", source)
    if first != "[":
        yield from _values(text, skip)
        return
    text.take()
    if text.peek() == "]":
        text.take()
    else:
        yield from _values(text, skip, closing="]")
    if text.peek():
        raise text.error("there is more behind the end of the array; if each line is a value, the form is jsonl")


def _values(text: _Text, skip: int, closing: str = "") -> Iterator[Outcome]:
    number = 0
    while True:
        line, value, raw = text.value()
        if number >= skip:
            yield _item(value, raw, text.source, number, line)
        number += 1
        following = text.peek()
        if closing and following == ",":
            text.take()
        elif closing and following == closing:
            text.take()
            return
        elif closing:
            raise text.error("a comma or the end of the array is missing" if following else _CUT_OFF)
        elif not following:
            return


def _item(value: Any, raw: str, source: str, number: int, line: int) -> Outcome:
    try:
        return Row(value, source, number, line, raw.encode())
    except UnicodeEncodeError:
        return Unreadable(_NOT_UTF8, source, number, line, text_of(raw.encode("utf-8", "surrogateescape")))


_CUT_OFF = "the file ends within the JSON; fetch it again"


class _Text:
    """Is the text of a stream, of which no more is held than one value needs."""

    def __init__(self, stream: IO[bytes], source: str) -> None:
        self.source = source
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._scan = json.JSONDecoder(parse_constant=_refuse).raw_decode
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False

    def peek(self) -> str:
        """Return the next character that is no white space, "" at the end."""
        while True:
            end = self._match_end()
            self._advance(end)
            if end < len(self._text):
                return self._text[end]
            if not self._more(_CHUNK):
                return ""

    def take(self) -> None:
        """Go beyond the next character."""
        self._advance(self._at + 1)

    def value(self) -> tuple[int, Any, str]:
        """Return the line on which the next value begins, the value, and its text."""
        self.peek()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except json.JSONDecodeError as error:
                self._grow(error)
                continue
            except RecursionError:
                raise self.error("an item is nested too deeply to be read") from None
            except ValueError as error:
                raise self.error(f"is not JSON: {error}") from None
            if end < len(self._text) or self._ended:
                line, raw = self._line, self._text[self._at : end]
                self._advance(end)
                return line, value, raw
            self._more(_CHUNK)  # a number may go on in what is not read yet

    def error(self, message: str) -> InputError:
        """Return the error that says what is wrong where the reading is."""
        return InputError(message, self.source, self._line)

    def _grow(self, error: json.JSONDecodeError) -> None:
        """Read on, for a value that may only be incomplete; raise InputError when it is not JSON, or too long."""
        held, fault = len(self._text) - self._at, error.pos - self._at
        unterminated = error.msg.startswith("Unterminated")
        near_end = unterminated or fault >= held - len("\\ud800\\udc0")
        if held <= MAX_ROW and self._more(max(_CHUNK, held)):
            return
        if held > MAX_ROW and near_end:
            raise self.error(f"an item {_TOO_LONG}") from None
        cut_off = unterminated or not self._text[self._at + fault :].strip()
        self._advance(self._at + fault)
        raise self.error(_CUT_OFF if cut_off else _said(error)) from None

    def _match_end(self) -> int:
        found = _BLANK.match(self._text, self._at)
        return found.end() if found else self._at

    def _advance(self, end: int) -> None:
        self._line += self._text.count("\n", self._at, end)
        self._at = end

    def _more(self, size: int) -> bool:
        if self._ended:
            return False
        piece = self._stream.read(size)
        self._ended = not piece
        text = self._decode(piece, final=self._ended)
        self._text, self._at = self._text[self._at :] + text, 0
        return bool(piece or text)
