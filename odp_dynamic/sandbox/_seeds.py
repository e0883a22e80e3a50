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
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from .._document._yaml import build
from ..errors import closest
from ._identifiers import define_identifier
from ._segments import define_segment

Seed = Mapping[str, Any] | str | Path


class Step(NamedTuple):
    """Is one call of an operation, `path` its path's arguments, `body` its body; or it defines what no operation does.

    `define` raises ValueError for a definition that is none.
    """

    operation: str
    path: Mapping[str, str]
    body: Any
    define: Callable[[sqlite3.Connection], None] | None = None


def steps(seed: Seed) -> list[Step]:
    """Return the calls that bring a seed about, in an order that works.

    Raises ValueError for a part that is none; OSError and SpecError for a file that cannot be read.
    """
    told = seed if isinstance(seed, Mapping) else _read(Path(seed))
    for part in told:
        if part not in _PARTS:
            near = closest(part, _PARTS)
            raise ValueError(f"a seed has no part {part!r}{f'; did you mean {near!r}?' if near else ''}")
    return [step for part, steps_of in _PARTS.items() if told.get(part) for step in steps_of(told[part])]


def _read(path: Path) -> Mapping[str, Any]:
    told = build(path.read_text(encoding="utf-8"), str(path))  # JSON is YAML
    if not isinstance(told, dict):
        raise ValueError(f"{path} is no seed: its top must be a mapping of {', '.join(_PARTS)}")  # noqa: TRY004
    return told


def _schema(objects: Mapping[str, Any]) -> Iterator[Step]:
    for name, told in objects.items():
        own = {key: value for key, value in told.items() if key != "fields"}
        if "display_name" in own:
            yield Step("createSchemaObject", {"object_type": name}, own)
        for field in told.get("fields", []):
            yield Step("createSchemaField", {"object_type": name}, field)


def _identifiers(identifiers: Mapping[str, str]) -> Iterator[Step]:
    for name, confidence in identifiers.items():
        yield Step("", {}, None, partial(define_identifier, name=name, confidence=confidence))


def _segments(segments: list[Any]) -> Iterator[Step]:
    for told in segments:
        yield Step("", {}, None, partial(define_segment, told=told))


def _profiles(profiles: list[Any]) -> Iterator[Step]:
    return (Step("upsertProfile", {}, profile) for profile in profiles)


def _objects(objects: Mapping[str, Any]) -> Iterator[Step]:
    return (Step("upsertObjects", {"object_type": name}, items) for name, items in objects.items())


def _events(events: list[Any]) -> Iterator[Step]:
    yield Step("sendEvents", {}, events)


_PARTS: Mapping[str, Callable[[Any], Iterator[Step]]] = {
    "schema": _schema,
    "identifiers": _identifiers,
    "segments": _segments,
    "profiles": _profiles,
    "objects": _objects,
    "events": _events,
}
