"""How a load looks while it runs: a line that is drawn anew on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Event, Thread, current_thread, main_thread
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
def terminable() -> Iterator[list[int]]:
    """Have SIGTERM end a load as Ctrl-C does for as long as the context lasts; gives a list of those that came."""
    came: list[int] = []

    def interrupt(number: int, _: Any) -> None:
        came.append(number)
        raise KeyboardInterrupt

    if current_thread() is not main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield came  # somebody else sees to it
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield came
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def shown(loading: Loader, sources: list[str], skipped: int, waits: Waits, *, quiet: bool) -> Iterator[Watched]:
    """Show how far a load is for as long as the context lasts; gives what its rows are to be led through.

    `skipped` rows were done before, and are not among those.
    """
    reading = _Reading(sources, skipped)
    showing = nullcontext if quiet else _drawn if on_terminal(sys.stderr) else _told_now_and_then
    with showing(lambda: _line(loading, reading, waits)):
        yield reading.watched


class _Reading:
    """Knows how much of the sources is behind, where their sizes tell; skipped rows are as large as others are."""

    def __init__(self, sources: list[str], skipped: int) -> None:
        whole = [os.stat(name).st_size for name in sources if name.endswith((".jsonl", ".ndjson", ".csv", ".tsv"))]  # noqa: PTH116
        self._size = sum(whole) if len(whole) == len(sources) else 0
        self._skipped = skipped
        self._rows = self._read = 0

    def watched(self, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            self._rows += 1
            self._read += len(getattr(row, "raw", b"")) + 1
            yield row

    def told(self, seconds: float) -> list[str]:
        """Return how much is behind, and how long the rest will take, after so many seconds of reading."""
        if not (self._size and self._rows):
            return []
        behind = min(self._read * (1 + self._skipped / self._rows), self._size)
        return [f"{behind / self._size:.0%}", f"{seconds * (self._size - behind) / self._read:.0f} s left"]


def _line(loading: Loader, reading: _Reading, waits: Waits) -> str:
    told = loading.progress
    checking = loading.delivery is None
    fine = f"{told.read - told.rejected:,} valid" if checking else f"{told.acknowledged:,} accepted"
    words = [f"{told.read:,} rows read", fine, f"{told.rejected:,} rejected"]
    words += [f"{told.in_doubt:,} in doubt"] if told.in_doubt else []
    rate = told.read / told.seconds if checking else told.rate
    words += [f"{rate:,.0f}/s"]
    words += [f"waited {waits.seconds:.0f} s ({waits.reason})"] if waits.seconds >= 1 else []
    if rate and not loading.stopping:
        words += reading.told(told.seconds)
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
