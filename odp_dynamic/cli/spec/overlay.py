"""`odp spec overlay`: lay overlays upon a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ..._settings import without_none
from .._exits import ExitCode, Mistake
from .._options import Settings, about_documents, pass_settings
from .._output import harmless, note, say, say_json
from ._writing import document_text, put

if TYPE_CHECKING:
    from ..._layers import Stack


@click.command(short_help="Lay overlays upon a document.")
@click.argument("overlays", metavar="OVERLAY...", nargs=-1, required=True)
@click.option("--explain", is_flag=True, help="Tell which action changed which place, and not what came of it.")
@click.option("--strict", is_flag=True, help="An action that does nothing is an error: exit code 1.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False), help="Write it there.")
@about_documents
@pass_settings
def overlay(settings: Settings, overlays: tuple[str, ...], output: str | None, *, explain: bool, strict: bool) -> None:
    """Print a document as OVERLAYs make it: paths, URLs, or names of those that come with the package.

    They are laid in this order upon the document as it is written, of which nothing else is changed; without --spec
    that is ODP's own. YAML, or JSON with --json. What an action does not find is told on stderr.
    """
    stack = _laid(settings, overlays)
    if explain:
        _explain(stack, as_json=settings.wants_json)
    else:
        put(document_text(stack.pairs[0][0], as_json=bool(settings.as_json)), output)
    for told in stack.idle:
        note(f"{'Error' if strict else 'Warning'}: {told}")
    if stack.idle and strict:
        raise click.exceptions.Exit(ExitCode.FAILED)


def _laid(settings: Settings, overlays: tuple[str, ...]) -> Stack:
    from ..._document import bundled, read
    from ..._layers import Stack, fetch_document

    sources: Any = settings.sources().documents
    if len(sources) != 1:
        raise Mistake("overlays are laid upon one document; give one --spec")
    stack = Stack([read(sources[0] or bundled(), fetch=fetch_document)])
    stack.lay(without_none([*settings.overlays, *overlays]), fetch_document)
    return stack


def _explain(stack: Stack, *, as_json: bool) -> None:
    if as_json:
        say_json([{"overlay": name, **touch._asdict()} for name, touch in stack.touched])
        return
    for line in _lines(stack):
        say(harmless(line))


def _lines(stack: Stack) -> Iterator[str]:
    shown = None
    for name, touch in stack.touched:
        if (name, touch.action) != shown:
            yield f"{name}, action {touch.action}: {touch.target}"
            shown = name, touch.action
        yield f"  {touch.verb:6}  {touch.pointer or '(the root)'}"
