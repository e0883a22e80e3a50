"""Rows per second of a Spark job, against the local loader on the same machine; by hand, for it needs Java.

    python -m benchmarks.spark [ROWS]

Both validate the same events, give each an id, and send batches of 500 to a server that only reads and answers.
Spark has two cores and 8 partitions, the local loader one process and two senders. Each begins with rows of its own:
a DataFrame that makes them, and dicts in a list. A first small job starts Spark and its workers.
"""

from __future__ import annotations

import os
import sys
from time import perf_counter
from typing import Any

from benchmarks.calls import KEYS, server
from benchmarks.measure import in_turn
from odp_dynamic import Api
from odp_dynamic.bulk import bulk_load
from odp_dynamic.spark import OdpDataSource

POINTER = "/data/idempotence_id"
ROUNDS = 3


def _session() -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.showConsoleProgress", "false")
    session = builder.config("spark.ui.enabled", "false").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.dataSource.register(OdpDataSource)
    return session


def _frame(session: Any, count: int) -> Any:
    return session.range(0, count, 1, 8).selectExpr(
        "'order' AS type",
        "'purchase' AS action",
        "named_struct('email', concat('c', id % 97, '@example.com')) AS identifiers",
        "named_struct('order', named_struct('order_id', concat('o-', id), 'total', id % 100 + 0.5D)) AS data",
    )


def _events(count: int) -> list[dict[str, Any]]:
    return [
        {
            "type": "order",
            "action": "purchase",
            "identifiers": {"email": f"c{n % 97}@example.com"},
            "data": {"order": {"order_id": f"o-{n}", "total": n % 100 + 0.5}},
        }
        for n in range(count)
    ]


def _by_spark(frame: Any, base: str) -> float:
    writer = frame.write.format("odp").option("operation", "sendEvents").option("base_url", base)
    begun = perf_counter()
    writer.option("idempotency", POINTER).option("batch", 500).mode("append").save()
    return perf_counter() - begun


def _by_the_local_loader(events: list[dict[str, Any]], base: str) -> float:
    with Api(base_url=base, credentials=KEYS) as api:
        begun = perf_counter()
        report = bulk_load(api, "sendEvents", events, idempotency=POINTER, batch=500, senders=2)
        took = perf_counter() - begun
    assert report.progress.acknowledged == len(events)
    return took


def main() -> None:
    """Print both rates and their ratio."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    os.environ |= {"ODP_PUBLIC_API_KEY": "k", "ODP_PRIVATE_API_KEY": "k"}  # workers find them there
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    session, events = _session(), _events(count)
    with server() as base:
        _by_spark(_frame(session, 100), base)
        frame = _frame(session, count)
        by_spark, by_loader, ratio = in_turn(
            lambda: _by_spark(frame, base), lambda: _by_the_local_loader(events, base), ROUNDS
        )
    print(f"{count:,} rows by Spark, local[2]: {count / by_spark:,.0f}/s")
    print(f"by the local loader, 2 senders: {count / by_loader:,.0f}/s; Spark's rate is {1 / ratio:.2f} of it")
    session.stop()


if __name__ == "__main__":
    main()
