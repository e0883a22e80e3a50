"""Seeds: a first state, told in a small file or mapping and put in by the service's own operations.

.. code-block:: yaml

    schema:                       # createSchemaObject where there is a display_name, then createSchemaField
      tickets:
        display_name: Tickets
        fields: [{name: ticket_id, display_name: Ticket ID, type: string}]
    identifiers:                  # identifiers of the account, and how far each is trusted: high or low
      shopify_id: high
    segments:                     # added to the standard ones; `_conditions` says what a condition may be
      - {name: vips, description: Big spenders, condition: {attribute: {tier: gold}}}
    profiles: []                  # bodies of upsertProfile
    objects:                      # bodies of upsertObjects, by type
      products: []
    events: []                    # one body of sendEvents

All parts may be left out. Identifiers and segments are made by no operation of the document, and so are defined.
``seeds.yaml`` has this form as JSON Schema; all of a seed that departs from it is told at once.
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
    problems = _form().problems(told, where)
    if problems:
        raise ValueError("\n  ".join(["this is no seed:", *map(str, problems)]))
    parts = plain(told)
    return [step for part, steps_of in _PARTS.items() if part in parts for step in steps_of(parts[part])]


@cache
def _form() -> Schema:
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
