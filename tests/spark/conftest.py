"""One Spark for these tests: two cores of this machine, each task tried four times, workers with the sandbox's keys."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic.sandbox import Behaviour, Sandbox
from odp_dynamic.sandbox._server import Served

ROOT = Path(__file__).parent.parent.parent
CANARY = "canary-of-an-executor"


@pytest.fixture(scope="session")
def event_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which Spark keeps what it would show of its jobs."""
    return tmp_path_factory.mktemp("event-log")


@pytest.fixture(scope="session")
def spark(event_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a session that knows the format; its workers find their keys in the environment, as executors do."""
    pytest.importorskip("pyspark.sql.datasource", reason="PySpark 4 is not installed: pip install 'odp-dynamic[spark]'")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("Spark needs Java 17, and there is none")
    from pyspark.sql import SparkSession

    from odp_dynamic.spark import OdpDataSource

    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.compress": "false",  # or nobody could look for keys in it
        "spark.eventLog.dir": str(event_log),
        "spark.local.dir": str(tmp_path_factory.mktemp("spark")),
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),
        "spark.sql.execution.arrow.maxRecordsPerBatch": "20",  # rows reach a writer while others are made
        "spark.sql.session.timeZone": "Asia/Tokyo",
        "spark.sql.shuffle.partitions": "2",
    }
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ODP_PUBLIC_API_KEY", CANARY)
        environment.setenv("ODP_PRIVATE_API_KEY", f"{CANARY}-private")
        environment.setenv("PYTHONPATH", str(ROOT))
        environment.setenv("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master("local[2,4]").appName("tests")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    session.dataSource.register(OdpDataSource)
    yield session
    session.stop()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """Return a sandbox in a file that opens to the workers' keys, and drops an event whose id it has seen."""
    with Sandbox(
        tmp_path / "odp.db",
        public_key=CANARY,
        private_key=f"{CANARY}-private",
        behaviour=Behaviour(repeated_event="dropped"),
        referee="off",
    ) as sandbox:
        yield sandbox


@pytest.fixture
def served(sandbox: Sandbox) -> Iterator[Served]:
    with sandbox.serve() as served:
        yield served
