"""Measuring: two things in turn, many times, and the median of their ratios."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import NamedTuple


class Row(NamedTuple):
    """Is one line of the table: what was measured, both sides, their difference or ratio, and what was promised."""

    name: str
    ours: str
    other: str
    figure: str
    promise: str
    kept: bool


def seconds(run: Callable[[], object], times: int) -> float:
    """Return the seconds of one run, over `times` of them."""
    begun = perf_counter()
    for _ in range(times):
        run()
    return (perf_counter() - begun) / times


def in_turn(ours: Callable[[], float], other: Callable[[], float], rounds: int) -> tuple[float, float, float]:
    """Return the medians of two measurements taken in turn, and of their ratio round by round."""
    ours(), other()
    pairs = [(ours(), other()) for _ in range(rounds)]
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(a / b for a, b in pairs)


def ratio_row(name: str, measured: tuple[float, float, float], most: float, unit: str = "ms") -> Row:
    """Return the row for a ratio that must not be above `most`; the measurements are in seconds."""
    ours, other, ratio = measured
    scale = {"ms": 1e3, "µs": 1e6, "s": 1.0}[unit]
    figures = (f"{_short(ours * scale)} {unit}", f"{_short(other * scale)} {unit}")
    return Row(name, *figures, f"{ratio:.2f}", f"≤ {most:g}", ratio <= most)


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| what | odp_dynamic | compared with | ratio or difference | promised |", "|---|---|---|---|---|"]
    lines += [f"| {r.name} | {r.ours} | {r.other} | {r.figure}{'' if r.kept else ' ✗'} | {r.promise} |" for r in rows]
    return "\n".join(lines)
