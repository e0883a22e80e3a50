"""Your calls: where sources, notebooks and recordings use a document's operations, and which of them a new one breaks.

Sources are read, never run. A call whose arguments are all spelt out is held against both documents, as `Api.prepare`
would hold it, without a key and without a network; of what is not spelt out, the changes between the documents tell.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence

from .._collector import collector_paused
from .._document import Document, Source, load
from .._operations import operations_of
from ..diff import Change, compare
from ._files import uses_under
from ._judging import Judge, Judged, Reason
from ._values import UNKNOWN, UNNAMED, Cell, Found, Unread, Use

__all__ = ["UNKNOWN", "UNNAMED", "Cell", "Found", "Judged", "Reason", "Unread", "Use", "find", "ids_of", "judge"]


def find(paths: Iterable[str | os.PathLike[str]], ids: Collection[str]) -> Found:
    """Return where files, and all in folders, use the operations with some ids, and what of them cannot be read.

    Sources are ``*.py`` and ``*.pyi``, notebooks ``*.ipynb`` (nbformat 4, of Python), recordings those of the pytest
    plugin; of folders, hidden ones and those of installed packages are passed over. ``X.call("id")``,
    ``X.operations["id"]`` and ``bulk_load(X, "id", …)`` count whatever `X` is, ``X.<id>(…)`` where `X` is an `Api` by
    what its module says, or by its name.

    An id and values may stand in constants: of a module or a class, members of enums, entries of dicts and tuples, what
    a loop or ``pytest.mark.parametrize`` goes through; and in those of another file that is imported, if that is
    among these. An id may be one of several, each of which is a use. What has been assigned twice, or may have been
    changed, is not known. A call of an `Api` whose id is not known is in `unread`, with the reason `UNNAMED`.
    """
    with collector_paused():
        return uses_under(paths, ids)


def judge(
    uses: Iterable[Use], old: Source | Document, new: Source | Document, changes: Sequence[Change] | None = None
) -> list[Judged]:
    """Return what becomes of each use when the `new` document takes the place of the `old` one.

    `changes` are those that `compare` returns for the two, for who has them. A use is "breaking" where the old document
    accepts the call as it is written and the new one refuses it, or where a breaking change concerns all calls of the
    operation; "maybe" where that depends on what is not spelt out; and else "compatible". A recording is "breaking"
    where its replay would be refused. Raises what `compare` raises.
    """
    before, after = (given if isinstance(given, Document) else load(given) for given in (old, new))
    judging = Judge(before, after, compare(before, after) if changes is None else changes)
    return [judging.judged(use) for use in uses]


def ids_of(*documents: Document) -> set[str]:
    """Return the ids of the operations of some documents."""
    return {name for document in documents for name in operations_of([document])}
