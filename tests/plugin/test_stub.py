"""`odp_stub`: answers that the document allows, for calls that it allows, and what is said where they differ."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from odp_dynamic import (
    Api,
    InvalidResponse,
    RateLimited,
    Retry,
    StatusError,
    TimedOut,
    TransportError,
    UnknownOperation,
)
from odp_dynamic._document import load
from odp_dynamic.pytest_plugin import ANY, InvalidStub, Unscripted
from odp_dynamic.pytest_plugin._documents import document_at
from odp_dynamic.pytest_plugin._stubs import Stubs
from tests.apis import one
from tests.plugin.conftest import ADA, Run

pytest_plugins = ["pytester"]
Act = Callable[[Stubs], Any]


@pytest.fixture
def stub() -> Stubs:
    """Return a script whose end no hook looks at."""
    return Stubs(document_at(None))


def ada(stub: Stubs, **more: Any) -> Any:
    return stub.api.call("getProfile", identifier_field="email", identifier_value="ada@example.com", **more)


def refused(act: Act, stub: Stubs) -> str:
    with pytest.raises(InvalidStub) as caught:
        act(stub)
    return str(caught.value)


def missed(act: Act, stub: Stubs) -> str:
    with pytest.raises(Unscripted) as caught:
        act(stub)
    return str(caught.value)


def test_a_call_gets_the_scripted_answer_and_is_kept(odp_stub: Stubs) -> None:
    odp_stub.on("getProfile", identifier_value=ANY).returns({"first_name": "Ada"}, status=200)
    assert ada(odp_stub) == {"first_name": "Ada"}
    (call,) = odp_stub.calls
    assert call == ("getProfile", {"identifier_field": "email", "identifier_value": "ada@example.com"}, None)


def test_arguments_are_kept_as_the_document_writes_them(odp_stub: Stubs) -> None:
    odp_stub.on("sendEvents").returns()
    odp_stub.api.call("sendEvents", [{**ADA, "data": {"on": date(2026, 1, 2)}}])
    assert odp_stub.calls[0].body == [{**ADA, "data": {"on": "2026-01-02"}}]


def test_a_refusal_is_scripted_by_its_status_with_its_headers(odp_stub: Stubs) -> None:
    odp_stub.on("getProfile").returns({"detail": {"message": "gone"}}, status=404)
    with pytest.raises(StatusError) as caught:
        ada(odp_stub)
    assert [problem.message for problem in caught.value.details] == ["gone"]


def test_a_network_fails_as_scripted(odp_stub: Stubs) -> None:
    odp_stub.on("getProfile").raises(TimedOut).raises(TransportError, sent=False)
    for sent in (True, False):
        with pytest.raises(TransportError) as caught:
            ada(odp_stub)
        assert caught.value.sent is sent


def test_an_answer_that_breaks_the_document_is_scripted_as_such(odp_stub: Stubs) -> None:
    odp_stub.on("getProfile").breaks(b"{").breaks(b"{}", status=429, headers={"Retry-After": "7"})
    with pytest.raises(InvalidResponse):
        ada(odp_stub)
    with pytest.raises(RateLimited) as caught:
        ada(odp_stub)
    assert caught.value.retry_after == 7


def test_the_api_may_try_again(odp_stub: Stubs) -> None:
    odp_stub.on("getProfile").raises(TransportError).returns({})
    api = odp_stub.api.using(retry=Retry(backoff=0))
    assert api.call("getProfile", identifier_field="email", identifier_value="a") == {}
    assert len(odp_stub.calls) == 2


def test_another_api_may_use_the_stub_as_its_transport(odp_stub: Stubs) -> None:
    odp_stub.on("listSegments").returns([])
    assert Api(transport=odp_stub, credentials={"privateApiKey": "key"}).call("listSegments") == []


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda s: s.on("getProfile").returns({"email": 1, "segments": "x"}), ["/email: must", "/segments: must"]),
        (lambda s: s.on("getProfile").returns({}, status=500), ["status 500 is not declared; the document has 200"]),
        (lambda s: s.on("getProfile").returns(), ["is empty; the document promises application/json"]),
        (lambda s: s.on("getProfile").returns("x", content_type="text/html"), ["is text/html"]),
        (lambda s: s.on("getProfile").returns({"insights": {"x": object()}}), ["cannot be written: /insights/x"]),
        (lambda s: s.on("getProfile").breaks(b"{}"), ["the document allows this answer; script it with returns()"]),
        (lambda s: s.on("getProfile").raises(OSError), ["a transport raises TransportError", "not OSError"]),
        (lambda s: s.on("getProfile").raises(RateLimited), ["not RateLimited; a refusal is a status"]),
        (lambda s: s.on("getProfile", identifier_valu=ANY), ["did you mean 'identifier_value'?"]),
        (lambda s: s.on("getProfile", fields=3), ["query.fields: must be a string"]),
        (lambda s: s.on("getProfile", [ADA]), ["body: is not taken by this operation"]),
        (lambda s: s.on("sendEvents", [{"type": 1}]), ["/0/type: must be a string", "/0/action: is required"]),
    ],
)
def test_what_the_document_does_not_allow_is_refused_where_it_is_scripted(
    stub: Stubs, act: Act, told: list[str]
) -> None:
    sentence = refused(act, stub)
    assert sentence.startswith(("getProfile: ", "sendEvents: "))
    assert [part for part in told if part not in sentence] == []


def test_an_operation_that_is_none_is_told_with_the_closest(stub: Stubs) -> None:
    with pytest.raises(UnknownOperation, match="did you mean 'getProfile'"):
        stub.on("getProfil")


@pytest.mark.parametrize("times", [0, -1, "1"])
def test_times_is_a_number_or_any(stub: Stubs, times: Any) -> None:
    with pytest.raises(ValueError, match="1 or more, or ANY"):
        stub.on("listSegments").returns([], times=times)


def test_answers_of_a_stub_are_given_in_turn_each_as_often_as_it_says(stub: Stubs) -> None:
    stub.on("getProfile").returns({"city": "London"}, times=2).returns({}, times=ANY)
    assert [ada(stub) for _ in range(5)] == [{"city": "London"}] * 2 + [{}] * 3
    assert not stub.difference()


def test_the_first_stub_that_matches_answers(stub: Stubs) -> None:
    stub.on("getProfile", identifier_value="bob").returns({"first_name": "Bob"})
    stub.on("getProfile", identifier_value="ada@example.com").returns({"first_name": "Ada"})
    stub.on("getProfile").returns({"first_name": "Anybody"})
    assert [ada(stub), ada(stub)] == [{"first_name": "Ada"}, {"first_name": "Anybody"}]


MATCHING: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({"identifier_value": "a"}, {}, []),
    ({"path.identifier_value": "a"}, {}, []),
    ({"identifier_value": "b"}, {}, ["identifier_value is 'a', not 'b'"]),
    ({"identifier_value": "b", "identifier_field": "c"}, {}, ["identifier_value is", "identifier_field is"]),
    ({"fields": ANY}, {"fields": "city"}, []),
    ({"fields": ANY}, {}, ["fields is not given"]),
    ({"fields": None}, {}, []),
    ({"fields": None}, {"fields": "city"}, ["fields is given"]),
]


@pytest.mark.parametrize(("wanted", "given", "reasons"), MATCHING)
def test_a_parameter_is_equal_or_any_or_none_or_not_looked_at(
    stub: Stubs, wanted: dict[str, Any], given: dict[str, Any], reasons: list[str]
) -> None:
    stub.on("getProfile", **wanted).returns({})

    def act(stub: Stubs) -> None:
        stub.api.call("getProfile", identifier_field="email", identifier_value="a", **given)

    if reasons:
        sentence = missed(act, stub)
        assert [reason for reason in reasons if reason not in sentence] == []
    else:
        act(stub)


BODIES: list[tuple[Any, list[str]]] = [
    ([ADA], []),
    ([{**ADA, "identifiers": ANY}], []),
    ([{**ADA, "identifiers": {"email": ANY}}], []),
    (ANY, []),
    ([{**ADA, "action": "view"}], ["body /0/action is 'purchase', not 'view'"]),
    ([{**ADA, "data": {}}], ["body /0/data is missing"]),
    ([{"type": "order", "action": ANY}], ["body /0/identifiers is not expected"]),
    ([ADA, ADA], ["body has 1 items, not 2"]),
    ([{**ADA, "action": "x" * 100}], ["…"]),
]


@pytest.mark.parametrize(("wanted", "reasons"), BODIES)
def test_a_body_is_compared_place_by_place(stub: Stubs, wanted: Any, reasons: list[str]) -> None:
    stub.on("sendEvents", wanted).returns()

    def act(stub: Stubs) -> None:
        stub.api.call("sendEvents", [ADA])

    if reasons:
        assert all(reason in missed(act, stub) for reason in reasons)
    else:
        act(stub)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"display_name": "Tickets"}, ""),
        ({"display_name": ANY}, ""),
        ({"display_name": "Notes"}, "body /display_name is 'Tickets', not 'Notes'"),
        ({"description": ANY}, "body /description is missing"),
    ],
)
def test_properties_of_a_body_are_named_like_arguments(stub: Stubs, wanted: dict[str, Any], reason: str) -> None:
    stub.on("createSchemaObject", object_type="tickets", **wanted).returns()

    def act(stub: Stubs) -> None:
        stub.api.call("createSchemaObject", object_type="tickets", display_name="Tickets")

    if reason:
        assert reason in missed(act, stub)
    else:
        act(stub)


def test_a_body_that_is_no_object_has_no_properties(stub: Stubs) -> None:
    stub.on("createSchemaObject", display_name=ANY).returns()
    api = Api(one({"operationId": "createSchemaObject"}), transport=stub, retry=None)
    assert "body is no object" in missed(lambda _: api.call("createSchemaObject"), stub)


def test_what_json_cannot_write_is_refused_where_it_is_scripted(stub: Stubs) -> None:
    assert "query.fields: " in refused(lambda s: s.on("getProfile", fields=object()), stub)


def test_a_body_that_cannot_be_decoded_is_kept_as_it_was_sent(odp_stub: Stubs) -> None:
    odp_stub.on("sendEvents").returns()
    request = odp_stub.api.prepare("sendEvents", [ADA])
    odp_stub.api.send(request._replace(body=b"{", arguments=()))
    assert odp_stub.calls[0].body == b"{"


def test_an_argument_that_json_cannot_write_is_kept_as_it_is(odp_stub: Stubs) -> None:
    odp_stub.on("getProfile").returns({})
    request = odp_stub.api.prepare("getProfile", identifier_field="email", identifier_value="a")
    odp_stub.api.send(request._replace(arguments=(b"email", None)))
    assert odp_stub.calls[0].arguments == {"identifier_field": b"email"}


def test_any_body_may_be_expected_where_the_document_describes_none() -> None:
    stub = Stubs(load(one({"requestBody": {"content": {"application/json": {}}}})))
    stub.on("it", {"x": 1}).returns()
    assert stub.api.call("it", {"x": 1}) is None


def test_scripts_and_stubs_show_what_they_are(stub: Stubs) -> None:
    assert repr(stub.on("listSegments")).startswith("<Stub listSegments() at ")
    assert repr(stub) == "<Stubs 1 scripted, 0 calls>"


def test_true_is_not_one(stub: Stubs) -> None:
    stub.on("sendEvents", [{**ADA, "data": {"n": 1}}]).returns()
    assert "/0/data/n is True, not 1" in missed(
        lambda s: s.api.call("sendEvents", [{**ADA, "data": {"n": True}}]), stub
    )


def test_a_call_that_no_stub_answers_is_told_with_the_reason_of_each(stub: Stubs) -> None:
    stub.on("getProfile", identifier_value="bob").returns({})
    stub.on("getProfile")
    stub.on("listSegments").returns([])
    lines = missed(ada, stub).splitlines()
    assert lines[0] == "no stub answers getProfile(identifier_field='email', identifier_value='ada@example.com')"
    assert lines[1].endswith("getProfile(identifier_value='bob')")
    assert "test_stub.py:" in lines[1]
    assert [line.strip() for line in lines[2::2]] == [
        "identifier_value is 'ada@example.com', not 'bob'",
        "has no answer; add .returns(…)",
        "is for another operation",
    ]


def test_a_call_too_many_is_told(stub: Stubs) -> None:
    stub.on("getProfile").returns({})
    ada(stub)
    assert "all its answers have been given" in missed(ada, stub)


def test_without_a_script_nothing_is_answered(stub: Stubs) -> None:
    assert missed(ada, stub).endswith("nothing is scripted")


class TestInOrder:
    """Calls come in the order of the script."""

    def test_kept(self, stub: Stubs) -> None:
        stub.in_order().on("getProfile").returns({}).returns({"city": "London"})
        stub.on("listSegments").returns([], times=ANY)
        stub.on("getProfile").returns({"city": "Paris"})
        assert [ada(stub), ada(stub)] == [{}, {"city": "London"}]
        assert stub.api.call("listSegments") == stub.api.call("listSegments") == []
        assert ada(stub) == {"city": "Paris"}
        assert missed(ada, stub).endswith("the script is at its end")

    def test_broken(self, stub: Stubs) -> None:
        stub.in_order().on("listSegments").returns([])
        stub.on("getProfile").returns({})
        assert "listSegments(), which is next in order, is for another operation" in missed(ada, stub)


def test_unused_answers_are_told_with_their_lines(stub: Stubs) -> None:
    stub.on("getProfile", identifier_value="bob").returns({}, times=2)
    stub.on("listSegments")
    stub.api.call("getProfile", identifier_field="email", identifier_value="bob")
    head, none, half = stub.difference().splitlines()
    assert head == "2 scripted answers were never asked for"
    assert none.endswith("listSegments() has no answer")
    assert half.endswith("getProfile(identifier_value='bob') → 200, given 1 of 2 times")


def test_any_survives_a_copy() -> None:
    assert deepcopy(ANY) is ANY
    assert repr(ANY) == "ANY"
    assert {ANY: 1}[ANY] == 1
    assert not ANY != 1  # noqa: SIM202  # this operator is the promise


UNUSED = """
def test_it(odp_stub):
    odp_stub.on("listSegments").returns([])
"""
SWALLOWED = """
def test_it(odp_stub):
    try:
        odp_stub.api.call("listSegments")
    except Exception:
        pass
"""
FAILING = """
def test_it(odp_stub):
    odp_stub.on("listSegments").returns([])
    assert 1 == 2
"""


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (UNUSED, "*1 scripted answer was never asked for"),
        (UNUSED, "*test_an_answer*.py:2: listSegments() → 200"),
        (SWALLOWED, "*no stub answers listSegments()"),
        (FAILING, "*assert 1 == 2"),
    ],
)
def test_an_answer_never_asked_for_and_a_call_swallowed_fail_the_test(run: Run, source: str, told: str) -> None:
    result = run(source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([told])
    if source is FAILING:
        result.stdout.no_fnmatch_line("*never asked for*")


def test_a_stub_that_is_invalid_fails_at_its_line(run: Run) -> None:
    result = run(
        """
        def test_it(odp_stub):
            odp_stub.on("getProfile").returns({"email": 1})
        """
    )
    result.stdout.fnmatch_lines([">*returns({*", "E *InvalidStub: getProfile: 1 problem*", "*.py:2: InvalidStub"])
