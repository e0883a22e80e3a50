"""Loading: rows by the million into an operation, none lost silently.

`bulk_load` judges each row by the document before it is sent, sends them in batches and by several threads, and
accounts for every one: acknowledged, rejected with its place and reason, or in doubt. A journal makes a load that ended
in any way go on from there. Rows come from `read_rows`, which reads files of any size, or from anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os import fspath
from typing import Any

from .._api import Api
from ..errors import InvalidRequest
from ._delivery import Delivery
from ._journal import Journal, JournalError
from ._layouts import layouts
from ._loader import Loader
from ._mapping import FieldMapping, field_mapping
from ._opening import sources_of
from ._reading import read_rows
from ._rejects import Rejects
from ._report import LoadReport, Progress, Reject
from ._rows import InputError, Row, Unreadable
from ._settings import LoadSettings, senseless
from ._target import LoadError, schema_of_row, target_of

__all__ = [
    "FieldMapping",
    "InputError",
    "JournalError",
    "LoadError",
    "LoadReport",
    "LoadSettings",
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


def bulk_load(api: Api, operation_id: str, rows: Iterable[Any], /, **settings: Any) -> LoadReport:
    """Load rows into an operation and return what became of them.

    `rows` are values, or `Row`s that say where they came from. `settings` are those of `LoadSettings`; all others are
    the operation's parameters, the same for all rows. Of an operation whose body is one object, each row is a call, and
    may name parameters too. KeyboardInterrupt ends the load when what is under way is settled, and is raised then.
    Raises what `loader` raises.
    """
    arguments = {name: value for name, value in settings.items() if name not in LoadSettings._fields}
    told = {name: value for name, value in settings.items() if name in LoadSettings._fields}
    report = loader(api, operation_id, arguments, LoadSettings(**told)).run(_rows(rows))
    if report.stopped == "interrupted":
        raise KeyboardInterrupt
    return report


def loader(api: Api, operation_id: str, arguments: Mapping[str, Any], settings: LoadSettings) -> Loader:
    """Return a load that is ready to `run`; `arguments` are the operation's parameters.

    Raises ValueError for a setting that makes no sense, and LoadError, JournalError or InvalidRequest where the load
    cannot begin.
    """
    operation = api.operations[operation_id]
    ids = settings.idempotency
    if ids is None:
        ids = operation.idempotency_pointer or False
    careful = not ids and not operation.replayable
    recording = api.using(responses="record", drift=api.drift or "")
    target = target_of(recording, operation_id, dict(arguments), replayable=bool(ids))
    if wrong := senseless(settings, target.limit):
        raise ValueError("; ".join(wrong))
    if problems := target.wrong(sending=not settings.check):
        raise InvalidRequest(operation_id, problems)
    about = {"operation": operation_id, "arguments": arguments, "sources": settings.sources, "ids": ids}
    rejects = settings.rejects
    written = rejects if callable(rejects) else Rejects(None if rejects is None else fspath(rejects))
    kept = _journal(settings, about, careful=careful)
    if kept is not None and isinstance(written, Rejects):
        written.write_anew(kept)
    loading = Loader(
        target,
        batch=(settings.batch or target.limit or _BATCH) if target.together else 1,
        senders=settings.senders,
        journal=kept,
        careful=careful,
        reject=written,
        mark=settings.identity(ids) if ids else None,
        most_rejects=settings.most_rejects,
    )
    loading.closing += [one.close for one in (written, kept) if isinstance(one, Rejects | Journal)]
    if not settings.check:
        loading.delivery = Delivery(recording, target, settings.largest, loading.count_request)
    return loading


def _journal(settings: LoadSettings, about: Mapping[str, Any], *, careful: bool) -> Journal | None:
    if settings.journal is None or settings.check:
        return None
    kept = Journal(settings.journal, about, resume=settings.resume, careful=careful)
    if settings.resend_doubtful:
        kept.forget_doubts()
    return kept


def _rows(values: Iterable[Any]) -> Iterator[Row | Unreadable]:
    read = (Row, Unreadable)  # a union would be made anew for each
    for number, value in enumerate(values):
        if isinstance(value, read):
            yield value
        else:
            yield Row(value, "", number, number + 1, b"")
