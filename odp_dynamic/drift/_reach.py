"""Where in the answers of some operations each schema describes something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from .._document import Document
from .._media import matching
from .._operations import Operation
from .._pointers import split
from ._outlines import Outline, Outlines
from ._places import ANY

_MOST = 100_000  # schemas, each counted for each value that it judges; only documents made for it have more


class Reach:
    """Knows all outlines of the answers that operations declare, and which schemas are in them.

    `whole` is False where there are more than it looks through; then what it does not know may be anywhere.
    """

    def __init__(self, document: Document, operations: Iterable[Operation]) -> None:
        self._outlines = Outlines(document)
        self.roots = sorted({pointer for operation in operations for pointer in _schemas(operation)})
        self._of: dict[str, list[Outline]] = {}
        waiting = [self._outlines.at(pointer) for pointer in self.roots]
        seen = set(map(id, waiting))
        looked_at = 0
        while waiting and looked_at < _MOST:
            outline = waiting.pop()
            looked_at += len(outline.schemas)
            for pointer in outline.schemas:
                self._of.setdefault(pointer, []).append(outline)
            new = [inner for inner in outline.inner() if id(inner) not in seen]
            seen.update(map(id, new))
            waiting += new
        self.whole = not waiting

    def with_schema(self, pointer: str) -> list[Outline]:
        """Return all outlines of values that a schema judges."""
        return self._of.get(pointer, [])

    def outline(self, pointer: str) -> Outline:
        """Return what one schema describes by itself."""
        return self._outlines.at(pointer)

    def at(self, operation: Operation, status: str, media: str, place: str) -> list[Outline]:
        """Return the outlines that a place in the answers of an operation may have: several behind a ``*``."""
        declared = operation.response(int(status)) if status.isdecimal() else None
        chosen = matching(declared.content, media) if declared is not None else None
        schema = declared.content[chosen].schema if declared is not None and chosen is not None else None
        found = [self._outlines.at(schema.pointer)] if schema is not None else []
        for token in split(place):
            found = list(dict.fromkeys(inner for outline in found for inner in outline.behind(token, ANY)))
        return found


def _schemas(operation: Operation) -> Iterator[str]:
    for response in operation.responses.values():
        yield from (media.schema.pointer for media in response.content.values() if media.schema is not None)


def judges_alone(outlines: AbstractSet[Outline] | Iterable[Outline], pointer: str) -> bool:
    """Tell whether no other schema says anything of the same objects: what it describes is additional to this one."""
    return all(set(outline.schemas) == {pointer} for outline in outlines)
