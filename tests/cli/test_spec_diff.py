"""`odp spec diff`: what changed, for people and for programs, wherever the two versions are."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from odp_dynamic.cli.spec._reports import FORMS
from tests.documents import write

from .conftest import Odp


def version(longest: int, *, body: bool = True) -> dict[str, Any]:
    """Return a document with two operations that share a schema."""
    text = {"$ref": "#/components/schemas/Text"}
    content = {"content": {"application/json": {"schema": text}}}
    operation = {"requestBody": content, "responses": {"200": {"description": ""}}}
    others = {"delete": {"operationId": "drop", "responses": {"200": {"description": ""}}}} if body else {}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t|`\x01", "version": str(longest)},
        "paths": {
            "/a": {"post": {"operationId": "first", **operation}, **others},
            "/b": {"post": {"operationId": "second", **operation}},
        },
        "components": {"schemas": {"Text": {"type": "string", "maxLength": longest}}},
    }


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overlay = {
        "overlay": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "actions": [{"target": "$.components.schemas.Text", "update": {"maxLength": 3}}],
    }
    write(tmp_path, old=version(10), new=version(5, body=False), shorter=overlay)
    monkeypatch.chdir(tmp_path)


def told(odp: Odp, *words: str) -> list[dict[str, Any]]:
    ran = odp("spec", "diff", *words)
    assert ran.exit_code == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def test_a_change_of_what_is_shared_is_told_once_with_its_operations_and_a_value_that_shows_it(odp: Odp) -> None:
    gone, shorter = told(odp, "old.yaml", "new.yaml")
    assert (gone["rule"], gone["operations"]) == ("operation-removed", ["drop"])
    assert (shorter["rule"], shorter["operations"]) == ("maxLength-narrowed", ["first", "second"])
    assert 5 < len(shorter["witness"]) <= 10
    assert "witness" not in gone


def test_nothing_changed_is_said(odp: Odp) -> None:
    ran = odp("spec", "diff", "old.yaml", "old.yaml", "--check", "--strict", "--format", "text")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "no change\n", "no change\n")


@pytest.mark.parametrize(
    ("old", "new", "words", "code"),
    [
        ("old.yaml", "new.yaml", [], 0),
        ("old.yaml", "new.yaml", ["--check"], 1),
        ("new.yaml", "old.yaml", ["--check", "--strict"], 0),
        ("old.yaml", "moved.yaml", ["--check"], 0),
        ("old.yaml", "moved.yaml", ["--check", "--strict"], 1),
    ],
)
def test_the_exit_code_follows_the_level(odp: Odp, old: str, new: str, words: list[str], code: int) -> None:
    moved = version(10)
    moved["paths"]["/c"] = moved["paths"].pop("/b")
    write(Path.cwd(), moved=moved)
    assert odp("spec", "diff", old, new, *words).exit_code == code


def test_overlays_go_upon_both_or_upon_one(odp: Odp) -> None:
    assert told(odp, "old.yaml", "old.yaml", "--overlay", "shorter.yaml") == []
    (change,) = told(odp, "old.yaml", "old.yaml", "--new-overlay", "shorter.yaml")
    assert (change["level"], change["reason"]) == ("breaking", "maxLength is 3, was 10")
    (back,) = told(odp, "old.yaml", "old.yaml", "--old-overlay", "shorter.yaml")
    assert back["level"] == "compatible"
    assert odp("spec", "diff", "old.yaml", "--new-overlay", "shorter.yaml").exit_code == 2


def test_the_document_at_hand_is_the_new_one_unless_another_is_given(odp: Odp) -> None:
    assert told(odp, "old.yaml", "--spec", "new.yaml") == told(odp, "old.yaml", "new.yaml")


def test_what_only_people_read_is_told_when_asked_for(odp: Odp) -> None:
    rules = {change["rule"] for change in told(odp, "old.yaml", "new.yaml", "--docs")}
    assert "version-changed" in rules


def test_markdown_is_a_table_whose_cells_hold(odp: Odp) -> None:
    ran = odp("spec", "diff", "old.yaml", "new.yaml", "--format", "markdown")
    count, blank, *rows = ran.stdout.splitlines()
    assert (count, blank) == ("**2 breaking**", "")
    assert {row.replace("\\|", "").count("|") for row in rows} == {5}


def test_github_gets_an_annotation_for_each_where_the_new_document_has_it(odp: Odp) -> None:
    ran = odp("spec", "diff", "old.yaml", "new.yaml", "--format", "github")
    line = Path("new.yaml").read_text(encoding="utf-8").splitlines().index("    Text:") + 1
    place = f"file=new.yaml,line={line}"
    assert ran.stdout.splitlines() == [
        "::error title=breaking%3A operation-removed::drop: operation: is gone: calls of it are refused",
        f"::error {place},title=breaking%3A maxLength-narrowed::first, second: body: maxLength is 5, was 10",
    ]


def test_junit_is_xml_in_which_what_is_breaking_has_failed(odp: Odp) -> None:
    odp("spec", "diff", "old.yaml", "new.yaml", "--docs", "--format", "junit", "-o", "report.xml")
    suite = ET.fromstring(Path("report.xml").read_text(encoding="utf-8"))  # noqa: S314  # our own
    assert (suite.attrib["tests"], suite.attrib["failures"]) == (str(len(suite)), "2")
    assert len(suite.findall("testcase/failure")) == 2


@pytest.mark.parametrize("form", FORMS)
def test_all_forms_tell_of_webhooks_callbacks_and_links_by_their_names(odp: Odp, form: str) -> None:
    """Whatever a document calls them: what would be read as part of the form is written otherwise."""

    def sending(longest: int, **link: str) -> dict[str, Any]:
        found = version(longest, body=False)
        body = {"content": {"application/json": {"schema": {"type": "string", "maxLength": longest}}}}
        sent = {"post": {"requestBody": body, "responses": {}}}
        operation = found["paths"]["/a"]["post"]
        operation["callbacks"] = {"on|data": {"{$request.body#/url}": sent}}
        operation["responses"]["200"]["links"] = {"next": {"operationId": "second", **link}}
        return found | {"webhooks": {"b`or\x01n": sent}}

    write(Path.cwd(), before=sending(3), after=sending(4, operationId="first"))
    ran = odp("spec", "diff", "before.yaml", "after.yaml", "--format", form, "--check")
    assert ran.exit_code == 1
    assert "\x01" not in ran.stdout
    names = ["on", "data (POST {$request.body#/url})", "webhook b", "(POST)", "link next of response 200"]
    if form == "json":
        names = ["body of callback on|data (POST {$request.body#/url})", "webhook b`or\\u0001n (POST)", *names[-1:]]
    assert all(name in ran.stdout for name in names)


def test_a_version_may_be_a_revision_in_git(odp: Odp) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", "old.yaml")
    git("commit", "-qm", "first")
    Path("old.yaml").write_text(Path("new.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert [c["rule"] for c in told(odp, "HEAD:old.yaml", "old.yaml")] == ["operation-removed", "maxLength-narrowed"]
    for given in ("HEAD:nope.yaml", "nope:old.yaml", "--upload-pack=x:y", "-x:y", ":old.yaml", "HEAD:"):
        ran = odp("spec", "diff", "--", given, "old.yaml")
        assert (ran.exit_code, ran.stdout) == (2, "")
        assert given in ran.stderr


def test_a_document_that_is_not_there_is_a_mistake_with_its_name(odp: Odp) -> None:
    ran = odp("spec", "diff", "nope.yaml", "new.yaml")
    assert ran.exit_code == 2
    assert "nope.yaml" in ran.stderr
