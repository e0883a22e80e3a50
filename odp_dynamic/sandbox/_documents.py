"""The document that a sandbox serves, as clients have it, and as the service has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .._document import Document, bundled
from .._document import Source as Written
from .._layers import OF_THE_BUNDLED, Sources, bundled_as_written, bundled_document, layered

_HOSTS: frozenset[str] = frozenset()  # references to others are not followed
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
    """Is one document twice: `shown` to clients, and `served`.

    `idle` has a sentence for each action of an overlay that did nothing.
    """

    shown: Document
    served: Document
    idle: tuple[str, ...] = ()


def documents(document: Any, overlays: Written | Sequence[Written] | None = None) -> Documents:
    """Load a document with overlays upon it; they are two for the bundled one alone, whose limits are an overlay.

    None is the bundled one, and for overlays those that it has by default, whatever the environment says. Raises
    SpecError and ValueError as `Api` does.
    """
    is_bundled = document is None or document is bundled_document()
    default = OF_THE_BUNDLED if is_bundled else ()
    laid = default if overlays is None else tuple(overlays) if isinstance(overlays, list | tuple) else (overlays,)
    if is_bundled:
        [shown], idle = Sources((None,), laid, _HOSTS).load()
        if not laid or laid == OF_THE_BUNDLED:
            return Documents(shown, bundled_as_written(), idle)
        return Documents(shown, layered([bundled()], [*laid, _LET_THROUGH]).documents[0], idle)
    if isinstance(document, Document) and laid:
        raise ValueError("overlays go upon a document as it is written, and a Document was loaded already")
    [shown], idle = Sources((document,), laid, _HOSTS).load()
    return Documents(shown, shown, idle)
