"""Where things are in a body, without what it says: pointers in which all that may be data is ``*``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .._pointers import join, split
from ._outlines import DEEPEST, Outline

ANY = "*"
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$:-]{0,49}")
_LIKE_DATA = re.compile(r"\d{5}|(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{20}")  # a long number, or an id that mixes in digits
_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}


class Seen(NamedTuple):
    """Is one node of a body: its `place`, its JSON `type`.

    `new` says that the document describes nothing there, `home` is where it would have to; "" within what is new
    already.
    """

    place: str
    type: str
    new: bool
    home: str


def type_of(value: Any) -> str:
    """Return the JSON type of a decoded value; of bytes ``binary``."""
    return "null" if value is None else _TYPES.get(type(value), "binary")


def shown(name: str) -> str:
    """Return an undeclared property's name, or ``*`` where it looks like data: an id, an address, a sentence.

    Names are telling, and maps keyed by people are common; nothing in a name itself says which it is.
    """
    return name if _NAME.fullmatch(name) and not _LIKE_DATA.search(name) else ANY


def nodes(
    outline: Outline | None, value: Any, place: str = "", home: str = "", deepest: int = DEEPEST
) -> Iterator[Seen]:
    """Yield all nodes of a body beneath which the document says something, or nothing where it should.

    `outline` None is nothing.
    """
    yield Seen(place, type_of(value), outline is None, home)
    if deepest == 0 or (outline is not None and outline.flat):
        return
    if isinstance(value, dict):
        for name, child in value.items():
            if outline is None:
                yield from nodes(None, child, join(place, shown(name)), "", deepest - 1)
            elif not outline.free:
                inner = outline.of(name)
                at = join(place, _told(outline, name))
                yield from nodes(inner, child, at, outline.home if inner is None else "", deepest - 1)
    elif isinstance(value, list) and (outline is None or outline.items is not None):
        for child in value:
            yield from nodes(outline and outline.items, child, f"{place}/{ANY}", "", deepest - 1)


def folded(outline: Outline | None, value: Any, pointer: str, *, missing: bool) -> tuple[str, str]:
    """Return the place of a pointer into a body, and the JSON type there, "" where nothing stands.

    `missing` says that the last token is a name of the document's, of what should stand there.
    """
    place, here = "", value
    tokens = split(pointer)
    for number, token in enumerate(tokens):
        if missing and number == len(tokens) - 1:
            return join(place, token), ""
        if isinstance(here, list):
            place, here = f"{place}/{ANY}", here[int(token)] if int(token) < len(here) else None
            outline = outline and outline.items
        else:
            place = join(place, _told(outline, token))
            here = here.get(token) if isinstance(here, dict) else None
            outline = outline and outline.of(token)
    return place, type_of(here)


def _told(outline: Outline | None, name: str) -> str:
    """Return how a property is told: a declared name as it is, one of many that a map may have never."""
    if outline is not None and name in outline.names:
        return name
    described = outline is not None and (outline.free or outline.of(name) is not None)
    return ANY if described else shown(name)
