"""A load that is killed again and again ends with every row stored once or rejected: none lost, none there twice."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic.sandbox import Fault, Sandbox

BAD = 0.01  # of the rows


def events(path: Path, count: int, dice: random.Random) -> list[int]:
    """Write events, some of them bad, and return the lines of the bad ones."""
    bad: list[int] = []
    with path.open("w", encoding="utf-8") as file:
        for n in range(count):
            row: dict[str, Any] = {
                "type": "order",
                "action": "purchase",
                "identifiers": {"email": f"c{n % 97}@example.com"},
            }
            row["data"] = {"order": {"order_id": f"o-{n}"}}
            if dice.random() < BAD:
                row[dice.choice(["type", "action"])] = 5
                bad.append(n + 1)
            file.write(f"{json.dumps(row)}\n")
    return bad


def faults() -> list[Fault]:
    """Return what goes wrong beside the kills: limits, outages, resets, answers cut short after the work was done."""
    some = partial(Fault, operation="sendEvents", seed=7)
    return [
        some(status=429, retry_after=0, probability=0.05),
        some(status=503, probability=0.05),
        some(kind="reset", probability=0.03),
        some(kind="cut", probability=0.03),
    ]


def crash(folder: Path, count: int, kills: int, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # not a secret
    bad = events(folder / "events.jsonl", count, dice)
    with Sandbox(folder / "odp.db", referee="off") as sandbox, sandbox.serve() as served:
        sandbox.faults.add(*faults())
        command = [sys.executable, "-m", "tests.bulk.loading", served.url, str(folder)]
        killed = 0
        for _ in range(20 * kills + 100):
            with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
                if killed < kills:
                    assert process.stdout is not None
                    process.stdout.readline()  # it has begun
                    time.sleep(dice.uniform(0, 0.2))
                    killed += process.poll() is None
                    process.kill()
                if process.wait(timeout=120) == 0:
                    break
        else:
            pytest.fail("the load never ended")
    with closing(sqlite3.connect(folder / "odp.db")) as db:
        stored = [json.loads(data)["order"]["order_id"] for (data,) in db.execute("SELECT data FROM events")]
    rejected = [json.loads(line)["line"] for line in (folder / "rejects").read_text(encoding="utf-8").splitlines()]
    assert sorted(rejected) == bad
    assert sorted(stored) == sorted(f"o-{n}" for n in range(count) if n + 1 not in set(bad))
    assert killed == kills


def test_killed_a_few_times(tmp_path: Path) -> None:
    crash(tmp_path, 4_000, kills=3, seed=1)


@pytest.mark.long
def test_killed_fifty_times(tmp_path: Path) -> None:
    crash(tmp_path, 20_000, kills=50, seed=2)
