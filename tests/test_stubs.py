"""Stubs: types with which checkers accept what the client takes, and refuse what it would refuse."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import odp_dynamic
from odp_dynamic import Api, InvalidRequest
from odp_dynamic._bind import UNSET, Binder
from odp_dynamic.stubs import stubs
from odp_dynamic.stubs._names import is_name
from tests.apis import answering, body, client, parameter
from tests.documents import document

CASES = Path(__file__).parent / "cases" / "stubs"
PACKAGE = Path(odp_dynamic.__file__).parent
FILES = ("bundled.py", "hard.py")


def marked(name: str) -> set[tuple[str, int]]:
    """Return the lines of a file that a checker must refuse."""
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    return {(name, number) for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


WRONG = set().union(*map(marked, FILES))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the files of calls, and a module and its stubs as a user would keep them."""
    place = tmp_path_factory.mktemp("calls")
    for name in FILES:
        shutil.copy(CASES / name, place)
    (place / "hard_api.py").write_text("from odp_dynamic import Api as Api\n", encoding="utf-8")
    (place / "hard_api.pyi").write_text(stubs(Api(CASES / "hard.yaml")), encoding="utf-8")
    (place / "empty.pyi").write_text(stubs(Api(document())), encoding="utf-8")
    return place


def checked(folder: Path, *words: str) -> Any:
    """Return what a type checker of this environment says, as JSON; lines of it, where it says several."""
    ran = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, check=False)
    assert ran.returncode == 1, ran.stderr.decode()
    return ran.stdout


def differences(told: dict[tuple[str, int], str]) -> list[str]:
    """Return where a checker and the marks disagree, with what the checker said."""
    return [f"{name}:{line}: {told.get((name, line), 'accepted')}" for name, line in sorted(told.keys() ^ WRONG)]


def test_mypy_refuses_the_wrong_calls_and_no_others(folder: Path) -> None:
    files = [*FILES, "hard_api.pyi", "empty.pyi"]
    said = checked(folder, "mypy", "--strict", "--config-file=", "--cache-dir=cache", "--output=json", *files)
    errors = [one for one in map(json.loads, said.splitlines()) if one["severity"] == "error"]
    assert differences({(one["file"], one["line"]): one["message"] for one in errors}) == []


def test_pyright_refuses_the_wrong_calls_and_no_others(folder: Path) -> None:
    """It is basedpyright, which is pyright and the program that it runs on, with pyright's strict rules."""
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    said = json.loads(checked(folder, "basedpyright", "--outputjson", "--pythonpath", sys.executable))
    errors = [one for one in said["generalDiagnostics"] if one["severity"] == "error"]
    places = [(Path(one["file"]).name, one["range"]["start"]["line"] + 1) for one in errors]
    assert differences(dict(zip(places, (one["message"] for one in errors), strict=True))) == []


def test_the_stubs_of_the_bundled_document_are_those_of_the_document() -> None:
    """Where this fails: `odp spec stubs -o odp_dynamic/typed.pyi`."""
    assert (PACKAGE / "typed.pyi").read_text(encoding="utf-8") == stubs(Api(overlays="odp-limits"))


def test_the_typed_client_is_the_client() -> None:
    from odp_dynamic import typed

    assert typed.Api is Api
