"""Lists, tuples, sets and dicts as they are written: what stands at a key, and what is gone through."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Display = ast.List | ast.Tuple | ast.Set | ast.Dict
Key = tuple[type, object]  # for Python True is 1, and for readers it is not


def literal(node: ast.expr) -> Key | None:
    """Return a key that is written, None where it is not."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return (int, -value) if type(value) is int else None
    return (type(node.value), node.value) if isinstance(node, ast.Constant) else None


def by_key(display: Display) -> dict[Key, ast.expr]:
    """Return what stands at each key, as far as it is certain: the last one of a key counts, and any may be unread."""
    if isinstance(display, ast.Dict):
        found: dict[Key, ast.expr] = {}
        for key, value in zip(reversed(display.keys), reversed(display.values), strict=True):
            name = None if key is None else literal(key)
            if name is None:
                break  # it may be each of those before it
            found.setdefault(name, value)
        return found
    if isinstance(display, ast.Set) or any(isinstance(item, ast.Starred) for item in display.elts):
        return {}
    count = len(display.elts)
    return {(int, number): item for n, item in enumerate(display.elts) for number in (n, n - count)}


def gone_through(display: Display, view: str) -> Iterator[tuple[ast.expr | None, ...]]:
    """Yield what a loop over it gives, one after the other, each a tuple of its parts: those of `view`, of a dict.

    None is what is not written there.
    """
    if not isinstance(display, ast.Dict):
        yield from ((item,) for item in display.elts)
        return
    for key, value in zip(display.keys, display.values, strict=True):
        pair = (None, None) if key is None else (key, value)
        yield pair if view == "items" else pair[1:] if view == "values" else pair[:1]
