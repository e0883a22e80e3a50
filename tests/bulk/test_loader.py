"""Every row is accounted for: stored, rejected with its place and reason, in doubt, or left for the next time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic import InvalidRequest, Request, Response, Retry, TransportError
from odp_dynamic.bulk import JournalError, LoadError, LoadReport, LoadSettings, Row, Unreadable, bulk_load, loader
from tests.apis import body, one, parameter
from tests.bulk.services import ROW, Service, answer, client, document, rows

SAFE = {"x-idempotent": True}


def lost(request: Request) -> Response:
    raise TransportError("lost", request)


def never_sent(request: Request) -> Response:
    raise TransportError("not there", request, sent=False)


def refused(status: int) -> Any:
    return lambda request: answer(request, status, {"message": "no"})


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class TestRejects:
    """What is not sent, and is not lost."""

    def test_a_bad_row_is_rejected_before_it_is_sent_and_does_not_stop_the_load(self, tmp_path: Path) -> None:
        service, wrong = Service(), {3: {"n": "3"}, 7: {}, 8: 5}
        given = [wrong.get(n, row) for n, row in enumerate(rows(10))]
        report = bulk_load(client(service), "it", given, rejects=tmp_path / "r", batch=4, senders=1)
        assert sorted(service.stored) == [0, 1, 2, 4, 5, 6, 9]
        assert [(one["line"], one["by"], one["row"]) for one in read(tmp_path / "r")] == [
            (4, "check", {"n": "3"}),
            (8, "check", {}),
            (9, "check", 5),
        ]
        assert report.kinds == {
            "/n: must be an integer, not a string": 1,
            "/n: is required and missing": 1,
            "must be an object, not an integer": 1,
        }
        assert not report.ok

    def test_a_row_that_could_not_be_read_is_one(self, tmp_path: Path) -> None:
        given = [Row({"n": 0}, "f", 0, 1, b""), Unreadable("is no JSON", "f", 1, 2, "{"), Row({"n": 2}, "f", 2, 3, b"")]
        service = Service()
        bulk_load(client(service), "it", given, rejects=tmp_path / "r")
        assert (service.stored, [(one["file"], one["row"]) for one in read(tmp_path / "r")]) == ([0, 2], [("f", "{")])

    def test_a_row_that_has_no_json_form_is_one_and_those_around_it_are_stored(self, tmp_path: Path) -> None:
        service, nan = Service(), {"n": 1, "data": {"x": [float("nan")]}}
        given = [{"n": 0}, nan, {"n": 2, "data": {"none": None}}, {**nan, "n": 3}, {"n": 2**70}]
        report = bulk_load(client(service), "it", given, rejects=tmp_path / "r", journal=tmp_path / "j")
        assert service.stored == [0, 2, 2**70]
        told = [(one["line"], one["by"], one["problems"][0]["pointer"], one["row"]) for one in read(tmp_path / "r")]
        assert told == [(2, "check", "/data/x/0", repr(nan)), (4, "check", "/data/x/0", repr({**nan, "n": 3}))]
        assert (report.acknowledged, report.rejected) == (3, 2)

    def test_no_file_is_made_where_nothing_is_rejected(self, tmp_path: Path) -> None:
        assert bulk_load(client(Service()), "it", rows(3), rejects=tmp_path / "r").ok
        assert not (tmp_path / "r").exists()

    @pytest.mark.parametrize(("most", "said"), [(0, "a row was rejected"), (2, "more than 2 rows were rejected")])
    @pytest.mark.parametrize("batch", [1, 7, 100])
    @pytest.mark.parametrize("how", [{}, {"check": True}], ids=["load", "check"])
    def test_one_too_many_ends_the_load_and_what_was_read_before_is_stored(
        self, tmp_path: Path, most: int, said: str, batch: int, how: Any
    ) -> None:
        """What stands behind it is left for the next time."""
        wrong = {5: {}, 6: {"n": "6"}, 9: 5, 10: {}}
        given = [wrong.get(n, row) for n, row in enumerate(rows(40))]
        given[9] = Unreadable("is no JSON", "", 9, 10, "{")
        last = sorted(wrong)[most]
        good = [n for n in range(last) if n not in wrong]
        service, settings = Service(), {"batch": batch, "journal": tmp_path / "j"}
        report = bulk_load(client(service), "it", given, most_rejects=most, rejects=tmp_path / "r", **settings, **how)
        assert (report.stopped, report.progress.read, report.rejected) == (said, last + 1, most + 1)
        assert [one["line"] for one in read(tmp_path / "r")] == [n + 1 for n in sorted(wrong)[: most + 1]]
        assert sorted(service.stored) == ([] if how else good)
        if not how:
            again = bulk_load(client(service), "it", given, resume=True, **settings)
            assert (again.rejected, sorted(service.stored)) == (4, [n for n in range(40) if n not in wrong])

    def test_so_does_one_that_the_server_refuses(self) -> None:
        service = Service(bad={3})
        report = bulk_load(client(service), "it", rows(1000), most_rejects=0, batch=10, senders=1)
        assert (report.stopped, report.rejected) == ("a row was rejected", 1)
        assert sorted(service.stored) == [0, 1, 2, *range(4, 10)]

    @pytest.mark.parametrize(
        ("rule", "bad"),
        [
            ({"uniqueItems": True}, {0, 1, 2, 3, 4, 8, 9, 10, 11}),  # nobody can say which of two is one too many
            ({"minItems": 2}, {4}),
            ({"minItems": 4}, {4, 5, 6, 7}),
            ({"allOf": [{"items": {"properties": {"n": {"maximum": 6}}}}]}, {4, 7, 8, 9, 10, 11}),
        ],
        ids=str,
    )
    def test_what_rows_must_be_together_is_asked_of_those_that_fit_alone(
        self, tmp_path: Path, rule: Any, bad: set[int]
    ) -> None:
        given = [*rows(4), {}, *rows(7, 5)]
        if "uniqueItems" in rule:
            given[1] = given[2]
            given[9] = given[10]
        source = one({"requestBody": body({"type": "array", "items": ROW, **rule}, required=True)})
        report = bulk_load(client(Service(), source), "it", given, batch=4, rejects=tmp_path / "r", check=True)
        assert {one["line"] - 1 for one in read(tmp_path / "r")} == bad
        assert report.kinds["/n: is required and missing"] == 1

    def test_a_check_sends_nothing(self) -> None:
        service = Service()
        report = bulk_load(client(service), "it", [*rows(5), {}], check=True)
        assert (service.requests, report.progress.read, report.progress.rejected) == (0, 6, 1)

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("folder", "folder cannot be written: Is a directory"),
            ("nowhere/r", "nowhere/r cannot be written: No such file or directory"),
            ("rows", "rows holds something else than rejects, which would be lost"),
        ],
    )
    @pytest.mark.parametrize("how", [{}, {"check": True}], ids=["load", "check"])
    def test_a_reject_file_that_cannot_be_one_is_told_before_anything_is_read(
        self, tmp_path: Path, name: str, said: str, how: Any
    ) -> None:
        """What it holds is not lost, and no journal says that the load began."""
        (tmp_path / "folder").mkdir()
        (tmp_path / "rows").write_text('{"n": 1}\n')
        with pytest.raises(LoadError, match=re.escape(said)):
            bulk_load(client(Service()), "it", rows(3), rejects=tmp_path / name, journal=tmp_path / "j", **how)
        assert (tmp_path / "rows").read_text() == '{"n": 1}\n'
        assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "rows"]

    def test_one_of_an_earlier_load_is_written_anew(self, tmp_path: Path) -> None:
        bulk_load(client(Service()), "it", [{}, {}], rejects=tmp_path / "r")
        bulk_load(client(Service()), "it", [{"n": 1}, {}], rejects=tmp_path / "r")
        assert [one["line"] for one in read(tmp_path / "r")] == [2]

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
    def test_a_disk_that_is_full_ends_the_load_and_loses_nothing(self, tmp_path: Path) -> None:
        journal = tmp_path / "j"
        report = bulk_load(client(Service()), "it", [*rows(3), {}], rejects="/dev/full", journal=journal)
        assert report.stopped == "the reject file cannot be written: No space left on device"
        again = bulk_load(client(Service()), "it", [*rows(3), {}], rejects=tmp_path / "r", journal=journal, resume=True)
        assert (again.acknowledged, again.rejected, len(read(tmp_path / "r"))) == (3, 1, 1)

    def test_the_callers_rows_stay_as_they_are(self) -> None:
        given: list[dict[str, Any]] = [{"n": 1, "data": {}}, {"n": 2}]
        bulk_load(client(Service()), "it", given, idempotency="/data/id")
        assert given == [{"n": 1, "data": {}}, {"n": 2}]


class TestSettings:
    """What makes no sense is told before anything is read, all of it at once."""

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"senders": 0, "batch": 0}, "batch must be a whole number of at least 1; senders must"),
            ({"senders": "4"}, "senders must be a whole number of at least 1"),
            ({"most_rejects": -1}, "most_rejects must be a whole number of at least 0"),
            ({"largest": 0}, "largest must"),
            ({"batch": 11}, "batch is at most 10 here, says the document"),
            ({"idempotency": "x"}, "idempotency is a JSON pointer into a row, such as /data/id, or False"),
            ({"resend_doubtful": True}, "resend_doubtful is for a load that goes on: set resume too"),
        ],
        ids=str,
    )
    def test_a_setting_that_makes_no_sense(self, settings: dict[str, Any], said: str) -> None:
        source = one({"requestBody": body({"type": "array", "items": ROW, "maxItems": 10})})
        with pytest.raises(ValueError, match=re.escape(said)):
            bulk_load(client(Service(), source), "it", iter(lambda: 1 / 0, 0), **settings)


class TestDoubt:
    """What may have been stored is not sent again, unless that does no harm."""

    def load(self, service: Service, journal: Path, count: int = 6, **more: Any) -> LoadReport:
        source = more.pop("source", document())
        return bulk_load(
            client(service, source), "it", rows(count), journal=journal, **{"batch": 2, "senders": 1, **more}
        )

    def test_a_request_without_an_answer_leaves_its_rows_in_doubt_and_the_load_goes_on(self, tmp_path: Path) -> None:
        service = Service()
        service.script = [lost]
        report = self.load(service, tmp_path / "j")
        assert (service.stored, report.progress.in_doubt, report.stopped) == ([2, 3, 4, 5], 2, "")
        again = self.load(service, tmp_path / "j", resume=True)
        assert (service.requests, again.progress.done_before) == (3, 6)
        self.load(service, tmp_path / "j", resume=True, resend_doubtful=True)
        assert sorted(service.stored) == list(range(6))

    @pytest.mark.parametrize("status", [500, 502, 504])
    def test_so_does_a_server_that_failed(self, tmp_path: Path, status: int) -> None:
        service = Service()
        service.script = [refused(status)]
        assert self.load(service, tmp_path / "j").progress.in_doubt == 2

    @pytest.mark.parametrize(
        "how", [{"source": document(**SAFE)}, {"idempotency": "/data/id"}], ids=["PUT-like", "ids"]
    )
    def test_where_it_does_no_harm_the_load_stops_and_goes_on_with_them(self, tmp_path: Path, how: Any) -> None:
        service = Service()
        service.script = [lost]
        report = self.load(service, tmp_path / "j", **how)
        assert (service.stored, report.progress.in_doubt) == ([], 0)
        assert "lost" in report.stopped
        assert self.load(service, tmp_path / "j", resume=True, **how).ok
        assert sorted(service.stored) == list(range(6))

    @pytest.mark.parametrize(
        "what",
        [never_sent, *map(refused, (401, 403, 404, 429, 503))],
        ids=["never sent", "401", "403", "404", "429", "503"],
    )
    def test_what_concerns_every_batch_stops_the_load_and_doubts_nothing(self, tmp_path: Path, what: Any) -> None:
        service = Service()
        service.script = [what]
        report = self.load(service, tmp_path / "j")
        assert report.stopped
        assert (service.requests, report.progress.in_doubt, report.progress.rejected) == (1, 0, 0)
        assert self.load(service, tmp_path / "j", resume=True).progress.acknowledged == 6

    def test_what_was_stored_of_a_batch_before_it_stopped_is_not_sent_again(self, tmp_path: Path) -> None:
        service = Service()
        service.script = [refused(413), service.store, never_sent]
        report = self.load(service, tmp_path / "j", batch=4)
        assert (report.progress.acknowledged, service.stored, bool(report.stopped)) == (2, [0, 1], True)
        assert self.load(service, tmp_path / "j", batch=4, resume=True).ok
        assert sorted(service.stored) == list(range(6))

    def test_a_retry_of_the_client_is_counted_as_its_own(self, tmp_path: Path) -> None:
        service = Service()
        service.script = [never_sent, never_sent]
        api = client(service, retry=Retry(backoff=0))
        assert bulk_load(api, "it", rows(4), journal=tmp_path / "j").ok


class TestJournal:
    """A load that ended in any way goes on from there."""

    def test_a_load_that_began_before_is_not_begun_again_by_accident(self, tmp_path: Path) -> None:
        bulk_load(client(Service()), "it", rows(3), journal=tmp_path / "j")
        with pytest.raises(JournalError, match="--resume"):
            bulk_load(client(Service()), "it", rows(3), journal=tmp_path / "j")

    def test_one_in_which_nothing_was_done_is_any_loads(self, tmp_path: Path) -> None:
        """A load whose input could not be read may be told otherwise, and begun again."""

        def unreadable() -> Iterator[Any]:
            raise OSError("the layout does not fit")
            yield

        with pytest.raises(OSError, match="layout"):
            bulk_load(client(Service()), "it", unreadable(), journal=tmp_path / "j", sources=["a"])
        assert bulk_load(client(Service()), "it", rows(3), journal=tmp_path / "j", sources=["b"]).ok
        with pytest.raises(JournalError, match="began before"):
            bulk_load(client(Service()), "it", rows(3), journal=tmp_path / "j", sources=["b"])

    @pytest.mark.parametrize(
        "other", [{"sources": ["b"]}, {"idempotency": "/data/other"}, {"idempotency": False}], ids=str
    )
    def test_another_load_is_told_apart(self, tmp_path: Path, other: Any) -> None:
        mine = {"sources": ["a"], "idempotency": "/data/id"}
        bulk_load(client(Service()), "it", rows(3), journal=tmp_path / "j", **mine)
        with pytest.raises(JournalError, match="is of another load"):
            bulk_load(client(Service()), "it", rows(3), journal=tmp_path / "j", resume=True, **{**mine, **other})

    def test_it_is_one_loads_until_that_has_ended(self, tmp_path: Path) -> None:
        """Neither another process nor another thread's load goes on from it; see test_crash for one that was killed."""
        code = (
            "import sys; from tests.bulk.services import *; from odp_dynamic.bulk import *\n"
            "try: bulk_load(client(Service()), 'it', rows(40), journal=sys.argv[1], resume=True)\n"
            "except JournalError as error: print(error)\n"
        )
        told: list[str] = []

        def meanwhile() -> Iterator[Any]:
            yield from rows(30)
            with pytest.raises(JournalError) as caught:
                bulk_load(client(service), "it", rows(40), journal=tmp_path / "j", resume=True)
            told.append(str(caught.value))
            ran = subprocess.run(
                [sys.executable, "-c", code, tmp_path / "j"], capture_output=True, text=True, check=True
            )
            told.append(ran.stdout.strip())
            yield from rows(10, 30)

        service = Service()
        assert bulk_load(client(service), "it", meanwhile(), journal=tmp_path / "j", batch=10).ok
        assert told == [f"{tmp_path / 'j'} is in use by a load that is running; wait for its end, or end it"] * 2
        assert bulk_load(client(service), "it", rows(40), journal=tmp_path / "j", batch=10, resume=True).ok
        assert sorted(service.stored) == list(range(40))

    def test_a_file_that_is_no_journal_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "j").write_text("words\n" * 1000)
        with pytest.raises(JournalError, match="is no journal"):
            bulk_load(client(Service()), "it", rows(3), journal=tmp_path / "j")
        assert (tmp_path / "j").read_text() == "words\n" * 1000

    def test_one_that_cannot_be_written_ends_the_load_and_says_so(self, tmp_path: Path) -> None:
        code = (
            "import resource, sys; from tests.bulk.services import *; from odp_dynamic.bulk import *\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
            "try: report = bulk_load(client(Service()), 'it', rows(100_000), journal=sys.argv[1], batch=10)\n"
            "except JournalError as error: print(error)\n"
            "else: print(report.stopped)\n"
        )
        ran = subprocess.run([sys.executable, "-c", code, tmp_path / "j"], capture_output=True, text=True, check=True)
        assert re.search("the journal .* cannot be written: .*; mend that, and resume", ran.stdout)

    def test_the_reject_file_is_made_anew_from_it(self, tmp_path: Path) -> None:
        given: list[Any] = [{}, *rows(3)]
        bulk_load(client(Service()), "it", given, journal=tmp_path / "j", rejects=tmp_path / "r")
        whole = (tmp_path / "r").read_text()
        (tmp_path / "r").write_text(f"{whole}{whole[:20]}")  # as a crash would leave it
        bulk_load(client(Service()), "it", given, journal=tmp_path / "j", rejects=tmp_path / "r", resume=True)
        assert (tmp_path / "r").read_text() == whole

    def test_an_input_that_breaks_off_leaves_what_was_read(self, tmp_path: Path) -> None:
        def broken() -> Iterator[Any]:
            yield from rows(25)
            raise OSError("the disk is gone")

        service = Service()
        with pytest.raises(OSError, match="disk is gone"):
            bulk_load(client(service), "it", broken(), journal=tmp_path / "j", batch=10)
        assert sorted(service.stored) == list(range(25))
        assert bulk_load(client(service), "it", rows(30), journal=tmp_path / "j", batch=10, resume=True).ok
        assert sorted(service.stored) == list(range(30))

    def test_ctrl_c_settles_what_is_under_way_and_is_raised(self, tmp_path: Path) -> None:
        def interrupted() -> Iterator[Any]:
            yield from rows(40)
            raise KeyboardInterrupt

        service = Service()
        with pytest.raises(KeyboardInterrupt):
            bulk_load(client(service), "it", interrupted(), journal=tmp_path / "j", batch=10)
        before = sorted(service.stored)
        report = bulk_load(client(service), "it", rows(60), journal=tmp_path / "j", batch=10, resume=True)
        assert report.progress.done_before == len(before)
        assert sorted(service.stored) == list(range(60))


class TestOperations:
    """Any operation with a body can be loaded into."""

    def test_an_operation_that_takes_one_object_is_called_for_each_row(self) -> None:
        source = one(
            {"parameters": [parameter("kind", "path"), parameter("dry")], "requestBody": body(ROW)}, "/things/{kind}"
        )
        seen: list[tuple[str, bytes | None]] = []

        class Listening:
            def send(self, request: Request) -> Response:
                seen.append((request.url, request.body))
                return answer(request, 200)

        given = [{"kind": "a", "n": 1}, {"n": 2, "kind": "b"}, {"n": 3}, {"kind": "c", "n": "x"}]
        report = bulk_load(client(Listening(), source), "it", given, senders=1, dry="yes")
        assert seen == [
            ("https://api.test/v1/things/a?dry=yes", b'{"n":1}'),
            ("https://api.test/v1/things/b?dry=yes", b'{"n":2}'),
        ]
        assert report.kinds == {"is required and missing": 1, "/n: must be an integer, not a string": 1}

    def test_arguments_are_the_same_for_all_rows(self) -> None:
        source = one(
            {"parameters": [parameter("kind", "path")], "requestBody": body({"type": "array", "items": ROW})}, "/{kind}"
        )
        report = bulk_load(client(Service(), source), "it", rows(3), kind="a")
        assert report.ok

    @pytest.mark.parametrize(
        ("source", "words"),
        [(one(), "takes no JSON body"), (one({"requestBody": body({"type": "string"}, "text/plain")}), "no JSON body")],
    )
    def test_an_operation_that_takes_nothing_is_refused(self, source: Any, words: str) -> None:
        with pytest.raises(LoadError, match=words):
            bulk_load(client(Service(), source), "it", rows(3))

    def test_what_no_row_can_mend_is_told_before_anything_is_read(self) -> None:
        source = document(security=[{"key": []}], parameters=[parameter("kind", required=True)])
        source["components"] = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "k"}}}
        with pytest.raises(InvalidRequest) as caught:
            bulk_load(client(Service(), source), "it", iter(lambda: 1 / 0, 0))
        assert [problem.where for problem in caught.value.problems] == ["query.kind", "security"]
        with pytest.raises(InvalidRequest) as caught:
            bulk_load(client(Service(), source), "it", iter(lambda: 1 / 0, 0), check=True)
        assert [problem.where for problem in caught.value.problems] == ["query.kind"]
        assert bulk_load(client(Service(), source), "it", rows(3), check=True, kind="a").ok

    def test_a_check_of_calls_needs_no_key_and_tells_a_wrong_argument_before_anything_is_read(self) -> None:
        """What is missing is told row by row, for rows may name it."""
        source = one(
            {"parameters": [parameter("kind", "path")], "requestBody": body(ROW), "security": [{"key": []}]},
            "/things/{kind}",
        )
        source["components"] = {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "k"}}}
        del source["servers"]
        report = bulk_load(client(Service(), source), "it", [{"kind": "a", "n": 1}, {"n": 2}], check=True)
        assert report.kinds == {"is required and missing": 1}
        with pytest.raises(InvalidRequest) as caught:
            bulk_load(client(Service(), source), "it", iter(lambda: 1 / 0, 0), check=True, kidn="a")
        assert [problem.where for problem in caught.value.problems] == ["arguments"]


def test_progress_may_be_asked_while_the_load_runs() -> None:
    class Slow(Service):
        def send(self, request: Request, /) -> Response:
            time.sleep(0.01)
            return super().send(request)

    loading = loader(client(Slow()), "it", {}, LoadSettings(batch=1, senders=2))
    seen = []

    def watched() -> Iterator[Row]:
        for n in range(30):
            seen.append(loading.progress)
            yield Row({"n": n}, "", n, n + 1, b"")

    report = loading.run(watched())
    assert seen == sorted(seen, key=lambda progress: progress.acknowledged)
    assert 0 < seen[-1].acknowledged < 30 == report.progress.acknowledged
    assert report.progress.rate > 0
