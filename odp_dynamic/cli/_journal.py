"""The sandbox's journal as lines: one for each request, and one for each item that came to something else than asked.

Why an item came to that is told once for a request, with the items that it is true of.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from threading import Event
from typing import Any

from ._output import bad, bold, dim, good, harmless, json_of, say

_EACH = 0.1  # seconds between two looks
NOTABLE = ("dropped", "ignored", "moved", "merged")  # what is refused stands among the problems
_COLOURS: dict[str, Callable[[str], str]] = {"accepted": good, "refused": bad, "failed": bad, "undone": dim}
_MOST_ITEMS = 8


def follow(journal: Any, stopped: Event, *, as_json: bool) -> None:
    """Print what comes into a journal until `stopped`, and then what came in the meantime."""
    seen, ends = 0, False
    while not ends:
        ends = stopped.wait(_EACH)
        for entry in journal.since(seen):
            seen = entry.number
            for line in [json_of(entry.to_json(), indent=None)] if as_json else lines_of(entry):
                say(line)
        sys.stdout.flush()  # who reads a pipe wants it now


def lines_of(entry: Any) -> Iterator[str]:
    """Yield an entry in words, for a person."""
    told = _COLOURS[entry.verdict](f"{entry.status or 'reset'} {entry.verdict}")
    name = bold(entry.operation) if entry.operation else "no operation"
    yield f"{dim(entry.time[11:23])} {told} {name} {harmless(f'{entry.method} {entry.target}')} {dim(_small(entry))}"
    if entry.fault is not None:
        yield f"  {bad('fault')} {harmless(str(entry.fault))}"
    if entry.why:
        yield f"  {harmless(entry.why)}"
    for problem in entry.problems[:_MOST_ITEMS] if len(entry.problems) > 1 else ():
        yield f"  {harmless(str(problem))}"
    yield from _outcomes(entry.outcomes)


def _small(entry: Any) -> str:
    return f"{entry.milliseconds:.1f} ms, {entry.key} key"


def _outcomes(outcomes: Iterable[Any]) -> Iterator[str]:
    """Yield a line for each thing that became of items, and should be known."""
    items: dict[tuple[Any, ...], list[int | None]] = {}
    for item, became, why, fields, _ in outcomes:
        if became in NOTABLE:
            items.setdefault((became, why, fields), []).append(item)
    for (became, why, fields), places in items.items():
        where = f" {', '.join(fields)}" if fields else ""
        yield f"  {bold(became)}{harmless(f'{_places(places)}{where}: {why}')}"


def _places(items: list[int | None]) -> str:
    """Return the items' places, as many as fit a line."""
    places = [str(item) for item in items if item is not None]
    if not places:
        return ""
    more = f" and {len(places) - _MOST_ITEMS} more" if len(places) > _MOST_ITEMS else ""
    return f" item{'s'[: len(places) > 1]} {', '.join(places[:_MOST_ITEMS])}{more}"
