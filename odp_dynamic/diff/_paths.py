"""Paths without the names of their parameters, which mean nothing to a server."""

from __future__ import annotations

from .._templates import Template


def renamed(old: str, new: str) -> dict[str, str]:
    """Return which parameters are called otherwise at the same place of a path, nothing for paths of two forms."""
    before, after = Template.of(old), Template.of(new)
    if before.literals != after.literals:
        return {}
    pairs = zip(before.names, after.names, strict=True)
    return {one: other for one, other in pairs if one not in after.names and other not in before.names}


def is_moved(old: str, new: str) -> bool:
    """Return whether requests go to another path now."""
    for before, after in renamed(old, new).items():
        old = old.replace(f"{{{before}}}", f"{{{after}}}")
    return old != new
