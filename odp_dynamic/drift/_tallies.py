"""What is kept: entries, each with how often and when; a ledger is a sum of them, in whatever order they came.

The bounds keep what sorts first. So which entries stay does not hang on the order either, and sums of sums are the
same: whatever is left out of a part has enough before it in the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

ANSWER, LOOKED, SEEN = "answer", "looked", "seen"
STATUS, CONTENT, EMPTY, UNREADABLE = "status", "content", "empty", "unreadable"
HEADER, FIELD, RULE = "header", "field", "rule"
# What departs from the document; the others say how much was seen.
DRIFT = frozenset({STATUS, CONTENT, EMPTY, UNREADABLE, HEADER, FIELD, RULE})
NEW = "new"


class Bounds(NamedTuple):
    """Is how much is kept at the most: entries of one operation, undeclared names in one object, operations."""

    entries: int = 2000
    names: int = 100
    operations: int = 1000


BOUNDS = Bounds()


class Entry(NamedTuple):
    """Is one thing that answers of an operation had in common.

    `status` and `media` (``""``: no body) are the answer's, `place` is a pointer into its body in which ``*`` stands
    for every item of a list and every key of a map. `kind` is one of

    - ``answer``: there was one; ``looked``: and its fields were listed, as ``seen``: one of JSON type `type` is at
      `place`, `detail` being ``new`` where the document describes nothing;
    - ``status``, ``content``: it is not declared; ``empty``, ``unreadable``: there is no body, or none that is legible;
    - ``header``: the one in `detail` is missing; ``field``: the document does not describe this one; ``rule``: the
      keyword in `detail` is broken by a value of the JSON type `type`, "" where it is missing.

    `schema` is the pointer in the document of the rule, or of what would have to say it.
    """

    status: str
    media: str
    place: str
    kind: str
    detail: str = ""
    type: str = ""
    schema: str = ""


class Count(NamedTuple):
    """Is in how many answers an entry was found, and when: `first` and `last` are seconds since 1970."""

    times: int
    first: int
    last: int

    def __add__(self, other: Count) -> Count:  # type: ignore[override]  # a sum, and no longer tuple
        return Count(self.times + other.times, min(self.first, other.first), max(self.last, other.last))


class Tally:
    """Is what was found in one operation's answers; `more` counts what was left out for its bounds."""

    __slots__ = ("bounds", "entries", "more")

    def __init__(self, entries: Mapping[Entry, Count] | None = None, more: int = 0, *, bounds: Bounds = BOUNDS) -> None:
        self.entries: dict[Entry, Count] = dict(entries or {})
        self.more = more
        self.bounds = bounds

    @property
    def is_full(self) -> bool:
        """Tell whether entries of any kind were left out, and not only names beyond those of one object."""
        return self.more > 0 and len(self.entries) >= self.bounds.entries

    def add(self, found: Mapping[Entry, Count]) -> None:
        """Add to what is there."""
        before = len(self.entries)
        for entry, count in found.items():
            known = self.entries.get(entry)
            self.entries[entry] = count if known is None else known + count
        if len(self.entries) != before:
            self._keep_bounds()

    def count(self, entries: Iterable[Entry], now: int) -> None:
        """Add what was found in one answer."""
        self.add(dict.fromkeys(entries, Count(1, now, now)))

    def merge(self, other: Tally) -> None:
        """Add all of another."""
        self.more += other.more
        self.add(other.entries)

    def copy(self) -> Tally:
        return Tally(self.entries, self.more, bounds=self.bounds)

    def _keep_bounds(self) -> None:
        if len(self.entries) <= self.bounds.names:
            return
        ordered = sorted(self.entries)
        kept = _without(ordered, _surplus(ordered, self.bounds.names))[: self.bounds.entries]
        if len(kept) < len(ordered):
            entries = {entry: self.entries[entry] for entry in kept}
            dropped = self.entries.keys() - entries.keys()
            self.more += sum(self.entries[entry].times for entry in dropped)
            self.entries = entries


def _surplus(ordered: Iterable[Entry], most: int) -> set[tuple[str, str, str]]:
    """Return the places of undeclared names beyond those that an object may have."""
    names: dict[tuple[str, str, str], set[str]] = {}
    surplus = set()
    for entry in ordered:
        if entry.kind == SEEN and entry.detail == NEW and entry.place:
            outer, _, name = entry.place.rpartition("/")
            there = names.setdefault((entry.status, entry.media, outer), set())
            if len(there) < most:
                there.add(name)
            elif name not in there:
                surplus.add((entry.status, entry.media, entry.place))
    return surplus


def _without(ordered: list[Entry], surplus: set[tuple[str, str, str]]) -> list[Entry]:
    """Return the entries that stand neither at such a place nor within it."""
    if not surplus:
        return ordered
    return [entry for entry in ordered if not any((entry.status, entry.media, at) in surplus for at in _above(entry))]


def _above(entry: Entry) -> Iterable[str]:
    place = entry.place
    while place:
        yield place
        place = place.rpartition("/")[0]
