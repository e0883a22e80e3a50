"""Loading: rows a second against a bare loop that posts the same batches, memory, and what two processes gain."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import perf_counter
from typing import Any

import requests

from benchmarks.calls import KEYS, events, server
from benchmarks.measure import Row, in_turn
from odp_dynamic import Api
from odp_dynamic.bulk import bulk_load

ROWS = 50_000
BATCH = 500
ROUNDS = 5
MILLION = 1_000_000
IDS = "/data/idempotence_id"

# Prints the seconds of a load of a file, and the memory that it had at most, in kB, and before.
LOAD = """
import sys, time
from odp_dynamic import Api
from odp_dynamic.bulk import bulk_load, read_rows
def memory(): return next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
base, file = sys.argv[1:]
api = Api(base_url=base, credentials={"publicApiKey": "k"})
api.prepare("sendEvents", [])
before, begun = memory(), time.perf_counter()
report = bulk_load(api, "sendEvents", read_rows([file]), batch=500, idempotency="/data/idempotence_id",
                   journal=file + ".load")
assert report.ok, report
print(time.perf_counter() - begun, before, memory())
"""


def rows() -> Iterator[Row]:
    """Measure loads of parsed rows, and of files by processes of their own."""
    parsed = events(ROWS)
    with server() as base, Api(base_url=base, credentials=KEYS) as api, tempfile.TemporaryDirectory() as folder:
        for senders in (1, 4):
            yield _against_a_loop(api, base, parsed, senders)
        yield _journal(api, parsed * 5, Path(folder))
        yield from _files(base, Path(folder))


def _against_a_loop(api: Api, base: str, parsed: list[Any], senders: int) -> Row:
    ours, bare, ratio = in_turn(
        lambda: ROWS / _seconds_of(api, parsed, senders), lambda: ROWS / _loop(base, parsed, senders), ROUNDS
    )
    name = f"rows a second by {senders} sender{'s'[: senders != 1]}, ids on / a loop of `session.post(json=…)`"
    return Row(name, f"{ours:,.0f}/s", f"{bare:,.0f}/s", f"{ratio:.2f}", "≥ 0.85", ratio >= 0.85)


def _seconds_of(api: Api, parsed: list[Any], senders: int, journal: Path | None = None) -> float:
    begun = perf_counter()
    report = bulk_load(api, "sendEvents", parsed, batch=BATCH, senders=senders, idempotency=IDS, journal=journal)
    assert report.ok
    return perf_counter() - begun


def _loop(base: str, parsed: list[Any], threads: int) -> float:
    batches: SimpleQueue[list[Any]] = SimpleQueue()
    for first in range(0, ROWS, BATCH):
        batches.put(parsed[first : first + BATCH])

    def post() -> None:
        with requests.Session() as session:
            session.headers["x-api-key"] = KEYS["publicApiKey"]
            while True:
                try:
                    batch = batches.get_nowait()
                except Empty:
                    return
                session.post(f"{base}/events", json=batch, timeout=(5, 30)).raise_for_status()

    posting = [Thread(target=post) for _ in range(threads)]
    begun = perf_counter()
    for thread in posting:
        thread.start()
    for thread in posting:
        thread.join()
    return perf_counter() - begun


def _journal(api: Api, parsed: list[Any], folder: Path) -> Row:
    count = iter(range(1_000))
    with_journal, without, ratio = in_turn(
        lambda: _seconds_of(api, parsed, 4, folder / f"journal{next(count)}"),
        lambda: _seconds_of(api, parsed, 4),
        ROUNDS,
    )
    figures = (f"{with_journal * 1e3:.0f} ms", f"{without * 1e3:.0f} ms", f"{ratio:.2f}")
    return Row(f"{len(parsed):,} rows with a journal / without", *figures, "≤ 1.05", ratio <= 1.05)


def _files(base: str, folder: Path) -> Iterator[Row]:
    whole, halves = folder / "whole.jsonl", [folder / "a.jsonl", folder / "b.jsonl"]
    line = [f"{json.dumps(event)}\n" for event in events(1000)]
    for path, count in ((whole, MILLION), *((half, MILLION // 2) for half in halves)):
        with path.open("w", encoding="utf-8") as file:
            for _ in range(count // len(line)):
                file.writelines(line)
    [(alone, before, peak)] = _loads(base, [whole])
    grown = (peak - before) / 1024
    name = f"memory of loading {MILLION:,} rows of a file / before it, after the import"
    yield Row(name, f"{peak / 1024:.0f} MiB", f"{before / 1024:.0f} MiB", f"+{grown:.0f} MiB", "≤ +80 MiB", grown <= 80)
    together = max(seconds for seconds, *_ in _loads(base, halves))
    gained = alone / together
    figures = (f"{MILLION / together:,.0f}/s", f"{MILLION / alone:,.0f}/s", f"{gained:.2f}")
    yield Row(f"{MILLION:,} rows of files by 2 processes / by 1", *figures, "≥ 1.6", gained >= 1.6)


def _loads(base: str, files: list[Path]) -> list[tuple[float, int, int]]:
    for file in files:
        file.with_name(f"{file.name}.load").unlink(missing_ok=True)
    command = [sys.executable, "-c", LOAD, base]
    running = [subprocess.Popen([*command, str(file)], stdout=subprocess.PIPE, text=True) for file in files]
    told = [process.communicate(timeout=600)[0].split() for process in running]
    return [(float(seconds), int(before), int(peak)) for seconds, before, peak in told]
