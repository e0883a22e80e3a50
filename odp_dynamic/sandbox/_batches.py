"""Batches: items that are judged each, refused together, and told of one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from ..errors import closest
from ._answers import Answer, Fault, envelope, item_fault, message, refusal
from ._behaviour import Behaviour
from ._calls import Call, Outcome
from ._fields import Kept
from ._identities import Resolved

NOBODY = "missing identifier: at least one is needed, such as 'email'"
# What is told of the last parts of `Resolved`, one after the other.
_RESOLVED = (
    ("moved", "a low-confidence identifier goes to the profile of the high-confidence one that it is seen with"),
    ("ignored", "without a high-confidence identifier beside it, an identifier stays with the person who has it"),
    ("dropped", "a profile keeps only so many values of an identifier"),
)


class Batch:
    """Is the items of a call, with the faults that were found of them: by the referee, then by who judges on.

    `item` tells the journal an item's place; a body that is one item has none.
    """

    def __init__(self, call: Call, items: Any, *, is_one: bool = False) -> None:
        self._call = call
        self._items = items if isinstance(items, list) else []
        self._is_one = is_one
        self.faults: list[Fault] = list(call.faults)

    def refused_whole(self) -> Answer | None:
        """Return the refusal of a batch that has too many items, or none."""
        rule = self._call.behaviour
        why = too_many(self._items, rule)
        if not self._items and not self.faults and rule.empty_batch == "refused":
            why = "a batch has at least one item"
        if not why:
            return None
        self._call.told.append(Outcome(None, "refused", why))
        return message(HTTPStatus.BAD_REQUEST, why)

    def all(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield each item that can be judged on with its place."""
        return ((index, item) for index, item in enumerate(self._items) if isinstance(item, Mapping))

    def good(self) -> Iterator[tuple[int, Any]]:
        """Yield each item that is to be stored with its place: none of a batch with faults, or those without."""
        bad = {fault["event"] for fault in self.faults}
        if bad and self._call.behaviour.invalid_items == "refuse all":
            return
        yield from ((index, item) for index, item in enumerate(self._items) if index not in bad)

    def fault(self, index: int, text: str) -> None:
        """Refuse an item, for one of its reasons."""
        self.faults.append(item_fault(index, text))

    def find(self, index: int, kept: Kept, place: str = "") -> None:
        """Refuse what has faults among values, and tell of what is not stored.

        `place` is where the values stand, "" where they are the item itself.
        """
        before = f"{place}." if place else ""
        for name, phrase in kept.faults:
            self.fault(index, f"'{before}{name}' {phrase}")
        for name, why in kept.ignored:
            self.tell(index, "ignored", why, f"{before}{name}")

    def find_misplaced(self, index: int, item: Mapping[str, Any], places: Mapping[str, Iterable[str]]) -> None:
        """Tell of the keys of an item that nobody reads; `places` are those that are, each with what belongs there."""
        for name in (name for name in item if name not in places):
            home = next((place for place, names in places.items() if name in names), None)
            near = closest(name, places)
            hint = f"; it belongs into {home!r}" if home else f"; the closest is {near!r}" if near else ""
            self.tell(index, "ignored", f"only {', '.join(places)} are read{hint}", name)

    def tell(self, index: int, became: str, why: str, *fields: str, profile: int | None = None) -> None:
        """Tell the journal what became of an item."""
        self._call.told.append(Outcome(None if self._is_one else index, became, why, fields, profile))

    def tell_resolved(self, index: int, resolved: Resolved) -> None:
        """Tell what it took to find whose an item is."""
        profile = resolved.profile
        if resolved.is_new:
            self.tell(index, "created", "no profile had these identifiers", profile=profile)
        for other in resolved.merged:
            why = f"profile {other} is part of profile {profile} now: they were seen to be the same person"
            self.tell(index, "merged", why, profile=profile)
        for (became, why), fields in zip(_RESOLVED, resolved[-3:], strict=True):
            if fields:
                self.tell(index, became, why, *fields, profile=profile)

    def answer(self, status: int) -> Answer:
        """Return the answer to the batch: accepted, or the refusal that tells its faults, in the items' order."""
        if not self.faults:
            return envelope(status, at=self._call.now)
        faults = sorted(self.faults, key=lambda fault: int(fault["event"]))
        for fault in faults:
            self.tell(fault["event"], "refused", fault["message"])
        self._tell_of_innocents({fault["event"] for fault in faults})
        return refusal(faults if self._call.behaviour.invalids == "all" else faults[:1])

    def _tell_of_innocents(self, bad: set[int]) -> None:
        """Tell of the items without fault which are refused for the others' sake."""
        if self._call.behaviour.invalid_items == "refuse all":
            for index in range(len(self._items)):
                if index not in bad:
                    self.tell(index, "refused", "another item of the batch has a fault, and a batch is stored whole")


def too_many(items: Any, rule: Behaviour) -> str:
    """Return the refusal of a batch that has too many items, "" for one that has not."""
    if not isinstance(items, list) or len(items) <= rule.most_items or rule.too_many_items != "refused":
        return ""
    return f"a batch has at most {rule.most_items} items"
