"""The rejects of a job: a file for each task that had any, and none twice, however often Spark ran the task.

An attempt writes into a file of its own, in a folder of its run whose name begins with ``_``, which Spark's readers
pass over. When the job ends, the files of the attempts that count are moved up, as ``part-PARTITION-RUN.jsonl``, and
the folder goes, with what others left in it. A micro-batch that a stream runs again after a crash has the same run, so
what it commits takes the place of what was there.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from ..bulk import LoadError


def attempt_file(rejects: str, run: str, partition: int, attempt: int) -> str:
    """Return where an attempt writes its rejects; its folder is made."""
    folder = Path(rejects, f"_{run}")
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / f"{partition:05}-{attempt:03}-{uuid4().hex[:8]}.jsonl")


def keep(rejects: str, run: str, files: Mapping[int, str]) -> None:
    """Keep the files of a run that count, by partition, and no others; raise LoadError where one is not there.

    To do it again does no harm.
    """
    names = {partition: f"part-{partition:05}-{run}.jsonl" for partition in files}
    missing = 0
    for partition, file in files.items():
        kept = Path(rejects, names[partition])
        try:
            Path(file).replace(kept)
        except FileNotFoundError:
            missing += not kept.exists()
    if missing:
        raise LoadError(
            f"the rejects of {missing} task{'s'[: missing != 1]} are not in {rejects}, where the driver looks:"
            " rejects must be a directory that all machines share; they are where those tasks ran"
        )
    for stale in Path(rejects).glob(f"part-*-{run}.jsonl"):
        if stale.name not in names.values():
            stale.unlink()
    shutil.rmtree(Path(rejects, f"_{run}"), ignore_errors=True)


def last_attempts(rejects: str, run: str) -> dict[int, str]:
    """Return, of each partition that has rejects in the folder of a run, the file of its last attempt."""
    return {int(file.name[:5]): str(file) for file in sorted(Path(rejects, f"_{run}").glob("*.jsonl"))}
