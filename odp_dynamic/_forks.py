"""Forks: what must begin anew in a child process.

A lock that another thread of the parent held would never be given back in the child, and on a connection both would
speak. What has either registers here.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class BeginsAnew(Protocol):
    """Is what has something that a forked child must not use."""

    def begin_anew(self) -> None:
        """Do so in a child that was forked, where no other thread runs yet."""


_alive: WeakSet[BeginsAnew] = WeakSet()


def begins_anew(thing: BeginsAnew) -> None:
    """Have something begin anew in each child that is forked from now on, for as long as it lives."""
    _alive.add(thing)


def _forked() -> None:
    for thing in list(_alive):
        thing.begin_anew()


if hasattr(os, "register_at_fork"):  # where processes can be forked
    os.register_at_fork(after_in_child=_forked)
