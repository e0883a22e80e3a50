"""The ledger: its sums, its bounds, its file, and how an Api keeps one."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odp_dynamic import Api, InvalidResponse, NotAuthorized
from odp_dynamic.drift import Ledger, LedgerError, findings, propose
from odp_dynamic.drift._files import add_to
from odp_dynamic.drift._tallies import BOUNDS, Bounds, Count, Entry, Tally
from tests.apis import answering, client, one, status
from tests.drifting import Answer, document_of, drift_of, line, replayed, source_of

A_STRING = {"type": "object", "properties": {"a": {"type": "string"}}}
SOURCE = source_of({"schema": A_STRING})

_PLACES = st.lists(st.sampled_from(["a", "b", "c", "d", "*"]), max_size=3).map(
    lambda names: "".join(f"/{n}" for n in names)
)
_ENTRIES = st.builds(
    Entry,
    st.sampled_from(["200", "404"]),
    st.sampled_from(["", "application/json"]),
    _PLACES,
    st.sampled_from(["answer", "seen", "field", "rule"]),
    st.sampled_from(["", "new", "enum"]),
    st.sampled_from(["", "string"]),
)
_COUNTS = st.builds(Count, st.integers(1, 9), st.integers(0, 5), st.integers(5, 9))


def _with_seen(entries: dict[Entry, Count]) -> dict[Entry, Count]:
    """Return entries as looking gives them: what is in something new comes with it."""
    whole = dict(entries)
    for entry, count in entries.items():
        if entry.kind == "seen" and entry.detail == "new":
            while (entry := entry._replace(place=entry.place.rpartition("/")[0])).place:
                whole.setdefault(entry, count)
    return whole


_LEDGERS = st.dictionaries(
    st.sampled_from(["it", "other", "third"]),
    st.dictionaries(_ENTRIES, _COUNTS, max_size=12).map(_with_seen),
    max_size=3,
)


SMALL = Bounds(entries=8, names=2, operations=2)


def _ledger(told: dict[str, dict[Entry, Count]]) -> Ledger:
    ledger = Ledger(bounds=SMALL)
    for name, entries in told.items():
        tally = Tally(bounds=SMALL)
        tally.add(entries)
        ledger._tallies[name] = tally  # noqa: SLF001  # made of its parts
    return Ledger(bounds=SMALL).merge(ledger)


class TestSums:
    """Within the bounds and beyond them: the bounds are small here, so that they count."""

    @settings(deadline=None)
    @given(_LEDGERS, _LEDGERS, _LEDGERS)
    def test_a_sum_does_not_hang_on_the_order(self, a: Any, b: Any, c: Any) -> None:
        one, two, three = map(_ledger, (a, b, c))
        assert one.merge(two) == two.merge(one)
        assert one.merge(two).merge(three) == one.merge(two.merge(three))
        assert one.merge(Ledger()) == one
        for tally in one.merge(two).merge(three).tallies.values():
            assert len(tally.entries) <= SMALL.entries
        assert len(one.merge(two).merge(three).tallies) <= SMALL.operations

    @settings(max_examples=30, deadline=None)
    @given(
        st.lists(
            st.tuples(st.booleans(), st.dictionaries(st.sampled_from("abc"), st.none() | st.just("x"))), max_size=6
        )
    )
    def test_it_makes_no_difference_which_ledger_saw_an_answer(self, seen: list[tuple[bool, Any]]) -> None:
        def ledger_of(answers: list[Any]) -> Ledger:
            return drift_of(SOURCE, [Answer(told) for told in answers] or [Answer({})], clock=lambda: 7)[0]

        halves = [[told for which, told in seen if which is half] or [{}] for half in (True, False)]
        whole = ledger_of([*halves[0], *halves[1]])
        assert ledger_of(halves[0]).merge(ledger_of(halves[1])) == whole


class TestBounds:
    def test_undeclared_names_of_one_object_are_bounded_and_proposed_as_a_map(self) -> None:
        answers = [Answer({f"n{number:x}": number}) for number in range(300)]
        ledger, api = drift_of(SOURCE, answers)
        assert len(findings(ledger)) == BOUNDS.names
        assert ledger.tallies["it"].more > 0
        assert replayed(SOURCE, answers, propose(ledger, document_of(api))) == ([], [])

    def test_entries_of_an_operation_are_bounded(self) -> None:
        nested = {f"n{outer}": {f"m{inner}": outer for inner in range(50)} for outer in range(90)}
        ledger, _ = drift_of(SOURCE, [Answer(nested), Answer({"a": 1}), Answer({"status": 500})])
        assert len(ledger.tallies["it"].entries) == BOUNDS.entries
        assert Answer(nested).content not in json.dumps(ledger.to_json()).encode()

    def test_a_servers_statuses_and_content_types_are_bounded(self) -> None:
        answers = [Answer({"type": f"text/x{number}x", "raw": "x"}) for number in range(3000)]
        ledger, _ = drift_of(SOURCE, answers)
        assert len(ledger.tallies["it"].entries) <= BOUNDS.entries
        assert len(ledger._looks) <= 2000  # noqa: SLF001  # what it keeps beside the tallies

    def test_a_body_nested_without_end_ends(self) -> None:
        source = source_of({"schema": {"$ref": "#/components/schemas/Tree"}})
        source["components"]["schemas"]["Tree"] = {
            "type": "object",
            "properties": {"t": {"$ref": "#/components/schemas/Tree"}},
        }
        deep: Any = {"x": 1}
        for _ in range(200):
            deep = {"t": deep}
        ledger, _ = drift_of(source, [Answer(deep), Answer({"t": {"x": 1}})])
        assert [line(finding) for finding in findings(ledger)] == ["200 application/json /t/x field integer 1/2"]


class TestOfAnApi:
    def test_it_collects_whatever_becomes_of_the_answer(self) -> None:
        ledger = Ledger()
        api, _ = client(SOURCE, status(200, {"a": 1}), drift=ledger)
        with pytest.raises(InvalidResponse):
            api.call("it")
        assert api.using(responses="record").request("it").problems
        assert api.using(responses="ignore").request("it").problems == ()
        with pytest.warns(UserWarning, match="/a"):
            api.using(responses="warn").call("it")
        assert [finding.times for finding in findings(ledger)] == [4]

    def test_refusals_are_collected_before_they_are_raised(self) -> None:
        api, _ = client(SOURCE, status(403, {"message": "no"}), drift=(ledger := Ledger()))
        with pytest.raises(NotAuthorized):
            api.call("it")
        assert [finding.kind for finding in findings(ledger)] == ["status"]

    def test_without_one_there_is_none(self) -> None:
        assert client(SOURCE)[0].drift is None
        assert client(SOURCE, drift="", responses="record")[0].using(responses="record").drift is None

    @pytest.mark.parametrize("is_a_copy", [False, True])
    def test_recording_alone_collects_in_memory(self, is_a_copy: bool) -> None:  # noqa: FBT001  # a parameter
        api, _ = client(SOURCE, status(200, {"a": 1}), responses="raise" if is_a_copy else "record")
        recording = api.using(responses="record") if is_a_copy else api
        recording.call("it")
        assert recording.drift is not None
        assert recording.drift.path is None
        assert [finding.times for finding in findings(recording.drift)] == [1]

    def test_it_is_written_once_a_minute_while_answers_come(self, tmp_path: Path) -> None:
        now = [0.0]
        ledger = Ledger(tmp_path / "d.json", clock=lambda: now[0])
        api, _ = client(SOURCE, status(200, {"a": 1}), responses="record", drift=ledger)
        for now[0], there in ((59.0, False), (60.0, True)):
            api.call("it")
            assert (tmp_path / "d.json").exists() is there

    def test_a_variable_names_its_file_and_nothing_but_an_argument_wins(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ODP_DRIFT", str(tmp_path / "drift.json"))
        api, _ = client(SOURCE, status(200, {"a": 1}), responses="record")
        with api:
            api.call("it")
        assert len(findings(Ledger(tmp_path / "drift.json"))) == 1
        assert client(SOURCE, drift="")[0].drift is None

    def test_odp_toml_names_one_beside_itself(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "odp.toml").write_text('[env.live]\ndrift = "drift.json"\n[env.bad]\ndrift = 1\n', "utf-8")
        monkeypatch.chdir(tmp_path)
        ledger = client(SOURCE, environment="live")[0].drift
        assert ledger is not None
        assert ledger.path == tmp_path / "drift.json"
        with pytest.raises(ValueError, match=r"env\.bad\.drift must be the path of a file"):
            Api(environment="bad")

    def test_copies_share_it_and_may_have_another(self) -> None:
        api, _ = client(SOURCE, drift=(ledger := Ledger()))
        assert api.using(timeout=1).drift is ledger
        other = api.using(drift=Ledger()).drift
        assert other is not None
        assert other is not ledger

    def test_threads_lose_no_answer(self) -> None:
        api, _ = client(SOURCE, status(200, {"a": 1, "b": 2}), responses="record", drift=(ledger := Ledger()))
        threads = [threading.Thread(target=lambda: [api.call("it") for _ in range(100)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {finding.times for finding in findings(ledger)} == {800}

    def test_of_clean_answers_all_are_counted_and_some_are_looked_through(self) -> None:
        ledger, _ = drift_of(SOURCE, [Answer({"a": "x"})] * 1000)
        counts = {entry.kind: count.times for entry, count in ledger.tallies["it"].entries.items() if not entry.place}
        assert (counts["answer"], counts["looked"]) == (1000, 109)


class TestFile:
    def test_it_is_added_to(self, tmp_path: Path) -> None:
        for _ in range(2):
            ledger = Ledger(tmp_path / "d.json")
            api, _ = client(SOURCE, status(200, {"a": 1}), responses="record", drift=ledger)
            with api:
                api.call("it")
                assert ledger.tallies
        assert [finding.times for finding in findings(Ledger(tmp_path / "d.json"))] == [2]
        assert stat.S_IMODE((tmp_path / "d.json").stat().st_mode) == 0o600

    def test_it_comes_back_as_it_was(self, tmp_path: Path) -> None:
        ledger, _ = drift_of(SOURCE, [Answer({"a": 1, "b": {"c": []}}), Answer({"status": 403})])
        add_to(tmp_path / "d.json", ledger.tallies)
        assert Ledger(tmp_path / "d.json") == ledger == Ledger.of_json(json.loads(json.dumps(ledger.to_json())))

    def test_it_is_written_when_a_process_ends_without_closing(self, tmp_path: Path) -> None:
        code = (
            "import sys; from tests.apis import *; from tests.drifting import source_of\n"
            f"api, _ = client(source_of({{'schema': {A_STRING!r}}}), status(200, {{'a': 1}}),"
            " responses='record', drift=sys.argv[1])\napi.call('it')"
        )
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "d.json")], check=True, timeout=60)
        assert len(findings(Ledger(tmp_path / "d.json"))) == 1

    def test_several_processes_write_one_file(self, tmp_path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        workers = [context.Process(target=_save_often, args=(tmp_path / "d.json",)) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert [worker.exitcode for worker in workers] == [0, 0, 0]
        assert [finding.times for finding in findings(Ledger(tmp_path / "d.json"))] == [60]

    def test_a_process_killed_at_any_moment_leaves_a_whole_file(self, tmp_path: Path) -> None:
        path = tmp_path / "d.json"
        worker = multiprocessing.get_context("spawn").Process(target=_save_often, args=(path, 100_000))
        worker.start()
        deadline = time.monotonic() + 30
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1)
        assert worker.pid
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(30)
        (before,) = findings(Ledger(path))
        _save_often(path, 1)  # the lock of the dead is nobody's
        assert [finding.times for finding in findings(Ledger(path))] == [before.times + 1]

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
    def test_a_fork_saves_only_its_own(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "d.json")
        api, _ = client(SOURCE, status(200, {"a": 1}), responses="record", drift=ledger)
        api.call("it")
        child = multiprocessing.get_context("fork").Process(target=api.close)
        child.start()
        child.join(30)
        api.close()
        assert [finding.times for finding in findings(ledger)] == [1]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("{", "is no JSON"),
            ("[" * 100_000, "is no JSON"),
            ("[]", "is no drift ledger"),
            ('{"drift": 2, "operations": {}}', "another version"),
            (
                '{"drift": 1, "operations": {"it": {"more": 0, "entries": [{"status": "canary"}]}}}',
                "is no drift ledger",
            ),
            ('{"drift": 1, "operations": {"it": {"more": -1, "entries": []}}}', "is no drift ledger"),
        ],
    )
    def test_a_file_that_is_none_is_told_at_once_and_left_alone(self, tmp_path: Path, content: str, said: str) -> None:
        (tmp_path / "d.json").write_text(content, "utf-8")
        with pytest.raises(LedgerError, match=said) as raised:
            Api(drift=tmp_path / "d.json")
        assert "canary" not in str(raised.value)
        assert (tmp_path / "d.json").read_text("utf-8") == content

    def test_what_cannot_be_saved_is_kept_for_the_next_time(self, tmp_path: Path) -> None:
        ledger = Ledger(tmp_path / "d.json")
        api, _ = client(SOURCE, status(200, {"a": 1}), responses="record", drift=ledger)
        api.call("it")
        (tmp_path / "d.json").write_text("{", "utf-8")
        with pytest.raises(LedgerError):
            ledger.save()
        (tmp_path / "d.json").unlink()
        ledger.save()
        assert [finding.times for finding in findings(ledger)] == [1]

    def test_it_pickles_as_its_path_and_another_with_what_it_holds(self, tmp_path: Path) -> None:
        assert pickle.loads(pickle.dumps(Ledger(tmp_path / "d.json"))).path == tmp_path / "d.json"  # noqa: S301  # ours
        ledger, api = drift_of(SOURCE, [Answer({"a": 1})])
        again = pickle.loads(pickle.dumps(api.using(retry=None)))  # noqa: S301  # ours
        assert again.drift == ledger


def _save_often(path: Path, times: int = 20) -> None:
    ledger = Ledger(path)
    api, _ = client(SOURCE, status(200, {"a": 1}), responses="record", drift=ledger)
    for _ in range(times):
        api.call("it")
        ledger.save()


def test_one_ledger_serves_several_documents() -> None:
    ledger = Ledger()
    for name in ("first", "second"):
        source = one({"operationId": name, "responses": answering(A_STRING)})
        api, _ = client(source, status(200, {name: 1}), drift=ledger)
        api.call(name)
    assert [(found.operation, found.place) for found in findings(ledger)] == [
        ("first", "/first"),
        ("second", "/second"),
    ]
    assert propose(ledger, document_of(api)).left == ("first: the document has no such operation",)
