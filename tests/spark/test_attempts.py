"""Of the reject files that attempts leave, those that count are kept, once; no Spark runs here."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pyspark.sql.datasource", reason="PySpark 4 is not installed: pip install 'odp-dynamic[spark]'")

from odp_dynamic.bulk import LoadError
from odp_dynamic.spark._attempts import attempt_file, keep, last_attempts


def attempt(folder: Path, run: str, partition: int, number: int) -> str:
    file = attempt_file(str(folder), run, partition, number)
    Path(file).write_text(f"{partition}.{number}", encoding="utf-8")
    return file


def kept(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}


def test_files_of_other_attempts_are_gone(tmp_path: Path) -> None:
    attempt(tmp_path, "run", 0, 0)
    attempt(tmp_path, "run", 1, 0)  # of a task that is run again, and has none then
    keep(str(tmp_path), "run", {0: attempt(tmp_path, "run", 0, 1)})
    assert kept(tmp_path) == {"part-00000-run.jsonl": "0.1"}
    assert [path.name for path in tmp_path.iterdir()] == ["part-00000-run.jsonl"]


def test_two_attempts_of_one_number_are_two_files(tmp_path: Path) -> None:
    """A stage that is begun anew counts from 0 again."""
    assert attempt(tmp_path, "run", 0, 0) != attempt(tmp_path, "run", 0, 0)


def test_to_keep_again_does_no_harm(tmp_path: Path) -> None:
    files = {0: attempt(tmp_path, "run", 0, 0)}
    for _ in range(2):
        keep(str(tmp_path), "run", files)
    assert kept(tmp_path) == {"part-00000-run.jsonl": "0.0"}


def test_a_run_that_is_run_again_takes_its_own_place_and_no_others(tmp_path: Path) -> None:
    keep(str(tmp_path), "q-1", {0: attempt(tmp_path, "q-1", 0, 0), 1: attempt(tmp_path, "q-1", 1, 0)})
    keep(str(tmp_path), "q-11", {0: attempt(tmp_path, "q-11", 0, 0)})
    keep(str(tmp_path), "q-1", {1: attempt(tmp_path, "q-1", 1, 5)})
    assert kept(tmp_path) == {"part-00001-q-1.jsonl": "1.5", "part-00000-q-11.jsonl": "0.0"}


def test_the_last_attempts_are_found(tmp_path: Path) -> None:
    files = {(p, n): attempt(tmp_path, "run", p, n) for p, n in [(0, 0), (0, 1), (2, 3)]}
    assert last_attempts(str(tmp_path), "run") == {0: files[0, 1], 2: files[2, 3]}


def test_a_folder_that_is_not_shared_is_told(tmp_path: Path) -> None:
    elsewhere = attempt(tmp_path / "of-another-machine", "run", 0, 0)
    Path(elsewhere).unlink()
    (tmp_path / "here").mkdir()
    with pytest.raises(LoadError, match=r"the rejects of 1 task are not in .*a directory that all machines share"):
        keep(str(tmp_path / "here"), "run", {0: elsewhere})
