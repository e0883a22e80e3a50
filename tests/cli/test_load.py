"""`odp load`: files into an operation; what became of every row is told, and what to do next."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic.sandbox import Fault, Sandbox

from .conftest import Odp, clean_environment

EVENT = {"type": "order", "action": "purchase", "identifiers": {"email": "ada@example.com"}}
IDS = ("--ids", "/data/idempotence_id")


@pytest.fixture
def served() -> Iterator[tuple[Sandbox, dict[str, str]]]:
    """Give a sandbox on loopback, and the environment in which odp reaches it."""
    with Sandbox() as sandbox, sandbox.serve() as handle:
        keys = {"ODP_PUBLIC_API_KEY": sandbox.public_key, "ODP_PRIVATE_API_KEY": sandbox.private_key}
        yield sandbox, {"ODP_BASE_URL": handle.url, **keys}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def events(path: Path, count: int, bad: tuple[int, ...] = ()) -> None:
    lines = [json.dumps({**EVENT, "data": {"n": n}, **({"type": 5} if n in bad else {})}) for n in range(count)]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def stored(sandbox: Sandbox) -> int:
    return sum(outcome.became == "stored" for entry in sandbox.journal for outcome in entry.outcomes)


def test_rows_are_stored_and_bad_ones_go_to_the_reject_file(odp: Odp, served: Any, folder: Path) -> None:
    sandbox, environment = served
    events(folder / "e.jsonl", 50, bad=(6, 30))
    ran = odp("--text", "load", "e.jsonl", "--to", "sendEvents", **environment)
    assert ran.exit_code == 1
    assert "48 rows accepted" in ran.stdout
    assert "2 rows rejected: see e.jsonl.rejects.jsonl" in ran.stdout
    assert "2  /type: must be a string, not an integer  lines 7, 31" in ran.stdout
    assert stored(sandbox) == 48
    told = [json.loads(line) for line in (folder / "e.jsonl.rejects.jsonl").read_text().splitlines()]
    assert [(one["file"], one["line"]) for one in told] == [("e.jsonl", 7), ("e.jsonl", 31)]


def test_in_a_pipe_it_is_json(odp: Odp, served: Any, folder: Path) -> None:
    events(folder / "e.jsonl", 5, bad=(1,))
    told = json.loads(odp("load", "e.jsonl", "--to", "sendEvents", **served[1]).stdout)
    assert (told["read"], told["in_all"]["acknowledged"], told["ok"]) == (5, 4, False)
    assert told["kinds"] == [
        {"kind": "/type: must be a string, not an integer", "rows": 1, "examples": [["e.jsonl", 2]]}
    ]


def test_a_check_needs_neither_key_nor_network_and_leaves_nothing_behind(odp: Odp, folder: Path) -> None:
    events(folder / "e.jsonl", 5)
    ran = odp("--text", "load", "e.jsonl", "--to", "sendEvents", "--check")
    assert (ran.exit_code, "5 rows valid" in ran.stdout, os.listdir()) == (0, True, ["e.jsonl"])  # noqa: PTH208


def test_a_check_of_calls_needs_neither(odp: Odp, folder: Path) -> None:
    (folder / "p.csv").write_text("Mail,attributes.city\nada@example.com,London\n")
    ran = odp("load", "p.csv", "--to", "upsertProfile", "--map", "identifiers.email=Mail", "--check")
    assert (ran.exit_code, json.loads(ran.stdout)["valid"]) == (0, 1), ran.output


def test_what_an_embedded_sandbox_made_of_rows_is_told(odp: Odp, folder: Path) -> None:
    """A service's answer says that they were accepted, and no more."""
    events(folder / "e.jsonl", 3)
    with (folder / "e.jsonl").open("a") as file:
        file.write('{"type": "order", "action": "purchase"}\n')
    ran = odp("--text", "load", "e.jsonl", "--to", "sendEvents", "--sandbox=s.db")
    told = "4 rows accepted\n      3  ignored: data.n: events have no such field\n      1  dropped: an event without"
    assert told in ran.stdout
    (folder / "e.jsonl.load").unlink()
    told = json.loads(odp("load", "e.jsonl", "--to", "sendEvents", "--sandbox=s.db", "--ids", "none").stdout)
    assert (told["acknowledged"], told["sandbox"]) == (4, {"stored": 3, "dropped": 1, "ignored": 3})


def test_what_a_server_refuses_is_told_with_its_status(odp: Odp, foreign_server: Any, folder: Path) -> None:
    (folder / "p.json").write_text('[{"identifiers": {"email": "ada@example.com"}}]')
    base = foreign_server(422, b'{"title": "no"}')
    keys = {"ODP_BASE_URL": base, "ODP_PUBLIC_API_KEY": "k", "ODP_PRIVATE_API_KEY": "k"}
    ran = odp("--text", "load", "p.json", "--to", "upsertProfile", **keys)
    assert "1  the server refused it with 422, for a reason of its own: see the reject  line 1" in ran.stdout
    assert json.loads((folder / "p.json.rejects.jsonl").read_text())["status"] == 422
    ran = odp("--text", "load", "-", "--to", "upsertProfile", stdin=(folder / "p.json").read_text(), **keys)
    assert "1 row rejected; --rejects FILE keeps them, and why" in ran.stdout


def test_batches_and_ids_are_those_that_the_document_asks_for(odp: Odp, served: Any, folder: Path) -> None:
    """ODP's own has 500 items a batch, and a place for ids, by which one that is sent again is known."""
    sandbox, environment = served
    events(folder / "e.jsonl", 1_201)
    ran = odp("load", "e.jsonl", "--to", "sendEvents", "--senders", "1", **environment)
    assert ran.exit_code == 0, ran.stderr
    sizes = [sum(outcome.became == "stored" for outcome in entry.outcomes) for entry in sandbox.journal]
    assert sizes == [500, 500, 201]
    (folder / "e.jsonl.load").unlink()
    odp("load", "e.jsonl", "--to", "sendEvents", **environment)
    assert sum(outcome.became == "dropped" for entry in sandbox.journal for outcome in entry.outcomes) == 1_201
    assert stored(sandbox) == 1_201


def test_a_table_and_a_mapping(odp: Odp, served: Any, folder: Path) -> None:
    (folder / "p.csv").write_text("Mail,attributes.first_name\nada@example.com,Ada\n")
    ran = odp("load", "p.csv", "--to", "upsertProfile", "--map", "identifiers.email=Mail", **served[1])
    assert ran.exit_code == 0
    found = served[0].api().call("getProfile", identifier_field="email", identifier_value="ada@example.com")
    assert found["first_name"] == "Ada"


def test_a_layout_and_a_parameter(odp: Odp, served: Any, folder: Path) -> None:
    (folder / "p.csv").write_text("product_id,name\nP-1,Chair\n")
    words = ("--to", "upsertObjects", "--with", "object_type=products", "--layout", "zaius_products")
    ran = odp("--text", "load", "p.csv", *words, **served[1])
    assert ran.exit_code == 0, ran.output


def test_standard_input_is_a_dash(odp: Odp, served: Any, folder: Path) -> None:
    ran = odp("load", "-", "--to", "sendEvents", stdin=json.dumps(EVENT) + "\n", **served[1])
    assert (ran.exit_code, stored(served[0]), os.listdir(folder)) == (0, 1, [])  # noqa: PTH208


class TestNextTime:
    """A load that ended is not begun again by accident, and goes on where it ended."""

    def test_a_file_is_not_loaded_twice_unless_that_is_meant(self, odp: Odp, served: Any, folder: Path) -> None:
        events(folder / "e.jsonl", 5)
        words = ("load", "e.jsonl", "--to", "sendEvents")
        odp(*words, **served[1])
        again = odp(*words, **served[1])
        assert (again.exit_code, "go on with --resume, or remove the file" in again.stderr) == (2, True)
        resumed = odp(*words, "--resume", **served[1])
        assert (resumed.exit_code, json.loads(resumed.stdout)["done_before"], stored(served[0])) == (0, 5, 5)

    def test_what_was_rejected_before_counts(self, odp: Odp, served: Any, folder: Path) -> None:
        events(folder / "e.jsonl", 5, bad=(2,))
        words = ("--text", "load", "e.jsonl", "--to", "sendEvents")
        odp(*words, **served[1])
        ran = odp(*words, "--resume", **served[1])
        assert (ran.exit_code, "1 row rejected" in ran.stdout, "4 rows accepted" in ran.stdout) == (1, True, True)

    def test_a_changed_file_is_another_load(self, odp: Odp, served: Any, folder: Path) -> None:
        events(folder / "e.jsonl", 5)
        words = ("load", "e.jsonl", "--to", "sendEvents")
        odp(*words, **served[1])
        events(folder / "e.jsonl", 6)
        ran = odp(*words, "--resume", **served[1])
        assert (ran.exit_code, "is of another load: its sources differ" in ran.stderr) == (2, True)

    def test_it_is_not_gone_on_with_while_it_runs(self, odp: Odp, served: Any, folder: Path) -> None:
        sandbox, environment = served
        events(folder / "e.jsonl", 400)
        sandbox.faults.add(Fault(operation="sendEvents", delay=0.3))
        words = ("load", "e.jsonl", "--to", "sendEvents", "--batch", "20", "--ids", "none")
        with subprocess.Popen(
            [sys.executable, "-m", "odp_dynamic", *words], env=clean_environment(**environment), stdout=subprocess.PIPE
        ) as process:
            while not sandbox.journal and process.poll() is None:
                time.sleep(0.01)
            ran = odp(*words, "--resume", **environment)
            process.communicate(timeout=30)
        assert (ran.exit_code, "e.jsonl.load is in use by a load that is running" in ran.stderr) == (2, True)
        assert (process.returncode, stored(sandbox)) == (0, 400)

    def test_there_must_be_something_to_go_on_from(self, odp: Odp, served: Any, folder: Path) -> None:
        events(folder / "e.jsonl", 5)
        ran = odp("load", "e.jsonl", "--to", "sendEvents", "--resume", **served[1])
        assert (ran.exit_code, "no journal to go on from at e.jsonl.load" in ran.stderr) == (2, True)

    @pytest.mark.parametrize(("number", "why"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "terminated")])
    def test_a_signal_finishes_what_is_under_way_and_says_how_to_go_on(
        self, served: Any, folder: Path, number: int, why: str
    ) -> None:
        sandbox, environment = served
        events(folder / "e.jsonl", 2_000)
        sandbox.faults.add(Fault(operation="sendEvents", delay=0.05))
        command = [sys.executable, "-m", "odp_dynamic", "--text", "load", "e.jsonl", "--to", "sendEvents", *IDS]
        command += ["--batch", "20"]
        with subprocess.Popen(
            command, env=clean_environment(**environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            while len(sandbox.journal) < 5 and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(number)
            out, words = process.communicate(timeout=30)
        assert process.returncode == 128 + number, words
        assert f"Stopped: {why}\n  --resume goes on from e.jsonl.load" in words
        assert "Traceback" not in words
        before = stored(sandbox)
        assert f"{before:,} rows accepted" in out
        sandbox.faults.clear()
        subprocess.run([*command, "--resume"], env=clean_environment(**environment), check=True, capture_output=True)
        assert stored(sandbox) == 2_000

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    @pytest.mark.parametrize(
        ("outage", "after", "said"),
        [(1, 20, "Stopped: "), (30, 0, "Stopped at once: what was under way is not settled\n")],
        ids=["settled", "an outage"],
    )
    def test_a_signal_is_heard_when_all_is_read_and_a_second_one_waits_for_nothing(
        self, served: Any, folder: Path, *, outage: int, after: int, said: str, number: int
    ) -> None:
        sandbox, environment = served
        events(folder / "e.jsonl", 20)
        sandbox.faults.add(Fault(operation="sendEvents", status=503, retry_after=outage, times=1))
        command = [sys.executable, "-m", "odp_dynamic", "load", "e.jsonl", "--to", "sendEvents", *IDS]
        with subprocess.Popen(
            command, env=clean_environment(**environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            while not sandbox.journal and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(number)
            if not after:
                time.sleep(0.5)
                process.send_signal(number)
            _, words = process.communicate(timeout=20)
        assert (process.returncode, stored(sandbox)) == (128 + number, after), words
        assert said in words
        assert "\n  --resume goes on from e.jsonl.load" in words
        subprocess.run([*command, "--resume"], env=clean_environment(**environment), check=True, capture_output=True)
        assert stored(sandbox) == 20


class TestMistakes:
    """Each ends with a sentence that says what to do."""

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (("nothere.csv", "--to", "sendEvents"), 2, "nothere.csv: there is no such file; check the path"),
            (("e.jsonl", "--to", "sendEvent"), 2, "did you mean 'sendEvents'?"),
            (("e.jsonl", "--to", "getProfile"), 2, "getProfile takes no JSON body, so there is nothing to load"),
            (("e.jsonl", "--to", "upsertObjects"), 3, "path.object_type: is required and missing"),
            (("e.jsonl", "--to", "sendEvents", "--ids", "data"), 2, "--ids is a JSON pointer into a row"),
            (("e.jsonl", "--to", "sendEvents", "--layout", "zaius_event"), 2, "zaius_events"),
            (("e.jsonl", "--to", "sendEvents", "--map", "words"), 2, "words"),
            (("e.jsonl", "--to", "sendEvents", "--batch", "501"), 2, "batch is at most 500 here"),
            (("e.jsonl", "--to", "sendEvents", "--resend-doubtful"), 2, "set resume too"),
            (("e.jsonl", "--to", "sendEvents", "--with", "x"), 2, "--with is told as NAME=VALUE (or NAME:=JSON)"),
            (("e.jsonl", "--to", "sendEvents", "--rejects", "./e.jsonl"), 2, "./e.jsonl is read"),
            (("e.jsonl", "--to", "sendEvents", "--rejects", "no/r"), 2, "no/r cannot be written: No such file"),
            (("e.jsonl",), 2, "--to"),
        ],
        ids=lambda words: " ".join(words) if isinstance(words, tuple) else None,
    )
    def test_of_words(self, odp: Odp, served: Any, folder: Path, *, words: Any, code: int, said: str) -> None:
        """Nothing is sent and nothing written, and a check finds the same."""
        events(folder / "e.jsonl", 2)
        before = (folder / "e.jsonl").read_bytes()
        for more in ((), ("--check",)):
            ran = odp("load", *words, *more, **served[1])
            assert (ran.exit_code, said in ran.stderr) == (code, True), ran.stderr
        assert (stored(served[0]), os.listdir(folder)) == (0, ["e.jsonl"])  # noqa: PTH208
        assert (folder / "e.jsonl").read_bytes() == before

    def test_a_missing_key_is_told_before_anything_is_read(self, odp: Odp, folder: Path) -> None:
        events(folder / "e.jsonl", 2)
        ran = odp("load", "e.jsonl", "--to", "sendEvents")
        assert (ran.exit_code, "ODP_PUBLIC_API_KEY" in ran.stderr) == (3, True)

    def test_a_service_that_is_not_there_is_tried_for_as_long_as_wanted(self, odp: Odp, folder: Path) -> None:
        events(folder / "e.jsonl", 2)
        environment = {"ODP_BASE_URL": "http://127.0.0.1:9", "ODP_PUBLIC_API_KEY": "k"}
        begun = time.monotonic()
        ran = odp("load", "e.jsonl", "--to", "sendEvents", "--patience", "0.3", *IDS, **environment)
        assert (ran.exit_code, time.monotonic() - begun < 5) == (5, True)
        assert "--resume goes on from e.jsonl.load" in ran.stderr

    def test_fail_fast_ends_with_the_first_bad_row(self, odp: Odp, served: Any, folder: Path) -> None:
        events(folder / "e.jsonl", 500, bad=(3, 5))
        ran = odp("load", "e.jsonl", "--to", "sendEvents", "--fail-fast", **served[1])
        assert (ran.exit_code, stored(served[0])) == (1, 3)
        assert "Stopped: a row was rejected\n" in ran.stderr
        assert (json.loads(ran.stdout)["read"], json.loads(ran.stdout)["rejected"]) == (4, 1)

    def test_an_input_that_breaks_off_loses_nothing_before_it(self, odp: Odp, served: Any, folder: Path) -> None:
        import gzip

        whole = gzip.compress("\n".join(json.dumps({**EVENT, "data": {"n": n}}) for n in range(2_000)).encode())
        (folder / "e.jsonl.gz").write_bytes(whole[: len(whole) // 2])
        ran = odp("load", "e.jsonl.gz", "--to", "sendEvents", **served[1])
        assert (ran.exit_code, "Traceback" not in ran.output) == (2, True)
        assert 0 < stored(served[0]) < 2_000


def test_on_a_terminal_it_shows_how_far_it_is(served: Any, folder: Path) -> None:
    sandbox, environment = served
    events(folder / "e.jsonl", 400)
    sandbox.faults.add(Fault(operation="sendEvents", delay=0.1))
    text = on_a_terminal(environment)
    assert "rows read · " in text
    assert "/s" in text
    assert "s left" in text


def test_on_a_terminal_it_shows_why_it_waits(served: Any, folder: Path) -> None:
    sandbox, environment = served
    events(folder / "e.jsonl", 20)
    sandbox.faults.add(Fault(operation="sendEvents", status=503, retry_after=2, times=1))
    text = on_a_terminal(environment)
    assert "20 rows read · 0 accepted · 0 rejected · 0/s · waited 2 s (503)\r" in text


def test_on_a_terminal_it_counts_what_was_done_before(odp: Odp, served: Any, folder: Path) -> None:
    sandbox, environment = served
    events(folder / "e.jsonl", 400, bad=(300,))
    odp("load", "e.jsonl", "--to", "sendEvents", "--fail-fast", **environment)
    sandbox.faults.add(Fault(operation="sendEvents", delay=0.3))
    shares = re.findall(r"(\d+)%", on_a_terminal(environment, "--resume", "--senders", "1", ends=1))
    assert shares
    assert min(map(int, shares)) >= 75


def test_on_a_terminal_a_check_tells_what_is_valid_and_how_fast_it_reads(folder: Path) -> None:
    """The rows come from a pipe that stays open for a second."""
    events(folder / "e.jsonl", 400, bad=(1,))
    text = on_a_terminal({}, "--check", slowly=(folder / "e.jsonl").read_bytes(), ends=1)
    [rate, *_] = re.findall(r"400 rows read · 399 valid · 1 rejected · (\d+)/s", text)
    assert int(rate) > 100


def on_a_terminal(environment: dict[str, str], *more: str, slowly: bytes = b"", ends: int = 0) -> str:
    """Return what a load writes to the terminal that it is run on; what is given `slowly` is its standard input."""
    near, far = pty.openpty()
    command = [sys.executable, "-m", "odp_dynamic", "load", "-" if slowly else "e.jsonl", "--to", "sendEvents"]
    with subprocess.Popen(
        [*command, "--batch", "20", *more],
        env=clean_environment(TERM="xterm", **environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=far,
    ) as process:
        os.close(far)
        assert process.stdin is not None
        process.stdin.write(slowly)
        process.stdin.flush()
        time.sleep(2 if slowly else 0)
        process.stdin.close()
        shown = b""
        while True:
            try:
                piece = os.read(near, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        process.wait(timeout=30)
    os.close(near)
    assert process.returncode == ends
    return shown.decode(errors="replace")
