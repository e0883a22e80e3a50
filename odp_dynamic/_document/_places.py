"""Where nodes stand in their document; only errors, and references by name, ask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._pointers import join

_CONTAINERS = {dict, list}


def pointer_of(root: Any, node: Any) -> str:
    """Return the pointer of `node`, itself and not its equal, in the tree `root`; "" where it is not in it."""
    return pointers_of(root, [node]).get(id(node), "")


def pointers_of(root: Any, nodes: Iterable[Any]) -> dict[int, str]:
    """Return the pointer of each of some nodes of the tree `root`, by the node's identity.

    Keeping pointers during the walk would cost each document what only a broken one needs.
    """
    sought = {id(node) for node in nodes}
    found: dict[int, str] = {}
    waiting: list[tuple[Any, tuple[Any, ...] | None]] = [(root, None)]
    for value, way in waiting:
        if id(value) in sought:
            found[id(value)] = join("", *reversed(_names(way)))
            if len(found) == len(sought):
                break
        places = value.items() if type(value) is dict else enumerate(value)
        waiting += [(inner, (name, way)) for name, inner in places if type(inner) in _CONTAINERS]
    return found


def _names(way: tuple[Any, ...] | None) -> list[str | int]:
    names = []
    while way is not None:
        name, way = way
        names.append(name)
    return names
