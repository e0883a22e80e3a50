"""A process that is killed while it writes: what was answered is there, nothing is there twice, no item without its
batch."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import IO

import requests

from odp_dynamic.sandbox import Sandbox

from .conftest import in_process

SERVE = """
import sys, time
from odp_dynamic.sandbox import Sandbox
served = Sandbox(sys.argv[1]).serve()
print(served.url, flush=True)
time.sleep(60)
"""
KEY = {"x-api-key": "sandbox-private"}
WRITERS, ROUNDS, ANSWERS = 3, 3, 60


class Writer(Thread):
    """Writes a batch of two events, a profile and an object again and again; remembers what was answered."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._url = url
        self.sent: list[str] = []
        self.answered: dict[str, list[str]] = {"events": [], "profiles": [], "objects": []}

    def run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            try:
                for n in range(10_000):
                    self._write(session, f"{self.name}-{n}")
            except requests.RequestException:
                return  # it was killed

    def _write(self, session: requests.Session, mark: str) -> None:
        self.sent.append(mark)
        event = {"type": "t", "action": "a", "identifiers": {"email": self.name}}
        batch = [{**event, "data": {"page": f"{mark}-{part}"}} for part in "ab"]
        profile = {"identifiers": {"email": mark}, "attributes": {"city": mark}}
        for kind, path, body in [
            ("events", "/events", batch),
            ("profiles", "/profiles", profile),
            ("objects", "/objects/products", [{"object_id": mark, "fields": {"name": mark}}]),
        ]:
            answer = session.post(f"{self._url}{path}", json=body, headers=KEY, timeout=10)
            assert answer.status_code in {200, 202}
            self.answered[kind].append(mark)


def start(file: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(file)], stdout=subprocess.PIPE, text=True)  # ours
    stdout: IO[str] = process.stdout  # type: ignore[assignment]  # it is piped
    return process, stdout.readline().strip()


def write_and_kill(file: Path, round_: int) -> list[Writer]:
    """Let several writers write, and kill the server in the midst of it."""
    process, url = start(file)
    with process:
        writers = [Writer(url, f"{round_}-{n}") for n in range(WRITERS)]
        for writer in writers:
            writer.start()
        ends = time.monotonic() + 10
        while sum(len(writer.answered["objects"]) for writer in writers) < ANSWERS and time.monotonic() < ends:
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
        for writer in writers:
            writer.join(10)
    return writers


def test_a_killed_process_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    file = tmp_path / "odp.db"
    writers = [writer for round_ in range(ROUNDS) for writer in write_and_kill(file, round_)]
    assert sum(len(writer.answered["events"]) for writer in writers) >= ROUNDS * ANSWERS
    with Sandbox(file) as sandbox:
        ask = in_process(sandbox)
        for writer in writers:
            for mark in writer.answered["profiles"][-3:]:
                assert ask("GET", f"/profiles/email/{mark}").data["city"] == mark
            for mark in writer.answered["objects"][-3:]:
                assert ask("GET", f"/objects/products/{mark}").data["fields"] == {"name": mark}
    with closing(sqlite3.connect(file)) as db:
        pages = [json.loads(data)["page"] for (data,) in db.execute("SELECT data FROM events")]
        emails = [value for (value,) in db.execute("SELECT value FROM identifiers WHERE field = 'email'")]
        products = [key for (key,) in db.execute("SELECT id FROM objects")]
        numbers = db.execute("SELECT count(DISTINCT seen), max(number) FROM identifiers, writes").fetchone()
        [verdict] = db.execute("PRAGMA integrity_check").fetchone()
    assert verdict == "ok"
    assert len(pages) == len(set(pages))
    assert len(emails) == len(set(emails))
    assert numbers[0] <= numbers[1]
    for writer in writers:
        answered = writer.answered
        assert {f"{mark}-{part}" for mark in answered["events"] for part in "ab"} <= set(pages)
        assert set(answered["profiles"]) <= set(emails)
        assert set(answered["objects"]) <= set(products)
        # What was in flight is there or not, but whole; and there is nothing else.
        mine = [page for page in pages if page.startswith(f"{writer.name}-")]
        assert len(mine) % 2 == 0
        assert len(mine) // 2 - len(answered["events"]) in {0, 1}
        assert {page.rpartition("-")[0] for page in mine} <= set(writer.sent)
