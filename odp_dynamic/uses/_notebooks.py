"""Notebooks (nbformat 4): their code cells, one behind the other, are one module.

A place in one is told twice: as that of the file, which is what GitHub and editors show, and as that of the cell, which
is what people see; cells are counted from 1, those of text among them, and written as linters write them.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ._cells import Cells
from ._magics import may_be_foreign, python_of
from ._parsing import UNREADABLE, parsed, why_unread
from ._values import Found, Unread

_LARGEST = 2_000_000  # characters of all cells, as of a source
_BREAK = re.compile(r"\r\n|\r|\n")
_PYTHONS = ("python", "ipython", "pyspark")


class Unfit(ValueError):
    """Says why a file is no notebook that can be read."""


class Notebook:
    """Is one notebook: `text` is its module, in which each line of a code cell has a line.

    `content` are the bytes of the file, `path` is how it is told. Raises `Unfit`.
    """

    def __init__(self, content: bytes, path: str) -> None:
        raw, sources = _opened(content)
        self._cells = Cells(raw, sources)
        self._rows: list[tuple[int, int]] = []  # for each line of the module, its cell and its line there
        self._unread: list[Unread] = []
        texts: list[str] = []
        for index, source in sources.items():
            text, why = _read(_BREAK.sub("\n", source))
            texts.append(text)
            self._rows += [(index, line) for line in range(1, text.count("\n") + 1)]
            if why is not None:
                self._unread.append(self._unread_at(Unread(path, 1, why[1]), index, why[0] or 1))
        self.text = "".join(texts)

    def located(self, found: Found) -> Found:
        """Return what was found in the module with its places in the notebook, and the cells that are no Python."""
        uses = [use._replace(**self._cells.place(*self._row(use.line), use.column)._asdict()) for use in found.uses]
        unread = [self._unread_at(one, *self._row(one.line)) if one.line else one for one in found.unread]
        return Found(tuple(uses), tuple(sorted(self._unread + unread, key=lambda one: one.line)))

    def _row(self, line: int) -> tuple[int, int]:
        return self._rows[min(line, len(self._rows)) - 1]

    def _unread_at(self, one: Unread, index: int, line: int) -> Unread:
        place = self._cells.place(index, line, 1)
        return one._replace(line=place.line, cell=place.cell)


def _opened(content: bytes) -> tuple[str, dict[int, str]]:
    """Return the text of a notebook, and the sources of its code cells by their indexes; none of another language."""
    try:
        raw = content.decode("utf-8-sig")
        notebook = json.loads(raw)
    except RecursionError:
        raise Unfit("is nested too deeply to read") from None
    except ValueError:
        raise Unfit("is no notebook: it is no JSON") from None
    if not isinstance(notebook, dict) or type(notebook.get("nbformat")) is not int:
        raise Unfit("is no notebook: it does not say its nbformat")
    if notebook["nbformat"] != 4:
        raise Unfit("is a notebook of another nbformat than 4: save it anew, or convert it with jupyter nbconvert")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise Unfit("is no notebook: it has no list of cells")
    if not _is_python(notebook.get("metadata")):
        return raw, {}
    codes = {n: cell for n, cell in enumerate(cells) if isinstance(cell, dict) and cell.get("cell_type") == "code"}
    sources = {index: _source(cell.get("source")) for index, cell in codes.items()}
    if sum(map(len, sources.values())) > _LARGEST:
        raise Unfit(f"has cells of more than {_LARGEST:,} characters")
    return raw, sources


def _source(given: Any) -> str:
    """Return the source of a cell, which is a text, or a list of them."""
    parts = given if isinstance(given, list) else [given]
    return "".join(part for part in parts if isinstance(part, str))


def _is_python(metadata: Any) -> bool:
    """Return whether a notebook says that it is Python's, or does not say."""
    told = metadata if isinstance(metadata, dict) else {}
    for place, word in (("language_info", "name"), ("kernelspec", "language")):
        inner = told.get(place)
        language = inner.get(word) if isinstance(inner, dict) else None
        if isinstance(language, str) and language:
            return language.lower().startswith(_PYTHONS)
    return True


def _read(cell: str) -> tuple[str, tuple[int, str] | None]:
    """Return the text of a cell as lines of Python, blank ones where it is none, and why it cannot be read."""
    text = python_of(cell)
    try:
        parsed(text)
    except UNREADABLE as error:
        blank = "\n" * (cell.count("\n") + 1)
        return blank, None if may_be_foreign(cell) else why_unread(error)
    return f"{text}\n", None
