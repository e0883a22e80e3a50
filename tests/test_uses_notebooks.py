"""Notebooks: the places of their calls, those of other languages, and those that cannot be read, or not soon."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic.uses import Cell, find
from tests.using import notebook


def test_a_place_in_a_notebook_is_one_in_its_file_as_well(tmp_path: Path) -> None:
    """Line and column are those of the file, whatever JSON writes a character as; `cell` is what people see."""
    cells = [{"cell_type": "markdown", "source": ["x"]}, '# "\\😀é\n\n"\\😀é"; api.get()\n']
    for indent in (None, 1):
        for ascii_only in (True, False):
            path = tmp_path / "app.ipynb"
            path.write_text(json.dumps(notebook(cells), indent=indent, ensure_ascii=ascii_only), encoding="utf-8")
            (use,) = find([path], {"get"}).uses
            line = path.read_text(encoding="utf-8").split("\n")[use.line - 1]
            assert line[use.column - 1 :].startswith("get()")
            assert (use.cell, use.place) == (Cell(2, 3, 12), f"{path.as_posix()}:cell 2:3:12")


@pytest.mark.parametrize(
    ("metadata", "is_read"),
    [
        ({"language_info": {"name": "python"}}, True),
        ({"kernelspec": {"language": "python", "name": "x"}}, True),
        ({"language_info": {"name": "R"}, "kernelspec": {"language": "python"}}, False),
        ({"kernelspec": {"language": "julia"}}, False),
        ({"kernelspec": 5, "language_info": {"name": None}}, True),
        (5, True),
    ],
    ids=["python", "kernel", "R", "julia", "odd", "none"],
)
def test_a_notebook_of_another_language_is_passed_over(tmp_path: Path, metadata: Any, *, is_read: bool) -> None:
    (tmp_path / "app.ipynb").write_text(json.dumps({**notebook(["api.get()"]), "metadata": metadata}))
    found = find([tmp_path], {"get"})
    assert (len(found.uses), found.unread) == (is_read, ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("\0", "no JSON"),
        ('{"nbformat": 4, "cells": [', "no JSON"),
        ("[" * 1_000_000, "nested too deeply"),
        ("[]", "does not say its nbformat"),
        ('{"nbformat": true, "cells": []}', "does not say its nbformat"),
        ('{"nbformat": 3, "worksheets": []}', "another nbformat than 4"),
        ('{"nbformat": 4}', "no list of cells"),
        ('{"nbformat": 4, "cells": {}}', "no list of cells"),
        (json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": "x" * 2_000_001}]}), "2,000,000"),
        (" " * 20_000_001, "larger than 20,000,000"),
    ],
    ids=["empty", "null", "cut", "deep", "list", "true", "old", "no cells", "cells", "long cells", "large"],
)
def test_a_notebook_that_cannot_be_read_is_told_of(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "app.ipynb").write_text(text)
    found = find([tmp_path], {"get"})
    assert found.uses == ()
    (unread,) = found.unread
    assert (unread.line, unread.cell) == (0, None)
    assert words in unread.reason


@pytest.mark.parametrize(
    "cell",
    [
        "\"'''" * 100_000,
        "'" * 300_000,
        "(" * 300_000,
        "!x\n" * 100_000,
        "!x\\\n" * 100_000,
        "%time " * 100_000,
        "a, " * 100_000 + "= !x",
        "a?\n" * 100_000,
        "\ud800",
        "%%" * 200_000,
        " " * 300_000 + "%time",
        "\n" * 300_000,
        "x" * 300_000 + "??",
    ],
    ids=[
        "texts",
        "quotes",
        "open",
        "shell",
        "continued",
        "time",
        "names",
        "help",
        "half",
        "cell",
        "blank",
        "empty",
        "x",
    ],
)
def test_a_hostile_cell_takes_a_bounded_time(tmp_path: Path, cell: str) -> None:
    """And those around it are read."""
    (tmp_path / "app.ipynb").write_text(json.dumps(notebook(["api.get()", {"cell_type": "code", "source": cell}])))
    begun = time.perf_counter()
    assert [use.operation for use in find([tmp_path], {"get"}).uses] == ["get"]
    assert time.perf_counter() - begun < 20


def test_very_many_calls_in_a_notebook_take_a_bounded_time(tmp_path: Path) -> None:
    """In one long cell, in one text, with JSON of many parts around it."""
    whole = notebook([{"cell_type": "code", "source": "api.call('get')\n" * 10_000}])
    whole["metadata"] = {"x": [[]] * 500_000}
    (tmp_path / "app.ipynb").write_text(json.dumps(whole))
    begun = time.perf_counter()
    assert len(find([tmp_path], {"get"}).uses) == 10_000
    assert time.perf_counter() - begun < 60
