"""What the schemas of a document mean: which values they allow, kind by kind, however that is written."""

from __future__ import annotations

from ._forms import ANY, KINDS, NOTHING, Form, Node, Opaque, Shape, item_of, key_of, view, written_at
from ._sides import HIDDEN_IN, Side, referring

__all__ = [
    "ANY",
    "HIDDEN_IN",
    "KINDS",
    "NOTHING",
    "Form",
    "Node",
    "Opaque",
    "Shape",
    "Side",
    "item_of",
    "key_of",
    "referring",
    "view",
    "written_at",
]
