"""What the driver makes of its tasks' outcomes when not all is well; no Spark runs here."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pyspark.sql.datasource", reason="PySpark 4 is not installed: pip install 'odp-dynamic[spark]'")

from pyspark.sql.types import StructType

from odp_dynamic.bulk import LoadError, Progress
from odp_dynamic.spark import OdpDataSource
from odp_dynamic.spark._attempts import attempt_file
from odp_dynamic.spark._task import Outcome
from tests.spark.loading import rejects, told

STREAM = "query-7"


def attempt(folder: Path, partition: int, number: int) -> str:
    file = attempt_file(str(folder), STREAM, partition, number)
    Path(file).write_text(f'"{partition}.{number}"\n', encoding="utf-8")
    return file


def test_of_a_job_that_failed_each_task_has_the_rejects_of_its_last_attempt(tmp_path: Path) -> None:
    """A task that ended has its own, also where it has none."""
    options = {"operation": "sendEvents", "rejects": str(tmp_path / "r"), "report": str(tmp_path / "report")}
    writer = OdpDataSource(options).streamWriter(StructType(), overwrite=False)
    for partition, number in [(0, 0), (1, 0), (1, 1), (2, 0)]:
        attempt(tmp_path / "r", partition, number)
    ended = Outcome(STREAM, 2, Progress(acknowledged=5))
    writer.abort([None, None, ended], 7)
    assert rejects(tmp_path / "r") == ["0.0", "1.1"]
    [report] = told(tmp_path / "report")
    assert (report["batch"], report["acknowledged"]) == (7, 5)


def test_rejects_that_the_driver_does_not_see_fail_the_job_and_are_in_its_report(tmp_path: Path) -> None:
    options = {"operation": "sendEvents", "rejects": str(tmp_path / "r"), "report": str(tmp_path / "report")}
    writer = OdpDataSource(options).writer(StructType(), overwrite=False)
    (tmp_path / "r").mkdir()
    outcome = Outcome(STREAM, 0, Progress(rejected=1), rejects=str(tmp_path / "elsewhere" / "file"))
    with pytest.raises(LoadError, match="a directory that all machines share"):
        writer.commit([outcome])
    writer.abort([outcome])  # as Spark does then
    [report] = told(tmp_path / "report")
    assert "a directory that all machines share" in report["stopped"]
