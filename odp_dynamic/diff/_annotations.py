"""What a schema tells people, and generators, rather than judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._document import Document
from .._pointers import from_fragment
from ._changes import Level
from ._differences import Difference
from ._forms import NOTHING, Node, key_of
from ._places import Place

_KEYWORDS = (
    *("title", "description", "default", "deprecated", "examples", "example", "externalDocs", "discriminator", "xml"),
    *("contentEncoding", "contentMediaType"),
)


def annotation_differences(place: Place) -> Iterator[Difference]:
    """Yield which annotations are others; none of them changes what fits."""
    before, after = _annotations(place.old_side.document, place.old), _annotations(place.new_side.document, place.new)
    for keyword in dict.fromkeys([*before, *after]):
        if key_of(before.get(keyword)) != key_of(after.get(keyword)):
            verb = "is new" if keyword not in before else "is gone" if keyword not in after else "is another"
            level = _level(keyword, place.old_side.direction)
            yield place.difference(f"{keyword}-changed", f"{keyword} {verb}", least=level, most=level)


def _level(keyword: str, direction: str) -> Level:
    if keyword == "default" and direction == "request":
        return "maybe"  # what is left out may count as something else now
    return "compatible" if keyword == "deprecated" else "docs"


def _annotations(document: Document, node: Node) -> Mapping[str, Any]:
    """Return the annotations of the first schema of a node, and behind them those of what it refers to."""
    found: dict[str, Any] = {}
    pointer = node[0] if node and node != NOTHING else None
    seen: set[str] = set()
    while pointer is not None and pointer not in seen:
        seen.add(pointer)
        schema = document.at(pointer)
        if not isinstance(schema, dict):
            break
        found = {keyword: schema[keyword] for keyword in _KEYWORDS if schema.get(keyword) not in (None, False)} | found
        target = schema.get("$ref")
        pointer = from_fragment(target) if isinstance(target, str) else None
    return found
