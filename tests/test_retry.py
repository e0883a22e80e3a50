"""A request is sent again only where that is safe, and never for long."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic import Api, OdpError, Request, Response, Retry, StatusError, TimedOut, TransportError
from odp_dynamic._values import Attempt
from tests.apis import Scripted, body, client, one, status
from tests.servers import Cut, Heard, Server, closed_port, http

QUICK = Retry(attempts=3, backoff=0.001)
REQUEST = Request("it", "GET", "https://api.test/a", {})


def lost(*, sent: bool, passing: bool = True) -> TransportError:
    return TransportError("lost", REQUEST, sent=sent, passing=passing)


def limited(seconds: str) -> Callable[[Request], Response]:
    return status(429, headers={"Retry-After": seconds})


class Row(NamedTuple):
    """Is what happens, and how often a request is sent that may not be repeated, and one that may."""

    about: str
    answer: Any
    unsafe: int
    safe: int


TABLE = [
    Row("200", status(200), 1, 1),
    Row("400", status(400), 1, 1),
    Row("401", status(401), 1, 1),
    Row("404", status(404), 1, 1),
    Row("409", status(409), 1, 1),
    Row("429: nothing was done", status(429), 3, 3),
    Row("500", status(500), 1, 1),
    Row("502: it may have been done", status(502), 1, 3),
    Row("503: nothing was done", status(503), 3, 3),
    Row("504: it may have been done", status(504), 1, 3),
    Row("lost before it was sent", lost(sent=False), 3, 3),
    Row("lost on the way", lost(sent=True), 1, 3),
    Row("timed out", TimedOut("slow", REQUEST), 1, 3),
]


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("get", {}),
        ("put", {}),
        ("delete", {}),
        ("post", {}),
        ("patch", {}),
        ("post", {"x-idempotent": True}),
        ("get", {"x-idempotent": False}),
    ],
    ids=str,
)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.about)
def test_it_is_sent_again_where_that_is_safe(row: Row, method: str, more: Any) -> None:
    replayable = bool(more.get("x-idempotent", method not in {"post", "patch"}))
    api, transport = client(one(more, method=method), row.answer, retry=QUICK)
    try:
        attempts = api.request("it").attempts
    except StatusError as error:
        attempts = error.response.attempts
    except TransportError:
        attempts = len(transport.sent)
    expected = row.safe if replayable else row.unsafe
    assert (len(transport.sent), attempts) == (expected, expected)
    assert len({(request.url, request.body) for request in transport.sent}) == 1


SAFE = {"x-idempotent": True}
TWICE = "it may have been done, and might then be done twice"


@pytest.mark.parametrize(
    ("retry", "more", "outcome", "end"),
    [
        (QUICK, {}, lost(sent=True), TWICE),
        (QUICK, {}, status(502), TWICE),
        (QUICK, {}, lost(sent=False), "the limit of attempts is 3"),
        (QUICK, SAFE, lost(sent=True), "the limit of attempts is 3"),
        (QUICK, SAFE, lost(sent=False, passing=False), "it would end the same way"),
        (QUICK, SAFE, status(503), "the limit of attempts is 3"),
        (Retry(budget=0), SAFE, lost(sent=True), "the budget of 0 s would be over"),
        (Retry(budget=0), {}, lost(sent=False), "the budget of 0 s would be over"),
        (Retry(attempts=1), {}, lost(sent=True), TWICE),
        (Retry(attempts=1), SAFE, lost(sent=True), "the limit of attempts is 1"),
        (Retry(backoff=0, quota=1), SAFE, status(503), "the quota is used up: too many calls have failed lately"),
        (Retry(backoff=0, quota=0), SAFE, status(503), "the quota is used up: too many calls have failed lately"),
        (Retry(longest=5), SAFE, limited("3600"), "the server asks to wait 3600 s, and 5 s is the longest wait"),
        (Retry(budget=1), SAFE, limited("2"), "the budget of 1 s would be over"),
    ],
)
def test_an_error_says_why_there_was_no_further_attempt(retry: Retry, more: Any, outcome: Any, end: str) -> None:
    api, transport = client(one(more), outcome, retry=retry)
    with pytest.raises((TransportError, StatusError)) as caught:
        api.call("it")
    told: Any = caught.value if isinstance(caught.value, TransportError) else getattr(caught.value, "response", None)
    history = told.history
    assert history[-1].end == end
    assert str(caught.value).endswith(f"not sent again: {end}")
    assert len(history) == len(transport.sent)


def test_an_error_tells_of_each_attempt_its_reason_and_its_wait() -> None:
    waits = Retry(attempts=4, backoff=0)
    api, _ = client(one(SAFE), status(503), lost(sent=True), limited("0"), status(502), retry=waits)
    with pytest.raises(StatusError) as caught:
        api.call("it")
    lines = [re.sub(r"after \S+ s", "after T s", line) for line in str(caught.value).splitlines()[1:]]
    assert lines == [
        "  attempt 1: 503 Service Unavailable after T s; waited 0 s",
        "  attempt 2: lost after T s; waited 0 s",
        "  attempt 3: 429 Too Many Requests after T s; waited 0 s",
        "  attempt 4: 502 Bad Gateway after T s; not sent again: the limit of attempts is 4",
    ]


class TestWatching:
    """What is told of each attempt, to a hook and to the log."""

    def test_the_hook_sees_each_attempt(self) -> None:
        seen: list[tuple[str, int, int | None, bool]] = []

        def watch(request: Request, attempt: Attempt) -> None:
            seen.append((request.operation, attempt.number, attempt.status, attempt.wait is not None))

        api, _ = client(one(), lost(sent=False), status(503), b"5", retry=Retry(backoff=0, on_attempt=watch))
        assert api.call("it") == 5
        assert seen == [("it", 1, None, True), ("it", 2, 503, True), ("it", 3, 200, False)]

    def test_the_hook_sees_a_call_that_goes_well_at_once(self) -> None:
        seen: list[Attempt] = []
        api, _ = client(one(), b"5", retry=Retry(on_attempt=lambda _, attempt: seen.append(attempt)))
        assert (api.request("it").history, [attempt.reason for attempt in seen]) == ((), ["200 OK"])

    def test_a_hook_that_fails_is_logged_and_does_no_harm(self, caplog: pytest.LogCaptureFixture) -> None:
        def fails(*_: object) -> None:
            raise ZeroDivisionError

        api, _ = client(one(), b"5", retry=Retry(on_attempt=fails))
        assert api.call("it") == 5
        assert "it: on_attempt failed" in caplog.text

    def test_the_log_has_structure(self, caplog: pytest.LogCaptureFixture) -> None:
        api, _ = client(one(), status(503), b"5", retry=Retry(backoff=0))
        with caplog.at_level("DEBUG", "odp_dynamic.retry"):
            api.call("it")
        told = [(r.levelname, r.odp_operation, r.odp_number, r.odp_status) for r in caplog.records]  # type: ignore[attr-defined]
        assert told == [("WARNING", "it", 1, 503), ("DEBUG", "it", 2, 200)]


class TestQuota:
    """An outage is not answered with a storm."""

    def test_all_calls_of_an_api_and_its_copies_share_it(self) -> None:
        api, transport = client(one(SAFE), status(503), retry=Retry(backoff=0, quota=5))
        for client_ in [api, api.using(timeout=1)] * 5:
            with pytest.raises(StatusError):
                client_.call("it")
        assert len(transport.sent) == 10 + 5

    def test_what_a_call_took_comes_back_when_it_goes_well(self) -> None:
        api, _ = client(one(SAFE), *[status(503), b"5"] * 20, retry=Retry(backoff=0, quota=1))
        assert [api.request("it").attempts for _ in range(20)] == [2] * 20

    def test_calls_that_go_well_at_once_earn_it_back(self) -> None:
        script = [status(503), status(503), *[b"5"] * 10, status(503), b"5"]
        api, _ = client(one(SAFE), *script, retry=Retry(attempts=2, backoff=0, quota=1))
        with pytest.raises(StatusError):
            api.call("it")
        assert [api.request("it").attempts for _ in range(11)] == [1] * 10 + [2]

    @pytest.mark.parametrize(("code", "sent"), [(500, 13), (404, 14)])
    def test_what_fails_otherwise_earns_nothing_back(self, code: int, sent: int) -> None:
        script = [status(503), *[status(code)] * 10, status(503)]
        api, transport = client(one(SAFE), *script, retry=Retry(attempts=2, backoff=0, quota=1))
        for _ in range(12):
            with pytest.raises(StatusError):
                api.call("it")
        assert len(transport.sent) == sent

    def test_apis_do_not_share_it(self) -> None:
        rules = Retry(attempts=2, backoff=0, quota=1)
        for _ in range(2):
            api, transport = client(one(SAFE), status(503), retry=rules)
            with pytest.raises(StatusError):
                api.call("it")
            assert len(transport.sent) == 2

    def test_none_is_no_limit(self) -> None:
        api, transport = client(one(SAFE), status(503), retry=Retry(backoff=0, quota=None))
        for _ in range(100):
            with pytest.raises(StatusError):
                api.call("it")
        assert len(transport.sent) == 300


@given(st.integers(1, 6), st.floats(0, 0.002), st.floats(0.0001, 0.004))
def test_a_wait_is_random_doubles_and_has_a_longest(attempts: int, backoff: float, longest: float) -> None:
    """Full jitter: anything from nothing to the bound of its attempt."""
    retry = Retry(Scripted(status(503)), attempts=attempts, backoff=backoff, longest=longest)
    history = retry.send(REQUEST._replace(replayable=True)).history
    waits = [attempt.wait for attempt in history]
    assert (len(waits), waits[-1]) == (attempts, None)
    assert all(0 <= (wait or 0) <= min(longest, backoff * 2**n) for n, wait in enumerate(waits))


def test_the_attempt_under_way_has_no_more_time_than_the_budget_leaves() -> None:
    api, transport = client(one(SAFE), status(503), b"5", retry=Retry(backoff=0, budget=7))
    api.call("it")
    assert all(6 < request.timeout[2] <= 7 for request in transport.sent)
    assert [request.timeout[:2] for request in transport.sent] == [(5, 30)] * 2


@pytest.mark.parametrize(
    ("outcomes", "sent"),
    [
        ([lost(sent=False), lost(sent=False)], False),
        ([lost(sent=True), lost(sent=False)], True),
        ([status(503), lost(sent=False)], True),
        ([lost(sent=False), lost(sent=True)], True),
    ],
)
def test_an_error_never_reached_the_server_when_no_attempt_did(outcomes: Any, sent: bool) -> None:  # noqa: FBT001  # a table's column
    api, _ = client(one(SAFE), *outcomes, retry=Retry(attempts=2, backoff=0))
    with pytest.raises(TransportError) as caught:
        api.call("it")
    assert caught.value.sent is sent


def test_the_first_good_answer_ends_it() -> None:
    api, transport = client(
        one(),
        lost(sent=False),
        status(503),
        status(429, headers={"Retry-After": "0"}),
        b"5",
        retry=Retry(attempts=9, backoff=0.001),
    )
    response = api.request("it")
    assert (response.data, response.attempts, len(transport.sent)) == (5, 4, 4)


def test_retry_after_is_honoured() -> None:
    api, _ = client(one(), status(429, headers={"Retry-After": "1"}), b"", retry=Retry(backoff=0))
    begun = time.monotonic()
    assert api.request("it").attempts == 2
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize("rules", [{"attempts": 0}, {"backoff": -1}, {"budget": -1}, {"quota": -1}], ids=str)
def test_rules_that_make_no_sense_are_refused(rules: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        Retry(**rules)


def test_no_retry_is_none() -> None:
    api, transport = client(one(), status(503), retry=None)
    with pytest.raises(StatusError):
        api.call("it")
    assert len(transport.sent) == 1


def test_a_retry_wraps_any_transport() -> None:
    transport = Scripted(status(503), b"")
    assert Retry(transport, backoff=0).send(REQUEST).attempts == 2
    with pytest.raises(TypeError, match="wraps no transport"):
        Retry().send(REQUEST)
    assert repr(QUICK) == "Retry(attempts=3, backoff=0.001, longest=20.0, budget=60.0, quota=50)"


def test_an_api_wraps_its_transport_in_the_kind_of_retry_it_was_given() -> None:
    class Counting(Retry):
        counted = 0

        def send(self, request: Request, /) -> Response:
            Counting.counted += 1
            return super().send(request)

    client(one(), b"", retry=Counting(backoff=0))[0].call("it")
    assert Counting.counted == 1


def test_a_connection_that_was_refused_is_tried_again_also_for_a_post() -> None:
    api = Api(one(), base_url=f"http://127.0.0.1:{closed_port()}", retry=QUICK)
    with pytest.raises(
        TransportError, match=r"cannot connect.*it never reached the server\n(.*\n){2}.*limit of attempts is 3"
    ):
        api.call("it")


def test_a_post_whose_connection_broke_is_not() -> None:
    with Server(Cut(reset=True)) as server, Api(one(), base_url=server.url, retry=QUICK) as api:
        with pytest.raises(TransportError, match="may have reached the server; not sent again: it may have been done"):
            api.call("it")
        assert len(server.heard) == 1


def test_each_attempt_has_the_same_bytes() -> None:
    def answer(_: Heard) -> bytes:
        return http(503 if len(server.heard) < 3 else 200, b"", None)

    source = one({"requestBody": body({"type": "string"})})
    with Server(answer) as server, Api(source, base_url=server.url, retry=QUICK) as api:
        assert api.request("it", "words").attempts == 3
    assert [heard.body for heard in server.heard] == [b'"words"'] * 3


def test_only_errors_of_the_network_are_caught() -> None:
    api, transport = client(one(), ZeroDivisionError(), retry=QUICK)
    with pytest.raises(ZeroDivisionError):
        api.call("it")
    assert len(transport.sent) == 1
    assert not issubclass(ZeroDivisionError, OdpError)


def test_a_retry_that_wraps_a_transport_brings_it_along() -> None:
    class Answering:
        def send(self, request: Request) -> Response:
            return Response(200, {"content-type": "application/json"}, b'{"city": "London"}', request)

    api = Api(retry=Retry(Answering()), credentials={"privateApiKey": "k"})
    assert api.call("getProfile", identifier_field="email", identifier_value="ada@example.com") == {"city": "London"}
