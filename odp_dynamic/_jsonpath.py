"""JSONPath (RFC 9535), of which this is the only module that knows the library; and a bound on the work it may be.

A path such as ``$..*..*..*`` visits each node once for each way to it. Nodes are counted where the library makes or
visits one, those of filters' own paths included, and too many end it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError, JSONPathNode

Place = tuple[str | int, ...]

_MOST = 2_000_000  # some seconds; the largest documents that are known have a tenth of that
_DEEPEST = 1_000  # what may be read is not as deep: see `_document`


class PathError(ValueError):
    """Says why a JSONPath selects nothing that could be told: it is none, or too much work."""


class Paths:
    """Selects nodes by JSONPaths, which share one allowance of work."""

    def __init__(self) -> None:
        self._environment = _Bounded()

    def select(self, path: str, root: Any) -> list[Place]:
        """Return where the selected nodes are, in order, each once; raise PathError where that cannot be told."""
        try:
            nodes: Iterable[JSONPathNode] = [
                _Counted(self._environment.count, value=root, location=(), parent=None, root=root)
            ]
            for segment in self._environment.compile(path).segments:
                nodes = segment.resolve(nodes)
            return list(dict.fromkeys(node.location for node in nodes))
        except JSONPathError as error:
            raise PathError(f"is no JSONPath of RFC 9535: {str(error).partition(', line')[0]}") from None
        except RecursionError:
            raise PathError("is nested too deep for a JSONPath; simplify it") from None

    def __repr__(self) -> str:
        return f"<Paths that may visit {self._environment.left} nodes>"


class _Bounded(JSONPathEnvironment):
    """Is the library's settings, of which one is asked for at each node that a descent visits."""

    def __init__(self) -> None:
        super().__init__()
        self.left = _MOST

    def count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise PathError(f"visits more than {_MOST:,} nodes with those before it; name the places more closely")

    @property
    def max_recursion_depth(self) -> int:  # type: ignore[override]  # a constant, for others
        self.count()
        return _DEEPEST


class _Counted(JSONPathNode):
    """Is a node whose descendants are counted."""

    __slots__ = ("_count",)

    def __init__(self, count: Callable[[], None], **parts: Any) -> None:
        super().__init__(**parts)
        self._count = count

    def new_child(self, value: object, key: int | str, parent: JSONPathNode | None) -> JSONPathNode:
        self._count()
        return _Counted(self._count, value=value, location=(*self.location, key), parent=parent, root=self.root)
