"""Reading: files of any form as one stream of rows, whatever their size."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO

from .._schema import Schema
from ._json import json_lines, json_values
from ._layouts import layout_of
from ._mapping import FieldMapping, mapped
from ._opening import Source, check_text, opened, sniffed, sources_of
from ._parquet import ParquetTable, seekable
from ._placing import Blank, Header, Shape, plan_of
from ._records import placed
from ._rows import InputError, Outcome
from ._tables import SEPARATORS, Table


def _stdin() -> IO[bytes]:
    return sys.stdin.buffer


def read_rows(
    sources: str | Sequence[str],
    *,
    form: str | None = None,
    schema: Schema | None = None,
    mapping: FieldMapping | None = None,
    layout: str | None = None,
    blank: Blank = "omit",
    skip: Mapping[str, int] | None = None,
    open_stdin: Callable[[], IO[bytes]] = _stdin,
) -> Iterator[Outcome]:
    """Return an iterator over the rows of files, and over what could not be read of them, in their order.

    - `sources` are paths, globs and "-" for standard input; what their names are is in `Row.source`, of a glob the
      file's. gzip and zstd are told by the content.
    - `form` is ``jsonl``, ``json``, ``csv``, ``tsv`` or ``parquet``; by default the name says it, and the content of
      standard input.
    - `schema` is one row's: it gives the text of a table's cells their types.
    - `mapping` says what goes where, `layout` names a layout (`layouts()` has those of the package, or a YAML file);
      what the mapping names does not go where the layout says. Layouts are for tables.
    - `blank` is what becomes of blank cells: ``"omit"``, or ``"null"`` where the schema allows null.
    - `open_stdin` opens standard input, which is closed when it has been read.
    - `skip` says how many rows of a source are passed over, with their `number`s, read or not; it is looked at when
      the reading gets to the source.

    Raises InputError: at once for what cannot be there, such as a missing file, else when the reading gets to it.
    """
    found = sources_of([sources] if isinstance(sources, str) else sources, form)
    shape = Shape(schema, mapping or FieldMapping(), layout_of(layout) if layout else None, blank)
    return _all(found, shape, {} if skip is None else skip, open_stdin)


def _all(
    sources: Sequence[Source], shape: Shape, skip: Mapping[str, int], open_stdin: Callable[[], IO[bytes]]
) -> Iterator[Outcome]:
    for source in sources:
        try:
            with opened(source, open_stdin) as stream:
                yield from _rows(stream, source, shape, skip.get(source.name, 0))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise InputError(f"cannot be read: {reason}; check the path and its permissions", source.name) from None


def _rows(stream: io.BufferedReader, source: Source, shape: Shape, skip: int) -> Iterator[Outcome]:
    form = source.form or sniffed(stream)
    if form == "parquet":
        with seekable(stream) as file:
            yield from _parquet(file, source.name, shape, skip)
        return
    check_text(stream, source.name)
    yield from (_table if form in SEPARATORS else _json)(stream, form, source.name, shape, skip)


def _parquet(file: IO[bytes], name: str, shape: Shape, skip: int) -> Iterator[Outcome]:
    table = ParquetTable(file, name)
    plan = plan_of(Header(table.header, name, typed=True), shape)
    return placed(table.records(0 if plan.items else skip), plan, name, skip)


def _table(stream: io.BufferedReader, form: str, name: str, shape: Shape, skip: int) -> Iterator[Outcome]:
    table = Table(stream, form, name)
    return placed(table.records(), plan_of(Header(table.header, name), shape), name, skip)


def _json(stream: io.BufferedReader, form: str, name: str, shape: Shape, skip: int) -> Iterator[Outcome]:
    if shape.layout is not None:
        raise InputError("layouts are for tables; say with a mapping what goes where", name)
    rows = (json_lines if form == "jsonl" else json_values)(stream, name, skip)
    return mapped(rows, shape.mapping, name, whole=not skip) if shape.mapping != FieldMapping() else rows
