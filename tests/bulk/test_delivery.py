"""What the server refuses is narrowed down: the bad rows are rejected with its words, the others are stored, once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic.bulk import LoadReport, Reject, bulk_load
from tests.bulk.services import REFUSALS, Service, client, document, rows


def load(service: Service, count: int, **settings: int) -> tuple[LoadReport, list[Reject]]:
    rejected: list[Reject] = []
    report = bulk_load(client(service), "it", rows(count), rejects=rejected.append, **settings)
    return report, rejected


@given(st.sets(st.integers(1, 59)), st.sampled_from(sorted(REFUSALS)), st.integers(1, 40), st.integers(1, 80))
def test_the_good_are_stored_once_and_the_bad_rejected(bad: set[int], refusing: str, largest: int, batch: int) -> None:
    """Whatever is bad, however the server says so, and however little it takes at once."""
    service = Service(bad, REFUSALS[refusing], largest)
    report, rejected = load(service, 60, batch=batch)
    assert sorted(service.stored) == [n for n in range(60) if n not in bad]
    assert sorted(reject.number for reject in rejected) == sorted(bad)
    assert all(problem.message == "is bad" for reject in rejected for problem in reject.problems)
    assert (report.progress.read, report.progress.acknowledged, report.progress.rejected) == (
        60,
        60 - len(bad),
        len(bad),
    )
    assert report.progress.requests == service.requests


@pytest.mark.parametrize(("refusing", "most"), [("names_all", 2), ("names_first", 11), ("names_none", 19)])
def test_one_bad_row_of_500_takes_few_requests(refusing: str, most: int) -> None:
    service = Service({137}, REFUSALS[refusing])
    load(service, 500, batch=500)
    assert service.requests <= most


def test_bodies_are_no_larger_than_wanted() -> None:
    service = Service()
    report, _ = load(service, 100, batch=100, largest=200)
    assert report.ok
    assert max(service.sizes) * len('{"n":99},') <= 200 + len('{"n":99},')
    assert sorted(service.stored) == list(range(100))


def test_a_row_that_is_too_large_alone_is_rejected() -> None:
    report, rejected = load(Service(largest=0), 3, batch=3)
    assert (report.progress.rejected, rejected[0].by, rejected[0].problems[0].message) == (3, "server", "too large")


def test_a_server_that_refuses_every_row_alike_is_not_asked_for_all_of_them() -> None:
    service = Service(set(range(10_000)), REFUSALS["names_none"])
    report, rejected = load(service, 10_000, batch=10, senders=1)
    assert "refuses every row" in report.stopped
    assert len(rejected) < 100


def test_a_limit_of_the_document_is_kept() -> None:
    source = document()
    source["paths"]["/things"]["post"]["requestBody"]["content"]["application/json"]["schema"]["maxItems"] = 7
    service = Service()
    bulk_load(client(service, source), "it", rows(20))
    assert sorted(service.sizes) == [6, 7, 7]
