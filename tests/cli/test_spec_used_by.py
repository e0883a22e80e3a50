"""`odp spec diff --used-by`: which of your own calls a new version breaks, in all forms, and what the shell learns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from odp_dynamic._tape import Exchange, write
from tests.documents import write as write_documents
from tests.using import document, loaded

from .conftest import Odp

OLD: dict[str, Any] = {
    "first": {"parameters": {"q": {"type": "string"}}},
    "second": {"parameters": {"q": {"type": "string"}}, "path": "/second"},
    "gone": {},
}
NEW: dict[str, Any] = {
    "first": {"parameters": {"q": {"type": "string", "maxLength": 3}}},
    "second": {"parameters": {"q": {"type": "string"}}, "path": "/moved"},
}
SOURCE = """\
from odp_dynamic import Api

api = Api()
api.first(q="abcd")
api.first(q="canary")
api.first(q=value)
api.second(q="abcd")
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_documents(tmp_path, old=document(OLD), new=document(NEW))
    for name, source in {
        "src/app.py": SOURCE,
        "src/a,b:c|d.py": 'api.call("gone")\n',
        "fine/fine.py": 'api.call("second")\n',
        "perhaps/perhaps.py": 'api.call("first", **options)\n',
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    write(tmp_path / "tapes" / "one.yaml", loaded(OLD), [Exchange("gone", {}, {}, 200, {}, {})])
    monkeypatch.chdir(tmp_path)


def diff(odp: Odp, *words: str, code: int = 0) -> str:
    ran = odp("spec", "diff", "old.yaml", "new.yaml", *words)
    assert ran.exit_code == code, ran.stderr
    return str(ran.stdout)


def test_text_tells_each_call_with_its_line_behind_the_changes(odp: Odp) -> None:
    _, calls = diff(odp, "--used-by", "src", "--format", "text").split("\n\n")
    told = "first: query.q: must have at most 3 characters, and has"
    schema = "/paths/~1first/post/parameters/0/schema"
    assert calls.splitlines() == [
        "5 calls of yours: 3 breaking, 1 maybe",
        "breaking  src/a,b:c|d.py:1: gone: operation: is gone: calls of it are refused  (/paths/~1gone/post)",
        f"breaking  src/app.py:4: {told} 4  ({schema}/maxLength)",
        f"breaking  src/app.py:5: {told} 6  ({schema}/maxLength)",
        f"maybe  src/app.py:6: first: query.q: maxLength is 3, was unlimited  ({schema})",
    ]


def test_json_has_all_uses_and_never_a_value_of_a_call(odp: Odp) -> None:
    text = diff(odp, "--used-by", "src", "--used-by", "tapes/one.yaml", "--format", "json")
    told = json.loads(text)
    assert {change["rule"] for change in told["changes"]} >= {"operation-removed", "maxLength-narrowed"}
    assert [(use["path"], use["line"], use["operation"], use["level"]) for use in told["uses"]] == [
        ("src/a,b:c|d.py", 1, "gone", "breaking"),
        ("src/app.py", 4, "first", "breaking"),
        ("src/app.py", 5, "first", "breaking"),
        ("src/app.py", 6, "first", "maybe"),
        ("src/app.py", 7, "second", "compatible"),
        ("tapes/one.yaml", 6, "gone", "breaking"),
    ]
    assert "canary" not in text
    assert told["unread"] == []


def test_json_without_used_by_is_the_list_that_it_was(odp: Odp) -> None:
    assert isinstance(json.loads(diff(odp, "--format", "json")), list)


def test_markdown_is_a_table_whose_cells_hold(odp: Odp) -> None:
    _, _, table = diff(odp, "--used-by", "src", "--format", "markdown").partition("**5 calls of yours")
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 4
    assert {row.replace("\\|", "").count("|") for row in rows} == {5}


def test_github_annotates_the_lines_of_your_calls(odp: Odp) -> None:
    lines = [line for line in diff(odp, "--used-by", "src", "--format", "github").splitlines() if "file=src" in line]
    assert [line.partition("::")[2].partition("::")[0] for line in lines] == [
        "error file=src/a%2Cb%3Ac|d.py,line=1,col=5,title=breaking%3A gone",
        "error file=src/app.py,line=4,col=5,title=breaking%3A first",
        "error file=src/app.py,line=5,col=5,title=breaking%3A first",
        "warning file=src/app.py,line=6,col=5,title=maybe%3A first",
    ]


def test_junit_has_a_case_for_each_use(odp: Odp) -> None:
    suites = ET.fromstring(diff(odp, "--used-by", "src", "--format", "junit"))  # noqa: S314  # our own
    _, calls = suites.findall("testsuite")
    cases = calls.findall("testcase")
    assert (calls.attrib["tests"], calls.attrib["failures"], len(cases)) == ("5", "3", 5)
    assert [case.attrib["line"] for case in cases if case.find("failure") is not None] == ["1", "4", "5"]


def test_a_call_in_a_notebook_is_told_by_its_cell_and_by_its_line_in_the_file(odp: Odp) -> None:
    """People are told the cell that they see; GitHub, JUnit and programs the line of the file."""
    cell: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    cells = [{"cell_type": "markdown", "source": []}, {**cell, "source": ["%time\n", 'api.call("gone")']}]
    cells.append({**cell, "source": ["x = ("]})
    Path("n.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, indent=1))
    line = next(number for number, text in enumerate(Path("n.ipynb").read_text().splitlines(), 1) if "gone" in text)
    told = {
        form: diff(odp, "--used-by", "n.ipynb", "--format", form) for form in ("text", "markdown", "github", "junit")
    }
    assert "breaking  n.ipynb:cell 2:2: gone: " in told["text"]
    assert "| breaking | `n.ipynb:cell 2:2` | gone |" in told["markdown"]
    assert f"::error file=n.ipynb,line={line},col=10,title=breaking%3A gone in cell 2%3A2::" in told["github"]
    (case,) = ET.fromstring(told["junit"]).findall("testsuite")[1]  # noqa: S314  # our own
    assert (case.attrib["name"], case.attrib["line"]) == ("n.ipynb:cell 2:2:5: gone", str(line))
    read = json.loads(diff(odp, "--used-by", "n.ipynb", "--format", "json"))
    assert [(use["line"], use["cell"]) for use in read["uses"]] == [(line, {"number": 2, "line": 2, "column": 5})]
    assert [one["cell"]["number"] for one in read["unread"]] == [3]


@pytest.mark.parametrize(
    ("paths", "words", "code"),
    [
        (["src"], [], 0),
        (["src"], ["--check"], 1),
        (["fine"], ["--check", "--strict"], 0),
        (["perhaps"], ["--check"], 0),
        (["perhaps"], ["--check", "--strict"], 1),
        (["fine", "tapes"], ["--check"], 1),
        (["old.yaml"], ["--check", "--strict"], 0),
        ([], ["--check"], 1),
    ],
)
def test_the_exit_code_follows_your_calls_where_they_are_asked_for(
    odp: Odp, paths: list[str], words: list[str], code: int
) -> None:
    diff(odp, *words, *(word for path in paths for word in ("--used-by", path)), code=code)


def test_what_cannot_be_read_is_a_warning_and_in_json(odp: Odp) -> None:
    Path("src/bad.py").write_text("x = (\n")
    Path("src/open.py").write_text("api.call(name)\n" * 12)
    ran = odp("spec", "diff", "old.yaml", "new.yaml", "--used-by", "src")
    assert ran.exit_code == 0
    assert "Warning: src/bad.py:1: is no Python" in ran.stderr
    assert [one["path"] for one in json.loads(ran.stdout)["unread"]] == ["src/bad.py", *["src/open.py"] * 12]


def test_calls_whose_id_is_not_known_are_told_once_and_change_no_exit_code(odp: Odp) -> None:
    """With their number and places, to who reads along and in what is put under a pull request."""
    Path("fine/open.py").write_text("api.call(name)\n" * 12)
    ran = odp(
        "spec", "diff", "old.yaml", "new.yaml", "--used-by", "fine", "--check", "--strict", "--format", "markdown"
    )
    rows = ", ".join(f"fine/open.py:{line}" for line in range(1, 11))
    told = f"12 calls with an id that is not spelt out, so what becomes of it is not known: {rows} and 2 more"
    assert ran.exit_code == 0
    assert [line for line in ran.stderr.splitlines() if "Warning" in line] == [f"Warning: {told}"]
    assert ran.stdout.splitlines()[-1] == told


def test_a_path_that_is_not_there_is_a_mistake(odp: Odp) -> None:
    ran = odp("spec", "diff", "old.yaml", "new.yaml", "--used-by", "nowhere")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "nowhere" in ran.stderr
