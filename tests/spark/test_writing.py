"""A DataFrame's rows are stored once each, whatever Spark does with its tasks; the others are accounted for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic.sandbox import Fault, Sandbox
from odp_dynamic.sandbox._server import Served
from tests.spark.conftest import CANARY
from tests.spark.loading import LARGE, events, fails_once, once_each, rejects, stored, told, writing

REPEATED = "an event with this idempotence_id is stored already"


def repeated(sandbox: Sandbox) -> int:
    """Return how many events the sandbox has got once more."""
    outcomes = (outcome for entry in sandbox.journal for outcome in entry.outcomes)
    return sum(outcome.why == REPEATED for outcome in outcomes)


def load_with_a_failure(spark: Any, sandbox: Sandbox, url: str, folder: Path, count: int, **options: Any) -> int:
    """Load events in 8 partitions, one of which fails after half its rows; return how many came once more."""
    frame = events(spark, count, 8, LARGE)
    failing = fails_once(frame, folder / "odp.db", partition=3, half=count // 16)
    writing(failing, url, **options).save()
    return repeated(sandbox)


def test_a_task_that_fails_after_half_of_its_rows_stores_each_once(
    spark: Any, sandbox: Sandbox, served: Served, tmp_path: Path
) -> None:
    """And the half was sent twice: it is the ids that keep it from being there twice."""
    assert load_with_a_failure(spark, sandbox, served.url, tmp_path, 4_000, batch=50)
    assert stored(tmp_path / "odp.db") == once_each(4_000)


@pytest.mark.long
def test_so_do_200_000_rows(spark: Any, sandbox: Sandbox, served: Served, tmp_path: Path) -> None:
    load_with_a_failure(spark, sandbox, served.url, tmp_path, 200_000, batch=500, report=tmp_path / "report")
    assert stored(tmp_path / "odp.db") == once_each(200_000)
    assert told(tmp_path / "report")[-1]["acknowledged"] == 200_000


def test_a_job_that_is_run_again_on_other_partitions_stores_nothing_twice(
    spark: Any, served: Served, tmp_path: Path
) -> None:
    for partitions in (2, 3):
        writing(events(spark, 200, partitions), served.url).save()
    assert stored(tmp_path / "odp.db") == once_each(200)


def test_rows_that_are_exactly_alike_in_one_partition_are_all_stored(
    spark: Any, served: Served, tmp_path: Path
) -> None:
    alike = events(spark, 1).union(events(spark, 1)).union(events(spark, 1))
    writing(alike.coalesce(1), served.url).save()
    assert stored(tmp_path / "odp.db") == {"o-0": 3}


def test_in_different_partitions_they_are_one_unless_they_are_brought_together(
    spark: Any, served: Served, tmp_path: Path
) -> None:
    one = ("order", "purchase", ("c0@example.com",), (("o-0",),))
    alike = spark.createDataFrame(spark.sparkContext.parallelize([one, one], 2), events(spark, 1).schema)
    writing(alike, served.url).save()
    assert stored(tmp_path / "odp.db") == {"o-0": 1}
    writing(alike.repartition(*alike.columns), served.url).save()
    assert stored(tmp_path / "odp.db") == {"o-0": 2}


def test_a_column_can_say_which_row_it_is(spark: Any, served: Served, tmp_path: Path) -> None:
    """One that has changed is the same row then."""
    for more in ("1 AS version", "2 AS version"):
        writing(events(spark, 50, more=more), served.url, row_id="type, data.order.order_id").save()
    assert stored(tmp_path / "odp.db") == once_each(50)


def test_a_row_that_does_not_say_which_it_is_is_rejected(spark: Any, served: Served, tmp_path: Path) -> None:
    frame = events(spark, 3, more="IF(id = 1, NULL, id) AS version")
    writing(frame, served.url, row_id="data.version", rejects=tmp_path / "r").save()
    [one] = rejects(tmp_path / "r")
    assert one["problems"] == [
        {"message": "the value has a null in data.version, so that row_id does not say which row it is"}
    ]
    assert stored(tmp_path / "odp.db") == {"o-0": 1, "o-2": 1}


class TestRejects:
    """Bad rows go to files, once each, and the others are stored."""

    BAD = "CASE WHEN id % 100 = 7 THEN 'NaN' ELSE '1' END"

    def test_they_are_told_once_though_their_task_ran_twice(
        self, spark: Any, sandbox: Sandbox, served: Served, tmp_path: Path
    ) -> None:
        frame = events(spark, 1_600, 8, f"{LARGE}, CAST({self.BAD} AS DOUBLE) AS total")
        failing = fails_once(frame, tmp_path / "odp.db", partition=3, half=100)
        writing(failing, served.url, batch=20, rejects=tmp_path / "r", report=tmp_path / "report").save()
        assert repeated(sandbox)
        found = rejects(tmp_path / "r")
        assert len(found) == 16
        assert {one["by"] for one in found} == {"input"}
        [report] = told(tmp_path / "report")
        assert (report["read"], report["acknowledged"], report["rejected"]) == (1_600, 1_584, 16)
        assert report["kinds"] == {"/data/total is NaN or infinite, which JSON cannot write": 16}
        assert [path.name for path in (tmp_path / "r").iterdir() if path.name.startswith("_")] == []
        assert len(stored(tmp_path / "odp.db")) == 1_584

    def test_what_the_document_refuses_is_not_sent(self, spark: Any, served: Served, tmp_path: Path) -> None:
        frame = events(spark, 20).selectExpr("IF(data.order.order_id = 'o-3', NULL, type) AS type", "action", "data")
        writing(
            frame.selectExpr("*", "named_struct('email', 'a@b.cd') AS identifiers"), served.url, rejects=tmp_path / "r"
        ).save()
        [one] = rejects(tmp_path / "r")
        assert (one["by"], one["row"]["data"]["order"]["order_id"]) == ("check", "o-3")
        assert one["problems"] == [{"pointer": "/type", "keyword": "required", "message": "is required and missing"}]

    def test_more_than_max_rejects_fail_the_job_without_trying_again(
        self, spark: Any, served: Served, tmp_path: Path
    ) -> None:
        frame = events(spark, 1_000, more=f"CAST({self.BAD} AS DOUBLE) AS total")
        settings = {"rejects": tmp_path / "r", "report": tmp_path / "report", "max_rejects": 9}
        with pytest.raises(Exception, match="10 rows were rejected, and max_rejects is 9"):
            writing(frame, served.url, **settings).save()
        assert len(rejects(tmp_path / "r")) == 10
        [report] = told(tmp_path / "report")
        assert (report["rejected"], report["stopped"]) == (10, "10 rows were rejected, and max_rejects is 9")

    def test_those_of_a_job_that_failed_are_kept(self, spark: Any, served: Served, tmp_path: Path) -> None:
        """Of the last attempt of each task, once."""
        frame = events(
            spark, 400, 1, more=f"{LARGE}, IF(id = 0, double('NaN'), IF(id = 399, 1 / assert_true(false), 1D)) AS total"
        )
        with pytest.raises(Exception, match=r"is not true"):
            # Spark kills a worker whose rows ended in an error: by then a batch of this size has long been settled.
            writing(frame, served.url, batch=20, rejects=tmp_path / "r", report=tmp_path / "report").save()
        assert len(rejects(tmp_path / "r")) == 1
        [report] = told(tmp_path / "report")
        assert "a task failed" in report["stopped"]


class TestWithoutIds:
    """What must not be sent twice is not, and what may have been lost is told."""

    def test_rows_in_doubt_are_told_and_do_not_fail_the_job(
        self, spark: Any, sandbox: Sandbox, served: Served, tmp_path: Path
    ) -> None:
        sandbox.faults.add(Fault(operation="sendEvents", kind="reset", when="after", times=1))
        frame = events(spark, 100, 1)
        settings = {"batch": 10, "rejects": tmp_path / "r", "report": tmp_path / "report", "idempotency": "false"}
        writing(frame, served.url, **settings).save()
        [report] = told(tmp_path / "report")
        assert (report["acknowledged"], report["in_doubt"], report["stopped"]) == (90, 10, "")
        assert [one["row"]["data"]["order"]["order_id"] for one in rejects(tmp_path / "r")] == [
            f"o-{n}" for n in range(10)
        ]
        assert stored(tmp_path / "odp.db") == once_each(100)

    def test_a_task_that_spark_starts_again_sends_nothing(self, spark: Any, served: Served, tmp_path: Path) -> None:
        frame = events(spark, 1_600, 8, LARGE)
        failing = fails_once(frame, tmp_path / "odp.db", partition=3, half=100)
        with pytest.raises(Exception, match="Spark has started a task of sendEvents again"):
            writing(failing, served.url, batch=20, idempotency="false").save()
        found = stored(tmp_path / "odp.db")
        assert set(found.values()) == {1}
        assert 0 < sum(600 <= int(order[2:]) < 800 for order in found) <= 100  # those that were sent before it failed

    def test_a_service_that_is_gone_fails_the_job_and_no_task_is_tried_again(
        self, spark: Any, sandbox: Sandbox, served: Served, tmp_path: Path
    ) -> None:
        sandbox.faults.add(Fault(operation="sendEvents", status=403, skip=3))
        with pytest.raises(Exception, match="1 of 1 tasks could not send all of their rows: sendEvents"):
            writing(events(spark, 100, 1), served.url, batch=10, idempotency="false").save()
        assert stored(tmp_path / "odp.db") == once_each(30)


def test_a_task_tries_again_what_a_service_did_not_do(
    spark: Any, sandbox: Sandbox, served: Served, tmp_path: Path
) -> None:
    """With ids Spark's own attempts help."""
    sandbox.faults.add(Fault(operation="sendEvents", status=403, skip=3, times=1))
    writing(events(spark, 100, 1), served.url, batch=10).save()
    assert stored(tmp_path / "odp.db") == once_each(100)


def test_a_moment_is_sent_in_utc_whatever_the_zone_of_the_session(spark: Any, sandbox: Sandbox, served: Served) -> None:
    assert spark.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
    frame = events(
        spark, 1, more="timestamp '2026-03-29 01:30:00 UTC' AS at, date '2026-03-29' AS day, 19.90BD AS price"
    )
    writing(frame, served.url).save()
    [sent] = json.loads(sandbox.journal.last.body or "")
    data = sent["data"]
    assert (data["at"], data["day"], data["price"]) == ("2026-03-29T01:30:00Z", "2026-03-29", 19.9)


def test_who_keeps_no_rejects_is_told_how_to_see_them(spark: Any, sandbox: Sandbox, served: Served) -> None:
    sandbox.faults.add(Fault(operation="sendEvents", status=400))
    with pytest.raises(Exception, match="name a directory with the option rejects to see why"):
        writing(events(spark, 10, 1), served.url).save()


def test_each_row_is_a_call_where_the_body_is_an_object(spark: Any, sandbox: Sandbox, served: Served) -> None:
    frame = spark.sql(
        "SELECT named_struct('email', concat(id, '@b.cd')) AS identifiers, map('city', 'Ur') AS attributes"
        " FROM range(3)"
    )
    writing(frame, served.url, operation="upsertProfile", idempotency="false").save()
    api = sandbox.api()
    for n in range(3):
        assert api.call("getProfile", identifier_field="email", identifier_value=f"{n}@b.cd")["city"] == "Ur"


def test_an_option_is_an_argument_in_any_case(spark: Any, sandbox: Sandbox, served: Served) -> None:
    frame = spark.sql(
        "SELECT concat('p-', id) AS object_id, map('product_id', concat('p-', id), 'name', 'Tin') AS fields"
        " FROM range(3)"
    )
    writing(frame, served.url, operation="upsertObjects", OBJECT_TYPE="products", idempotency="false").save()
    assert sandbox.api().call("getObject", object_type="products", object_id="p-2")["fields"]["name"] == "Tin"


class TestKeys:
    """A key is where it is used, and nowhere else."""

    def seen(self, event_log: Path) -> str:
        return "".join(p.read_text(errors="replace") for p in event_log.rglob("*") if p.is_file())

    def test_no_key_is_in_plans_logs_or_errors(
        self, spark: Any, sandbox: Sandbox, served: Served, event_log: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        frame = events(spark, 10)
        writing(frame, served.url).save()
        sandbox.faults.add(Fault(operation="sendEvents", status=403))
        with pytest.raises(Exception, match="403") as caught:
            writing(frame, served.url).save()
        frame.explain(extended=True)
        shown = "".join([self.seen(event_log), *capfd.readouterr(), str(caught.value), repr(caught.value)])
        assert "sendEvents" in shown
        assert CANARY not in shown

    @pytest.mark.parametrize("name", ["privateApiKey", "ODP_PRIVATE_API_KEY", "private-api-key", "credentials"])
    def test_an_option_that_is_one_is_refused_and_repeated_nowhere(
        self, spark: Any, served: Served, event_log: Path, name: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(Exception, match="a key is no option") as caught:
            writing(events(spark, 1), served.url, **{name: "canary-of-an-option"}).save()
        assert "canary-of-an-option" not in "".join([self.seen(event_log), *capfd.readouterr(), str(caught.value)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"operation": "sendEvent"}, "did you mean 'sendEvents'"),
        ({"bach": 5}, "bach is neither an option nor an argument of sendEvents; did you mean 'batch'?"),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value),
)
def test_a_mistake_is_told_before_a_task_begins(spark: Any, options: Any, message: str) -> None:
    with pytest.raises(Exception, match=message.replace("?", r"\?")):
        writing(events(spark, 1), "http://127.0.0.1:9", **options).save()


def test_rows_replace_nothing(spark: Any, served: Served) -> None:
    with pytest.raises(Exception, match='say mode\\("append"\\)'):
        writing(events(spark, 1), served.url).mode("overwrite").save()
