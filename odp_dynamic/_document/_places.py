"""Where a node stands in its document; only errors, and references by name, ask."""

from __future__ import annotations

from typing import Any

from .._pointers import join

_CONTAINERS = {dict, list}


def pointer_of(root: Any, node: Any) -> str:
    """Return the pointer of `node`, itself and not its equal, in the tree `root`; "" where it is not in it.

    Keeping pointers during the walk would cost each document what only a broken one needs.
    """
    waiting: list[tuple[Any, tuple[Any, ...] | None]] = [(root, None)]
    for value, way in waiting:
        if value is node:
            return join("", *reversed(_names(way)))
        places = value.items() if type(value) is dict else enumerate(value)
        waiting += [(inner, (name, way)) for name, inner in places if type(inner) in _CONTAINERS]
    return ""


def _names(way: tuple[Any, ...] | None) -> list[str | int]:
    names = []
    while way is not None:
        name, way = way
        names.append(name)
    return names
