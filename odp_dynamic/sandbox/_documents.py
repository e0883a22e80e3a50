"""The document that a sandbox serves, as clients have it, and as the service has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .._document import Document, bundled
from .._document import Source as Written
from .._layers import OF_THE_BUNDLED, Sources, bundled_as_written, bundled_document, layered

# What keeps clients from what the service lets through: limits that the vendor advises, and what is accepted and lost.
# What the service does with it is `Behaviour`, and would never be seen behind a document that refuses it.
_LET_THROUGH: dict[str, Any] = {
    "overlay": "1.1.0",
    "info": {"title": "What the service lets through", "version": "1"},
    "actions": [
        {"target": "$.paths[*].post.requestBody.content[*].schema.maxItems", "remove": True},
        {"target": "$.components.schemas.ProfileInput.additionalProperties", "remove": True},
        {"target": "$.components.schemas.SchemaObjectInput.properties.fields.contains", "remove": True},
    ],
}


class Documents(NamedTuple):
    """Is one document twice: `shown` to clients, and `served`."""

    shown: Document
    served: Document


def documents(document: Any, overlays: Written | Sequence[Written] = ()) -> Documents:
    """Load a document with overlays upon it; they are two for the bundled one alone, whose limits are an overlay.

    None is the bundled one, whatever the environment says. Raises SpecError and ValueError as `Api` does.
    """
    laid = tuple(overlays) if isinstance(overlays, list | tuple) else (overlays,)
    if document is None or document is bundled_document():
        if laid in {(), OF_THE_BUNDLED}:
            return Documents(bundled_document(), bundled_as_written())
        shown = Sources((None,), laid, frozenset()).load().documents[0]
        return Documents(shown, layered([bundled()], [*laid, _LET_THROUGH]).documents[0])
    if isinstance(document, Document):
        if laid:
            raise ValueError("overlays go upon a document as it is written, and a Document was loaded already")
        return Documents(document, document)
    loaded = layered([document], laid).documents[0]
    return Documents(loaded, loaded)
