"""Seeds: a first state, told in a small file or mapping and put in by the service's own operations.

`FORM` shows it to users, ``seeds.yaml`` has it as JSON Schema; all of a seed that departs from it is told at once.
Identifiers and segments are made by no operation of the document, and so are defined.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from .._document import load
from .._document._yaml import build
from .._plain import plain
from .._pointers import join
from .._schema import Schema
from ._identifiers import define_identifier
from ._segments import define_segment

Seed = Mapping[str, Any] | str | PathLike[str]

# What a user is told: by help(Sandbox), and by `odp sandbox --forms`.
FORM = """\
A seed is a mapping, or the path of a file of YAML or JSON. All its parts may be left out:

.. code-block:: yaml

    schema:                   # createSchemaObject where there is more than fields, then createSchemaField
      tickets:
        display_name: Tickets
        fields: [{name: urgency, display_name: Urgency, type: number}]
    identifiers:              # of the account, besides the standard ones, and how far each is trusted
      shopify_id: high        # profiles that are seen with one of its values are one; a low one only moves
    segments:                 # added to the standard ones, or in the place of the one of that name
      - name: vips
        description: Big spenders of this year
        condition:
          all:                # or any, or not
            - identifier: email                              # has one
            - attribute: {country: [GB, US], dob_year: {at_most: 2000}}
            - event: {type: order, data: {order.total: {more_than: 99}}, within_days: 365, at_least: 2}
    profiles:                 # bodies of upsertProfile
      - {identifiers: {email: ada@example.com, shopify_id: s-1}, attributes: {country: GB, dob_year: 1815}}
    objects:                  # bodies of upsertObjects, by type
      tickets: [{object_id: t-1, fields: {urgency: 5}}]
    events:                   # one body of sendEvents
      - {type: order, action: purchase, identifiers: {shopify_id: s-1}, data: {order: {order_id: o-1, total: 120}}}
      - {type: order, action: purchase, identifiers: {shopify_id: s-1}, data: {order: {order_id: o-2, total: 100}}}

Attributes, identifiers and data fit a value, one of a list of values, or words that must all hold: ``is``,
``exists``, ``at_least``, ``at_most``, ``more_than``, ``less_than``, ``before``, ``after``, ``starts_with``,
``ends_with``, ``contains``. Of an event ``at_least`` and ``at_most`` say how often it was done.
"""


class Step(NamedTuple):
    """Is one call of an operation, `path` its path's arguments, `body` its body; or it defines what no operation does.

    `place` is where the seed tells it, a JSON pointer. `define` raises ValueError for a definition that is none.
    """

    place: str
    operation: str
    path: Mapping[str, str]
    body: Any
    define: Callable[[sqlite3.Connection], None] | None = None


def steps(seed: Seed) -> list[Step]:
    """Return the calls that bring a seed about, in an order that works.

    Raises ValueError, with all that is wrong, for what is no seed; OSError and SpecError for a file that is unreadable.
    """
    told, where = (_read(Path(seed)), str(seed)) if isinstance(seed, str | PathLike) else (seed, "seed")
    problems = form().problems(told, where)
    if problems:
        raise ValueError("\n  ".join(["this is no seed:", *map(str, problems)]))
    parts = plain(told)
    return [step for part, steps_of in _PARTS.items() if part in parts for step in steps_of(parts[part])]


@cache
def form() -> Schema:
    """Return the form of a seed."""
    return Schema(load(Path(__file__).with_name("seeds.yaml")), "/components/schemas/Seed")


def _read(path: Path) -> Any:
    return build(path.read_text(encoding="utf-8"), str(path))  # JSON is YAML


def _schema(objects: Mapping[str, Any]) -> Iterator[Step]:
    for name, told in objects.items():
        place, path = join("/schema", name), {"object_type": name}
        own = {key: value for key, value in told.items() if key != "fields"}
        if own:
            yield Step(place, "createSchemaObject", path, own)
        for index, field in enumerate(told.get("fields", ())):
            yield Step(join(place, "fields", index), "createSchemaField", path, field)


def _identifiers(identifiers: Mapping[str, str]) -> Iterator[Step]:
    for name, confidence in identifiers.items():
        define = partial(define_identifier, name=name, confidence=confidence)
        yield Step(f"/identifiers/{name}", "", {}, None, define)


def _segments(segments: list[Any]) -> Iterator[Step]:
    for index, told in enumerate(segments):
        yield Step(f"/segments/{index}", "", {}, None, partial(define_segment, told=told))


def _profiles(profiles: list[Any]) -> Iterator[Step]:
    return (Step(f"/profiles/{index}", "upsertProfile", {}, profile) for index, profile in enumerate(profiles))


def _objects(objects: Mapping[str, Any]) -> Iterator[Step]:
    for name, items in objects.items():
        yield Step(join("/objects", name), "upsertObjects", {"object_type": name}, items)


def _events(events: list[Any]) -> Iterator[Step]:
    yield Step("/events", "sendEvents", {}, events)


_PARTS: Mapping[str, Callable[[Any], Iterator[Step]]] = {
    "schema": _schema,
    "identifiers": _identifiers,
    "segments": _segments,
    "profiles": _profiles,
    "objects": _objects,
    "events": _events,
}
