"""Which changes of a document concern a call: those of what it gives, or leaves out, and of what it gets back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .._pointers import split
from .._schema import Schema
from ..diff import Change
from ._checking import Checked
from ._values import UNKNOWN, Use, is_known

# This client follows these by itself: it calls by id, gives arguments by name, and writes as the document says.
_FOLLOWED = frozenset({"operation-moved", "parameter-moved", "parameter-style-changed", "encoding-changed"})
_UNSEEN = frozenset({"link-removed", "link-changed"})  # they stand in the document, and in no answer
# Whether one of these concerns what is given does not depend on its value: the new document has said so.
_CERTAIN = frozenset({"body-removed", "body-required"})
_ABSENT = object()
_SIGNS = re.compile(r"[\^$*+?\[\](){}|\\.]")  # of a pattern of names, in the place of a name


def concerning(change: Change, use: Use, before: Checked, after: Checked, *, settled: bool) -> bool:
    """Return whether a change may concern a call to which the new document itself has no objection.

    What is spelt out has been held against both documents; so what is left are the parts that are not, those that are
    left out and have another default, and all that is beside the request. `settled` says that the body, completed, is
    accepted by both documents.
    """
    if change.level not in ("breaking", "maybe") or change.rule in _FOLLOWED | _UNSEEN:
        return False
    if change.direction != "request":
        return True
    where = "body" if change.where.startswith("body") else change.where
    given = before.parts.get(where, _ABSENT)
    if given is _ABSENT:
        return use.open or (change.rule == "default-changed" and not change.pointer)
    if change.rule == "parameter-removed":
        return _is_taken_otherwise(where.partition(".")[2], after)
    if change.rule in _CERTAIN or not _is_of(change, where, before, after):
        return False
    return _matters(change, given, before, after, settled=settled)


def _is_taken_otherwise(name: str, after: Checked) -> bool:
    """Return whether what was a parameter is part of something now of which not all is spelt out, and so no stray."""
    if all(map(is_known, after.parts.values())):
        return False  # and so the new document has said so
    return all(problem.where != "arguments" or split(problem.pointer) != [name] for problem in after.problems)


def _is_of(change: Change, where: str, before: Checked, after: Checked) -> bool:
    """Return whether a change is one of the media type that the body is written as; a parameter has none."""
    if change.rule == "media-type-removed":
        return before.media_type != after.media_type
    return change.where in (where, f"body ({before.media_type})")


def _matters(change: Change, given: Any, before: Checked, after: Checked, *, settled: bool) -> bool:
    """Return whether a change matters to what is given for a part."""
    tokens = split(change.pointer)
    if change.rule == "default-changed":
        return _may_lack(given, tokens) or (not tokens and given is UNKNOWN)
    if is_known(given):
        return False
    if change.rule == "required-added":
        return _may_lack(given, tokens)
    found = list(_at(given, tokens))
    if not settled or change.rule in ("property-removed", "property-added"):  # these have schemas of two places
        return bool(found)
    return any(not is_known(one) or _differs(change, one, before, after) for one in found)


def _may_lack(value: Any, tokens: list[str]) -> bool:
    """Return whether a property may not be there, where all that is around it is."""
    *above, name = tokens or [""]
    around = _at(value, above) if tokens else ()
    return any(one is UNKNOWN or (isinstance(one, dict) and name not in one) for one in around)


def _at(value: Any, tokens: list[str]) -> Iterator[Any]:
    """Yield what stands at a place, UNKNOWN where something may."""
    if value is UNKNOWN or not tokens:
        yield value
    else:
        for child in _children(value, tokens[0]):
            yield from _at(child, tokens[1:])


def _children(value: Any, token: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if token in value:
            yield value[token]
        elif _SIGNS.search(token):
            yield from value.values()
        elif UNKNOWN in value:
            yield UNKNOWN
    elif isinstance(value, list):
        if not token.isdigit():
            yield from value
        elif int(token) < len(value):
            yield value[int(token)]
        elif UNKNOWN in value:
            yield UNKNOWN


def _differs(change: Change, value: Any, before: Checked, after: Checked) -> bool:
    """Return whether the schemas of a change judge a value differently, or may.

    A part that both judge alike is the same to all that is around it. Objects and arrays may be described in several
    places at once, of which a change names one.
    """
    if change.old is None or change.new is None or isinstance(value, dict | list) or not before.plan or not after.plan:
        return True
    old = Schema(before.plan.operation.document, change.old, "request")
    new = Schema(after.plan.operation.document, change.new, "request")
    return old.is_valid(value) != new.is_valid(value)
