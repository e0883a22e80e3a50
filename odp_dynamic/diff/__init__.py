"""What changed between two versions of a document, by meaning and not by text."""

from __future__ import annotations

from ._changes import LEVELS, Change, Direction, Level

__all__ = ["LEVELS", "Change", "Direction", "Level"]
