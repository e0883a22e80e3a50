"""`odp operations`: what can be called; and the shell completes what it lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic import Api
from odp_dynamic.cli import app

from .conftest import Odp, Process


def test_a_pipe_gets_json_of_all_operations(odp: Odp) -> None:
    rows = json.loads(odp("operations").stdout)
    assert [row["id"] for row in rows] == list(Api().operations)
    assert rows[0]["method"] == "POST"
    assert rows[0]["path"] == "/events"
    assert rows[0]["deprecated"] is False


def test_text_and_json_can_be_asked_for_before_and_after_the_command(odp: Odp) -> None:
    assert odp("--text", "operations").stdout == odp("operations", "--text").stdout
    assert odp("--text", "operations", "--json").stdout == odp("operations").stdout
    assert "operation " in odp("operations", "--text").stdout


def test_a_word_filters_by_id_path_summary_and_tag(odp: Odp) -> None:
    assert [row["id"] for row in json.loads(odp("operations", "SEGMENT").stdout)] == ["listSegments"]
    assert {row["id"] for row in json.loads(odp("operations", "/profiles").stdout)} == {"upsertProfile", "getProfile"}


def test_a_deprecated_operation_is_marked(odp: Odp, tmp_path: Path) -> None:
    operation = {"operationId": "old", "deprecated": True, "summary": "Old way", "responses": {}}
    document = {"openapi": "3.1.0", "info": {"title": "D", "version": "7"}, "paths": {"/a": {"get": operation}}}
    spec = tmp_path / "d.json"
    spec.write_text(json.dumps(document))
    assert "Old way (deprecated)" in odp("--spec", str(spec), "operations", "--text").stdout
    assert json.loads(odp("--spec", str(spec), "operations").stdout)[0]["deprecated"] is True


def test_documents_add_up(odp: Odp, tmp_path: Path) -> None:
    names = []
    for name in ("one", "two"):
        operation: dict[str, Any] = {"operationId": name, "responses": {}}
        document = {
            "openapi": "3.1.0",
            "info": {"title": "D", "version": "7"},
            "paths": {f"/{name}": {"get": operation}},
        }
        names.append(str(tmp_path / f"{name}.json"))
        Path(names[-1]).write_text(json.dumps(document))
    result = odp("--spec", names[0], "operations", "--spec", names[1])
    assert [row["id"] for row in json.loads(result.stdout)] == ["one", "two"]


def test_every_command_has_help_that_names_no_operation(odp: Odp) -> None:
    known = [*Api().operations, *Api().schemas]
    for name in app.list_commands(None):  # type: ignore[arg-type]  # it needs none
        result = odp(name, "--help")
        assert result.exit_code == 0
        assert not [word for word in known if word in result.stdout]
        assert "\\b" not in result.stdout
        assert [line for line in result.stdout.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize(
    ("words", "number", "completed"),
    [
        ("odp call getP", 2, ["getProfile"]),
        ("odp describe Segm", 2, ["Segment"]),
        ("odp validate listS", 2, ["listSchemaObjects", "listSegments"]),
        ("odp de", 1, ["demo", "describe"]),
        ("odp --spec nowhere.yaml call getP", 4, []),
    ],
)
def test_the_shell_completes_names_of_the_document(
    process: Process, words: str, number: int, completed: list[str]
) -> None:
    done = process(_ODP_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(number))
    assert [line.partition(",")[2] for line in done.stdout.splitlines() if line] == completed
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", ["operations", "describe getProfile", "describe Profile", "doctor", "validate EventInput -"]
)
def test_what_is_no_terminal_gets_json(odp: Odp, words: str) -> None:
    json.loads(odp(*words.split(), stdin="{}").stdout)
