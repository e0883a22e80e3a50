"""The data source that Spark knows as ``odp``: its writers, and what the driver does when their tasks have ended."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from pyspark.sql import Row
from pyspark.sql.datasource import DataSource, DataSourceStreamWriter, DataSourceWriter, WriterCommitMessage
from pyspark.sql.types import StructType

from ..bulk import LoadError
from ._attempts import keep, last_attempts
from ._options import Settings, settings_of
from ._task import Outcome, load

_log = logging.getLogger("odp_dynamic.spark")
_COUNTS = ("read", "acknowledged", "rejected", "in_doubt", "requests")


class OdpDataSource(DataSource):
    """Writes rows to an operation; `odp_dynamic.spark` tells how, and its options."""

    @classmethod
    def name(cls) -> str:
        """Return the name of the format."""
        return "odp"

    def writer(self, schema: StructType, overwrite: bool) -> DataSourceWriter:  # noqa: FBT001  # Spark's signature
        """Return what writes the rows of a job; raise LoadError where it cannot begin."""
        return _Writer(_checked(self.options, schema, overwrite=overwrite))

    def streamWriter(self, schema: StructType, overwrite: bool) -> DataSourceStreamWriter:  # noqa: FBT001, N802
        """Return what writes the rows of a stream, of which Spark makes another to commit each micro-batch."""
        return _StreamWriter(_checked(self.options, schema, overwrite=overwrite))


class _Writer(DataSourceWriter):
    """Is one job's: it travels to the tasks, and back to the driver."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._run = uuid4().hex

    def write(self, iterator: Iterator[Row]) -> WriterCommitMessage:
        return load(self._settings, self._run, iterator)

    def commit(self, messages: list[WriterCommitMessage | None]) -> None:
        _account(self._settings, self._run, _outcomes(messages))

    def abort(self, messages: list[WriterCommitMessage | None]) -> None:
        _account_for_failure(self._settings, self._run, messages)


class _StreamWriter(DataSourceStreamWriter):
    """Is one stream's. The run of a micro-batch is made of what the checkpoint keeps, which only tasks are told."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def write(self, iterator: Iterator[Row]) -> WriterCommitMessage:
        return load(self._settings, "", iterator)

    def commit(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:  # noqa: N803
        outcomes = _outcomes(messages)
        _account(self._settings, outcomes[0].run if outcomes else "", outcomes, batch=batchId)

    def abort(self, messages: list[WriterCommitMessage | None], batchId: int) -> None:  # noqa: N803
        run = next((outcome.run for outcome in _outcomes(messages)), "")
        _account_for_failure(self._settings, run, messages, batch=batchId)


def _checked(options: MutableMapping[str, str], schema: StructType, *, overwrite: bool) -> Settings:
    if overwrite:
        raise LoadError('rows are added to what the service has, and replace nothing: say mode("append")')
    return settings_of(options, schema)


def _outcomes(messages: Sequence[WriterCommitMessage | None]) -> list[Outcome]:
    return [message for message in messages if isinstance(message, Outcome)]


def _account(settings: Settings, run: str, outcomes: list[Outcome], **more: Any) -> None:
    """Account for a job whose tasks have all ended; raise LoadError where it has failed nevertheless."""
    failure = _failure(settings, outcomes)
    try:
        _keep(settings, run, outcomes)
    except LoadError as error:
        failure = failure or str(error)
    _report(settings, outcomes, failure, more)
    if failure:
        raise LoadError(failure)


def _account_for_failure(
    settings: Settings, run: str, messages: Sequence[WriterCommitMessage | None], **more: Any
) -> None:
    """Account for a job that has failed: what its finished tasks did, and the rejects of the last attempts."""
    outcomes = _outcomes(messages)
    if len(outcomes) == len(messages) > 0:
        return  # a commit that failed, and has told all
    _report(settings, outcomes, "a task failed; the counts are those of the tasks that ended", more)
    _keep(settings, run, outcomes, failed=True)


def _keep(settings: Settings, run: str, outcomes: list[Outcome], *, failed: bool = False) -> None:
    """Keep the reject files of the tasks that ended; of a job that has `failed`, also the last ones of the others."""
    if settings.rejects and run:
        last = last_attempts(settings.rejects, run) if failed else {}
        files = last | {one.partition: one.rejects for one in outcomes}
        keep(settings.rejects, run, {partition: file for partition, file in files.items() if file})


def _failure(settings: Settings, outcomes: list[Outcome]) -> str:
    """Return why a job fails whose tasks have ended, "" where it does not."""
    stopped = [one for one in outcomes if one.stopped]
    rejected = sum(one.progress.rejected for one in outcomes)
    if settings.max_rejects is not None and rejected > settings.max_rejects:
        return f"{rejected} rows were rejected, and max_rejects is {settings.max_rejects}"
    if stopped:
        return f"{len(stopped)} of {len(outcomes)} tasks could not send all of their rows: {stopped[0].stopped}"
    return ""


def _report(settings: Settings, outcomes: list[Outcome], failure: str, more: dict[str, Any]) -> None:
    """Log what became of a job's rows, and add it to the report."""
    counts = {name: sum(getattr(one.progress, name) for one in outcomes) for name in _COUNTS}
    kinds: Counter[str] = Counter()
    for outcome in outcomes:
        kinds.update(outcome.kinds)
    told = {"operation": settings.operation, **more, **counts, "kinds": dict(kinds), "stopped": failure}
    level = logging.WARNING if failure or counts["rejected"] or counts["in_doubt"] else logging.INFO
    words = ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in _COUNTS[1:4])
    _log.log(level, "%s: %s%s", settings.operation, words, f"; {failure}" if failure else "")
    if settings.report is not None:
        with Path(settings.report).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(told, ensure_ascii=False)}\n")
