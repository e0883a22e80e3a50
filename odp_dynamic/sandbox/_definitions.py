"""The rules of names, for objects and fields alike (facts §4, §5)."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from ..errors import closest
from ._answers import Fault, field_fault
from ._calls import Outcome
from ._types import FITS

_NAME = re.compile(r"[a-z][a-z0-9_]{1,61}")
_NAME_RULE = "must be 2 to 62 characters of lower snake case, and start with a letter"


def naming_faults(wanted: Mapping[str, Any], taken: Mapping[str, Container[str]], kind: str) -> Iterator[Fault]:
    """Yield what is wrong with a name and a display name; what is no text is the referee's business."""
    name, shown = wanted.get("name"), wanted.get("display_name")
    if isinstance(name, str) and not _NAME.fullmatch(name):
        yield field_fault("name", _NAME_RULE)
    if isinstance(shown, str) and not shown.strip():
        yield field_fault("display_name", "must not be blank")
    for key, value in (("name", name), ("display_name", shown)):
        if isinstance(value, str) and value in taken[key]:
            yield field_fault(key, f"already used by another {kind}")


def field_faults(field: Mapping[str, Any], taken: Mapping[str, Container[str]]) -> Iterator[Fault]:
    """Yield all that is wrong with a field which no schema of the document has judged."""
    for key in ("name", "display_name", "type"):
        if key not in field:
            yield field_fault(key, "is missing")
        elif not isinstance(field[key], str):
            yield field_fault(key, "must be of type string")
    if not isinstance(field.get("description", ""), str):
        yield field_fault("description", "must be of type string")
    if isinstance(field.get("type"), str) and field["type"] not in FITS:
        yield field_fault("type", f"must be one of {', '.join(FITS)}")
    yield from naming_faults(field, taken, "field")


def tell_unread(told: list[Outcome], body: Mapping[str, Any], read: Sequence[str]) -> None:
    """Tell of what a definition says and nobody reads."""
    for name in body:
        if name not in read:
            near = closest(name, read)
            hint = f"; the closest is {near!r}" if near else ""
            told.append(Outcome(None, "ignored", f"only {', '.join(read)} are read{hint}", (name,)))
