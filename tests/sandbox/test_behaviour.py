"""The settings for what nobody outside knows: each does what its words say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pydoc import TextDoc, plain
from typing import Any

import pytest

from odp_dynamic._document import bundled, load
from odp_dynamic.sandbox import Behaviour, Sandbox
from odp_dynamic.sandbox._behaviour import settings

from .conftest import Ask, in_process
from .people import event, people

ADA = {"email": "ada"}


def upsert(ask: Ask, **attributes: Any) -> int:
    return ask("POST", "/profiles", {"identifiers": ADA, "attributes": attributes}).status


def city(ask: Ask) -> Any:
    return ask("GET", "/profiles/email/ada?fields=city").data.get("city")


def after(ask: Ask, value: Any) -> tuple[int, Any]:
    upsert(ask, city="Rome")
    return upsert(ask, city=value), city(ask)


def events(ask: Ask, *sent: dict[str, Any]) -> tuple[int, int]:
    """Send a batch; return the status, and how many events Ada has."""
    status = ask("POST", "/events", list(sent)).status
    found = ask("GET", "/profiles/email/ada?fields=insights").data
    return status, found.get("insights", {}).get("events", 0)


def last_seen(ask: Ask) -> str:
    ask("POST", "/events", [event(ADA, ts=1_704_067_200_000)])
    return str(ask("GET", "/profiles/email/ada").data["insights"]["last_seen"])


def invalids(ask: Ask) -> int:
    return len(ask("POST", "/events", [event(ADA, ts="x"), {"type": "a"}]).data["detail"]["invalids"])


WRONG = [event(ADA), event(ADA, ts="soon"), {"type": 5}, event(ADA)]

# By setting, what happens for each of its values; the first is the default. `test_identities` has the rest.
CASES: dict[str, tuple[Callable[[Ask], Any], dict[Any, Any]]] = {
    "event_without_identifier": (
        lambda ask: events(ask, event({}), event(ADA)),
        {"dropped": (202, 1), "refused": (400, 0)},
    ),
    "profile_without_identifier": (
        lambda ask: ask("POST", "/profiles", {"attributes": {"city": "Rome"}}).status,
        {"refused": 400, "dropped": 200},
    ),
    "repeated_event": (
        lambda ask: events(ask, *[event(ADA, idempotence_id="1")] * 2),
        {"dropped": (202, 1), "stored": (202, 2)},
    ),
    "most_items": (lambda ask: events(ask, *[event(ADA)] * 501), {500: (400, 0), 501: (202, 501)}),
    "too_many_items": (
        lambda ask: events(ask, *[event(ADA)] * 501),
        {"refused": (400, 0), "accepted": (202, 501)},
    ),
    "empty_batch": (lambda ask: ask("POST", "/objects/products", []).status, {"accepted": 202, "refused": 400}),
    "invalid_items": (lambda ask: events(ask, *WRONG), {"refuse all": (400, 0), "refuse them": (400, 2)}),
    "invalids": (invalids, {"all": 2, "first": 1}),
    "wrong_type": (lambda ask: after(ask, 5), {"refused": (400, "Rome"), "ignored": (200, "Rome")}),
    "long_text": (
        lambda ask: after(ask, "x" * 1025),
        {
            "refused": (400, "Rome"),
            "cut": (200, "x" * 1024),
            "ignored": (200, "Rome"),
            "stored": (200, "x" * 1025),
        },
    ),
    "unknown_field": (
        lambda ask: (upsert(ask, shoe_size=39), ask("GET", "/profiles/email/ada?fields=shoe_size").data),
        {"ignored": (200, {}), "stored": (200, {"shoe_size": 39})},
    ),
    "null": (lambda ask: after(ask, None), {"clears": (200, None), "ignored": (200, "Rome")}),
    "blank": (lambda ask: after(ask, " "), {"stored": (200, " "), "clears": (200, None)}),
    "large_epoch": (
        last_seen,
        {"seconds": "1704067200000.0", "milliseconds": "2024-01-01T00:00:00.000Z"},
    ),
    "unknown_object": (
        lambda ask: ask("POST", "/objects/tickets", [{"object_id": "t"}]).status,
        {"refused": 400, "not found": 404, "dropped": 202},
    ),
}
ELSEWHERE = {
    "merge",
    "anonymous_profile",
    "unknown_identifier",
    "most_identifier_values",
    "forgotten_identifier",
    "email_case",
    "found_profile",
}


def with_404() -> Any:
    """Return the document, in which objects of an unknown type may be not found."""
    import copy

    root = copy.deepcopy(load(bundled()).root)
    root["paths"]["/objects/{object_type}"]["post"]["responses"]["404"] = {"description": "No such type"}
    return root


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, (_, ends) in CASES.items() for value in ends], ids=str
)
def test_a_setting_does_what_it_says(name: str, value: Any) -> None:
    happens, ends = CASES[name]
    settings: Any = {name: value}
    with Sandbox(document=with_404(), behaviour=Behaviour(**settings)) as sandbox:
        assert happens(in_process(sandbox)) == ends[value]


@pytest.mark.parametrize("name", CASES)
def test_the_default_is_the_first_word(name: str) -> None:
    assert getattr(Behaviour(), name) == next(iter(CASES[name][1]))


def test_a_text_may_be_as_long_as_it_may_be(ask: Ask) -> None:
    assert [upsert(ask, city="x" * length) for length in (1024, 1025)] == [200, 400]


def test_every_setting_is_tested() -> None:
    assert CASES.keys() | ELSEWHERE == {field.name for field in fields(Behaviour)}


def test_items_without_fault_keep_their_places_in_the_journal() -> None:
    with Sandbox(behaviour=Behaviour(invalid_items="refuse them")) as sandbox:
        reply = in_process(sandbox)("POST", "/events", WRONG)
        assert [fault["event"] for fault in reply.data["detail"]["invalids"]] == [1, 2, 2]
        told = sandbox.journal.last.outcomes
        assert [one.item for one in told if one.became == "stored"] == [0, 3]
        assert [one.item for one in told if one.became == "refused"] == [1, 2, 2]
        [person] = people(sandbox)
        assert len([one for one in person["timeline"] if one["what"] == "event"]) == 2


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"merge": "lastest"}, "merge has no 'lastest'; did you mean 'latest'?"),
        ({"null": "zzz"}, "null has no 'zzz': 'clears', 'ignored'"),
        ({"most_items": 0}, "most_items must be a number of at least 1"),
        ({"most_identifier_values": "x"}, "most_identifier_values must be a number of at least 1"),
    ],
)
def test_a_word_that_a_setting_does_not_have_is_refused(settings: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("?", r"\?")):
        Behaviour(**settings)


def test_help_tells_every_setting_with_its_words_the_default_first_and_why() -> None:
    told = plain(TextDoc().docclass(Behaviour))
    lines = [line.removeprefix(" |  ") for line in told.splitlines()]
    for name, (_, ends) in CASES.items():
        default = getattr(Behaviour(), name)
        words = f"a whole number from 1 ({default})" if isinstance(default, int) else " | ".join(map(repr, ends))
        assert f"{name}: {words}" in lines
    assert {field.name for field in fields(Behaviour)} <= {line.partition(":")[0] for line in lines}
    flat = " ".join(" ".join(lines).split())
    assert all(setting.why in flat and len(setting.why) > 40 for setting in settings())


def test_settings_may_be_told_as_text() -> None:
    assert Behaviour.of({"merge": "oldest", "most_items": "7"}) == Behaviour(merge="oldest", most_items=7)
    for wrong, told in [
        ({"merg": "oldest"}, "there is no setting 'merg'; did you mean 'merge'"),
        ({"most_items": "seven"}, "most_items must be a number of at least 1"),
        ({"most_items": "\u0667"}, "most_items must be a number of at least 1"),
    ]:
        with pytest.raises(ValueError, match=told):
            Behaviour.of(wrong)
