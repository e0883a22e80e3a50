"""Whatever comes over the wire: a clear refusal in the service's envelope or a clean end, and the server still up."""

from __future__ import annotations

import gzip
import http.client
import json
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._server import Served

MANY = 10_000_001
KEY = {"x-api-key": "sandbox-private"}
JSON = {**KEY, "Content-Type": "application/json"}
GET = b"GET /v3/segments HTTP/1.1\r\nHost: x\r\nx-api-key: sandbox-private\r\n"
POST = b"POST /v3/events HTTP/1.1\r\nHost: x\r\nx-api-key: sandbox-private\r\nContent-Type: application/json\r\n"
END = b"Connection: close\r\n\r\n"


class Heard(NamedTuple):
    """Is what came back: `status` is 0 where the connection was closed without a word."""

    status: int
    data: Any
    head: str


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with Sandbox() as sandbox, sandbox.serve(patience=0.5) as served:
        yield served


@pytest.fixture(autouse=True)
def _quiet_and_still_up(served: Served, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Hold for every test of this file: the server answers afterwards, and has printed nothing."""
    yield
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request("GET", "/v3/segments", headers=KEY)
    assert connection.getresponse().status == 200
    connection.close()
    assert capfd.readouterr() == ("", "")


def connect(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.port), timeout=10)


def heard(wire: socket.socket) -> Heard:
    """Read to the end; an answer is in the envelope, or empty."""
    answer = b""
    while piece := wire.recv(1 << 16):
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    return Heard(int(head.split()[1]) if head else 0, json.loads(body or b"null"), head.decode("latin-1"))


def sent(served: Served, *pieces: bytes, pause: float = 0.0, half_closed: bool = False) -> Heard:
    with connect(served) as wire:
        for piece in pieces:
            wire.sendall(piece)
            time.sleep(pause)
        if half_closed:
            wire.shutdown(socket.SHUT_WR)
        return heard(wire)


def posted(served: Served, body: Any, path: str = "/v3/events", **headers: str) -> Heard:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    told = {**JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request("POST", path, body, told)
    answer = connection.getresponse()
    heard = Heard(answer.status, json.loads(answer.read() or b"null"), "")
    connection.close()
    return heard


def assert_refused(heard: Heard, status: int) -> None:
    """Tell whether it is in one of the service's two envelopes."""
    assert heard.status == status
    assert set(heard.data) == {"message"} or (
        heard.data["status"] == status and heard.data["title"] and heard.data["detail"]
    )


BODIES: list[tuple[str, bytes, dict[str, str], int]] = [
    ("too large", b" " * MANY, {}, 413),
    ("as large as may be", b"[" + b" " * (MANY - 3) + b"]", {}, 202),
    ("large and wrong", b"[" + b'{"type":1},' * 100_000 + b"{}]", {}, 400),
    ("deep", b"[" * 100_000 + b"]" * 100_000, {}, 400),
    ("deep objects", b'{"a":' * 50_000 + b"1" + b"}" * 50_000, {}, 400),
    ("deep in an event", b'[{"type":"t","action":"a","data":{"x":' + b"[" * 900 + b"]" * 900 + b"}}]", {}, 400),
    ("utf-16", '[{"type":"t"}]'.encode("utf-16"), {}, 400),
    ("utf-32", '[{"type":"t"}]'.encode("utf-32"), {}, 400),
    ("latin-1", '[{"type":"ü"}]'.encode("latin-1"), {}, 400),
    ("byte order mark", "[]".encode("utf-8-sig"), {}, 400),
    ("zeros", b"\0" * 1000, {}, 400),
    ("compressed", gzip.compress(b"[]"), {"Content_Encoding": "gzip"}, 400),
    ("a huge number", b"[" + b"9" * 100_000 + b"]", {}, 400),
    ("an infinite number", b'[{"type":"t","action":"a","data":{"x":1e999}}]', {}, 400),
    ("many items", b"[" + b",".join([b"{}"] * 200_000) + b"]", {}, 400),
    ("a long key", b'[{"' + b"k" * 1_000_000 + b'":1}]', {}, 400),
    ("xml", b"<a/>", {"Content_Type": "application/xml"}, 400),
    ("a form", b"a=b", {"Content_Type": "application/x-www-form-urlencoded"}, 400),
    ("a strange media type", b"[]", {"Content_Type": ";;;=,/\xff"}, 400),
    ("a strange charset", b"[]", {"Content_Type": "application/json; charset=klingon"}, 202),
]


@pytest.mark.parametrize(("body", "headers", "status"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES])
def test_bodies(served: Served, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = posted(served, body, **headers)
    if status < 300:
        assert answer.status == status
    else:
        assert_refused(answer, status)


REQUESTS: list[tuple[str, bytes, int]] = [
    ("garbage", b"\x16\x03\x01\x02\x00\x01\xfc\xff\xfe\r\n\r\n", 400),
    ("words", b"hello\r\n\r\n", 400),
    ("empty lines", b"\r\n\r\n\r\n", 0),
    ("another protocol", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("no version", b"POST /v3/events\r\n\r\n", 400),
    ("a strange version", b"GET / HTTP/x.y\r\n\r\n", 400),
    ("a broken address", b"GET http://[::1/v3/segments HTTP/1.1\r\n" + END, 400),
    ("a huge target", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + END, 414),
    ("a large target", b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\n" + END, 403),
    ("a huge header", GET + b"X: " + b"a" * 1_000_000 + b"\r\n" + END, 431),
    ("many headers", GET + b"".join(b"X-%d: a\r\n" % n for n in range(5000)) + END, 431),
    ("a large header", GET + b"X: " + b"a" * 60_000 + b"\r\n" + END, 200),
    ("a header without a name", GET + b": x\r\n" + END, 200),
    ("a header of no ASCII", GET + b"X: \xff\xfe\x00\r\n" + END, 200),
    ("a key of no ASCII", GET.replace(b"sandbox-private", b"\xff\xfe") + END, 401),
    ("a bad cookie", GET + b"Cookie: a@b=c; ;;;=\r\n" + END, 200),
    ("an unknown method", b"BREW /v3/segments HTTP/1.1\r\n" + END, 403),
    ("a method of an attribute", b"server /v3/segments HTTP/1.1\r\n" + END, 403),
    ("an unknown path", b"GET /v3/nothing/at/all HTTP/1.1\r\n" + END, 403),
    ("a star", b"OPTIONS * HTTP/1.1\r\n" + END, 403),
    ("a path of no UTF-8", b"GET /v3/profiles/email/%ff HTTP/1.1\r\n" + END, 403),
    ("raw bytes in a path", b"GET /v3/profiles/email/\xff\xfe HTTP/1.1\r\nx-api-key: sandbox-private\r\n" + END, 403),
    ("a path of raw UTF-8", b"GET /v3/profiles/email/\xc3\xbc HTTP/1.1\r\nx-api-key: sandbox-private\r\n" + END, 404),
    ("a half escape", b"GET /v3/profiles/email/%f HTTP/1.1\r\nx-api-key: sandbox-private\r\n" + END, 404),
    ("a strange query", GET.replace(b"segments", b"segments?%ff=%fe&&==&a;b#c") + END, 200),
    ("a length that is none", POST + b"Content-Length: x\r\n" + END + b"[]", 400),
    ("a length below zero", POST + b"Content-Length: -1\r\n" + END + b"[]", 400),
    ("a length of another script", POST + "Content-Length: ²\r\n".encode("latin-1") + END, 400),
    ("an endless length", POST + b"Content-Length: " + b"9" * 5000 + b"\r\n" + END, 400),
    ("two lengths", POST + b"Content-Length: 2\r\nContent-Length: 3\r\n" + END + b"[]", 400),
    ("the same length twice", POST + b"Content-Length: 2\r\nContent-Length: 2\r\n" + END + b"[]", 202),
    ("no length", POST + END, 400),
    ("a length and chunks", POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n" + END + b"0\r\n\r\n", 400),
    ("another coding", POST + b"Transfer-Encoding: gzip\r\n" + END, 501),
    ("chunks", POST + b"Transfer-Encoding: chunked\r\n" + END + b"1;x=y\r\n[\r\n01\r\n]\r\n0\r\nT: x\r\n\r\n", 202),
    ("a bad chunk", POST + b"Transfer-Encoding: chunked\r\n" + END + b"zz\r\n[]\r\n0\r\n\r\n", 400),
    ("a negative chunk", POST + b"Transfer-Encoding: chunked\r\n" + END + b"-2\r\n[]\r\n0\r\n\r\n", 400),
    ("a chunk of the wrong size", POST + b"Transfer-Encoding: chunked\r\n" + END + b"1\r\n[]\r\n0\r\n\r\n", 400),
    ("endless trailers", POST + b"Transfer-Encoding: chunked\r\n" + END + b"0\r\n" + b"T: x\r\n" * 1000, 400),
]


@pytest.mark.parametrize(("request_", "status"), [case[1:] for case in REQUESTS], ids=[case[0] for case in REQUESTS])
def test_requests(served: Served, request_: bytes, status: int) -> None:
    answer = sent(served, request_, half_closed=True)
    if 200 <= status < 300 or status == 0:
        assert answer.status == status
    else:
        assert_refused(answer, status)


@pytest.mark.parametrize(
    "half",
    [
        GET,
        b"GET /v3",
        POST + b"Content-Length: 100\r\n\r\n[",
        POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[",
        POST + b"Transfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["headers", "line", "body", "chunk", "chunks"],
)
class TestHalfRequests:
    def test_a_client_that_has_no_more_to_say_is_answered(self, served: Served, half: bytes) -> None:
        """A connection that is closed on one side only: either the answer or a refusal comes back."""
        answer = sent(served, half, half_closed=True)
        assert answer.status in {0, 200, 400}
        assert not half.startswith(b"POST") or "body" in answer.data["detail"]["message"]

    def test_a_client_that_says_no_more_is_not_waited_for(self, served: Served, half: bytes) -> None:
        """And is told so where it had said enough to be answered."""
        begun = time.perf_counter()
        answer = sent(served, half)
        assert 0.4 < time.perf_counter() - begun < 5
        assert_refused(answer, 408) if half.startswith(b"POST") else None
        assert half.startswith(b"POST") or answer.status == 0

    def test_a_client_that_goes_away_leaves_no_trace(self, served: Served, half: bytes) -> None:
        with connect(served) as wire:
            wire.sendall(half)
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_client_that_does_not_wait_for_its_answer_leaves_no_trace(served: Served) -> None:
    for _ in range(20):
        with connect(served) as wire:
            wire.sendall((GET + b"\r\n") * 50)
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_any_bytes_are_answered_or_the_connection_ends(served: Served) -> None:
    """Good requests with a few bytes changed, and bytes that never were a request."""
    draw = random.Random(7)  # noqa: S311  # to be foreseen is its purpose
    good = [GET + END, POST + b"Content-Length: 2\r\n" + END + b"[]", REQUESTS[-4][1], draw.randbytes(300)]
    for turn in range(200):
        spoilt = bytearray(good[turn % len(good)])
        for _ in range(draw.randrange(1, 6)):
            spoilt[draw.randrange(len(spoilt))] = draw.choice(b"\r\n \t:;\x00\xff/?%0Zz[")
        with connect(served) as wire:
            wire.sendall(spoilt)
            wire.shutdown(socket.SHUT_WR)
            answer = wire.recv(1 << 16)
        assert not answer or answer.startswith(b"HTTP/1.1 ")


def test_an_application_that_fails_is_answered_for(caplog: pytest.LogCaptureFixture) -> None:
    def failing(*_: Any) -> Any:
        raise RuntimeError("of no use")

    with Served(failing, 0, "", lambda _: None, 5) as served:
        assert_refused(sent(served, GET + END), 500)
    assert "of no use" in caplog.text


def test_a_slow_client_is_answered(served: Served) -> None:
    request = POST + b"Content-Length: 2\r\n" + END + b"[]"
    pieces = [request[start : start + 12] for start in range(0, len(request), 12)]
    assert sent(served, *pieces, pause=0.02).status == 202


def test_slow_clients_keep_nobody_waiting(served: Served) -> None:
    waiting = [connect(served) for _ in range(30)]
    for wire in waiting:
        wire.sendall(POST + b"Content-Length: 5\r\n\r\n[")
    begun = time.perf_counter()
    assert sent(served, GET + END).status == 200
    assert time.perf_counter() - begun < 1
    for wire in waiting:
        wire.close()


def test_a_client_may_ask_whether_to_send_its_body(served: Served) -> None:
    with connect(served) as wire:
        wire.sendall(POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n" + END)
        assert wire.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(b"[]")
        assert heard(wire).status == 202


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(served: Served) -> None:
    begun = time.perf_counter()
    answer = sent(served, POST + b"Content-Length: 999999999999\r\nExpect: 100-continue\r\n" + END)
    assert_refused(answer, 413)
    assert "100 Continue" not in answer.head
    assert time.perf_counter() - begun < 5


def test_several_requests_may_come_at_once(served: Served) -> None:
    """Each is answered, in its order, though one of them is refused."""
    with connect(served) as wire:
        one = POST + b"Content-Length: 1\r\n\r\n"
        wire.sendall(GET + b"\r\n" + one + b"{" + GET + b"\r\n" + one + b"[" + GET + END)
        answer = b""
        while piece := wire.recv(1 << 16):
            answer += piece
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200", b"400", b"200", b"400", b"200"]


def test_fifty_connections_at_once(served: Served) -> None:
    together = threading.Barrier(50)

    def use(number: int) -> list[int]:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        connection.connect()
        together.wait(20)
        statuses = []
        for turn in range(4):
            connection.request("POST", "/v3/objects/products", json.dumps([{"object_id": f"{number}-{turn}"}]), JSON)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        return statuses

    with ThreadPoolExecutor(50) as pool:
        assert set(map(tuple, pool.map(use, range(50)))) == {(202,) * 4}


def test_an_idle_connection_is_closed_in_good_order(served: Served) -> None:
    with connect(served) as wire:
        wire.sendall(GET + b"\r\n")
        assert heard(wire).status == 200


def test_a_refusal_that_ends_the_connection_says_so(served: Served) -> None:
    assert "Connection: close" in sent(served, POST + b"Content-Length: x\r\n\r\n").head
    assert "Connection: close" in sent(served, b"nonsense\r\n\r\n").head


def test_what_can_be_read_of_it_stands_in_the_journal() -> None:
    with Sandbox() as sandbox, sandbox.serve() as served:
        sent(served, POST + b"Content-Length: x\r\n\r\n")
        entry = sandbox.journal.last
        assert (entry.operation, entry.status, entry.why) == (
            "sendEvents",
            400,
            "Content-Length must be one whole number",
        )
        sent(served, b"nonsense\r\n\r\n")
        assert len(sandbox.journal) == 1
