"""Loading: rows by the million into an operation, none lost silently.

`bulk_load` judges each row by the document before it is sent, sends them in batches and by several threads, and
accounts for every one: acknowledged, rejected with its place and reason, or in doubt. A journal makes a load that ended
in any way go on from there. Rows come from `read_rows`, which reads files of any size, or from anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from os import PathLike, fspath
from typing import Any, Literal

from .._api import Api
from ._delivery import Delivery
from ._identity import Marker, marker
from ._journal import Journal, JournalError
from ._layouts import layouts
from ._loader import Loader
from ._mapping import FieldMapping, field_mapping
from ._opening import sources_of
from ._reading import read_rows
from ._rejects import Rejects
from ._report import LoadReport, Progress, Reject
from ._rows import InputError, Row, Unreadable
from ._target import LoadError, most_items, schema_of_body, schema_of_row, target_of

__all__ = [
    "FieldMapping",
    "InputError",
    "JournalError",
    "LoadError",
    "LoadReport",
    "Loader",
    "Progress",
    "Reject",
    "Row",
    "Unreadable",
    "bulk_load",
    "field_mapping",
    "layouts",
    "loader",
    "read_rows",
    "schema_of_row",
    "sources_of",
]

_BATCH = 100  # rows in a request, of a document that sets no limit
_LARGEST = 4_000_000  # bytes of a body


def bulk_load(api: Api, operation_id: str, rows: Iterable[Any], /, **settings: Any) -> LoadReport:
    """Load rows into an operation and return what became of them; `settings` are those of `loader`.

    `rows` are values, or `Row`s that say where they came from. KeyboardInterrupt ends the load when what is under way
    is settled, and is raised then.
    """
    loading = loader(api, operation_id, **settings)
    report = loading.run(_rows(rows))
    if report.stopped == "interrupted":
        raise KeyboardInterrupt
    return report


def loader(
    api: Api,
    operation_id: str,
    /,
    *,
    batch: int | None = None,
    largest: int = _LARGEST,
    senders: int = 4,
    rejects: str | PathLike[str] | Callable[[Reject], None] | None = None,
    journal: str | PathLike[str] | None = None,
    resume: bool = False,
    resend_doubtful: bool = False,
    idempotency: str | Literal[False] | None = None,
    identity: Callable[[str], Marker] = marker,
    most_rejects: int | None = None,
    check: bool = False,
    sources: Any = (),
    **arguments: Any,
) -> Loader:
    """Return a load that is ready to `run`.

    - `arguments` are the operation's parameters, the same for all rows; of an operation whose body is one object, each
      row is a call, and may name parameters too.
    - `batch` is how many rows go together, `largest` how many bytes: by default the document's ``maxItems``, or 100,
      and 4 MB. `senders` threads send.
    - `rejects` is a file (JSON Lines) or a function that gets each row that was not stored; `most_rejects` ends the
      load beyond so many.
    - `journal` is a file that knows which rows are done; `resume` goes on from it, `resend_doubtful` also with those
      that were sent without an answer. `sources` tells one load from another: what was read, in any JSON form.
    - `idempotency` is the JSON pointer at which each row gets an id made of its place and content, so that the service
      knows one that is sent again: by default the document's ``x-idempotency-pointer``; False for none.
      `identity` makes of that pointer what puts ids into rows which have no place to be known by.
    - `check` judges all rows and sends none.

    Raises LoadError, JournalError or InvalidRequest where the load cannot begin.
    """
    operation = api.operations[operation_id]
    if idempotency is None:
        idempotency = operation.idempotency_pointer or False
    safe = bool(idempotency) or operation.replayable
    target = target_of(api.using(responses="record"), operation_id, arguments, replayable=bool(idempotency))
    if not check:
        target.make_sure()
    schema = schema_of_body(operation)
    most = batch or (schema and most_items(schema)) or _BATCH
    about = {"operation": operation_id, "arguments": arguments, "sources": sources, "ids": idempotency}
    kept = None if journal is None or check else Journal(journal, about, resume=resume, careful=not safe)
    if kept is not None and resend_doubtful:
        kept.forget_doubts()
    written = rejects if callable(rejects) else Rejects(None if rejects is None else fspath(rejects), kept)
    loading = Loader(
        target,
        batch=most if target.together else 1,
        senders=senders,
        journal=kept,
        careful=not safe,
        reject=written,
        mark=identity(idempotency) if idempotency else None,
        most_rejects=most_rejects,
    )
    loading.closing += [one.close for one in (written, kept) if isinstance(one, Rejects | Journal)]
    if not check:
        loading.delivery = Delivery(api.using(responses="record"), target, largest, loading.count_request)
    return loading


def _rows(values: Iterable[Any]) -> Iterator[Row | Unreadable]:
    for number, value in enumerate(values):
        if isinstance(value, Row | Unreadable):
            yield value
        else:
            yield Row(value, "", number, number + 1, b"")
