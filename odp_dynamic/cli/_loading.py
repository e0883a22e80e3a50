"""How a load looks while it runs: a line that is drawn anew on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from .._retry import Retry
from .._values import Attempt, Request
from ._output import note, on_terminal

if TYPE_CHECKING:
    from ..bulk import Loader

_EVERY = 5.0  # seconds between two lines, where there is no terminal
_FRAMES = 8  # a second
Watched = Callable[[Iterable[Any]], Iterator[Any]]


class Waits:
    """Adds up what is waited for between attempts, and knows why it was last."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.reason = ""

    def __call__(self, _: Request, attempt: Attempt) -> None:
        if attempt.wait is not None:
            self.seconds += attempt.wait
            self.reason = str(attempt.status or attempt.reason)


def waiting(patience: float, waits: Waits) -> Retry:
    """Return rules by which a batch is tried again for so many seconds, however often."""
    return Retry(attempts=10_000, longest=60, budget=patience, quota=None, on_attempt=waits)


@contextmanager
def shown(loading: Loader, sources: list[str], waits: Waits, *, quiet: bool) -> Iterator[Watched]:
    """Show how far a load is for as long as the context lasts; gives what its rows are to be led through."""
    reading = _Reading(sources)
    showing = nullcontext if quiet else _drawn if on_terminal(sys.stderr) else _told_now_and_then
    with showing(lambda: _line(loading, reading, waits)):
        yield reading.watched


class _Reading:
    """Knows how much of the sources has been read, where their sizes tell."""

    def __init__(self, sources: list[str]) -> None:
        whole = [os.stat(name).st_size for name in sources if name.endswith((".jsonl", ".ndjson", ".csv", ".tsv"))]  # noqa: PTH116
        self._size = sum(whole) if len(whole) == len(sources) else 0
        self._read = 0

    def watched(self, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            self._read += len(getattr(row, "raw", b"")) + 1
            yield row

    @property
    def share(self) -> float | None:
        """Return how much has been read, from 0 to 1."""
        return min(self._read / self._size, 1.0) if self._size else None


def _line(loading: Loader, reading: _Reading, waits: Waits) -> str:
    told = loading.progress
    words = [f"{told.read:,} rows read", f"{told.acknowledged:,} stored", f"{told.rejected:,} rejected"]
    words += [f"{told.in_doubt:,} in doubt"] if told.in_doubt else []
    words += [f"{told.rate:,.0f}/s"]
    words += [f"waited {waits.seconds:.0f} s ({waits.reason})"] if waits.seconds >= 1 else []
    share = reading.share
    if share and told.rate and not loading.stopping:
        words += [f"{share:.0%}", f"{told.seconds / share - told.seconds:.0f} s left"]
    if loading.stopping:
        words += ["finishing what is under way; Ctrl-C again stops at once"]
    return " · ".join(words)


@contextmanager
def _drawn(line: Callable[[], str]) -> Iterator[None]:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(file=sys.stderr)
    with Live(console=console, get_renderable=lambda: Text(line()), refresh_per_second=_FRAMES, transient=True):
        yield


@contextmanager
def _told_now_and_then(line: Callable[[], str]) -> Iterator[None]:
    ended = Event()

    def tell() -> None:
        begun = monotonic()
        while not ended.wait(_EVERY - (monotonic() - begun) % _EVERY):
            note(line())

    teller = Thread(target=tell, name="teller", daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()
