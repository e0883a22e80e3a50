"""`odp operations`: what can be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ._options import Settings, about_documents, pass_settings
from ._output import harmless, say, say_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .._operations import Operation

_MOST_SUMMARY = 26


@click.command(short_help="List the operations, or those about a word.")
@click.argument("word", required=False)
@about_documents
@pass_settings
def operations(settings: Settings, word: str | None) -> None:
    """List all operations, or those that WORD is in: id, path, summary or tag.

    A table on a terminal, JSON in a pipe.
    """
    known = settings.api().operations
    found = [known[name] for name in known if word is None or _is_about(known[name], word.casefold())]
    if settings.wants_json:
        say_json([_row(operation) for operation in found])
    else:
        _say_table(found)


def _is_about(operation: Operation, word: str) -> bool:
    texts = (operation.id, operation.method, operation.path, operation.summary, *operation.tags)
    return any(word in text.casefold() for text in texts)


def _row(operation: Operation) -> dict[str, object]:
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "summary": operation.summary,
        "tags": list(operation.tags),
        "deprecated": operation.deprecated,
    }


def _say_table(found: list[Operation]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("operation", "", "path", "summary"):
        table.add_column(title, overflow="fold")
    room = console.width - _widest(operation.id for operation in found) - _MOST_SUMMARY - len("DELETE") - 6
    for operation in found:
        mark = " (deprecated)" * operation.deprecated
        cells = (operation.id, operation.method, _broken(operation.path, room), f"{operation.summary}{mark}")
        style = "dim" if operation.deprecated else ""
        table.add_row(*(Text(harmless(cell), style=style) for cell in cells))
    console.print(table)
    say()
    say(f"{len(found)} operation{'s'[: len(found) != 1]}; `odp describe ID` tells more of one")


def _widest(texts: Iterable[str]) -> int:
    return max(map(len, texts), default=0)


def _broken(path: str, room: int) -> str:
    """Break a long path where its segments begin."""
    lines = [""]
    for segment in path.split("/")[1:]:
        if lines[-1] and len(lines[-1]) + len(segment) >= room:
            lines.append("  ")
        lines[-1] += f"/{segment}"
    return "\n".join(lines)
