"""`odp spec stubs`: types of a document's operations, for type checkers."""

from __future__ import annotations

from pathlib import Path

import click

from .._exits import ExitCode, Mistake
from .._options import Settings, about_documents, pass_settings
from .._output import note
from ._writing import put


@click.command(short_help="Write types of the operations, for mypy and pyright.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False), help="Write them there.")
@click.option("--check", is_flag=True, help="Write nothing: exit code 1 where FILE is not what would be written.")
@about_documents
@pass_settings
def stubs(settings: Settings, output: str | None, *, check: bool) -> None:
    """Print a stub file (.pyi) of the document, as --spec and --overlay make it.

    It has a TypedDict for each schema, and a class Api that a type checker knows each operation of. Keep it beside a
    module of its name that says "from odp_dynamic import Api", and import Api from there.
    """
    if check and output is None:
        raise Mistake("--check looks at a file; name it with -o")
    from ...stubs import stubs as stubs_of

    text = stubs_of(settings.api(drift=""))
    if not check or output is None:
        put(text, output)
    elif _content(output) != text:
        note(f"{output} is not what would be written of the document now; write it again, without --check")
        raise click.exceptions.Exit(ExitCode.FAILED)


def _content(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeError):
        return None
