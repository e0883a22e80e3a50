"""The garbage collector, paused while only long-lived objects are made, or kept from those that are there."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ._forks import begins_anew


class _Pause:
    """Is the pause that all threads share, for the collector is the process's.

    Were each to put back what it found, one that looked during another's pause would leave the collector off for ever.
    """

    def __init__(self) -> None:
        self._inside = 0
        self._was_on = False
        self.begin_anew()
        begins_anew(self)

    def begin_anew(self) -> None:
        """End the pause: in a child that was forked, the threads that were inside do not run."""
        self._lock = threading.RLock()  # a signal's handler may come in while its thread holds it
        self._inside = min(self._inside, 1)  # the last to leave
        self.leave()

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._was_on = gc.isenabled()
                gc.disable()
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            if self._inside == 1 and self._was_on:
                gc.enable()
            self._inside = max(self._inside - 1, 0)


_pause = _Pause()


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from walking again and again over a tree that is only growing.

    It goes on when the last of the threads that paused it has left, if it was on when the first one came.
    """
    _pause.enter()
    try:
        yield
    finally:
        _pause.leave()


@contextmanager
def collector_relieved() -> Iterator[None]:
    """Keep the garbage collector from what is there already, for a run that makes much and keeps little.

    Else it looks through all of a caller's rows again and again while others are made. Where objects are frozen already
    that is somebody's own arrangement, and left alone.
    """
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
