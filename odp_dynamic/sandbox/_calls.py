"""What a handler gets, and what it tells of each item beside its answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ._answers import Fault
from ._behaviour import Behaviour


class Outcome(NamedTuple):
    """Is what became of one item of a request; the journal shows it, the answer does not.

    `item` is its place in the batch, None for a request of one. `became` is one of `BECAME`. `why` names the rule in
    one sentence, and holds no value that was sent. `fields` are the names of the fields concerned; `profile` is the
    number of the profile that the item went to, or that was merged into.
    """

    item: int | None
    became: str
    why: str
    fields: tuple[str, ...] = ()
    profile: int | None = None


# All words of `Outcome.became`.
BECAME = ("stored", "merged", "moved", "ignored", "dropped", "created", "updated", "refused")


class Call(NamedTuple):
    """Is one judged request.

    `path` and `query` hold the decoded parameters, `body` the decoded JSON (None where there is none). `db` is the
    connection, inside the transaction that is the request's; `now` is the one time of everything that it does. The
    handler does as `behaviour` says, and adds to `told` what became of each item. `faults` are what the referee found
    of the body: only handlers in `JUDGES` are called with any, and they add what they find themselves.
    """

    db: sqlite3.Connection
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    now: str
    behaviour: Behaviour
    told: list[Outcome]
    faults: Sequence[Fault] = ()
