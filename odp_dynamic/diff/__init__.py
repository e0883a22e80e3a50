"""What changed between two versions of a document, by meaning and not by text.

A schema is inlined or referred to, its keywords stand in another order, ``nullable`` became a list of types, an
``allOf`` was flattened: none of that is a change, for the same values fit. What is one is told with its place, the way
that the values go, its level and the reason; and where it is about values, with a value that shows it.

Webhooks and callbacks are requests of the service: what they bring is read like an answer, and what they are answered
with is judged like a request.
"""

from __future__ import annotations

from .._document import Document, Source, load
from ._changes import LEVELS, Change, Direction, Level
from ._documents import changes_between

__all__ = ["LEVELS", "Change", "Direction", "Level", "compare"]


def compare(old: Source | Document, new: Source | Document) -> list[Change]:
    """Return all that a new version of a document means anew for those who call its operations, or take its webhooks.

    `old` and `new` are paths, URLs that need no fetching beyond the file, open files, dicts, or Documents that were
    loaded before. The changes come in the order of the operations, those of webhooks after them; `Change` says what
    each holds. Widening what a request may be is compatible, and widening an answer is not: its readers may meet what
    they do not know. A claim that is about values is "breaking" only with a witness, a value that was tried with both
    documents.

    Raises SpecError for a document that cannot be used, and for two that are too large, or too different, to compare.
    """
    documents = [given if isinstance(given, Document) else load(given) for given in (old, new)]
    return changes_between(*documents)
