"""`odp doctor`: what can be called from here, and what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from odp_dynamic import Api

from .conftest import KEYS, Odp

LONG_KEYS = {name: f"{value}-0123456789-tail" for name, value in KEYS.items()}


def test_it_is_0_only_when_every_operation_can_be_called(odp: Odp) -> None:
    assert odp("--text", "doctor", **KEYS).exit_code == 0
    assert odp("--text", "doctor").exit_code == 1
    assert odp("--text", "doctor", **{**KEYS, "ODP_PRIVATE_API_KEY": " "}).exit_code == 1
    assert odp("--text", "doctor", "--base-url", "http://example.com", **KEYS).exit_code == 1


def test_it_says_what_cannot_be_called_and_what_to_do(odp: Odp) -> None:
    text = odp("--text", "doctor", ODP_PUBLIC_API_KEY="x" * 20).stdout
    assert "✓ sendEvents" in text
    assert "✗ getProfile" in text
    assert "✗ 3 of 10 operations can be called\n  set ODP_PRIVATE_API_KEY\n" in text


def test_it_shows_at_most_the_last_four_characters_of_a_key(odp: Odp) -> None:
    for form in ("--json", "--text"):
        shown = odp("--text", "doctor", form, **LONG_KEYS).stdout
        assert "tail" in shown
        assert "-tail" not in shown
        assert "canary" not in shown
        shown = odp("--text", "doctor", form, **KEYS).stdout
        assert "ends in" not in shown.replace('"ends_in": null', "")
        assert "canary" not in shown


def test_json_tells_all(odp: Odp) -> None:
    told = json.loads(odp("--text", "doctor", "--json", **KEYS).stdout)
    assert told["ok"] is True
    [document] = told["documents"]
    assert document["operations"] == 10
    assert document["openapi"] == "3.1.0"
    assert len(document["sha256"]) == 12
    assert document["origin"] == "the package"
    assert told["base_urls"] == ["https://api.zaius.com/v3"]
    assert [operation["id"] for operation in told["operations"]] == list(Api().operations)
    assert {"Python", "odp-dynamic", "requests"} <= set(told["versions"])


@pytest.fixture
def document_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    operation = {"operationId": "look", "responses": {"200": {"description": "seen"}}}
    document = {"openapi": "3.1.0", "info": {"title": "D", "version": "7"}, "paths": {"/": {"get": operation}}}
    (tmp_path / "d.json").write_text(json.dumps(document))
    return "d.json"


def test_it_says_where_the_document_is_from(odp: Odp, document_here: str) -> None:
    assert "from --spec, version 7" in odp("--text", "doctor", "--spec", document_here).stdout
    assert "from $ODP_SPEC, version 7" in odp("--text", "doctor", ODP_SPEC=document_here).stdout


def test_it_says_that_there_is_no_server(odp: Odp, document_here: str) -> None:
    result = odp("--text", "doctor", "--spec", document_here)
    assert result.exit_code == 1
    assert "--base-url" in result.stdout
    assert odp("--text", "doctor", "--spec", document_here, "--base-url", "http://127.0.0.1:1").exit_code == 0
