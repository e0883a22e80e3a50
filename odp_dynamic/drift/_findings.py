"""What a ledger has to tell: departures as sentences, and declared fields that never came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .._document import Document
from .._media import matching
from .._operations import operations_of
from .._pointers import join, split
from ._files import moment
from ._ledger import Ledger
from ._outlines import Outline, Outlines
from ._places import ANY
from ._tallies import (
    ANSWER,
    CONTENT,
    DRIFT,
    EMPTY,
    FIELD,
    HEADER,
    LOOKED,
    NEW,
    RULE,
    SEEN,
    STATUS,
    UNREADABLE,
    Count,
    Entry,
    Tally,
)

# As JSON Schema lists them; "binary" is no JSON.
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object", "binary")


class Finding(NamedTuple):
    """Is one departure: `times` of `answers` with this status and media type had it, between `first` and `last`.

    `kind` is ``status``, ``content``, ``empty``, ``unreadable``, ``header``, ``field`` or ``rule``; `detail` the header
    or the broken keyword; `types` the JSON types that were seen there; `schema` the place in the document.
    """

    operation: str
    status: str
    media: str
    place: str
    kind: str
    detail: str
    types: tuple[str, ...]
    times: int
    answers: int
    first: int
    last: int
    schema: str

    @property
    def message(self) -> str:
        """Return what departs, as a sentence about the place."""
        kinds = " or ".join(self.types)
        if self.kind == RULE:
            return _broken(self.detail, kinds)
        return {
            STATUS: "the status is not declared",
            CONTENT: f"{self.media or 'a body'} is not declared",
            EMPTY: "there is no body, and the document promises one",
            UNREADABLE: f"the body is no readable {self.media}",
            HEADER: f"the header {self.detail} is missing, and the document promises it",
            FIELD: f"is not described{f'; it is {kinds}' if kinds else ''}",
        }[self.kind]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, with its sentence."""
        times = {"first": moment(self.first), "last": moment(self.last)}
        return {**self._asdict(), "types": list(self.types), **times, "message": self.message}


class Unseen(NamedTuple):
    """Is a declared field that was in none of the `looked` answers that were looked through."""

    operation: str
    status: str
    media: str
    place: str
    looked: int


def findings(ledger: Ledger, baseline: Ledger | None = None) -> list[Finding]:
    """Return all departures of a ledger, in order; with a baseline only those that are not in it."""
    known = baseline.tallies if baseline is not None else {}
    return [
        finding
        for name, tally in ledger.tallies.items()
        for finding in _findings(name, tally, {_same(entry) for entry in known[name].entries} if name in known else ())
    ]


def unseen(ledger: Ledger, documents: Iterable[Document]) -> list[Unseen]:
    """Return the declared fields that never came where the object they belong to did."""
    operations = operations_of(list(documents))
    found = []
    for name, tally in ledger.tallies.items():
        if name not in operations:
            continue
        operation = operations[name]
        outlines = Outlines(operation.document)
        for (status, media), looked in _looked(tally).items():
            declared = operation.response(int(status)) if status.isdecimal() else None
            chosen = matching(declared.content, media) if declared is not None else None
            schema = declared.content[chosen].schema if declared is not None and chosen is not None else None
            if schema is not None:
                places = _never(outlines.at(schema.pointer), _seen(tally, status, media))
                found += [Unseen(name, status, media, place, looked) for place in places]
    return found


def _findings(name: str, tally: Tally, known: Iterable[Entry]) -> Iterator[Finding]:
    answers = {(entry.status, entry.media): count.times for entry, count in _of_kind(tally, ANSWER)}
    types: dict[Entry, set[str]] = defaultdict(set)
    counts: dict[Entry, Count] = {}
    seen: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for entry, _ in _of_kind(tally, SEEN):
        seen[entry[:3]].add(entry.type)
    for entry, count in tally.entries.items():
        if entry.kind in DRIFT and _same(entry) not in known:
            one = entry._replace(type="")  # what broke a rule in several types is one finding
            types[one] |= {entry.type} - {""} if entry.kind == RULE else seen[entry[:3]]
            counts[one] = counts[one] + count if one in counts else count
    for entry in sorted(counts):
        status, media, place, kind, detail, _, schema = entry
        kinds = tuple(kind for kind in TYPES if kind in types[entry]) if kind in {FIELD, RULE} else ()
        total = answers.get((status, media), 0)
        times = counts[entry]._replace(times=min(counts[entry].times, total or counts[entry].times))
        yield Finding(name, status, media, place, kind, detail, kinds, times.times, total, *times[1:], schema)


def _same(entry: Entry) -> Entry:
    """Return what makes a departure the same one, wherever the document has come to say it."""
    return entry._replace(schema="")


def _broken(keyword: str, kinds: str) -> str:
    if keyword == "required":
        return "is required and missing"
    return f"is {kinds}, which its type does not allow" if keyword == "type" else f"breaks {keyword!r}"


def _of_kind(tally: Tally, kind: str) -> Iterator[tuple[Entry, Count]]:
    return ((entry, count) for entry, count in tally.entries.items() if entry.kind == kind)


def _looked(tally: Tally) -> dict[tuple[str, str], int]:
    return {(entry.status, entry.media): count.times for entry, count in sorted(_of_kind(tally, LOOKED))}


def _seen(tally: Tally, status: str, media: str) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for entry, _ in _of_kind(tally, SEEN):
        if (entry.status, entry.media) == (status, media) and entry.detail != NEW:
            found[entry.place].add(entry.type)
    return found


def _never(root: Outline, seen: Mapping[str, set[str]]) -> Iterator[str]:
    for place in sorted(seen):
        outline: Outline | None = root
        for token in split(place):
            outline = outline and (
                outline.names.get(token) or (outline.items or outline.values if token == ANY else None)
            )
        if outline is not None and "object" in seen[place]:
            yield from (at for name in outline.names if (at := join(place, name)) not in seen)
