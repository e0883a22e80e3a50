"""Whatever a server answers, or does instead of answering, is the right error of the tree, in every mode."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any, NamedTuple

import pytest

from odp_dynamic import (
    Api,
    BadRequest,
    Conflict,
    InvalidResponse,
    NotAuthorized,
    NotFound,
    OdpError,
    RateLimited,
    ServerError,
    StatusError,
    TimedOut,
    TransportError,
)
from odp_dynamic._api import Responses
from odp_dynamic.errors import retry_after
from tests.apis import KEYS, answering, body, client, one, status
from tests.servers import Answer, Cut, Heard, Server, Stall, closed_port, http

MODES: tuple[Responses, ...] = ("raise", "warn", "record", "ignore")
HTML = "text/html; charset=utf-8"
PAGE = "<html>" + "x" * 10_000_000
BIG = json.dumps([{"name": "n" * 1000, "customer_count": 1}] * 10_000)
BIG_WRONG = json.dumps([{"name": "n" * 1000, "customer_count": "x"}] * 10_000)


class Case(NamedTuple):
    """Is an answer; `raises` is its error in every mode, `problem` what departs from the document.

    A departure raises InvalidResponse in the mode "raise" alone; `data` is what the other modes return.
    """

    about: str
    answer: Answer | Callable[[Heard], Answer]
    raises: type[OdpError] | None = None
    problem: str = ""
    data: Any = None


def to_itself(heard: Heard) -> bytes:
    return http(302, Location=heard.target)


def within(heard: Heard) -> bytes:
    return http(307, Location="/v3/moved") if not heard.target.endswith("moved") else http(200, "[]")


def chunked(text: str) -> bytes:
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    return f"{head}{len(text):x}\r\n{text}\r\n".encode()


CASES = [
    Case("what was promised", http(200, "[]"), data=[]),
    Case("with a byte order mark", http(200, "\ufeff[]"), data=[]),
    Case("without a type", http(200, "[]", None), data=[]),
    Case(
        "an undeclared 2xx",
        http(206, "[]"),
        problem="the status 206 is not declared; the document has 200, 401",
        data=[],
    ),
    Case("an undeclared 204", http(204), problem="the status 204 is not declared"),
    Case(
        "another type",
        http(200, "<x/>", "application/xml"),
        problem="is application/xml; the document promises application/json",
        data="<x/>",
    ),
    Case(
        "invalid JSON",
        http(200, '[{"secret": tell-nobody'),
        problem="is no readable application/json: the body is not JSON: line 1",
    ),
    Case("NaN", http(200, '[{"customer_count": NaN}]'), problem="NaN"),
    Case("deep JSON", http(200, "[" * 200_000), problem="nested too deeply"),
    Case("bytes that are no text", http(200, b"\xff\xfe\x00"), problem="is no readable"),
    Case("an empty body", http(200), problem="is empty; the document promises application/json"),
    Case("an empty body without a type", http(200, b"", None), problem="is empty"),
    Case("HTML with 200", http(200, "<html>", HTML), problem="is text/html", data="<html>"),
    Case(
        "a body that breaks its schema",
        http(200, '[{"customer_count": "tell-nobody"}]'),
        problem="/0/customer_count: must be an integer",
        data=[{"customer_count": "tell-nobody"}],
    ),
    Case("null", http(200, "null"), problem="must be an array, not null"),
    Case("10 MB", http(200, BIG), data=json.loads(BIG)),
    Case(
        "10 MB that break the schema",
        http(200, BIG_WRONG),
        problem="/9/customer_count: must be an integer",
        data=json.loads(BIG_WRONG),
    ),
    Case("10 MB of HTML", http(200, PAGE, HTML), problem="is text/html", data=PAGE),
    Case("a declared refusal", http(401, '{"message": "tell-nobody"}'), NotAuthorized),
    Case("400", http(400, "{}"), BadRequest),
    Case("403", http(403, '{"message":"Forbidden"}'), NotAuthorized),
    Case("404", http(404, b"", None), NotFound),
    Case("409", http(409, "{}"), Conflict),
    Case("418", http(418, "{}"), StatusError),
    Case("429", http(429, b"", None, Retry_After="7"), RateLimited),
    Case("500 with broken JSON", http(500, "{"), ServerError),
    Case("502 with HTML", http(502, "<h1>tell-nobody</h1>", HTML), ServerError),
    Case("503 with 10 MB of HTML", http(503, PAGE, HTML), ServerError),
    Case("599", http(599), ServerError),
    Case("a redirect within the origin", within, data=[]),
    Case("a redirect elsewhere", http(302, Location="https://other.test/"), StatusError),
    Case("a redirect to nowhere", http(302), StatusError),
    Case("a redirect to another scheme", http(301, Location="file:///etc/passwd"), StatusError),
    Case("a redirect in a circle", to_itself, TransportError),
    Case(
        "a redirect to the bare origin",
        lambda heard: http(302, Location=f"http://{heard.headers['host']}"),
        TransportError,
    ),
    Case("a redirect to no URL", http(302, Location="http://["), StatusError),
    Case("304", http(304), StatusError),
    Case("a body cut short", Cut(http(200, "[]" * 100)[:-50]), TransportError),
    Case("a chunk cut short", Cut(chunked("[]")), TransportError),
    Case("no answer", Cut(), TransportError),
    Case("a reset", Cut(reset=True), TransportError),
    Case("a reset within the body", Cut(http(200, "[]" * 100)[:-50], reset=True), TransportError),
    Case("no HTTP", b"hello\r\n\r\n", TransportError),
    Case("silence", Stall(), TimedOut),
    Case("silence within the body", Stall(http(200, "[]" * 100)[:-50]), TimedOut),
]


@contextmanager
def server_of(
    answer: Answer | Callable[[Heard], Answer], responses: Responses = "raise", **settings: Any
) -> Iterator[tuple[Api, Server]]:
    with Server(answer) as server:
        given = {"credentials": KEYS, "retry": None, "timeout": (2, 0.3), **settings}
        with Api(base_url=f"{server.url}/v3", responses=responses, **given) as api:
            yield api, server


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_each_answer_has_its_error_in_every_mode(case: Case, mode: Responses) -> None:
    expected = case.raises or (InvalidResponse if case.problem and mode == "raise" else None)
    with server_of(case.answer, mode) as (api, _), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        if expected is None:
            response = api.request("listSegments")
            assert response.data == case.data
            assert bool(response.problems) is bool(case.problem and mode != "ignore")
            told = "\n".join(map(str, response.problems))
        else:
            with pytest.raises(expected) as caught:
                api.call("listSegments")
            error: Any = caught.value
            request = error.request if isinstance(error, TransportError) else error.response.request
            assert request.operation == "listSegments"
            assert type(error) is expected
            told = f"{error}\n{error!r}"
            assert error.__notes__ == [f"Reproduce with: {api.prepare('listSegments').curl(values=False)}"]
    ours = [str(w.message) for w in warned if issubclass(w.category, UserWarning)]
    assert len(ours) == (mode == "warn" and case.problem != "")
    assert "tell-nobody" not in told + "".join(ours)
    if case.problem and mode != "ignore":
        assert case.problem in told


def test_a_warning_points_at_the_callers_line() -> None:
    with server_of(http(206, "[]"), "warn") as (api, _), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        api.call("listSegments")
        api.listSegments()
        api.send(api.prepare("listSegments"))
        api.request("listSegments")
    assert [w.filename for w in warned] == [__file__] * 4


def test_a_refused_connection_never_sent() -> None:
    with Api(base_url=f"http://127.0.0.1:{closed_port()}", credentials=KEYS, retry=None) as api:
        with pytest.raises(TransportError, match=r"cannot connect to 127\.0\.0\.1") as caught:
            api.call("getProfile", identifier_field="email", identifier_value="tell-nobody")
        assert (caught.value.sent, caught.value.request.operation) == (False, "getProfile")
        assert "tell-nobody" not in str(caught.value)


@pytest.mark.parametrize(
    "base",
    ["http://.", "http://" + "a" * 70 + ".test", "http://127.0.0.1:99999", "https://a b"],
    ids=str,
)
def test_a_host_that_cannot_be_is_an_error_of_the_tree(base: str) -> None:
    api = Api(one({"security": []}), base_url=base, retry=None)
    with pytest.raises(OdpError):
        api.call("it")


def test_a_redirect_that_no_one_follows_is_no_success() -> None:
    """Also where the document has a default for everything else."""
    answers = {**answering({"type": "array"}), "default": {"description": "anything"}}
    api, _ = client(one({"responses": answers}), status(302, headers={"Location": "/x"}))
    with pytest.raises(StatusError, match="302"):
        api.call("it")
    declared = {**answers, "3XX": {"description": "moved"}}
    assert client(one({"responses": declared}), status(302))[0].request("it").status == 302


@pytest.mark.parametrize(
    ("method", "code", "followed"),
    [("get", 302, True), ("get", 303, False), ("post", 302, False), ("post", 307, True), ("put", 308, True)],
)
def test_a_redirect_is_followed_only_as_the_same_request(method: str, code: int, followed: bool) -> None:  # noqa: FBT001  # a table's column
    def answer(heard: Heard) -> bytes:
        return http(code, Location="?moved") if "moved" not in heard.target else http(200)

    source = one({"requestBody": body({"type": "string"})}, method=method)
    with Server(answer) as server, Api(source, base_url=server.url, retry=None) as api:
        if followed:
            api.call("it", "words")
            assert (server.heard[0].method, server.heard[0].body) == (server.heard[1].method, server.heard[1].body)
        else:
            with pytest.raises(StatusError):
                api.call("it", "words")
            assert len(server.heard) == 1


ENVELOPES: list[tuple[str, Any, list[tuple[str, str, str]]]] = [
    ("detail.message", {"title": "x", "status": 404, "detail": {"message": "m"}}, [("server", "", "m")]),
    (
        "data plane",
        {"detail": {"invalids": [{"event": 0, "message": "a"}, {"event": 3, "message": "b"}]}},
        [("body", "/0", "a"), ("body", "/3", "b")],
    ),
    (
        "control plane",
        {
            "detail": {
                "invalids": [
                    {"field": "name", "reason": "a"},
                    {"field": "relations[0].child_object", "reason": ["b", "c"]},
                ]
            }
        },
        [
            ("body", "/name", "a"),
            ("body", "/relations/0/child_object", "b"),
            ("body", "/relations/0/child_object", "c"),
        ],
    ),
    ("gateway", {"message": "Forbidden"}, [("server", "", "Forbidden")]),
    ("segments", {"status": 400, "request_id": "r", "message": "m"}, [("server", "", "m")]),
    ("GraphQL", {"errors": [{"message": "a"}, {"message": "b"}]}, [("server", "", "a"), ("server", "", "b")]),
    ("RFC 9457", {"title": "t", "detail": "d"}, [("server", "", "d")]),
    ("a title", {"title": "t"}, [("server", "", "t")]),
    ("empty invalids", {"detail": {"invalids": [], "message": "m"}}, [("server", "", "m")]),
    (
        "an invalid without words",
        {"detail": {"invalids": [{"event": 1}]}},
        [("body", "/1", "is refused without a reason")],
    ),
    ("errors that are words", {"errors": ["a"]}, [("server", "", "a")]),
    ("nothing", {}, []),
    ("null", None, []),
    ("a list", ["x"], []),
    ("words", "x", []),
    ("oddities", {"detail": {"invalids": "x", "message": 5}, "errors": [None], "message": {}}, []),
]


@pytest.mark.parametrize(
    ("about", "data", "faults"), ENVELOPES, ids=lambda part: part if isinstance(part, str) and len(part) > 1 else ""
)
def test_the_services_faults_have_one_form(about: str, data: Any, faults: Any) -> None:
    api, _ = client(None, status(400, data))
    with pytest.raises(BadRequest) as caught:
        api.call("sendEvents", [])
    assert [(d.where, d.pointer, d.message) for d in caught.value.details] == faults, about
    assert caught.value.response.data == data
    assert not faults or "in .details (" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("٣", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0),
        (formatdate(4e9, usegmt=True), 1e9),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    api, _ = client(None, status(429, headers={"Retry-After": header}))
    with pytest.raises(RateLimited) as caught:
        api.using(retry=None).call("listSegments")
    wait = caught.value.retry_after
    assert (wait is None) if seconds is None else (wait is not None and wait >= seconds)
    assert ("slow down" if seconds is None else "wait ") in str(caught.value)


@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S", "%a %b %d %H:%M:%S %Y"])
def test_a_date_is_meant_in_utc_wherever_the_caller_is(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9110, 5.6.7: also in the form of asctime(), which names no zone."""
    with monkeypatch.context() as environment:
        environment.setenv("TZ", "America/New_York")
        time.tzset()
        wait = retry_after({"Retry-After": time.strftime(form, time.gmtime(time.time() + 100))})
    time.tzset()
    assert wait is not None
    assert 90 < wait <= 100


def test_a_promised_header_is_missed() -> None:
    headers = {
        "X-Total": {"required": True, "schema": {}},
        "X-Other": {"schema": {}},
        "Content-Type": {"required": True},
    }
    source = one({"responses": {"200": {"description": "ok", "headers": headers}}})
    with pytest.raises(InvalidResponse) as caught:
        client(source, b"")[0].call("it")
    assert [p.where for p in caught.value.problems] == ["response.X-Total"]
    named = client(source, status(200, headers={"x-total": "1"}), responses="record")[0].request("it")
    assert not [p for p in named.problems if p.where == "response.X-Total"], "names of header fields have no case"
