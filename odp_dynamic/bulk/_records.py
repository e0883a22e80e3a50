"""Records, what every table gives, and how they become rows: one each, or several in an array of one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from ._placing import Branch, Plan
from ._rows import MAX_ROW, Outcome, Row, Unreadable, text_of
from ._types import Misfit

_REMEMBERED = 100_000  # groups that have ended and are still known: some 10 MiB


class Record(NamedTuple):
    """Is the cells of one row of a table: its first line, and the cells as JSON."""

    line: int
    cells: Sequence[Any]
    raw: bytes


class Fault(NamedTuple):
    """Is a row of a table that could not be read: its first line, why, and its text."""

    line: int
    why: str
    text: str


def placed(records: Iterator[Record | Fault], plan: Plan, source: str, skip: int) -> Iterator[Outcome]:
    """Yield what a plan makes of records, from the row behind the first `skip` on."""
    if plan.items is not None:
        yield from _Groups(plan, plan.items, source).outcomes(records, skip)
        return
    made = plan.row.made
    for number, record in enumerate(records):
        if number < skip:
            continue
        if isinstance(record, Fault):
            yield Unreadable(record.why, source, number, record.line, record.text)
            continue
        try:
            yield Row(made(record.cells), source, number, record.line, record.raw)
        except Misfit as misfit:
            yield Unreadable(str(misfit), source, number, record.line, text_of(record.raw))


class _Group:
    """Is the row that is being made of records which stand together; `why` says why it cannot be made."""

    def __init__(self, key: bytes, line: int, why: str | None) -> None:
        self.key = key
        self.line = line
        self.why = why
        self.value: dict[str, Any] | None = None
        self.items: list[dict[str, Any]] = []
        self.raws: list[bytes] = []
        self._size = 0

    def add(self, part: _Part) -> None:
        """Add a record; one that says otherwise of the whole than another spoils it."""
        self._size += len(part.raw)
        if self._size > MAX_ROW:
            self.why = f"has more than {MAX_ROW >> 20} MiB of items"
            return
        self.why = self.why or part.why
        self.raws.append(part.raw)
        if part.items:
            self.items.append(part.items)
        if self.value is None:
            self.value = part.value
            return
        differing = _merge(self.value, part.value)
        if differing is not None:
            self.why = self.why or f"its rows differ in {differing!r}, on lines {self.line} and {part.line}"

    def outcome(self, array: Sequence[str] | None, source: str) -> Outcome:
        """Return the row, without its number."""
        raw = b"[" + b",".join(self.raws) + b"]"
        if self.why or self.value is None or array is None:
            return Unreadable(self.why or "", source, 0, self.line, text_of(raw))
        if self.items:
            _put(self.value, array, self.items)
        return Row(self.value, source, 0, self.line, raw)


class _Part(NamedTuple):
    """Is one record of a group: what it says of the whole, and its item, both empty where `why` says they misfit."""

    line: int
    key: bytes
    value: dict[str, Any]
    items: dict[str, Any]
    has_items: bool
    why: str | None
    raw: bytes


class _Groups:
    """Makes one row of the records that are equal in a plan's `group` and stand together.

    A record without items is a row of its own. One that cannot be read may be an item of the row before or behind it,
    so that neither is a row: half an order must not be sent.
    """

    def __init__(self, plan: Plan, items: Branch, source: str) -> None:
        self._plan = plan
        self._items = items
        self._source = source
        self._ended: dict[bytes, None] = {}

    def outcomes(self, records: Iterator[Record | Fault], skip: int) -> Iterator[Outcome]:
        """Yield the rows behind the first `skip`; what is skipped must be read, for its records make groups too."""
        for number, outcome in enumerate(self._all(records)):
            if number >= skip:
                yield outcome._replace(number=number)

    def _all(self, records: Iterator[Record | Fault]) -> Iterator[Outcome]:
        group: _Group | None = None
        doubt: str | None = None
        for record in records:
            if isinstance(record, Fault):
                doubt = f"line {record.line} cannot be read, and may be one of its items"
                if group is not None:
                    group.why = group.why or doubt
                    yield self._closed(group)
                    group = None
                yield Unreadable(record.why, self._source, 0, record.line, record.text)
                continue
            part = self._part(record)
            if group is not None and not (part.has_items and part.key == group.key):
                yield self._closed(group)
                group = None
            if not part.has_items:
                alone = _Group(part.key, part.line, None)
                alone.add(part)
                yield alone.outcome(self._plan.array, self._source)
            else:
                group = group or _Group(part.key, part.line, doubt or self._apart(part.key))
                group.add(part)
            doubt = None
        if group is not None:
            yield self._closed(group)

    def _apart(self, key: bytes) -> str | None:
        return "its items do not stand together: others came before; sort the file" if key in self._ended else None

    def _part(self, record: Record) -> _Part:
        value, whole = _made(self._plan.row, record)
        items, one = _made(self._items, record)
        key = orjson.dumps([record.cells[index] for index in self._plan.group])
        return _Part(record.line, key, value, items, bool(items or one), whole or one, record.raw)

    def _closed(self, group: _Group) -> Outcome:
        self._ended[group.key] = None
        if len(self._ended) > _REMEMBERED:
            del self._ended[next(iter(self._ended))]
        return group.outcome(self._plan.array, self._source)


def _made(branch: Branch, record: Record) -> tuple[dict[str, Any], str | None]:
    try:
        return branch.made(record.cells), None
    except Misfit as misfit:
        return {}, str(misfit)


def _merge(into: dict[str, Any], value: dict[str, Any]) -> str | None:
    """Fill what is missing; return the name of a member that both have and that differs, None where all agree."""
    for name, member in value.items():
        before = into.setdefault(name, member)
        if isinstance(before, dict) and isinstance(member, dict):
            differing = _merge(before, member)
            if differing is not None:
                return differing
        elif before != member:
            return name
    return None


def _put(value: dict[str, Any], path: Sequence[str], member: Any) -> None:
    for name in path[:-1]:
        value = value.setdefault(name, {})
    value[path[-1]] = member
