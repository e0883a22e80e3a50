"""Whatever a network or a server does: how often it is asked, what the caller is told, and in how long."""

from __future__ import annotations

import gc
import gzip
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.utils import formatdate
from typing import Any, NamedTuple

import pytest
import trustme

from odp_dynamic import Api, RequestsTransport, Retry, StatusError, TimedOut, TransportError
from odp_dynamic._values import Attempt
from tests.apis import body
from tests.documents import document
from tests.secure_servers import AUTHORITY, SecureServer, certificate
from tests.servers import Answer, Cut, Heard, Server, Stall, Trickle, closed_port, http, soon

DONE = {"responses": {"200": {"description": "done"}}}
SOURCE = document(
    paths={
        "/events": {"post": {"operationId": "event", "requestBody": body({"type": "string"}), **DONE}},
        "/people": {"get": {"operationId": "person", **DONE}},
    }
)
ARGUMENTS = {"event": ["bought"], "person": []}

# Seconds: to connect, to wait, one attempt, one call; and what a busy machine may add to a call.
CONNECT, WAIT, TOTAL, BUDGET, SCHEDULING = 0.25, 0.25, 0.4, 2.0, 0.05
RULES = Retry(attempts=2, backoff=0.001, budget=BUDGET)

TWICE = "it may have been done, and might then be done twice"
LIMIT = "the limit of attempts is 2"
SAME = "it would end the same way"
NONE = ""


class Fate(NamedTuple):
    """Is what becomes of a call, where two values stand: first of one that may not be repeated, then of one that may.

    `got` is the error, or the status of a StatusError; `ends` is why there was no further attempt.
    """

    got: type[TransportError] | int
    attempts: tuple[int, int]
    ends: tuple[str, str]
    sent: bool = True
    passing: bool = True

    def __call__(self, got: type[TransportError] | int) -> Fate:
        return self._replace(got=got)


LOST = Fate(TransportError, (1, 2), (TWICE, LIMIT))
SLOW = LOST(TimedOut)
NEVER_SENT = Fate(TransportError, (2, 2), (LIMIT, LIMIT), sent=False)
IN_VAIN = Fate(TransportError, (1, 1), (TWICE, SAME), passing=False)
NEVER_SENT_IN_VAIN = Fate(TransportError, (1, 1), (SAME, SAME), sent=False, passing=False)
NOT_DONE = Fate(429, (2, 2), (LIMIT, LIMIT))
MAY_BE_DONE = Fate(502, (1, 2), (TWICE, LIMIT))
FAILED = Fate(500, (1, 1), (NONE, NONE))


class Row(NamedTuple):
    """Is what a server does and what becomes of the calls.

    `heard` is how many requests the server sees in an attempt. `at` is where the calls go, the server's URL when it is
    None; `proxy` makes the server the proxy to there. `told` is in the error.
    """

    about: str
    answer: Answer | Callable[[Heard], Answer]
    fate: Fate
    told: str = ""
    heard: int = 1
    reads: bool = True
    context: ssl.SSLContext | None = None
    at: str | None = None
    proxy: bool = False


def head(*fields: str) -> bytes:
    """Return the head of an answer that says nothing of its length."""
    return "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/plain", *fields, "", ""]).encode()


def chunks(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def self_signed() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


def asking_to_wait(value: str) -> bytes:
    return http(429, Retry_After=value)


CHUNKED = "Transfer-Encoding: chunked"
GZIP = "Content-Encoding: gzip"
LARGEST = 100_000
NOWHERE = f"127.0.0.1:{closed_port()}"
FULL = http(200, "x" * 100, "text/plain")
MUCH = b"x" * (LARGEST + 1)
BOMB = gzip.compress(bytes(5_000_000))
LARGE = f"the answer is larger than {LARGEST:,} bytes"

TABLE = [
    # Connecting
    Row("refused", b"", NEVER_SENT, "cannot connect", heard=0, at=f"http://{NOWHERE}"),
    Row(
        "TLS: the certificate is another host's",
        FULL,
        NEVER_SENT_IN_VAIN,
        "mismatch",
        0,
        context=certificate("other.test"),
    ),
    Row("TLS: of an authority not trusted", FULL, NEVER_SENT_IN_VAIN, "is not trusted", 0, context=self_signed()),
    Row("TLS to a plain port", Trickle(http(400), b"   "), NEVER_SENT, "no secure", 0, reads=False, at="https"),
    Row(
        "TLS: no handshake",
        Stall(),
        NEVER_SENT(TimedOut),
        "could not connect within 0.25 s",
        0,
        reads=False,
        at="https",
    ),
    Row("plain to a TLS port", FULL, LOST, heard=0, context=certificate("127.0.0.1"), at="http"),
    Row("the proxy refuses", http(403), NEVER_SENT, "the proxy", at=f"https://{NOWHERE}", proxy=True),
    Row("the proxy hangs", Stall(), NEVER_SENT(TimedOut), "connect", at=f"https://{NOWHERE}", proxy=True),
    Row("the proxy trickles", Trickle(b"", FULL), NEVER_SENT(TimedOut), at=f"https://{NOWHERE}", proxy=True),
    # Breaking
    Row("reset before it is read", Cut(reset=True), LOST, "broke", heard=0, reads=False),
    Row("closed before it is read", Cut(), LOST, "broke", heard=0, reads=False),
    Row("reset after it is read", Cut(reset=True), LOST, "broke"),
    Row("closed after it is read", Cut(), LOST, "broke"),
    Row("half a head", Cut(FULL[:30]), LOST, "broke"),
    Row("half a head, reset", Cut(FULL[:30], reset=True), LOST, "broke"),
    Row("half a body", Cut(FULL[:-9]), LOST, "broke"),
    Row("half a body, reset", Cut(FULL[:-9], reset=True), LOST, "broke"),
    Row("half a body, over TLS", Cut(FULL[:-9]), LOST, "broke", context=certificate("127.0.0.1")),
    Row("chunks, cut", Cut(head(CHUNKED) + chunks(b"one") + b"5\r\ntw"), LOST, "broke"),
    Row("chunks, no last one", Cut(head(CHUNKED) + chunks(b"one", b"two")), LOST, "broke"),
    Row("half a gzipped body", Cut(head(GZIP, f"Content-Length: {len(BOMB)}") + BOMB[:99]), LOST, "broke"),
    # Hanging
    Row("it hangs", Stall(), SLOW, f"no whole answer within {WAIT} s"),
    Row("it hangs in the head", Stall(FULL[:30]), SLOW, f"within {WAIT} s"),
    Row("it hangs in the body", Stall(FULL[:-9]), SLOW, f"within {WAIT} s"),
    Row("it hangs over TLS", Stall(FULL[:-9]), SLOW, f"within {WAIT} s", context=certificate("127.0.0.1")),
    Row("it hangs in a chunk", Stall(head(CHUNKED) + b"5\r\ntw"), SLOW, f"within {WAIT} s"),
    Row("it trickles the head", Trickle(b"", FULL), SLOW, f"within {TOTAL} s"),
    Row("it trickles the body", Trickle(FULL[:-99], b"x" * 99), SLOW, f"within {TOTAL} s"),
    Row("it trickles over TLS", Trickle(b"", FULL), SLOW, f"within {TOTAL} s", context=certificate("127.0.0.1")),
    Row("it trickles chunks", Trickle(head(CHUNKED), chunks(*[b"x"] * 20)), SLOW, f"within {TOTAL} s"),
    Row("it trickles without an end", Trickle(head(), b"x" * 99), SLOW, f"within {TOTAL} s"),
    Row("it trickles gzip", Trickle(head(GZIP), BOMB), SLOW, f"within {TOTAL} s"),
    # Refusing
    Row("429", http(429), NOT_DONE),
    Row("429, in no time", asking_to_wait("0"), NOT_DONE),
    Row("429, in a negative time", asking_to_wait("-5"), NOT_DONE),
    Row("429, at a date in the past", asking_to_wait("Wed, 21 Oct 2015 07:28:00 GMT"), NOT_DONE),
    Row("429, in nonsense", asking_to_wait("soon"), NOT_DONE),
    Row("429, at a date that is none", asking_to_wait("Fri, 31 Feb 2027 99:59:59 GMT"), NOT_DONE),
    Row(
        "429, in an hour",
        asking_to_wait("3600"),
        Fate(429, (1, 1), ("the server asks to wait 3600 s, and 20 s is the longest wait",) * 2),
    ),
    Row(
        "429, in an absurd time",
        asking_to_wait("9" * 400),
        Fate(429, (1, 1), ("the server asks to wait inf s, and 20 s is the longest wait",) * 2),
    ),
    Row("429, later than the budget", asking_to_wait("3"), Fate(429, (1, 1), ("the budget of 2 s would be over",) * 2)),
    Row("a storm of 500", http(500), FAILED),
    Row("a storm of 501", http(501), FAILED(501)),
    Row("a storm of 502", http(502), MAY_BE_DONE),
    Row("a storm of 503", http(503), NOT_DONE(503)),
    Row("a storm of 504", http(504), MAY_BE_DONE(504)),
    # No HTTP
    Row("no HTTP", Cut(b"\x00\xff garbage\r\n\r\n"), LOST, "broke"),
    Row("no HTTP, before it is read", Trickle(b"220 mail ready\r\n", b"   "), LOST, heard=0, reads=False),
    Row("no status", Cut(b"HTTP/1.1 abc OK\r\n\r\n"), LOST, "broke"),
    Row("a field without end", Cut(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000), LOST, "broke"),
    Row("too many fields", Cut(head(*[f"A{n}: b" for n in range(200)])), LOST, "broke"),
    Row("two lengths", http(200, "x" * 7, Content_length="5"), LOST, "broke"),
    Row("chunks of no length", Cut(head(CHUNKED) + b"zz\r\nabc\r\n"), LOST, "broke"),
    Row("chunks of a negative length", Cut(head(CHUNKED) + b"-5\r\nabc\r\n0\r\n\r\n"), LOST, "broke"),
    Row("no gzip", http(200, "words", Content_Encoding="gzip"), LOST, "broke"),
    # Too much
    Row("a large body", http(200, MUCH), IN_VAIN, LARGE),
    Row("a body said to be large", Stall(head("Content-Length: 9999999999")), IN_VAIN, LARGE),
    Row("a body said to be absurdly large", Stall(head("Content-Length: " + "9" * 5_000)), IN_VAIN, LARGE),
    Row("large in chunks", head(CHUNKED) + chunks(MUCH) + chunks(b""), IN_VAIN, LARGE),
    Row("large without an end", Trickle(head() + MUCH + MUCH, MUCH), IN_VAIN, LARGE),
    Row("a gzip bomb", http(200, BOMB, Content_Encoding="gzip"), IN_VAIN, LARGE),
    Row("a gzip bomb in chunks", head(CHUNKED, GZIP) + chunks(BOMB) + chunks(b""), IN_VAIN, LARGE),
    Row(
        "large in chunks, with a length too",
        head("Content-Length: 5", CHUNKED) + chunks(MUCH) + chunks(b""),
        IN_VAIN,
        LARGE,
    ),
    # Elsewhere
    Row("to another origin", http(307, Location=f"http://{NOWHERE}/"), Fate(307, (1, 1), (NONE, NONE))),
    Row("in circles", lambda heard: http(307, Location=heard.target), IN_VAIN, "redirected more than 10 times", 11),
]


@pytest.fixture(autouse=True, scope="module")
def _no_leaks() -> Iterator[None]:
    """Give back every descriptor and thread; a socket that nobody closed is a warning, and so an error."""
    RequestsTransport().close()
    gc.collect()
    descriptors, threads = len(os.listdir("/dev/fd")), threading.active_count()  # noqa: PTH208  # names alone
    yield
    gc.collect()
    assert soon(lambda: len(os.listdir("/dev/fd")) <= descriptors), "a descriptor was left"  # noqa: PTH208  # as above
    assert soon(lambda: threading.active_count() <= threads), "a thread was left"


@pytest.fixture(autouse=True, scope="module")
def _trust(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REQUESTS_CA_BUNDLE", str(path))
        yield


def serving(answer: Any, *, reads: bool, context: ssl.SSLContext | None) -> Server:
    return SecureServer(answer, context, reads=reads) if context else Server(answer, reads=reads)


class Outcome(NamedTuple):
    """Is how a call ended: its error or None, what is told of its attempts, and the seconds that it took."""

    error: Any
    history: tuple[Attempt, ...]
    elapsed: float

    @property
    def got(self) -> Any:
        return self.error.status if isinstance(self.error, StatusError) else type(self.error)


def outcome(api: Api, name: str) -> Outcome:
    begun = time.monotonic()
    try:
        api.request(name, *ARGUMENTS[name])
    except (TransportError, StatusError) as error:
        told: Any = error.response if isinstance(error, StatusError) else error
        return Outcome(error, told.history, time.monotonic() - begun)
    return Outcome(None, (), time.monotonic() - begun)


def client(url: str, **settings: Any) -> Api:
    transport = RequestsTransport(largest_answer=LARGEST)
    rules = {"timeout": (CONNECT, WAIT, TOTAL), "retry": RULES, "transport": transport, **settings}
    return Api(SOURCE, base_url=url, **rules)


@pytest.mark.parametrize("name", ["event", "person"])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.about)
def test_each_fault_ends_as_the_table_says(row: Row, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No event is seen twice where the server may have taken it, no call is longer than its budget, nothing leaks."""
    which = ("event", "person").index(name)
    fate = row.fate
    answers: list[Answer] = []

    def answer(heard: Heard) -> Answer:
        answers.append(row.answer(heard) if callable(row.answer) else row.answer)
        return answers[-1]

    with ExitStack() as stack:
        server = stack.enter_context(serving(answer, reads=row.reads, context=row.context))
        if row.proxy:
            monkeypatch.setenv("HTTPS_PROXY", server.url)
        url = row.at or server.url
        api = stack.enter_context(client(url if "://" in url else f"{url}://{server.url.partition('://')[2]}"))
        ended = outcome(api, name)
        api.close()
        may_be_open = isinstance(row.answer, Stall) or not row.reads
        assert may_be_open or soon(lambda: server.open == 0), "the client has left a connection open"

    assert ended.got == fate.got
    assert row.told in str(ended.error)
    if not isinstance(ended.error, StatusError):
        assert (ended.error.sent, ended.error.passing) == (fate.sent, fate.passing)
    attempts = fate.attempts[which]
    told_of = 0 if fate.ends == (NONE, NONE) else attempts
    assert [attempt.number for attempt in ended.history] == list(range(1, told_of + 1))
    assert len(server.heard) == attempts * row.heard
    if ended.history:
        assert ended.history[-1].end == fate.ends[which]
    assert ended.elapsed <= min(BUDGET, attempts * TOTAL) * 1.1 + SCHEDULING
    taken = [given for given in answers if not may_be_not_taken(given)]
    assert name == "person" or not row.reads or row.proxy or len(taken) <= 1


def may_be_not_taken(answer: Answer) -> bool:
    """Tell whether an answer says that nothing was done."""
    return isinstance(answer, bytes) and answer.split(b" ", 2)[1] in {b"429", b"503", b"307"}


def test_the_budget_ends_the_attempt_under_way() -> None:
    with (
        Server(Trickle(b"", FULL)) as server,
        client(server.url, retry=Retry(attempts=9, backoff=0, budget=0.6)) as api,
    ):
        ended = outcome(api, "person")
    assert (ended.got, len(server.heard)) == (TimedOut, 2)
    assert "the budget of 0.6 s would be over" in ended.history[-1].end
    assert TOTAL < ended.elapsed <= 0.6 * 1.1 + SCHEDULING


@pytest.mark.parametrize("name", ["event", "person"])
def test_a_date_soon_is_waited_for(name: str) -> None:
    def answer(_: Heard) -> Answer:
        return asking_to_wait(formatdate(time.time() + 1, usegmt=True)) if len(server.heard) == 1 else http(200)

    with Server(answer) as server, client(server.url) as api:
        response = api.request(name, *ARGUMENTS[name])
    assert [attempt.status for attempt in response.history] == [429, 200]
    assert 0 <= (response.history[0].wait or 0) <= 1.1


@pytest.mark.parametrize("name", ["event", "person"])
def test_a_connection_that_the_server_has_closed_meanwhile_is_no_fault(name: str) -> None:
    with Server(Cut(http(200))) as server, client(server.url, retry=None) as api:
        for _ in range(3):
            api.call(name, *ARGUMENTS[name])
            assert soon(lambda: server.open == 0)
    assert (len(server.heard), server.connections) == (3, 3)


@pytest.mark.parametrize(("name", "heard"), [("event", 2), ("person", 3)])
def test_one_that_it_closes_while_it_is_asked_again_may_have_taken_it(name: str, heard: int) -> None:
    def answer(_: Heard) -> Answer:
        return Cut(reset=True) if len(server.heard) == 2 else http(200)

    with Server(answer) as server, client(server.url) as api:
        assert outcome(api, name).error is None
        ended = outcome(api, name)
    assert len(server.heard) == heard
    assert ended.error is None if name == "person" else (ended.got, ended.error.sent) == (TransportError, True)


@pytest.mark.parametrize("context", [None, certificate("127.0.0.1")], ids=["plain", "TLS"])
def test_a_server_that_reads_nothing_holds_a_large_body_no_longer_than_the_timeout(context: Any) -> None:
    with serving(Stall(), reads=False, context=context) as server, client(server.url) as api:
        begun = time.monotonic()
        with pytest.raises(TimedOut, match=f"within {TOTAL} s; it may have reached the server") as caught:
            api.call("event", "x" * 20_000_000)
        assert time.monotonic() - begun - caught.value.history[0].elapsed < 2  # checking and writing it
        assert caught.value.history[0].elapsed <= TOTAL * 1.1 + SCHEDULING


def test_connecting_in_steps_takes_no_longer_than_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow proxy, and then no handshake: each within the time to connect, together beyond the time in all."""

    def answer(_: Heard) -> Answer:
        time.sleep(0.2)
        return Stall(b"HTTP/1.1 200 Connected\r\n\r\n")

    with Server(answer) as proxy, client(f"https://{NOWHERE}", timeout=(0.25, 0.25, 0.3), retry=None) as api:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        begun = time.monotonic()
        with pytest.raises(TimedOut, match="it never reached the server"):
            api.call("person")
        assert time.monotonic() - begun <= 0.3 * 1.1 + SCHEDULING


def test_an_error_that_is_kept_keeps_no_connection_open() -> None:
    with Server(http(200, "words", Content_Encoding="gzip")) as server, client(server.url, retry=None) as api:
        kept = outcome(api, "person")
        api.close()
        assert soon(lambda: server.open == 0)
    assert kept.got is TransportError
