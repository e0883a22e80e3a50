"""Paths without the names of their parameters, which mean nothing to a server."""

from __future__ import annotations

import re

_NAME = re.compile(r"{([^{}]*)}")


def template(path: str) -> str:
    """Return a path that is equal for all paths of the same form."""
    return _NAME.sub("{}", path)


def renamed(old: str, new: str) -> dict[str, str]:
    """Return which parameters are called otherwise at the same place of a path, nothing for paths of two forms."""
    before, after = _NAME.findall(old), _NAME.findall(new)
    if template(old) != template(new):
        return {}
    pairs = zip(before, after, strict=True)
    return {one: other for one, other in pairs if one not in after and other not in before}


def is_moved(old: str, new: str) -> bool:
    """Return whether requests go to another path now."""
    for before, after in renamed(old, new).items():
        old = old.replace(f"{{{before}}}", f"{{{after}}}")
    return old != new
