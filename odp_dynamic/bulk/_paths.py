r"""Dotted paths: how columns and mappings name a place in a row.

``identifiers.email`` is the member ``email`` of the member ``identifiers``. ``\.`` is a dot that belongs to a name, and
``\\`` a backslash; a backslash before anything else is itself. ``:number`` at the end says of what type the text there
is, where that is one of `TYPES`; ``\:`` is a colon that belongs to the name.
"""

from __future__ import annotations

import re

from ._rows import InputError

Path = tuple[str, ...]

TYPES = ("string", "number", "integer", "boolean", "array", "object", "json")
_PIECE = re.compile(r"\\[.\\:]|.", re.DOTALL)


def split_path(text: str) -> Path:
    """Return the names that a dotted path leads through; one of them may be empty."""
    names = [""]
    for piece in _PIECE.findall(text):
        if piece == ".":
            names.append("")
        else:
            names[-1] += piece[-1] if len(piece) == 2 else piece
    return tuple(names)


def join_path(path: Path) -> str:
    """Return the text of a path."""
    return ".".join(re.sub(r"([.\\])", r"\\\1", name) for name in path)


def typed_path(text: str) -> tuple[str, str | None]:
    """Return the text of a path without the type it ends with, and that type; None where it ends with none."""
    name, colon, kind = text.rpartition(":")
    if colon and kind in TYPES and not name.endswith("\\"):
        return name, kind
    return text, None


def checked_path(text: str, source: str) -> Path:
    """Return a path whose names are all there; raise InputError for one that is not."""
    path = split_path(text)
    if not all(path):
        raise InputError(rf"{text!r} is no path: a name is empty; names stand between dots, '\.' for a dot", source)
    return path
