"""`odp demo`: the tour keeps its promises, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import odp_dynamic.cli.demo as demo_module
from odp_dynamic import Api
from odp_dynamic.cli._tour import holds
from odp_dynamic.sandbox import Sandbox

from .conftest import Odp, Process


def test_the_tour_calls_every_operation_over_http_and_ends_well(process: Process) -> None:
    done = process("demo", HTTP_PROXY="http://127.0.0.1:1", http_proxy="http://127.0.0.1:1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for number, name in enumerate(Api().operations, 1):
        assert f"{number}/10" in done.stdout
        assert f"{name}  " in done.stdout
    assert "http://127.0.0.1:" in done.stdout
    assert "x-api-key: ***" in done.stdout
    assert "sandbox-private" not in done.stdout
    assert "✓ answer: 200 against Profile" in done.stdout
    assert "✓ request: body against ProfileInput" in done.stdout


def test_the_tour_is_taken_on_the_live_services_wire_too(odp: Odp) -> None:
    result = odp("demo", "--overlay", "odp-live-v3")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "/v3/profiles?customer_id=C-1815" in result.stdout
    assert "✓ request: 1 parameter (query.identifier)" in result.stdout
    assert "✓ answer: 403 against Forbidden" in result.stdout
    assert "10 operations called, each validated both ways" in result.stdout


def test_the_tour_of_another_document_is_none(odp: Odp) -> None:
    result = odp("--spec", "other.yaml", "demo")
    assert (result.exit_code, "leave --spec out" in result.stderr) == (2, True)


def test_no_tour_fits_every_document(odp: Odp, tmp_path: Path) -> None:
    overlay = tmp_path / "less.yaml"
    overlay.write_text(
        "{overlay: 1.1.0, info: {title: t, version: '1'}, actions: [{target: \"$.paths['/events']\", remove: true}]}"
    )
    result = odp("demo", "--overlay", str(overlay))
    assert result.exit_code == 2
    assert "no tour has its calls among these operations" in result.stderr


def test_the_tour_shows_a_bad_payload_refused_with_all_its_problems(odp: Odp) -> None:
    text = odp("demo").stdout
    for place in ("/0/type", "/0/action", "/1/type", "/1/identifiers/email"):
        assert f"✗ body {place}: " in text
    assert "nothing was sent: the sandbox has had 10 requests, as before" in text


def test_the_last_line_tells_how_to_go_live(odp: Odp) -> None:
    last = odp("demo").stdout.splitlines()[-1]
    assert "ODP_PUBLIC_API_KEY and ODP_PRIVATE_API_KEY" in last
    assert "base_url" in last


def test_the_tour_is_plain_text_of_80_columns_without_a_terminal(odp: Odp) -> None:
    text = odp("demo").stdout
    assert [line for line in text.splitlines() if len(line) > 80] == []
    assert "\x1b" not in text


def test_the_tour_needs_no_key_and_heeds_no_setting(odp: Odp) -> None:
    result = odp("demo", ODP_BASE_URL="http://127.0.0.1:1", ODP_SPEC="nowhere.yaml", ODP_SERVER="9")
    assert result.exit_code == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda tour: tour["calls"].pop(),
        lambda tour: tour["calls"][-1].update(expect=[{"name": "nobody"}]),
        lambda tour: tour["calls"][0].update(body={}),
        lambda tour: tour["refused"].update(body=[]),
        lambda tour: tour["refused"].update(expect=["/0/type"]),
    ],
    ids=["an operation is left out", "another answer", "a refused call", "a good bad payload", "other problems"],
)
def test_a_tour_that_does_not_keep_its_promise_is_1(odp: Odp, monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    tour = demo_module._tour_for(Sandbox().api())  # noqa: SLF001
    change(tour)
    monkeypatch.setattr(demo_module, "_tour_for", lambda _: tour)
    result = odp("demo")
    assert result.exit_code == 1
    assert "\n✗ " in result.stdout


@pytest.mark.parametrize(
    ("data", "expected", "held"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {"b": 1}, False),
        ([1, {"a": 1, "b": 2}], [{"a": 1}], True),
        ([], [1], False),
        (None, {}, False),
    ],
)
def test_what_is_expected_may_be_a_part(data: Any, expected: Any, held: bool) -> None:  # noqa: FBT001
    assert holds(data, expected) is held
