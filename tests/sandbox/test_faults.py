"""Faults: what goes wrong on purpose, and that it goes wrong the same way in process and on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic import Api, Retry
from odp_dynamic.errors import (
    InvalidResponse,
    NotFound,
    RateLimited,
    ServerError,
    SpecError,
    TimedOut,
    TransportError,
)
from odp_dynamic.sandbox import Fault, Sandbox
from odp_dynamic.sandbox._faultplan import Faults

from .conftest import Ask

ADA = {"email": "ada@example.com"}
EVENTS = [{"type": "order", "action": "purchase", "identifiers": ADA}]


@pytest.fixture(params=["in process", "on loopback"])
def api(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Api]:
    """Is a client of the sandbox that does not try again: without a socket, then with one."""
    if request.param == "in process":
        with sandbox.api(retry=None) as api:
            yield api
        return
    with (
        sandbox.serve() as served,
        Api(sandbox.document, base_url=served.url, credentials=sandbox.credentials, retry=None) as api,
    ):
        yield api


def is_known(sandbox: Sandbox) -> bool:
    """Tell whether the events were taken."""
    with sandbox.api() as api:
        try:
            api.call("getProfile", identifier_field="email", identifier_value="ada@example.com")
        except NotFound:
            return False
    return True


def send(api: Api) -> Any:
    return api.call("sendEvents", EVENTS)


class TestEveryKind:
    """In process and on loopback."""

    def test_a_status_comes_in_the_services_envelope(self, api: Api, sandbox: Sandbox) -> None:
        with sandbox.fault(operation="sendEvents", status=429, retry_after=7), pytest.raises(RateLimited) as caught:
            send(api)
        assert caught.value.retry_after == 7
        assert [problem.message for problem in caught.value.details] == ["Too Many Requests"]
        assert caught.value.response.data["title"] == "Too Many Requests"
        send(api)

    def test_a_status_may_have_no_retry_after_and_any_body(self, api: Api, sandbox: Sandbox) -> None:
        page = "<h1>Bad Gateway</h1>"
        sandbox.faults.add(Fault(status=502, body=page, content_type="text/html", times=1))
        with pytest.raises(ServerError) as caught:
            send(api)
        response = caught.value.response
        assert (response.status, response.content) == (502, page.encode())
        assert response.headers["Content-Type"] == "text/html"
        assert "Retry-After" not in response.headers

    def test_a_body_may_be_json_and_a_status_unheard_of(self, api: Api, sandbox: Sandbox) -> None:
        with sandbox.fault(status=599, body={"message": "Limit Exceeded"}), pytest.raises(ServerError) as caught:
            send(api)
        assert (caught.value.status, caught.value.response.data) == (599, {"message": "Limit Exceeded"})

    @pytest.mark.parametrize("kind", ["reset", "cut"])
    def test_a_connection_that_breaks_is_a_transport_error(self, api: Api, sandbox: Sandbox, kind: str) -> None:
        """And the client cannot know whether its events were taken."""
        with (
            sandbox.fault(kind=kind),
            pytest.raises(TransportError, match="broke before the answer was whole") as caught,
        ):
            send(api)
        assert caught.value.sent
        assert not isinstance(caught.value, TimedOut)
        send(api)

    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize(
        "told",
        [{"kind": "reset"}, {"kind": "cut"}, {"kind": "cut", "sent": 0}, {"kind": "invalid_json"}, {"status": 504}],
        ids=str,
    )
    def test_the_work_was_done_or_not(self, api: Api, sandbox: Sandbox, told: dict[str, Any], when: str) -> None:
        """Whoever sends again must live with both."""
        with (
            sandbox.fault(**told, when=when, operation="sendEvents"),
            pytest.raises((TransportError, InvalidResponse, ServerError)),
        ):
            send(api)
        assert is_known(sandbox) is (when == "after")

    def test_json_that_breaks_off_is_told_from_a_connection_that_does(self, api: Api, sandbox: Sandbox) -> None:
        with sandbox.fault(kind="invalid_json"), pytest.raises(InvalidResponse) as caught:
            send(api)
        response = caught.value.response
        assert response.content.startswith(b'{"title"')
        assert int(response.headers["Content-Length"]) == len(response.content)

    def test_a_wrong_content_type_is_an_invalid_response(self, api: Api, sandbox: Sandbox) -> None:
        with sandbox.fault(kind="content_type"), pytest.raises(InvalidResponse) as caught:
            api.call("listSegments")
        assert caught.value.response.headers["Content-Type"] == "text/html"

    def test_a_delay_is_waited_for(self, api: Api, sandbox: Sandbox) -> None:
        with sandbox.fault(delay=0.15):
            assert api.request("listSegments").elapsed >= 0.15

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_delay_beyond_the_timeout_is_timed_out_and_the_work_done(
        self, api: Api, sandbox: Sandbox, when: str
    ) -> None:
        begun = time.perf_counter()
        with sandbox.fault(delay=0.4, when=when), pytest.raises(TimedOut) as caught:
            send(api.using(timeout=(1, 0.1)))
        assert caught.value.sent
        assert time.perf_counter() - begun < 0.35
        time.sleep(0.5)
        assert is_known(sandbox)

    def test_a_trickle_comes_whole(self, api: Api, sandbox: Sandbox) -> None:
        quick = api.request("listSegments")
        with sandbox.fault(kind="trickle", piece=100, pause=0.03):
            slow = api.request("listSegments")
        assert slow.content == quick.content
        assert slow.elapsed >= 0.03 * (len(quick.content) // 100 - 1) > 0.05

    def test_a_trickle_that_takes_too_long_in_all_is_timed_out(self, api: Api, sandbox: Sandbox) -> None:
        """No piece of it comes late, and yet it has an end."""
        patient = api.using(timeout=(5, 5, 0.2))
        with sandbox.fault(kind="trickle", piece=1, pause=0.05), pytest.raises(TimedOut, match=r"within 0\.2 s"):
            patient.call("listSegments")

    def test_a_trickle_that_is_too_slow_is_timed_out(self, api: Api, sandbox: Sandbox) -> None:
        with sandbox.fault(kind="trickle", pause=0.4), pytest.raises(TimedOut):
            api.using(timeout=(1, 0.1)).call("listSegments")

    def test_pauses_within_the_timeout_are_none_of_its_business(self, api: Api, sandbox: Sandbox) -> None:
        with sandbox.fault(kind="trickle", piece=64, pause=0.06):
            assert api.using(timeout=(1, 0.3)).request("listSegments").elapsed > 0.3

    def test_retries_get_past_what_passes(self, api: Api, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault(status=503, retry_after=0, times=1), Fault(kind="reset", times=1))
        response = api.using(retry=Retry(backoff=0)).request("listSegments")
        assert (response.status, response.attempts) == (200, 3)

    def test_a_cut_of_an_answer_without_a_body_is_still_one(self, api: Api, sandbox: Sandbox) -> None:
        with sandbox.fault(kind="cut", sent=10_000), pytest.raises(TransportError):
            api.call("listSegments")

    def test_an_answer_that_refuses_is_spoilt_too(self, api: Api, sandbox: Sandbox) -> None:
        with sandbox.fault(kind="delay", delay=0.01, operation="getProfile"), pytest.raises(NotFound):
            api.call("getProfile", identifier_field="email", identifier_value="nobody@example.com")
        assert sandbox.journal.last.verdict == "refused"


class TestWhichRequests:
    def test_only_those_of_the_operation_are_hit(self, ask: Ask, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault(operation="listSegments", status=503))
        assert [ask("GET", path).status for path in ("/segments", "/schema/objects", "/nothing")] == [503, 200, 403]

    def test_a_fault_goes_when_it_has_hit_often_enough(self, ask: Ask, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault(status=503, skip=1, times=2), Fault(status=500, times=1))
        assert [ask("GET", "/segments").status for _ in range(5)] == [500, 503, 503, 200, 200]
        assert len(sandbox.faults) == 0

    def test_draws_follow_from_the_seed(self, ask: Ask, sandbox: Sandbox) -> None:
        """The same requests are hit in each run, whatever else is armed, and about as many as was said."""
        runs = []
        for seed in (7, 7, 8):
            with sandbox.fault(status=503, probability=0.3, seed=seed):
                runs.append([ask("GET", "/segments").status for _ in range(60)])
        assert runs[0] == runs[1] != runs[2]
        assert 8 <= runs[0].count(503) <= 30

    def test_threads_share_the_count(self, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault(status=503, times=10))
        with sandbox.api(retry=None, responses="ignore") as api, ThreadPoolExecutor(8) as pool:
            statuses = [future.exception() for future in [pool.submit(api.call, "listSegments") for _ in range(40)]]
        assert sum(error is not None for error in statuses) == 10

    def test_a_context_ends_only_its_own_fault(self, ask: Ask, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault(status=503))
        with sandbox.fault(status=503) as fault:
            assert list(sandbox.faults) == [Fault(status=503), fault]
        assert len(sandbox.faults) == 1
        sandbox.faults.clear()
        assert ask("GET", "/segments").status == 200

    def test_a_fault_needs_no_key(self, ask: Ask, sandbox: Sandbox) -> None:
        """As at the service's front door, which looks at none before it is overwhelmed."""
        with sandbox.fault(status=503):
            assert ask("GET", "/segments", key="").status == 503


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({}, "needs a status"),
    ({"kind": "rest"}, "'rest' is none; did you mean 'reset'"),
    ({"kind": ["reset"]}, "is none"),
    ({"status": 99}, "status must be from 200 to 599"),
    ({"status": True}, "status must be"),
    ({"status": 503, "times": 0}, "times must be a whole number from 1"),
    ({"status": 503, "probability": 0}, "probability must be above 0"),
    ({"status": 503, "probability": 1.1}, "at most 1"),
    ({"status": 503, "when": "later"}, "before or after"),
    ({"status": 503, "retry_after": "a\nb"}, "retry_after must be"),
    ({"status": 503, "retry_after": 0.5}, "whole seconds"),
    ({"delay": -1}, "delay must be"),
    ({"delay": float("inf")}, "delay must be"),
    ({"kind": "reset", "status": 503}, "'reset' has no status"),
    ({"kind": "delay", "delay": 1, "pause": 3}, "'delay' has no pause"),
    ({"kind": "trickle", "when": "before"}, "cannot come before"),
    ({"kind": "cut", "content_type": "x"}, "no content_type"),
    ({"operation": 5, "status": 503}, "the id of an operation"),
]


@pytest.mark.parametrize(("told", "words"), MISTAKES)
def test_a_fault_that_makes_no_sense_says_what_would(told: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Fault(**told)


def test_an_unknown_operation_names_the_closest(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="'getProfil'; did you mean 'getProfile'"):
        sandbox.faults.add(Fault(operation="getProfil", status=503))
    with pytest.raises(ValueError, match="no operation"), sandbox.fault(operation="x", status=503):
        pass
    assert len(sandbox.faults) == 0


def test_faults_are_read_from_a_file(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("- {operation: getProfile, status: 503, retry_after: 2, times: 2}\n- {kind: reset, skip: 1}\n")
    sandbox.faults.load(file)
    assert list(sandbox.faults) == [
        Fault(operation="getProfile", status=503, retry_after=2, times=2),
        Fault(kind="reset", skip=1),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "as a list"),
        ("- 5", "a mapping"),
        ("- {statu: 5}", "no 'statu'; did you mean 'status'"),
        ("- [", "not YAML"),
    ],
)
def test_a_file_that_tells_none_says_why(sandbox: Sandbox, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    with pytest.raises((ValueError, SpecError), match=rf"faults\.yaml.*{words}"):
        sandbox.faults.load(file)


def test_a_fault_tells_itself_as_it_was_told() -> None:
    fault = Fault(operation="getProfile", kind="cut", sent=5, when="before")
    assert fault.to_json() == {"kind": "cut", "when": "before", "operation": "getProfile", "sent": 5}
    assert str(Fault(status=503, delay=2)) == "503, 2 s late, before the work"
    faults = Faults(["getProfile"])
    assert repr(faults) == "<Faults: none>"
    faults.add(fault)
    assert repr(faults) == "<Faults: cut, before the work>"


def test_closing_the_server_ends_a_delay(sandbox: Sandbox) -> None:
    with sandbox.fault(delay=60), ThreadPoolExecutor(1) as pool:
        served = sandbox.serve()
        with Api(sandbox.document, base_url=served.url, credentials=sandbox.credentials, retry=None) as api:
            asked = pool.submit(api.call, "listSegments")
            time.sleep(0.3)
            begun = time.perf_counter()
            served.close()
            assert isinstance(asked.exception(timeout=10), TransportError)
            assert time.perf_counter() - begun < 2
