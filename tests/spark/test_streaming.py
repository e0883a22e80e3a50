"""A stream's rows are stored once each, also when it is stopped and goes on from its checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from odp_dynamic.sandbox import Fault, Sandbox
from odp_dynamic.sandbox._server import Served
from tests.spark.loading import events, once_each, rejects, stored, told, writing


class Stream:
    """Is a folder of JSON files, and a query that writes what is new in them."""

    def __init__(self, spark: Any, folder: Path, url: str, **options: Any) -> None:
        self._spark = spark
        self._folder = folder
        self._url = url
        self._options = {
            "checkpointLocation": folder / "checkpoint",
            "rejects": folder / "r",
            "report": folder / "report",
            **options,
        }
        self._schema = events(spark, 1, more="1D AS total").schema

    def add(self, first: int, count: int, more: str = "1D AS total") -> None:
        """Add a file of events o-first, …"""
        frame = events(self._spark, first + count, 1, more).where(f"int(substr(data.order.order_id, 3)) >= {first}")
        frame.coalesce(1).write.mode("append").json(str(self._folder / "in"))

    def run(self) -> None:
        """Run until all that is there has been written."""
        source = self._spark.readStream.schema(self._schema).option("maxFilesPerTrigger", 1)
        query = writing(source.json(str(self._folder / "in")), self._url, **self._options)
        running = query.trigger(availableNow=True).start()
        try:
            assert running.awaitTermination(60), "it has not ended"
        finally:
            running.stop()

    def forget_commit(self, batch: int) -> None:
        """Leave the checkpoint as a crash would right before a micro-batch was noted as done."""
        for file in (self._folder / "checkpoint" / "commits").glob(f"*{batch}*"):
            file.unlink()


def test_each_file_is_a_batch_that_is_stored_once_and_told(spark: Any, served: Served, tmp_path: Path) -> None:
    stream = Stream(spark, tmp_path, served.url)
    stream.add(0, 30)
    stream.add(30, 20)
    stream.run()
    stream.add(50, 10)
    stream.run()
    assert stored(tmp_path / "odp.db") == once_each(60)
    assert [one["batch"] for one in told(tmp_path / "report")] == [0, 1, 2]
    assert sum(one["acknowledged"] for one in told(tmp_path / "report")) == 60


def test_a_batch_that_is_run_again_after_a_crash_stores_and_tells_nothing_twice(
    spark: Any, sandbox: Sandbox, served: Served, tmp_path: Path
) -> None:
    stream = Stream(spark, tmp_path, served.url)
    stream.add(0, 30)
    [good] = (tmp_path / "in").glob("*.json")
    bad = '{"action": "purchase"}\n' * 2
    good.with_name("all.json").write_text(good.read_text(encoding="utf-8") + bad, encoding="utf-8")
    good.unlink()
    stream.run()
    sent = len(sandbox.journal)
    stream.forget_commit(0)
    stream.run()
    assert [one["batch"] for one in told(tmp_path / "report")] == [0, 0]
    assert len(sandbox.journal) == 2 * sent
    assert stored(tmp_path / "odp.db") == once_each(30)
    assert len(rejects(tmp_path / "r")) == 2


def test_rows_that_are_alike_in_two_batches_are_both_stored(spark: Any, served: Served, tmp_path: Path) -> None:
    stream = Stream(spark, tmp_path, served.url)
    for _ in range(2):
        stream.add(0, 1)
        stream.run()
    assert stored(tmp_path / "odp.db") == {"o-0": 2}


def test_a_batch_that_failed_is_run_again_when_the_stream_is_started_anew(
    spark: Any, sandbox: Sandbox, served: Served, tmp_path: Path
) -> None:
    stream = Stream(spark, tmp_path, served.url, batch=10)
    stream.add(0, 50)
    sandbox.faults.add(Fault(operation="sendEvents", status=403, skip=2, times=4))
    with pytest.raises(Exception, match="403"):
        stream.run()
    assert 0 < len(stored(tmp_path / "odp.db")) < 50
    stream.run()
    assert stored(tmp_path / "odp.db") == once_each(50)
