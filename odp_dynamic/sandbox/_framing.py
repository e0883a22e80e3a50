"""How a request's body is told apart from what follows it on the wire (RFC 9112, 6 and 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from io import BufferedIOBase

from ._requests import MAX_BODY, TOO_LARGE, Unread

_MOST_DRAINED = 10 * MAX_BODY  # a body that is refused is read so far, so that the refusal can be
_PIECE = 1 << 20
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;[^\r\n]*)?\r?\n")  # extensions are ignored, 7.1.1
_LONGEST_LINE = 8192
_MOST_TRAILERS = 100

_CUT = Unread(400, "the body ends before its length is reached")
_NO_LENGTH = Unread(400, "Content-Length must be one whole number")
_BAD_CHUNK = Unread(400, "the chunked body is malformed")
_AMBIGUOUS = Unread(400, "Content-Length and Transfer-Encoding contradict each other")
_NO_CODING = Unread(501, "no Transfer-Encoding but chunked is known here")
_LATE = Unread(408, "the body did not come in time")


class _Broken(Exception):
    """Says that a body cannot be told apart."""


def body_of(headers: Message, stream: BufferedIOBase) -> bytes | Unread:
    """Return the body that follows on `stream`, or why there is none; the connection is of no use after that."""
    try:
        pieces = _pieces(headers, stream)
        return pieces if isinstance(pieces, Unread) else _kept(pieces)
    except TimeoutError:
        return _LATE


def announced(headers: Message) -> Unread | None:
    """Return why a body that is announced will not be taken, None where it may come."""
    length = _length(headers)
    return length if isinstance(length, Unread) else TOO_LARGE if length > MAX_BODY else None


def _pieces(headers: Message, stream: BufferedIOBase) -> Iterator[bytes] | Unread:
    coding = headers.get("Transfer-Encoding")
    length = _length(headers)
    if isinstance(length, Unread):
        return length
    if coding is None:
        return _sized(stream, length)
    if coding.strip().lower() != "chunked":
        return _NO_CODING
    return _AMBIGUOUS if "Content-Length" in headers else _chunks(stream)


def _length(headers: Message) -> int | Unread:
    told = {value.strip() for value in headers.get_all("Content-Length", ["0"])}
    length = told.pop()
    return int(length) if not told and re.fullmatch("[0-9]{1,18}", length) else _NO_LENGTH


def _kept(pieces: Iterator[bytes]) -> bytes | Unread:
    """Return what comes, as far as it is wanted; the rest is read away."""
    kept, size = [], 0
    try:
        for piece in pieces:
            size += len(piece)
            if size <= MAX_BODY:
                kept.append(piece)
            if size > _MOST_DRAINED:
                break
    except EOFError:
        return TOO_LARGE if size > MAX_BODY else _CUT
    except _Broken:
        return _BAD_CHUNK
    return TOO_LARGE if size > MAX_BODY else b"".join(kept)


def _sized(stream: BufferedIOBase, length: int) -> Iterator[bytes]:
    while length:
        piece = stream.read(min(_PIECE, length))
        if not piece:
            raise EOFError
        length -= len(piece)
        yield piece


def _chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    while size := _size_of_chunk(stream):
        yield from _sized(stream, size)
        if stream.readline(3) not in {b"\r\n", b"\n"}:
            raise _Broken
    for _ in range(_MOST_TRAILERS):
        if _line(stream) in {b"\r\n", b"\n"}:
            return
    raise _Broken


def _size_of_chunk(stream: BufferedIOBase) -> int:
    found = _SIZE.fullmatch(_line(stream))
    if not found:
        raise _Broken
    return int(found[1], 16)


def _line(stream: BufferedIOBase) -> bytes:
    line = stream.readline(_LONGEST_LINE)
    if not line:
        raise EOFError
    return line
