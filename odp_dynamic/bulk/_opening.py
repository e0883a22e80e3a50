"""Files, globs and standard input as streams of bytes, decompressed.

The form of a source is told by its name (``people.csv.gz`` is a table), its compression by its first bytes alone:
browsers and proxies unpack files without renaming them.
"""

from __future__ import annotations

import glob
import io
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from ._rows import InputError

STDIN = "-"
FORMS = ("jsonl", "json", "csv", "tsv", "parquet")
_FORM_OF = {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json", ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet"}
_PACKED = (".gz", ".zst")
_BUFFER = 2**18
_PIECE = 2**14  # compressed bytes at a time: no more than some MiB come of them
_HEAD = 2**12

# What a file begins with that is neither text nor read here, and what to do with it.
_FOREIGN = {
    b"\xff\xfe": "is UTF-16 or UTF-32; save it as UTF-8",
    b"\xfe\xff": "is UTF-16; save it as UTF-8",
    b"PK\x03\x04": "is a zip archive, as Excel workbooks are; unpack it, or save the sheet as CSV",
    b"BZh": "is compressed with bzip2; decompress it, or use gzip or zstd",
    b"\xfd7zXZ": "is compressed with xz; decompress it, or use gzip or zstd",
    b"PAR1": "is a Parquet file; say that its form is parquet",
}
Open = Callable[[], IO[bytes]]


class Source(NamedTuple):
    """Is one file or standard input: its name for messages, and its form, None where its content must tell."""

    name: str
    form: str | None


def sources_of(names: Sequence[str], form: str | None = None) -> list[Source]:
    """Return the files that names and globs stand for, those of one glob in order.

    Raises InputError, before anything is read, for a glob without files, for what is not there, for a folder, for a
    file named twice, whose rows would be sent twice, and for a name that tells no form where `form` does not.
    """
    if form is not None and form not in FORMS:
        raise InputError(f"{form!r} is no form; the forms are {', '.join(FORMS)}")
    found = [file for name in names for file in _files(name)]
    seen: set[str] = set()
    for file in found:
        real = file if file == STDIN else os.path.realpath(file)
        if real in seen:
            raise InputError("is named twice; its rows would be sent twice", file)
        seen.add(real)
    return [Source(file, form or _form_of(file)) for file in found]


def _files(name: str) -> list[str]:
    if name == STDIN:
        return [name]
    path = Path(name)
    if path.is_dir():
        raise InputError("is a folder; name its files, or a glob such as 'folder/*.csv'", name)
    if path.exists():
        if not os.access(path, os.R_OK):
            raise InputError("cannot be read: permission denied; ask its owner, or copy it", name)
        return [name]
    if not glob.has_magic(name):
        raise InputError("there is no such file; check the path", name)
    files = sorted(file for file in glob.glob(name, recursive=True) if not Path(file).is_dir())  # noqa: PTH207  # names as they are written
    if not files:
        raise InputError("no file fits this glob; check the path", name)
    return files


def _form_of(file: str) -> str | None:
    if file == STDIN:
        return None
    path = Path(file.lower())
    form = _FORM_OF.get((path.with_suffix("") if path.suffix in _PACKED else path).suffix)
    if form is None:
        raise InputError(f"its name tells no form; say which it is: {', '.join(FORMS)}", file)
    return form


def opened(source: Source, open_stdin: Open) -> io.BufferedReader:
    """Open a source as its decompressed bytes; raise InputError where it cannot be read.

    So do the stream's own methods, where the compressed data are broken or end too early: behind all that was whole.
    """
    file = open_stdin() if source.name == STDIN else open(source.name, "rb", buffering=_BUFFER)  # noqa: PTH123, SIM115  # the reader closes it
    stream = _begun(file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast("Any", file)))
    for magic, unpackers in _UNPACKERS.items():
        if stream.peek(len(magic)).startswith(magic):
            return _buffered(_unpacked(stream, unpackers(source.name), source.name), stream)
    return stream


def _begun(stream: io.BufferedReader) -> io.BufferedReader:
    """Return a stream whose first line, or first `_HEAD` bytes, can be peeked at: a pipe may give them one by one."""
    if stream.seekable():
        return stream
    head = b""
    while b"\n" not in head and len(head) < _HEAD and (piece := stream.read1(_BUFFER)):
        head += piece
    return _buffered(chain([head], iter(partial(stream.read1, _BUFFER), b"")), stream)


def sniffed(stream: io.BufferedReader) -> str:
    """Return the form that a stream's first bytes tell of."""
    head = stream.peek(_HEAD)[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    first = head.partition(b"\n")[0]
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"["):
        return "json"
    if head.startswith(b"{"):
        return "jsonl" if first == head or first.rstrip().endswith(b"}") else "json"
    return "tsv" if b"\t" in first and b"," not in first else "csv"


def check_text(stream: io.BufferedReader, name: str) -> None:
    """Raise InputError where a stream begins with what is not text in UTF-8; a byte order mark is taken off."""
    head = stream.peek(_HEAD)[:_HEAD]
    for magic, remedy in _FOREIGN.items():
        if head.startswith(magic):
            raise InputError(remedy, name)
    if b"\0" in head:
        remedy = "holds NUL bytes, so it is no text in UTF-8; UTF-16 must be saved as UTF-8, binary files are not read"
        raise InputError(remedy, name)
    if head.startswith(b"\xef\xbb\xbf"):
        stream.read(3)


def _buffered(pieces: Iterator[bytes], stream: IO[bytes]) -> io.BufferedReader:
    return io.BufferedReader(_Pieces(pieces, stream), _BUFFER)


class _Pieces(io.RawIOBase):
    """Is a stream of pieces, none of them empty, that are made of another one, which is closed with it."""

    def __init__(self, pieces: Iterator[bytes], stream: IO[bytes]) -> None:
        self._pieces = pieces
        self._stream = stream
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def close(self) -> None:
        self._stream.close()
        super().close()


def _unpacked(stream: io.BufferedReader, unpacker: Callable[[], Any], name: str) -> Iterator[bytes]:
    """Yield the content of a compressed stream, of one or several members; zeros behind one are padding."""
    member = unpacker()
    begun = False
    while piece := stream.read1(_PIECE):
        while piece := piece if begun else piece.lstrip(b"\0"):
            begun = True
            try:
                content = member.decompress(piece)
            except Exception as error:  # zlib.error, ZstdError: each library has its own
                raise InputError(_BROKEN, name) from error
            if content:
                yield content
            piece = b""
            if member.eof:
                piece, member, begun = member.unused_data, unpacker(), False
    if begun:
        raise InputError("ends too early: the compressed data are cut off; fetch the file again", name)


_BROKEN = "the compressed data are broken; what was read before counts; fetch the file again"


def _gzip(_name: str) -> Callable[[], Any]:
    return lambda: zlib.decompressobj(wbits=31)  # gzip's header and checksum


def _zstd(name: str) -> Callable[[], Any]:
    try:
        import zstandard
    except ImportError:
        raise InputError("zstd needs a library: python -m pip install 'odp-dynamic[zstd]'", name) from None
    return zstandard.ZstdDecompressor().decompressobj


_UNPACKERS: dict[bytes, Callable[[str], Callable[[], Any]]] = {b"\x1f\x8b": _gzip, b"\x28\xb5\x2f\xfd": _zstd}
