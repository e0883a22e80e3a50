"""Text in columns, within the width of the terminal; the same on paper, in a pipe and in a log."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator

from ._output import bold, dim, harmless

_WIDEST = 100
_NARROWEST = 24


def width() -> int:
    """Return how wide a line may be; 80 where there is no terminal."""
    return min(shutil.get_terminal_size().columns, _WIDEST)


def paragraph(text: str, indent: int = 0) -> list[str]:
    """Return a text as lines that fit; its own paragraphs stay apart."""
    margin = " " * indent
    lines: list[str] = []
    for part in harmless(text).split("\n"):
        lines += textwrap.wrap(part, width(), initial_indent=margin, subsequent_indent=margin) or [""]
    return lines


def table(rows: Iterable[tuple[str, str, str]], indent: int = 2) -> Iterator[str]:
    """Yield rows of a name, a few words and a text that may go on over several lines."""
    clean = [(harmless(name), harmless(words), " ".join(harmless(text).split())) for name, words, text in rows]
    first = min(max((len(name) for name, _, _ in clean), default=0), 30)
    second = min(max((len(words) for _, words, _ in clean), default=0), 26)
    left = indent + first + 2 + second + 2
    beside = width() - left >= _NARROWEST
    hanging = left if beside else indent + 4
    for name, words, text in clean:
        head = f"{' ' * indent}{bold(name)}{' ' * (first - len(name))}  {dim(words) if text else words}"
        wrapped = textwrap.wrap(text, width() - hanging)
        fits = beside and len(words) <= second and len(name) <= first
        if wrapped and fits:
            head += " " * (second - len(words) + 2) + wrapped.pop(0)
        yield head.rstrip()
        yield from (" " * hanging + line for line in wrapped)
