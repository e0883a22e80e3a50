"""What the tests of reading share: bytes as standard input."""

from __future__ import annotations

import io
from typing import Any

from odp_dynamic._document import load
from odp_dynamic._schema import Schema
from odp_dynamic.bulk._reading import read_rows
from odp_dynamic.bulk._rows import InputError, Outcome
from tests.documents import document


def read(content: bytes, form: str | None = None, skip: int = 0, **more: Any) -> list[Outcome]:
    """Return all that reading gives of a content that standard input has."""
    return list(read_rows(["-"], form=form, skip={"-": skip}, open_stdin=lambda: io.BytesIO(content), **more))


def read_on(content: bytes, form: str | None = None, skip: int = 0, **more: Any) -> tuple[list[Outcome], str]:
    """Return what reading gives before it ends, and the sentence it ends with; "" where all was read."""
    found: list[Outcome] = []
    try:
        found.extend(read_rows(["-"], form=form, skip={"-": skip}, open_stdin=lambda: io.BytesIO(content), **more))
    except InputError as error:
        return found, str(error)
    return found, ""


def values(content: bytes, form: str | None = None, **more: Any) -> list[Any]:
    return [outcome[0] for outcome in read(content, form, **more)]


def parquet(columns: dict[str, Any], **settings: Any) -> bytes:
    """Return a Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet as files

    file = io.BytesIO()
    files.write_table(pa.table(columns), file, **settings)
    return file.getvalue()


def schema_of(definition: Any, **others: Any) -> Schema:
    """Return a schema of a document; it may refer to `others` among the components."""
    return Schema(load(document(components={"schemas": {"It": definition, **others}})), "/components/schemas/It")
