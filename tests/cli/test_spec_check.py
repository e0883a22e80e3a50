"""`odp spec check`: what is found of a document, for people, for programs and for GitHub, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.documents import document, write

from .conftest import Odp, Process

ANSWERS = {"responses": {"200": {"description": "d"}}}
HEAD = {"overlay": "1.1.0", "info": {"title": "t", "version": "v"}}


def with_operation(**more: Any) -> dict[str, Any]:
    return document(paths={"/a": {"get": {"operationId": "first", **ANSWERS, **more}}})


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        good=with_operation(),
        warned=with_operation(responses={"400": {"description": "d"}}),
        bad={**with_operation(), "tags": [{"name": "a,b\n%"}, {"name": "a,b\n%"}]},
        broken="openapi: 3.1.0\npaths: [\n",
        spoils={**HEAD, "actions": [{"target": "$.paths.*.*.responses", "update": {"ok": {}}}]},
        idle={**HEAD, "actions": [{"target": "$.nowhere", "update": {}}]},
    )
    monkeypatch.chdir(tmp_path)


def found(odp: Odp, *words: str) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = json.loads(odp("spec", "check", *words).stdout)
    return findings


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["good.yaml"], 0),
        (["good.yaml", "--strict"], 0),
        (["warned.yaml"], 0),
        (["warned.yaml", "--strict"], 1),
        (["bad.yaml"], 1),
        (["broken.yaml"], 1),
        (["good.yaml", "--overlay", "spoils.yaml"], 1),
        (["good.yaml", "--overlay", "idle.yaml", "--strict"], 1),
        (["none.yaml"], 2),
        (["good.yaml", "--overlay", "none.yaml"], 2),
        (["good.yaml", "--spec", "bad.yaml"], 2),
        (["--spec", "good.yaml", "--spec", "bad.yaml"], 2),
        (["good.yaml", "--format", "prose"], 2),
        (["good.yaml", "--env", "nobody"], 2),
    ],
)
def test_the_exit_code_follows_the_worst_level(odp: Odp, words: list[str], code: int) -> None:
    ran = odp("spec", "check", *words)
    assert ran.exit_code == code, ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_good_document_is_said_to_be_one(odp: Odp) -> None:
    ran = odp("spec", "check", "good.yaml", "--format", "text")
    assert (ran.stdout, ran.stderr) == ("nothing to tell\n", "nothing to tell\n")


def test_the_document_at_hand_is_the_bundled_one_or_what_options_and_variables_name(odp: Odp) -> None:
    assert found(odp) == []
    for words, environment in ((["--spec", "warned.yaml"], {}), ([], {"ODP_SPEC": "warned.yaml"})):
        ran = odp("spec", "check", *words, **environment)
        assert [finding["rule"] for finding in json.loads(ran.stdout)] == ["no-success-response"]


def test_people_get_a_line_for_each_with_file_and_line(odp: Odp) -> None:
    ran = odp("spec", "check", "warned.yaml", "--format", "text")
    line = Path("warned.yaml").read_text(encoding="utf-8").splitlines().index("      responses:") + 1
    place = f"warned.yaml:{line} /paths/~1a/get/responses"
    assert ran.stdout.startswith(f"warning  {place}: no answer is declared for success")
    assert ran.stdout.endswith("  no-success-response\n")
    assert ran.stderr == "1 warning\n"


def test_programs_get_what_a_finding_holds(odp: Odp) -> None:
    (finding,) = found(odp, "broken.yaml")
    assert finding.keys() == {"level", "rule", "pointer", "message", "line", "source"}
    assert (finding["rule"], finding["source"], finding["line"]) == ("refused", "broken.yaml", 3)


def test_github_gets_file_and_line_and_nothing_that_ends_a_command_early(odp: Odp) -> None:
    ran = odp("spec", "check", "bad.yaml", "--format", "github")
    (line,) = ran.stdout.splitlines()
    number = Path("bad.yaml").read_text(encoding="utf-8").splitlines()
    command, _, message = line.removeprefix("::").partition("::")
    properties = dict(pair.split("=") for pair in command.removeprefix("error ").split(","))
    assert properties["file"] == "bad.yaml"
    assert number[int(properties["line"]) - 1].startswith("- name")
    assert properties["title"] == "error%3A duplicate-tag"
    assert message.startswith("/tags/1: the tag 'a,b")


def test_a_document_from_elsewhere_has_no_file_for_github(odp: Odp, foreign_server: Callable[..., str]) -> None:
    text = Path("warned.yaml").read_bytes()
    url = f"{foreign_server(200, text)}/api.yaml"
    ran = odp("spec", "check", url, "--format", "github")
    assert ran.stdout.startswith("::warning title=")
    assert ran.exit_code == 0


def test_a_url_that_answers_nothing_is_an_error_as_everywhere(odp: Odp, foreign_server: Callable[..., str]) -> None:
    url = f"{foreign_server(404)}/api.yaml"
    ran, other = odp("spec", "check", url), odp("operations", "--spec", url)
    assert (ran.exit_code, ran.stderr) == (other.exit_code, other.stderr)
    assert ran.exit_code != 0


def test_the_text_goes_where_it_is_asked_to_go(odp: Odp) -> None:
    ran = odp("spec", "check", "bad.yaml", "-o", "out.json")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert json.loads(Path("out.json").read_text(encoding="utf-8"))[0]["rule"] == "duplicate-tag"
    assert odp("spec", "check", "good.yaml", "--format", "github", "-o", "out.txt").exit_code == 0
    assert Path("out.txt").read_text(encoding="utf-8").strip() == ""


def test_what_a_terminal_would_obey_is_made_harmless(odp: Odp) -> None:
    write(Path.cwd(), ringing={**with_operation(), "x\x1b[31m": 1})
    assert "\x1b" not in odp("spec", "check", "ringing.yaml", "--format", "text").stdout


def test_it_runs_as_a_program(process: Process) -> None:
    ran = process("spec", "check", "bad.yaml")
    assert ran.returncode == 1
    assert [finding["rule"] for finding in yaml.safe_load(ran.stdout)] == ["duplicate-tag"]


def test_a_file_has_no_colours_and_an_error_names_it(odp: Odp, tmp_path: Path) -> None:
    assert odp("spec", "check", "bad.yaml", "--format", "text", "-o", "out.txt").exit_code == 1
    written = (tmp_path / "out.txt").read_text(encoding="utf-8")
    assert written.startswith("error  bad.yaml")
    assert "\x1b" not in written
    ran = odp("spec", "check", "bad.yaml", "-o", "no/out.txt")
    assert (ran.exit_code, ran.stderr) == (2, "Error: no/out.txt: No such file or directory\n")
