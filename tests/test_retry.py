"""A request is sent again only where that is safe, and never for long."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import pytest

from odp_dynamic import Api, OdpError, Request, Response, Retry, StatusError, TimedOut, TransportError
from tests.apis import Scripted, body, client, one, status
from tests.servers import Cut, Heard, Server, closed_port, http

QUICK = Retry(attempts=3, backoff=0.001)
REQUEST = Request("it", "GET", "https://api.test/a", {})


def lost(*, sent: bool) -> TransportError:
    return TransportError("lost", REQUEST, sent=sent)


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
    assert len(set(map(id, transport.sent))) == 1


@pytest.mark.parametrize(
    ("retry", "more", "error", "words"),
    [
        (QUICK, {}, lost(sent=True), "(attempt 1; sending it again might do it twice)"),
        (QUICK, {}, lost(sent=False), "(attempt 3 of 3)"),
        (QUICK, {"x-idempotent": True}, lost(sent=True), "(attempt 3 of 3)"),
        (Retry(budget=0), {"x-idempotent": True}, lost(sent=True), "(attempt 1; time is up)"),
        (Retry(budget=0), {}, lost(sent=False), "(attempt 1; time is up)"),
        (Retry(attempts=1), {}, lost(sent=True), "(attempt 1 of 1)"),
    ],
    ids=["unsafe", "never sent", "safe", "late", "late and never sent", "once"],
)
def test_an_error_says_how_often_and_why_no_more(retry: Retry, more: Any, error: TransportError, words: str) -> None:
    api, _ = client(one(more), error, retry=retry)
    with pytest.raises(TransportError) as caught:
        api.call("it")
    assert words in str(caught.value)
    error.message = "lost"


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


def test_retry_after_is_capped() -> None:
    """Whoever asks to wait for too long is not waited for, and not asked again before its time."""
    api, transport = client(one(), status(503, headers={"Retry-After": "3600"}), retry=Retry(longest=5))
    begun = time.monotonic()
    with pytest.raises(StatusError, match="503"):
        api.call("it")
    assert (len(transport.sent), time.monotonic() - begun < 1) == (1, True)


def test_no_wait_goes_beyond_the_budget() -> None:
    api, transport = client(one(), status(503, headers={"Retry-After": "2"}), retry=Retry(budget=1))
    begun = time.monotonic()
    with pytest.raises(StatusError):
        api.call("it")
    assert (len(transport.sent), time.monotonic() - begun < 1) == (1, True)


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
    assert repr(QUICK) == "Retry(attempts=3, backoff=0.001, longest=20.0, budget=60.0)"


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
    with pytest.raises(TransportError, match=r"cannot connect.*\(attempt 3 of 3\); it never reached the server"):
        api.call("it")


def test_a_post_whose_connection_broke_is_not() -> None:
    with Server(Cut(reset=True)) as server, Api(one(), base_url=server.url, retry=QUICK) as api:
        with pytest.raises(TransportError, match=r"might do it twice.*may have reached"):
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
