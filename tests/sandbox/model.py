"""Identity resolution as plain sets, written from the rules alone: what the sandbox is compared with."""

from __future__ import annotations

from typing import Any

Pair = tuple[str, str]

HIGH = {"email", "customer_id"}
# In the order in which the standard account defines them.
FIELDS = ["email", "vuid", "customer_id", "web_user_id"]


class Person:
    """Is somebody: identifiers with when each was last seen, attributes with when each was last written."""

    def __init__(self) -> None:
        self.seen: dict[Pair, int] = {}
        self.attributes: dict[str, tuple[int, Any]] = {}

    @property
    def is_certain(self) -> bool:
        return any(field in HIGH for field, _ in self.seen)

    def take_all(self, other: Person, merge: str) -> None:
        self.seen |= other.seen
        for name, told in other.attributes.items():
            own = self.attributes.get(name, told)
            by_time = {"latest": max(own, told, key=_time), "oldest": min(own, told, key=_time)}
            self.attributes[name] = by_time.get(merge, own)
        other.seen = {}


def _time(told: tuple[int, Any]) -> int:
    return told[0]


class Model:
    """Is the people whom a sandbox should know; `most` values of an identifier are kept, `merge` is as in Behaviour."""

    def __init__(self, most: int, merge: str) -> None:
        self.people: list[Person] = []
        self._most = most
        self._merge = merge
        self._time = 0

    def see(self, identifiers: dict[str, str], attributes: dict[str, Any]) -> None:
        """Work on one item."""
        self._time += 1
        pairs = sorted(identifiers.items(), key=lambda pair: FIELDS.index(pair[0]))
        holders = {pair: next((one for one in self.people if pair in one.seen), None) for pair in pairs}
        certain = [holder for (field, _), holder in holders.items() if holder and field in HIGH]
        nobodies = [holder for holder in holders.values() if holder and not holder.is_certain]
        is_certain = any(field in HIGH for field in identifiers)
        others = [] if is_certain else [holder for holder in holders.values() if holder and holder.is_certain]
        person = self._first(certain) or next(iter(others), None) or self._first(nobodies) or self._new()
        for other in self.people:  # in the order in which they were made
            if other in certain + nobodies and other is not person:
                person.take_all(other, self._merge)
        for pair, holder in holders.items():
            if not (holder in others and holder is not person):
                for one in self.people:
                    one.seen.pop(pair, None)
                person.seen[pair] = self._time
        person.attributes |= {name: (self._time, value) for name, value in attributes.items()}
        self._forget(person)
        self.people = [one for one in self.people if one.seen]

    def attributes(self) -> dict[frozenset[Pair], dict[str, Any]]:
        return {
            frozenset(one.seen): {name: value for name, (_, value) in one.attributes.items() if value is not None}
            for one in self.people
        }

    def _first(self, some: list[Person]) -> Person | None:
        return next((one for one in self.people if one in some), None)

    def _new(self) -> Person:
        self.people.append(Person())
        return self.people[-1]

    def _forget(self, person: Person) -> None:
        for field in FIELDS:
            values = sorted((pair for pair in person.seen if pair[0] == field), key=lambda pair: person.seen[pair])
            for pair in values[: -self._most]:
                del person.seen[pair]
