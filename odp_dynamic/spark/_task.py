"""What a task does: the rows of a partition, loaded as the local loader would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from pyspark import TaskContext
from pyspark.sql import Row as SparkRow
from pyspark.sql.datasource import WriterCommitMessage

from .._plain import NotJSON
from .._values import Problem
from ..bulk import LoadError, LoadReport, LoadSettings, Progress, Reject, Row, Unreadable, loader
from ..bulk._identity import Marker, marker_by_content
from ..bulk._rejects import Rejects
from ._attempts import attempt_file
from ._options import Settings
from ._values import Write, writer_of

_QUERY, _BATCH = "sql.streaming.queryId", "streaming.sql.batchId"  # as Spark names them among a task's properties


@dataclass(frozen=True)
class Outcome(WriterCommitMessage):
    """Is what became of a partition's rows: `rejects` is the file of those that were not stored, "" for none."""

    run: str
    partition: int
    progress: Progress
    kinds: dict[str, int] = field(default_factory=dict)
    stopped: str = ""
    rejects: str = ""


def load(settings: Settings, run: str, rows: Iterator[SparkRow]) -> Outcome:
    """Load the rows of the partition that this task has, and return what became of them.

    Raises LoadError where Spark should try again. Where that would do harm, or could not help, the outcome says why the
    load stopped, and the job fails when the other tasks have ended.
    """
    task = _task()
    if settings.careful and task.attemptNumber():
        raise LoadError(
            f"Spark has started a task of {settings.operation} again, whose rows may have been sent: sending them twice"
            " may do it twice. Give rows ids (the option idempotency), or turn speculation off"
        )
    run = run or "-".join(_stream(task))
    file = settings.rejects and attempt_file(settings.rejects, run, task.partitionId(), task.attemptNumber())
    report = _loaded(settings, task, file, rows)
    is_hopeless = settings.max_rejects is not None and report.progress.rejected > settings.max_rejects
    stopped = report.stopped
    if stopped and report.progress.rejected and not settings.rejects:
        stopped += "; name a directory with the option rejects to see why"
    if stopped and not settings.careful and not is_hopeless:
        raise LoadError(stopped)
    told = file if file and Path(file).exists() else ""
    return Outcome(run, task.partitionId(), report.progress, dict(report.kinds), stopped, told)


def _loaded(settings: Settings, task: TaskContext, file: str | None, rows: Iterator[SparkRow]) -> LoadReport:
    with settings.api() as api:
        rejects = Rejects(file)
        how = LoadSettings(
            batch=settings.batch,
            senders=settings.senders,
            rejects=rejects,
            idempotency=settings.idempotency,
            identity=_identity(settings, task),
            most_rejects=settings.max_rejects,
        )
        loading = loader(api, settings.operation, settings.arguments, how)
        loading.doubting = lambda row: rejects(_doubtful(row))
        return loading.run(_rows(settings, f"partition {task.partitionId()}", rows))


def _identity(settings: Settings, task: TaskContext) -> Callable[[str], Marker]:
    if settings.columns:  # they say which row it is, whoever reads it
        return partial(marker_by_content, scope="", counted=False)
    return partial(marker_by_content, scope="/".join(_stream(task)))


def _stream(task: TaskContext) -> list[str]:
    """Return the query and the micro-batch that a task is part of, which are the same when it is run again."""
    return [value for name in (_QUERY, _BATCH) if (value := task.getLocalProperty(name)) is not None]


def _rows(settings: Settings, source: str, rows: Iterator[SparkRow]) -> Iterator[Row | Unreadable]:
    """Yield rows as the loader takes them, each with what its id is made of."""
    write = writer_of(settings.schema, nulls=settings.nulls)
    identify = _by_columns(settings) if settings.columns else _by_content if settings.idempotency else _by_nothing
    assert write is not None  # noqa: S101  # a schema is a struct
    for number, row in enumerate(rows):
        try:
            value = write(row)
            yield Row(value, source, number, number + 1, identify(row, value))
        except NotJSON as error:
            yield Unreadable(str(error), source, number, number + 1, str(row))


def _by_content(_: SparkRow, value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _by_nothing(_row: SparkRow, _value: Any) -> bytes:
    return b""


def _by_columns(settings: Settings) -> Callable[[SparkRow, Any], bytes]:
    """Return what an id is made of where columns say it; one that is null says nothing."""
    writers = [(path, _leaf(settings, path)) for path in settings.columns]

    def identify(row: SparkRow, _: Any) -> bytes:
        values = [_found(row, path, write) for path, write in writers]
        if None in values:
            names = ", ".join(".".join(path) for path, _ in writers)
            raise NotJSON("", f"has a null in {names}, so that row_id does not say which row it is")
        return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)

    return identify


def _leaf(settings: Settings, path: tuple[str, ...]) -> Write | None:
    kind: Any = settings.schema
    for name in path:
        kind = kind[name].dataType
    return writer_of(kind, nulls=True)


def _found(row: Any, path: tuple[str, ...], write: Write | None) -> Any:
    for name in path:
        row = None if row is None else row[name]
    return row if row is None or write is None else write(row)


def _doubtful(row: Row) -> Reject:
    why = Problem("server", "", "", "was sent, and no answer came: it may be stored")
    return Reject(row.source, row.line, row.number, "doubt", (why,), row.value)


def _task() -> TaskContext:
    task = TaskContext.get()
    assert task is not None  # noqa: S101  # rows come to tasks alone
    return task
