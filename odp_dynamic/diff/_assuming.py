"""Answers to questions that may lead back to themselves."""

from __future__ import annotations

from collections.abc import Callable, Hashable


class Assuming:
    """Answers whether two things are the same, and assumes so of what is asked while it is being answered.

    Two schemas that contain themselves are the same when nothing but that assumption says so. An answer that leans on
    an assumption which is still open is not kept.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, bool] = {}
        self._open: dict[Hashable, int] = {}
        self._leans_on = float("inf")

    @property
    def is_idle(self) -> bool:
        """Whether no question is open."""
        return not self._open

    def answer(self, question: Hashable, find: Callable[[], bool]) -> bool:
        """Return what is known of a question, or else what `find` says."""
        if question in self._known:
            return self._known[question]
        depth = self._open.get(question)
        if depth is not None:
            self._leans_on = min(self._leans_on, depth)
            return True
        depth, outer = len(self._open), self._leans_on
        self._open[question] = depth
        self._leans_on = float("inf")
        try:
            found = find()
        finally:
            del self._open[question]
        if not found or self._leans_on >= depth:
            self._known[question] = found
            self._leans_on = outer
        else:
            self._leans_on = min(outer, self._leans_on)
        return found
