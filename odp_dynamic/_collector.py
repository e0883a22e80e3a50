"""The garbage collector, paused while only long-lived objects are made, or kept from those that are there."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the garbage collector from walking again and again over a tree that is only growing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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
