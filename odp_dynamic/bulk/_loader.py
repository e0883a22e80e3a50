"""A load: rows are read and checked in one thread, sent by several, and settled in the journal.

Everything that is read is accounted for. A batch holds the rows of one span of a source, those to be sent and those
that were rejected; it is settled when the last of them has been. What ends a load early, Ctrl-C or a server that is
gone, ends it between batches: those under way are finished, and the others are not begun.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice
from math import inf
from queue import Queue
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, NamedTuple

from .._collector import collector_relieved
from .._values import Problem
from ..errors import OdpError
from ._delivery import Delivered, Delivery
from ._identity import Marker
from ._journal import ACKNOWLEDGED, IN_DOUBT, REJECTED, Journal, Span
from ._report import LoadReport, Progress, Reject, Tally
from ._rows import Row, Unreadable
from ._target import Target, raw_of


class Batch(NamedTuple):
    """Is a span of a source: its rows that fit, what is sent of each, and its rejects."""

    span: Span
    rows: list[Row]
    values: list[Any]
    rejects: list[Reject]


class Loader:
    """Runs one load; `progress` may be asked from any thread, `stop` ends it between batches."""

    def __init__(
        self,
        target: Target,
        *,
        batch: int,
        senders: int,
        journal: Journal | None,
        careful: bool,
        reject: Callable[[Reject], None],
        mark: Marker | None,
        most_rejects: int | None,
    ) -> None:
        self.closing: list[Callable[[], None]] = []  # what is called when the load has ended
        self.doubting: Callable[[Row], None] | None = None  # what gets each row that is in doubt
        self._target = target
        self.delivery: Delivery | None = None  # who has none checks, and sends nothing
        self._batch = batch
        self._senders = senders
        self._journal = journal
        self._careful = careful
        self._reject = reject
        self._mark = mark
        self._most_rejects = most_rejects
        self._queue: Queue[Batch | None] = Queue(2 * senders)
        self._stopping = Event()
        self._told_to_end = 0
        self._why = ""
        self._bad = 0  # rows found so far, of which some are still to be settled
        self._error: OdpError | None = None
        self._lock = Lock()
        self._counts = dict.fromkeys(Progress._fields[:-1], 0)
        self._tally = Tally()
        self._done_before: dict[str, list[tuple[int, int]]] = {}
        self._begun = monotonic()

    @property
    def progress(self) -> Progress:
        """Return how far the load is."""
        with self._lock:
            return Progress(**self._counts)._replace(seconds=monotonic() - self._begun)

    def count_request(self) -> None:
        """Count one request."""
        with self._lock:
            self._counts["requests"] += 1

    def skip(self) -> dict[str, int]:
        """Return how many rows need not be read at the beginning of each source; who asks passes them over."""
        skipped = self._journal.beginnings() if self._journal is not None else {}
        with self._lock:
            self._counts["done_before"] += sum(skipped.values())
        return skipped

    @property
    def stopping(self) -> str:
        """Return why the load is being stopped, "" while it is not."""
        return self._why

    def stop(self, why: str) -> None:
        """End the load when what is under way is settled; the first reason counts."""
        with self._lock:
            self._why = self._why or why
        self._stopping.set()

    def run(self, rows: Iterable[Row | Unreadable]) -> LoadReport:
        """Load rows and return what became of them; an exception that `rows` raises ends it, and comes out of here."""
        ends = [Event() for _ in range(self._senders)]
        for number, ended in enumerate(ends):
            Thread(target=self._send_all, args=(ended,), name=f"sender {number}", daemon=True).start()
        try:
            with collector_relieved():
                for batch in self._batches(rows):
                    self._checked_into(self._cut(batch))
                    if self._why:
                        break
        except KeyboardInterrupt:
            self.stop("interrupted")
        finally:
            self._finish_unless_interrupted_twice(ends)
            report = self._report()
            for close in self.closing:
                close()
        return report

    def _report(self) -> LoadReport:
        told, journal = self.progress, self._journal
        states = {ACKNOWLEDGED: told.acknowledged, REJECTED: told.rejected, IN_DOUBT: told.in_doubt}
        totals = states if journal is None else journal.totals()
        return LoadReport(
            progress=told,
            acknowledged=totals[ACKNOWLEDGED],
            rejected=totals[REJECTED],
            in_doubt=totals[IN_DOUBT],
            kinds=dict(self._tally.kinds),
            examples=dict(self._tally.examples),
            stopped=self._why,
            journal=journal.path if journal is not None else "",
            error=self._error,
        )

    def _batches(self, rows: Iterable[Row | Unreadable]) -> Iterator[Batch]:
        """Yield what is read in batches, each of one source and without gaps, less what the journal knows as done."""
        for chunk in _chunks(iter(rows), self._batch):
            first, last = chunk[0], chunk[-1]
            is_whole = first.source == last.source and last.number - first.number == len(chunk) - 1
            if is_whole and not self._done(first.source):
                yield self._split(chunk)
                continue
            for (is_done, *_), run in groupby(enumerate(chunk), self._run_of):
                held = [row for _, row in run]
                if is_done:
                    with self._lock:
                        self._counts["done_before"] += len(held)
                else:
                    yield self._split(held)

    def _run_of(self, placed: tuple[int, Row | Unreadable]) -> tuple[bool, str, int]:
        """Return what a row has in common with those that it is in one batch with."""
        place, row = placed
        done = self._done(row.source)
        before = bisect_right(done, (row.number, inf)) - 1
        return before >= 0 and row.number <= done[before][1], row.source, row.number - place

    def _done(self, source: str) -> list[tuple[int, int]]:
        """Return the spans of a source that were done when the load began."""
        if self._journal is None:
            return []
        if source not in self._done_before:
            self._done_before = {source: self._journal.settled(source)}
        return self._done_before[source]

    def _split(self, held: list[Row | Unreadable]) -> Batch:
        """Return a batch of what was read: rows that fit the document, and rejects."""
        span = Span(held[0].source, held[0].number, held[-1].number)
        rows = [row for row in held if type(row) is Row]
        rejects = [_unread(row) for row in held if type(row) is Unreadable]
        values = [row.value for row in rows] if self._mark is None else _marked(rows, self._mark)
        good, bad = self._target.check(values)
        rejects += [_rejected(rows[place], "check", problems) for place, problems in bad.items()]
        if bad:
            rows, values = [rows[place] for place in good], [values[place] for place in good]
        return Batch(span, rows, values, rejects)

    def _cut(self, batch: Batch) -> Batch:
        """Return a batch up to the reject that is one too many, with which the reading ends; what is read is sent."""
        if self._most_rejects is None or not batch.rejects:
            return batch
        with self._lock:
            room = max(self._most_rejects - self._bad, 0)
            self._bad += len(batch.rejects)
            if len(batch.rejects) <= room:
                return batch
            self._why = self._why or self._too_many()
        rejects = sorted(batch.rejects, key=_number)[: room + 1]
        last = rejects[-1].number
        count = bisect_right(batch.rows, last, key=_number)
        return Batch(batch.span._replace(last=last), batch.rows[:count], batch.values[:count], rejects)

    def _too_many(self) -> str:
        return f"more than {self._most_rejects} rows were rejected" if self._most_rejects else "a row was rejected"

    def _checked_into(self, batch: Batch) -> None:
        with self._lock:
            self._counts["read"] += batch.span.size
        if self.delivery is None or not batch.rows:
            self._settle(batch, Delivered([], [], [], []))
        else:
            self._queue.put(batch)

    def _send_all(self, ended: Event) -> None:
        while (batch := self._queue.get()) is not None:
            if not self._stopping.is_set():
                self._send(batch)
        ended.set()

    def _send(self, batch: Batch) -> None:
        assert self.delivery is not None  # noqa: S101  # no batch comes here without one
        try:
            if self._careful and self._journal is not None:
                self._journal.claim(batch.span)
            delivered = self.delivery.deliver(batch.rows, batch.values)
            self._settle(batch, delivered)
            if delivered.stopped is not None:
                self._error = self._error or delivered.stopped
                self.stop(str(delivered.stopped))
        except Exception as error:  # noqa: BLE001  # a thread that died would be waited for in vain
            self.stop(f"{type(error).__name__}: {error}")

    def _settle(self, batch: Batch, delivered: Delivered) -> None:
        """Account for a batch, as far as it was delivered."""
        rejects = [_rejected(row, "server", problems, status) for row, status, problems in delivered.refused]
        rejects += [_rejected(row, "check", problems) for row, problems in delivered.unwritable]
        if delivered.stopped is None:
            rejects = sorted([*batch.rejects, *rejects], key=_number)
        rejects = self._told(rejects, delivered)
        if self._journal is not None:
            told = [(reject.number, reject.to_json()) for reject in rejects]
            self._journal.settle(batch.span, _parts(batch, delivered, rejects), told)
        self._count_bad(len(delivered.refused) + len(delivered.unwritable))
        if not self._counts["acknowledged"] and len(delivered.refused) == len(batch.rows) > 1:
            alike = {refused.problems for refused in delivered.refused}
            if len(alike) == 1:
                self.stop("the server refuses every row for one and the same reason, which is in the reject file")

    def _count_bad(self, count: int) -> None:
        """Count what was sent and is bad, and end the load where that is too much."""
        with self._lock:
            self._bad += count
            too_many = count and self._most_rejects is not None and self._bad > self._most_rejects
        if too_many:
            self.stop(self._too_many())

    def _told(self, rejects: list[Reject], delivered: Delivered) -> list[Reject]:
        """Write rejects down, and count; return them, or none where that could not be done."""
        with self._lock:
            self._counts["acknowledged"] += len(delivered.acknowledged)
            self._counts["in_doubt"] += len(delivered.doubtful)
            try:
                for reject in rejects:
                    self._reject(reject)
                if self.doubting is not None:
                    for row in delivered.doubtful:
                        self.doubting(row)
            except OSError as error:
                self._why = self._why or f"the reject file cannot be written: {error.strerror or error}"
                self._stopping.set()
                return []
            for reject in rejects:
                self._tally.add(reject)
            self._counts["rejected"] += len(rejects)
            return rejects

    def _finish_unless_interrupted_twice(self, ends: list[Event]) -> None:
        try:
            self._finish(ends)
        except KeyboardInterrupt:
            if self.stopping:
                raise
            self.stop("interrupted")
            self._finish(ends)

    def _finish(self, ends: list[Event]) -> None:
        """Let the senders finish: all that is queued, or what they are at when the load is stopped."""
        while self._told_to_end < len(ends):
            self._queue.put(None)
            self._told_to_end += 1
        for ended in ends:  # a thread whose `join` was interrupted counts as ended ever after (CPython 3.11)
            ended.wait()


def _parts(batch: Batch, delivered: Delivered, rejects: list[Reject]) -> list[tuple[Span, str]]:
    """Return what became of the parts of a batch's span, without those that are still to be done."""
    done = len(delivered.acknowledged) + len(rejects)
    if done == batch.span.size:
        return [(batch.span, ACKNOWLEDGED)]
    states = {row.number: IN_DOUBT for row in delivered.doubtful}
    states |= {row.number: ACKNOWLEDGED for row in delivered.acknowledged}
    states |= {reject.number: ACKNOWLEDGED for reject in rejects}
    parts: list[tuple[Span, str]] = []
    for number in sorted(states):
        source = batch.span.source
        if parts and parts[-1][0].last == number - 1 and parts[-1][1] == states[number]:
            parts[-1] = Span(source, parts[-1][0].first, number), states[number]
        else:
            parts.append((Span(source, number, number), states[number]))
    return parts


def _chunks(reading: Iterator[Row | Unreadable], size: int) -> Iterator[list[Row | Unreadable]]:
    """Yield rows in lists; where the reading fails, what was read before it."""
    while True:
        chunk: list[Row | Unreadable] = []
        try:
            chunk.extend(islice(reading, size))
        finally:
            if chunk:
                yield chunk
        if not chunk:
            return


def _marked(rows: list[Row], mark: Marker) -> list[Any]:
    """Return what is sent of rows: each with an id."""
    return [mark(value, source, number, raw or _raw(value)) for value, source, number, _, raw in rows]


def _raw(value: Any) -> bytes:
    try:
        return raw_of(value)
    except ValueError:  # it will be refused where it is to be sent, whatever its id
        return b""


def _unread(row: Unreadable) -> Reject:
    return Reject(row.source, row.line, row.number, "input", (Problem("input", "", "", row.why),), row.text)


def _rejected(row: Row, by: str, problems: tuple[Problem, ...], status: int = 0) -> Reject:
    return Reject(row.source, row.line, row.number, by, problems, row.value, status)


def _number(row: Row | Reject) -> int:
    return row.number
