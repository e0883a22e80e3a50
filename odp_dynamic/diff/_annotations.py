"""What a schema tells people, and generators, rather than judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._document import Document
from .._meaning import Node, key_of, written_at
from .._pointers import from_fragment
from ._changes import Level
from ._differences import Difference
from ._places import Place

_KEYWORDS = (
    *("title", "description", "default", "deprecated", "examples", "example", "externalDocs", "discriminator", "xml"),
    *("contentEncoding", "contentMediaType", "contentSchema"),
)


def annotation_differences(place: Place) -> Iterator[Difference]:
    """Yield which annotations are others; none of them changes what fits."""
    before, after = _annotations(place.old_side.document, place.old), _annotations(place.new_side.document, place.new)
    for keyword in dict.fromkeys([*before, *after]):
        if keyword not in before or keyword not in after or key_of(before[keyword]) != key_of(after[keyword]):
            verb = "is new" if keyword not in before else "is gone" if keyword not in after else "is another"
            level = _level(keyword, place.old_side.direction)
            yield place.difference(f"{keyword}-changed", f"{keyword} {verb}", least=level, most=level)


def _level(keyword: str, direction: str) -> Level:
    if keyword == "default" and direction == "request":
        return "maybe"  # what is left out may count as something else now
    if keyword.startswith("content"):
        return "maybe"  # a text that was written or read one way is to be decoded another way now
    return "compatible" if keyword == "deprecated" else "docs"


def _annotations(document: Document, node: Node) -> Mapping[str, Any]:
    """Return the annotations of the first schema of a node, and behind them those of what it refers to."""
    found: dict[str, Any] = {}
    pointer = written_at(node)
    seen: set[str] = set()
    while pointer is not None and pointer not in seen:
        seen.add(pointer)
        schema = document.at(pointer)
        if not isinstance(schema, dict):
            break
        found = {name: schema[name] for name in _KEYWORDS if name in schema} | found
        target = schema.get("$ref")
        pointer = from_fragment(target) if isinstance(target, str) else None
    if found.get("deprecated") is False:
        del found["deprecated"]  # as good as unsaid
    return found
