"""`odp spec stubs`: types of the document at hand, for type checkers."""

from __future__ import annotations

from pathlib import Path

import pytest

from odp_dynamic import Api
from odp_dynamic.stubs import stubs
from tests.apis import one, parameter
from tests.documents import write

from .conftest import Odp

OVERLAY = {
    "overlay": "1.1.0",
    "info": {"title": "t", "version": "v"},
    "actions": [{"target": "$.paths.*.*", "update": {"operationId": "renamed"}}],
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, main=one({"parameters": [parameter("size", schema={"type": "integer"})]}), over=OVERLAY)
    monkeypatch.chdir(tmp_path)


def test_it_prints_the_types_of_the_document_at_hand(odp: Odp) -> None:
    ran = odp("spec", "stubs", "--spec", "main.yaml")
    assert (ran.exit_code, ran.stderr, ran.stdout) == (0, "", stubs(Api("main.yaml")))
    assert "    def it(self, *, size: int | None = ...) -> None:" in ran.stdout.splitlines()
    assert odp("spec", "stubs").stdout == stubs(Api(overlays="odp-limits"))
    assert odp("spec", "stubs", ODP_SPEC="main.yaml").stdout == ran.stdout
    assert "def renamed(self" in odp("spec", "stubs", "--spec", "main.yaml", "--overlay", "over.yaml").stdout


def test_it_writes_a_file_that_check_holds_against_the_document(odp: Odp) -> None:
    words = ("spec", "stubs", "--spec", "main.yaml", "-o", "types.pyi")
    assert odp(*words, "--check").exit_code == 1
    assert not Path("types.pyi").exists()
    assert odp(*words).exit_code == 0
    written = Path("types.pyi").read_text(encoding="utf-8")
    assert odp(*words, "--check").exit_code == 0
    write(Path(), main=one({"summary": "Another"}))
    ran = odp(*words, "--check")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "types.pyi is not what would be written" in ran.stderr
    assert Path("types.pyi").read_text(encoding="utf-8") == written


def test_check_needs_a_file(odp: Odp) -> None:
    ran = odp("spec", "stubs", "--check")
    assert ran.exit_code == 2
    assert "name it with -o" in ran.stderr
