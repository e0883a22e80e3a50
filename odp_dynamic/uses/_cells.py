"""Where the characters of a notebook's cells stand in its file, whose JSON may write one as several."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from ._values import Cell

_BREAK = re.compile(r"\r\n|\r|\n")
# Strings of JSON, each with the colon behind it where it is a key, and what opens, parts and closes.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"(\s*:)?|[{}\[\],]', re.DOTALL)
_CHARACTER = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u....|\\.|.", re.DOTALL)

_Span = tuple[int, int]


class Place(NamedTuple):
    """Is where something stands: in the file, and in a cell."""

    line: int
    column: int
    cell: Cell


class Cells:
    """Knows the places of some cells, by index, in the text of a notebook; all that it needs is made where asked."""

    def __init__(self, text: str, sources: Mapping[int, str]) -> None:
        self._text = text
        self._sources = sources
        self._known: dict[int, tuple[list[int], list[int]]] = {}

    def place(self, index: int, line: int, column: int) -> Place:
        """Return where a character of a cell stands; what is behind the end of a cell stands at its end."""
        if index not in self._known:
            self._known[index] = _starts(_BREAK, self._sources[index]), self._characters(index)
        begins, characters = self._known[index]
        number = begins[min(line, len(begins)) - 1] + column - 1
        offset = characters[min(number, len(characters) - 1)]
        row = bisect_right(self._lines, offset)
        return Place(row, offset - self._lines[row - 1] + 1, Cell(index + 1, line, column))

    @cached_property
    def _lines(self) -> list[int]:
        return _starts(re.compile("\n"), self._text)

    @cached_property
    def _spans(self) -> dict[int, list[_Span]]:
        return _spans(self._text)

    def _characters(self, index: int) -> list[int]:
        """Return where each character of a cell stands in the text, and one behind them."""
        found: list[int] = []
        end = 0
        for begin, end in self._spans.get(index, ()):
            found += (match.start() for match in _CHARACTER.finditer(self._text, begin, end))
        return [*found, end]


def _starts(separator: re.Pattern[str], text: str) -> list[int]:
    """Return where the lines of a text begin."""
    return [0, *(match.end() for match in separator.finditer(text))]


def _spans(text: str) -> dict[int, list[_Span]]:
    """Return where the texts of the cells' sources stand in a notebook's JSON, without their quotes."""
    found: dict[int, list[_Span]] = {}
    path: list[int | str] = []  # of what is read: a number in lists, a name in objects
    for token in _TOKEN.finditer(text):
        mark = token[0][0]
        if mark in "[{":
            path.append(0 if mark == "[" else "")
        elif mark in "]}":
            path.pop()
        elif mark == ",":
            if isinstance(path[-1], int):
                path[-1] += 1
        elif token[1] is not None:
            path[-1] = token[0][1 : token[0].index('"', 1)]
        elif 3 <= len(path) <= 4 and (path[0], path[2]) == ("cells", "source") and isinstance(path[1], int):
            found.setdefault(path[1], []).append((token.start() + 1, token.end() - 1))
    return found
