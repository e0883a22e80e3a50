"""A call that stands in a source or in a recording, as far as reading it can tell."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal, NamedTuple

from .._bind import UNSET
from .._tape import Exchange

Kind = Literal["call", "reference", "load", "lookup", "recording"]


class Unknown(Enum):
    """Is the type of `UNKNOWN`, which stands for what a source does not spell out."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN
UNNAMED: Final = "calls an operation whose id is not spelt out"  # why a call is unread


class Cell(NamedTuple):
    """Is a place in a notebook as people see it: the number of the cell, the line and the column in it, from 1 on."""

    number: int
    line: int
    column: int


class Use(NamedTuple):
    """Is one place that uses an operation.

    - `path`, `line` and `column` are where it stands in its file; the first line and the first column are 1.
    - `kind` is ``"call"``; ``"reference"``, what others call, or expect, such as ``partial(api.call, "…")``;
      ``"load"``, which sends many bodies; ``"lookup"``, which sends none; or ``"recording"``.
    - `operation` is the id, as it is written.
    - `arguments` are those that are given by name. A value holds `UNKNOWN` wherever it is not spelt out; as a key of a
      dict that says that there may be other keys.
    - `body` is UNSET where none is given.
    - `open` says that there may be more arguments than those, as with ``**options``.
    - `exchange` is what a recording has.
    - `cell` is where it stands in a notebook.
    """

    path: str
    line: int
    column: int
    kind: Kind
    operation: str
    arguments: Mapping[str, Any] = {}
    body: Any = UNSET
    open: bool = False
    exchange: Exchange | None = None
    cell: Cell | None = None

    @property
    def row(self) -> str:
        """The line where it stands, as compilers write it; ``calls.ipynb:cell 3:2`` in a notebook."""
        return _row(self.path, self.line, self.cell)

    @property
    def place(self) -> str:
        """Where it stands, as compilers write it."""
        return f"{self.row}:{self.cell.column if self.cell else self.column}"


class Unread(NamedTuple):
    """Is a file, or a line of one, that could not be read; `line` is 0 where it is the whole file.

    `cell` is where it stands in a notebook.
    """

    path: str
    line: int
    reason: str
    cell: Cell | None = None

    @property
    def row(self) -> str:
        """The line where it stands, or the file, as compilers write it."""
        return _row(self.path, self.line, self.cell)

    def __str__(self) -> str:
        return f"{self.row}: {self.reason}"


def _row(path: str, line: int, cell: Cell | None) -> str:
    if cell is not None:
        return f"{path}:cell {cell.number}:{cell.line}"
    return f"{path}:{line}" if line else path


class Found(NamedTuple):
    """Is all that some paths hold: the uses in the order of their places, and what could not be read."""

    uses: tuple[Use, ...]
    unread: tuple[Unread, ...]


def is_known(value: Any) -> bool:
    """Tell whether all of a value is spelt out."""
    if isinstance(value, dict):
        return UNKNOWN not in value and all(map(is_known, value.values()))
    return all(map(is_known, value)) if isinstance(value, list) else value is not UNKNOWN
