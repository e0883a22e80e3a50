"""Which uses a new version of a document breaks, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .._document import Document
from .._operations import operations_of
from .._tape import misfits
from .._values import Problem
from ..diff import LEVELS, Change, Level
from ._checking import Checked, Checker, parameters_among
from ._completing import objections
from ._relevance import concerning
from ._values import UNKNOWN, Use, is_known

_MOST_TRIED = 2_000  # bodies to complete: each takes milliseconds
_GONE = frozenset({"operation-removed", "operation-renamed"})
_FOR_ALL = frozenset({"security", "servers"})  # told once for the whole document where all operations have it alike


class Reason(NamedTuple):
    """Is why a use breaks, or may: the change that concerns it, or what the new document says of the very call.

    `rule`, `where` and `pointer` are those of the `Change`, or those of the `Problem` that a call would have: there
    `rule` is its keyword. `old` and `new` are the places in the documents, None where it is in one of them only.
    """

    level: Level
    rule: str
    where: str
    pointer: str
    reason: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        place = f"{self.where}{f' {self.pointer}' if self.pointer else ''}"
        return f"{place}: {self.reason}" if self.where else self.reason


class Judged(NamedTuple):
    """Is a use with what becomes of it: `level` is ``"compatible"`` where there is no reason to worry."""

    use: Use
    level: Level
    reasons: tuple[Reason, ...]


class Judge:
    """Judges the uses of one document by another one, and by all that has changed between them."""

    def __init__(self, old: Document, new: Document, changes: Iterable[Change]) -> None:
        self._old, self._new = Checker(old), Checker(new)
        self._before, self._after = operations_of([old]), operations_of([new])
        self._tried = 0
        self._of: dict[str, list[Change]] = {}
        for change in changes:
            # What may matter to all calls alike is told once, among the changes.
            if change.operation or (change.where in _FOR_ALL and change.level == "breaking"):
                # What is called back is asked for by a call and no part of it: it concerns each, as an answer does.
                told = change._replace(direction="") if change.is_of_callback else change
                self._of.setdefault(change.operation, []).append(told)

    def judged(self, use: Use) -> Judged:
        """Return what becomes of a use of an operation that one of the documents has."""
        reasons = tuple(sorted(dict.fromkeys(self._reasons(use)), key=lambda reason: LEVELS.index(reason.level)))
        return Judged(use, reasons[0].level if reasons else "compatible", reasons)

    def _reasons(self, use: Use) -> Iterator[Reason]:
        if use.operation not in self._old:
            return  # nothing that worked can break
        changes = self._of.get(use.operation, [])
        gone = [change for change in changes if change.rule in _GONE]
        if use.exchange is not None:
            yield from self._of_recording(use)
        elif use.operation not in self._new:
            yield from map(_told, gone)
        elif use.kind != "lookup":
            yield from self._of_call(use, [*changes, *self._of.get("", [])])

    def _of_recording(self, use: Use) -> Iterator[Reason]:
        """Yield why a replay would be refused; one that fits the old document no longer does not count."""
        if use.exchange is None or any(True for _ in misfits(self._before, use.exchange)):
            return
        for told in misfits(self._after, use.exchange):
            yield Reason("breaking", "recording", "", "", told, None, None)

    def _of_call(self, use: Use, changes: Sequence[Change]) -> Iterator[Reason]:
        before = self._old.checked(use)
        if use.kind == "load" and before.plan is not None:  # its other words are the loader's
            names = parameters_among(before.plan.binder, use.arguments)
            use = use._replace(arguments={name: use.arguments[name] for name in names}, open=True)
            before = self._old.checked(use)
        if before.problems:
            yield from map(_known, before.problems)
            return
        after = self._new.checked(use)
        completed = self._completed(before, after) if any(map(_is_of_bodies, changes)) else None
        objections = list(dict.fromkeys([*after.problems, *(completed or ())]))
        yield from map(_objection, objections)
        known = {problem.schema.rpartition("/")[0] for problem in objections}  # without the keyword
        for change in changes:
            told = change.direction == "request" and change.new in known
            if not told and concerning(change, use, before, after, settled=completed == []):
                yield _told(change, before)

    def _completed(self, before: Checked, after: Checked) -> list[Problem] | None:
        """Return what the new document has against a body that is not all spelt out; see `objections`."""
        body = before.parts.get("body", UNKNOWN)
        if is_known(body) or body is UNKNOWN or "body" not in after.parts or self._tried == _MOST_TRIED:
            return None
        self._tried += 1
        old, new = before.schema, after.schema
        return None if old is None or new is None else objections(body, old, new)


def _is_of_bodies(change: Change) -> bool:
    return change.direction == "request" and change.where.startswith("body") and change.level in ("breaking", "maybe")


def _told(change: Change, before: Checked | None = None) -> Reason:
    """Return a change as a reason; one of values that are not all spelt out may concern them, or may not."""
    level: Level = "maybe" if change.direction == "request" and before is not None else change.level
    return Reason(level, change.rule, change.where, change.pointer, change.reason, change.old, change.new)


def _known(problem: Problem) -> Reason:
    """Return why a call cannot break: it never worked."""
    told = f"the old document refuses it already: {problem.message}"
    return Reason("compatible", problem.keyword, problem.where, problem.pointer, told, problem.schema, None)


def _objection(problem: Problem) -> Reason:
    return Reason("breaking", problem.keyword, problem.where, problem.pointer, problem.message, None, problem.schema)
