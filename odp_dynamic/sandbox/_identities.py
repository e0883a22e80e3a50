"""Identity resolution: whose an item is, given the identifiers that it bears (facts §4).

- A high-confidence identifier is a person: profiles that are seen with high-confidence identifiers of one another in
  one item become one profile, the one of them that was made first.
- A low-confidence identifier belongs to one profile at a time. Seen together with a high-confidence identifier it
  *moves* to that one's profile when its own profile has a high-confidence identifier too: a device has changed hands,
  nothing is merged.
- A profile without any high-confidence identifier is nobody else's: the one that one of its identifiers is seen with
  takes all of it (`Behaviour.anonymous_profile`).
- An item with low-confidence identifiers alone moves nothing away from a profile that has a high-confidence one; of
  several such profiles it goes to that of the identifier which the account defined first.
- A profile keeps so many values of an identifier; beyond, one is forgotten (`Behaviour.forgotten_identifier`).

What depends on the order of items, and what does not: high-confidence identifiers end in the same profiles in any
order. So do low-confidence ones, where a profile without a high-confidence one is merged, as long as each of them,
directly or over items without a high-confidence identifier, is connected to those of one person. One that was seen
with several people ends with the last of them; and what was forgotten is as if it had never been seen.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from ._behaviour import Behaviour
from ._identifiers import HIGH, Confidences, confidence_of
from ._numbers import Write


class Resolved(NamedTuple):
    """Is whose an item is, and what that took.

    `merged` are profiles that are part of it now; the rest are fields whose value came from another profile, stayed
    with another, or was forgotten.
    """

    profile: int
    is_new: bool
    merged: tuple[int, ...]
    moved: tuple[str, ...]
    stayed: tuple[str, ...]
    forgotten: tuple[str, ...]


class _Plan(NamedTuple):
    """Is what is to be done: `profile` is None where one must be made, the `merging` become part of it."""

    profile: int | None
    merging: list[int]
    staying: tuple[str, ...]


class Resolver:
    """Resolves the identities of one request's items, one after the other."""

    def __init__(self, db: sqlite3.Connection, known: Confidences, behaviour: Behaviour) -> None:
        self._db = db
        self._known = known
        self._behaviour = behaviour

    def resolve(self, identifiers: Mapping[str, str], write: Write) -> Resolved:
        """Return whose these identifiers are, after doing all that follows from seeing them together."""
        owners = {field: owner_of(self._db, field, value) for field, value in identifiers.items()}
        plan = self._plan(owners)
        profile = _made(self._db, write) if plan.profile is None else plan.profile
        for other in plan.merging:
            _merge(self._db, profile, other, self._behaviour.merge, write)
        here = {profile, None, *plan.merging}
        moved = tuple(field for field, owner in owners.items() if owner not in here and field not in plan.staying)
        for field in moved:
            told = {"field": field, "value": identifiers[field]}
            _note(self._db, profile, write, "moved", told, other=owners[field])
        seen = {field: value for field, value in identifiers.items() if field not in plan.staying}
        _see(self._db, profile, seen, write)
        return Resolved(
            profile, plan.profile is None, tuple(plan.merging), moved, plan.staying, self._forgotten(profile, write)
        )

    def _plan(self, owners: Mapping[str, int | None]) -> _Plan:
        """Return what the rules at the top of this file say; `owners` is by field."""
        is_certain = any(self._is_high(field) for field in owners)
        certain = {owner for field, owner in owners.items() if owner is not None and self._is_high(field)}
        others = {owner for owner in owners.values() if owner is not None} - certain
        persons = {owner for owner in others if self._has_high(owner)}
        anonymous = others - persons
        first = min(certain, default=None) if is_certain else self._first(owners, persons)
        if first is None:
            first = min(anonymous, default=None)
        joining = certain | anonymous if self._behaviour.anonymous_profile == "merged" else certain
        staying = () if is_certain else tuple(field for field in owners if owners[field] in persons - {first})
        return _Plan(first, sorted(joining - {first}), staying)

    def _is_high(self, field: str) -> bool:
        return confidence_of(field, self._known, self._behaviour) == HIGH

    def _has_high(self, profile: int) -> bool:
        fields = self._db.execute("SELECT DISTINCT field FROM identifiers WHERE profile = ?", (profile,))
        return any(self._is_high(field) for (field,) in fields.fetchall())

    def _first(self, owners: Mapping[str, int | None], persons: set[int]) -> int | None:
        """Return the one of these profiles whose identifier the account defined first."""
        fields = [*self._known, *sorted(owners.keys() - self._known.keys())]
        return next((owners[field] for field in fields if owners.get(field) in persons), None)

    def _forget(self, profile: int, field: str, beyond: str, write: Write) -> None:
        query = f"SELECT value FROM identifiers WHERE profile = ? AND field = ? ORDER BY {beyond}"  # noqa: S608  # ours
        for (value,) in self._db.execute(query, (profile, field)).fetchall():
            self._db.execute("DELETE FROM identifiers WHERE field = ? AND value = ?", (field, value))
            _note(self._db, profile, write, "forgotten", {"field": field, "value": value})

    def _forgotten(self, profile: int, write: Write) -> tuple[str, ...]:
        """Forget what is too much, and return the fields of which something was."""
        most = self._behaviour.most_identifier_values
        query = "SELECT field FROM identifiers WHERE profile = ? GROUP BY field HAVING count(*) > ?"
        fields = tuple(field for (field,) in self._db.execute(query, (profile, most)).fetchall())
        order = "DESC" if self._behaviour.forgotten_identifier == "least recent" else "ASC"
        for field in fields:
            self._forget(profile, field, f"seen {order}, value LIMIT -1 OFFSET {most:d}", write)
        return fields


def owner_of(db: sqlite3.Connection, field: str, value: str) -> int | None:
    """Return the profile that has an identifier."""
    row = db.execute("SELECT profile FROM identifiers WHERE field = ? AND value = ?", (field, value)).fetchone()
    return None if row is None else int(row[0])


def _made(db: sqlite3.Connection, write: Write) -> int:
    made = "INSERT INTO profiles (created, updated, written) VALUES (?, ?, ?)"
    row = db.execute(made, (write.at, write.at, write.number))
    return row.lastrowid or 0


def _see(db: sqlite3.Connection, profile: int, identifiers: Mapping[str, str], write: Write) -> None:
    """Give a profile these identifiers, whoever had them."""
    db.execute("UPDATE profiles SET updated = ?, written = ? WHERE id = ?", (write.at, write.number, profile))
    db.executemany(
        "INSERT INTO identifiers (field, value, profile, seen, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET profile = excluded.profile, seen = excluded.seen, at = excluded.at",
        [(field, value, profile, write.number, write.at) for field, value in identifiers.items()],
    )


_TAKE_ATTRIBUTES = (
    "INSERT INTO attributes (profile, name, value, updated, written)"
    " SELECT ?, name, value, updated, written FROM attributes WHERE profile = ?"
    " ON CONFLICT DO UPDATE SET value = excluded.value, updated = excluded.updated, written = excluded.written"
)
# Which attribute of the profile that goes replaces one of the profile that stays (`Behaviour.merge`).
_REPLACES = {
    "latest": "excluded.written > attributes.written",
    "oldest": "excluded.written < attributes.written",
    "survivor": "FALSE",
}


def _merge(db: sqlite3.Connection, profile: int, other: int, winner: str, write: Write) -> None:
    """Make a profile part of another: its identifiers, events, attributes and whatever was merged into it before."""
    _note(db, profile, write, "merged", portrait(db, other), other=other)
    db.execute(f"{_TAKE_ATTRIBUTES} WHERE {_REPLACES[winner]}", (profile, other))
    for table in ("identifiers", "events", "resolutions"):
        db.execute(f"UPDATE {table} SET profile = ? WHERE profile = ?", (profile, other))  # noqa: S608  # our own names
    older = "SELECT min(created) FROM profiles WHERE id IN (?, ?)"
    db.execute(f"UPDATE profiles SET created = ({older}) WHERE id = ?", (profile, other, profile))  # noqa: S608  # as above
    db.execute("DELETE FROM profiles WHERE id = ?", (other,))


def _note(
    db: sqlite3.Connection, profile: int, write: Write, became: str, told: Any, *, other: int | None = None
) -> None:
    """Keep what was done to a profile, for who asks what it was made of."""
    db.execute(
        "INSERT INTO resolutions (profile, became, other, told, number, at) VALUES (?, ?, ?, ?, ?, ?)",
        (profile, became, other, json.dumps(told), *write),
    )


def portrait(db: sqlite3.Connection, profile: int) -> dict[str, Any]:
    """Return the identities of a profile, the last seen first, and its attributes."""
    rows = db.execute(
        "SELECT field, value, confidence, at FROM identifiers LEFT JOIN identifier_fields ON name = field"
        " WHERE profile = ? ORDER BY seen DESC, field",
        (profile,),
    )
    names = ("field", "value", "confidence", "last_seen")
    identities = [dict(zip(names, row, strict=True)) for row in rows]
    return {"identities": identities, "attributes": attributes_of(db, profile)}


def attributes_of(db: sqlite3.Connection, profile: int) -> dict[str, Any]:
    """Return the attributes that a profile has, by name."""
    rows = db.execute(
        "SELECT name, value FROM attributes WHERE profile = ? AND value != 'null' ORDER BY name", (profile,)
    )
    return {name: json.loads(value) for name, value in rows}
