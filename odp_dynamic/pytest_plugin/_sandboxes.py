"""The sandbox of one test, as its markers want it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ..sandbox import Behaviour, Sandbox
from ..sandbox._faultplan import fault_of
from ._documents import document_of


@contextmanager
def sandbox_of(item: pytest.Item) -> Iterator[Sandbox]:
    """Yield a sandbox of the run's document with the seed, the behaviour and the faults of a test's markers.

    Each test has its own: on a document that is loaded once it takes 2 ms to make one, and nothing of one test, not
    its keys, its faults or a closed database, is left to the next. The nearest seed counts, the nearest word for
    each setting, and all faults, the nearest first.
    """
    document = document_of(item.config)
    with Sandbox(document=document, seed=_seed(item), behaviour=_behaviour(item)) as sandbox:
        sandbox.faults.add(
            *map(fault_of, _keywords(item, "odp_fault", "operation, status, retry_after, kind, times, …"))
        )
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


def _behaviour(item: pytest.Item) -> Behaviour:
    told = [*_keywords(item, "odp_behaviour", "the settings of Behaviour, such as merge='oldest'")]
    return Behaviour.of({name: word for one in reversed(told) for name, word in one.items()})


def _keywords(item: pytest.Item, name: str, which: str) -> Iterator[Mapping[str, Any]]:
    """Yield the keywords of a test's markers of a name, the nearest first."""
    for marker in item.iter_markers(name):
        if marker.args:
            raise pytest.UsageError(f"{name} takes keywords: {which}")
        yield marker.kwargs


def _seed(item: pytest.Item) -> Mapping[str, Any] | Path | None:
    """Return the seed of the nearest marker; a path begins at the folder of the test's file."""
    marker = item.get_closest_marker("odp_seed")
    if marker is None:
        return None
    if len(marker.args) != 1 or marker.kwargs:
        raise pytest.UsageError("odp_seed takes one seed: a mapping, or the path of a file")
    seed = marker.args[0]
    return seed if isinstance(seed, Mapping) else item.path.parent / seed
