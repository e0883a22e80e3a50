"""Rows for the tests of Spark, tasks that fail on purpose, and what the sandbox has in the end."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

POINTER = "/data/idempotence_id"
LARGE = "repeat('x', 2000) AS large"


def events(spark: Any, count: int, partitions: int = 2, more: str = "") -> Any:
    """Return events o-0, o-1, … in partitions of equal size; `more` are members of their data, in SQL."""
    order = "named_struct('order_id', concat('o-', id)) AS order"
    return spark.range(0, count, 1, partitions).selectExpr(
        "'order' AS type",
        "'purchase' AS action",
        "named_struct('email', concat('c', id % 97, '@example.com')) AS identifiers",
        f"struct({order}{more and ', '}{more}) AS data",
    )


def writing(frame: Any, url: str, **options: Any) -> Any:
    """Return a writer of events with ids to a sandbox."""
    settings = {"operation": "sendEvents", "base_url": url, "idempotency": POINTER, **options}
    writer = (frame.writeStream if frame.isStreaming else frame.write).format("odp")
    for name, value in settings.items():
        writer = writer.option(name, str(value))
    return writer if frame.isStreaming else writer.mode("append")


def fails_once(frame: Any, database: Path, partition: int, half: int) -> Any:
    """Return the same rows; but one task fails, once, when it has given half of its rows and some of those are stored.

    It reads the sandbox's database, for what a task has given has not been sent yet. Rows must be large, some hundred
    kilobytes in a half, or they wait in buffers on the way.
    """

    def passing(rows: Iterator[Any]) -> Iterator[Any]:
        from pyspark import TaskContext

        task = TaskContext.get()
        assert task is not None
        doomed = task.partitionId() == partition and task.attemptNumber() == 0
        for passed, row in enumerate(rows):
            if doomed and passed == half:
                wait_for(partial(_some_before, row["data"]["order"]["order_id"], half, database))
                raise RuntimeError("a task that fails on purpose")
            yield row

    return frame.sparkSession.createDataFrame(frame.rdd.mapPartitions(passing), frame.schema)


def _some_before(order: str, most: int, database: Path) -> bool:
    """Tell whether any of the orders right before one, which are in the same partition, is stored."""
    return any(0 < int(order[2:]) - int(one[2:]) <= most for one in stored(database))


def wait_for(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("it never came to hold")
        time.sleep(0.05)


def stored(database: Path) -> Counter[str]:
    """Return how often each order is stored."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as db:
        return Counter(json.loads(data)["order"]["order_id"] for (data,) in db.execute("SELECT data FROM events"))


def once_each(count: int) -> Counter[str]:
    return Counter({f"o-{n}": 1 for n in range(count)})


def told(path: Path) -> list[Any]:
    """Return the values of a file of JSON Lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rejects(folder: Path) -> list[Any]:
    """Return all rejects in a folder, as who reads it would: a name that begins with _ is not looked at."""
    return [line for file in sorted(folder.glob("part-*")) for line in told(file)]
