"""Parquet: tables whose cells have types of their own."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, repeat
from typing import IO, Any

import orjson

from .._plain import NotJSON, plain
from ._records import Fault, Record
from ._rows import InputError, text_of

_BATCH = 1000  # rows that are Python objects at a time
_PASSED = Record(0, (), b"")


def seekable(stream: IO[bytes]) -> IO[bytes]:
    """Return a stream that can be read from anywhere: itself, or a temporary file with the content of a pipe."""
    if isinstance(stream, io.BufferedReader) and stream.seekable():
        return stream
    copied = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    shutil.copyfileobj(stream, copied)
    copied.seek(0)
    return copied


class ParquetTable:
    """Is the columns of a Parquet file, and its rows."""

    def __init__(self, file: IO[bytes], source: str) -> None:
        parquet, arrow = _libraries(source)
        self._source = source
        self._broken = (arrow.ArrowException, OSError)
        try:
            self._file = parquet.ParquetFile(file)
        except self._broken as error:
            raise self._error(error) from None
        schema = self._file.schema_arrow
        self.header: list[str] = schema.names
        self._is_plain = all(_is_plain(arrow, kind) for kind in schema.types)

    def records(self, skip: int) -> Iterator[Record | Fault]:
        """Yield the rows; the first `skip` without their cells, and without reading them where whole row groups are."""
        number, groups = self._behind(skip)
        yield from repeat(_PASSED, number)
        batches = self._file.iter_batches(batch_size=_BATCH, row_groups=groups)
        while True:
            try:
                batch = next(batches, None)
            except self._broken as error:
                raise self._error(error) from None
            if batch is None:
                return
            passed = min(max(skip - number, 0), batch.num_rows)
            yield from repeat(_PASSED, passed)
            columns = [column.to_pylist() for column in batch.slice(passed).columns]
            for line, cells in enumerate(zip(*columns, strict=True), number + passed + 1):
                yield self._record(line, cells)
            number += batch.num_rows

    def _behind(self, skip: int) -> tuple[int, list[int]]:
        """Return how many of the first `skip` rows are in whole row groups, and the row groups behind those."""
        metadata = self._file.metadata
        sizes = [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)]
        ends = list(accumulate(sizes, initial=0))
        passed = bisect_right(ends, skip) - 1
        return ends[passed], list(range(passed, len(sizes)))

    def _record(self, line: int, cells: tuple[Any, ...]) -> Record | Fault:
        if not self._is_plain:
            try:
                cells = tuple(plain(cells))
            except NotJSON as error:
                column, _, inner = error.pointer[1:].partition("/")
                place = f"column {self.header[int(column)]!r}" + (f", at /{inner}," if inner else "")
                text = text_of(repr(dict(zip(self.header, cells, strict=True))).encode("utf-8", "replace"))
                return Fault(line, f"{place} {error.reason}", text)
        try:
            raw = orjson.dumps(cells)
        except TypeError:  # integers beyond 64 bits, which decimals may be
            raw = json.dumps(cells).encode()
        return Record(line, cells, raw)

    def _error(self, error: Exception) -> InputError:
        kind = type(error).__name__
        return InputError(f"is no Parquet file, or a broken one ({kind}); write or fetch it again", self._source)


def _libraries(source: str) -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise InputError("Parquet needs a library: python -m pip install 'odp-dynamic[parquet]'", source) from None
    return parquet, pa


def _is_plain(arrow: Any, kind: Any) -> bool:
    """Tell whether the values of a type are JSON's as they come."""
    types = arrow.types
    return any(test(kind) for test in (types.is_string, types.is_large_string, types.is_integer, types.is_boolean))
