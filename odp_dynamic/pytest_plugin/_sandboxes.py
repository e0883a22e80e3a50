"""The sandbox of one test, as its markers want it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ..sandbox import Sandbox
from ..sandbox._faultplan import fault_of
from ._documents import document_of


@contextmanager
def sandbox_of(item: pytest.Item) -> Iterator[Sandbox]:
    """Yield a sandbox of the run's document with the seed and the faults of a test's markers.

    Each test has its own: on a document that is loaded once it takes 2 ms to make one, and nothing of one test, not
    its keys, its faults or a closed database, is left to the next. The nearest seed counts, and all faults, the
    nearest first.
    """
    with Sandbox(document=document_of(item.config), seed=_seed(item)) as sandbox:
        for marker in item.iter_markers("odp_fault"):
            if marker.args:
                raise pytest.UsageError("odp_fault takes keywords: operation, status, retry_after, kind, times, …")
            sandbox.faults.add(fault_of(marker.kwargs))
        yield sandbox


def told(sandbox: Sandbox) -> str:
    """Return what a sandbox did: each request, and what became of each of its items."""
    lines = []
    for entry in sandbox.journal:
        lines.append(str(entry))
        lines += [
            f"    {'' if outcome.item is None else f'item {outcome.item} '}{outcome.became}: {outcome.why}"
            for outcome in entry.outcomes
        ]
    return "\n".join(lines)


def _seed(item: pytest.Item) -> Mapping[str, Any] | Path | None:
    """Return the seed of the nearest marker; a path begins at the folder of the test's file."""
    marker = item.get_closest_marker("odp_seed")
    if marker is None:
        return None
    if len(marker.args) != 1 or marker.kwargs:
        raise pytest.UsageError("odp_seed takes one seed: a mapping, or the path of a file")
    seed = marker.args[0]
    return seed if isinstance(seed, Mapping) else item.path.parent / seed
