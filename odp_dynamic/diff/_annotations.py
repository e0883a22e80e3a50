"""What a schema tells people, and generators, rather than judges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._document import Document
from .._pointers import from_fragment
from ._forms import NOTHING, Node

_KEYWORDS = (
    *("title", "description", "default", "deprecated", "examples", "example", "externalDocs", "discriminator", "xml"),
    *("contentEncoding", "contentMediaType"),
)


def annotated(document: Document, node: Node) -> Mapping[str, Any]:
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
