"""What an account has from the start, read from ``standard.yaml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from .._document._yaml import build

_FILE = Path(__file__).with_name("standard.yaml")


@cache
def standard() -> Any:
    """Return the whole file."""
    return build(_FILE.read_text(encoding="utf-8"), _FILE.name)


@cache
def computed_names() -> frozenset[str]:
    """Return the fields of a profile that the service computes."""
    return frozenset(standard()["computed"])
