"""`odp spec diff`: what changed between two versions of a document, by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ..._settings import without_none
from .._exits import ExitCode, Mistake
from .._options import Settings, about_documents, pass_settings
from .._output import note
from ._reports import FORMS, Told, grouped, report_of
from ._versions import at_hand, lines, version
from ._writing import put

if TYPE_CHECKING:
    from ..._document import Document


@click.command(short_help="Tell what changed between two versions of a document.")
@click.argument("old")
@click.argument("new", required=False)
@click.option("--old-overlay", metavar="NAME|PATH|URL", multiple=True, help="Overlay upon OLD alone; repeatable.")
@click.option("--new-overlay", metavar="NAME|PATH|URL", multiple=True, help="Overlay upon NEW alone; repeatable.")
@click.option(
    "--used-by",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True),
    help="Tell which calls in these sources, notebooks and recordings break; a file or a folder, repeatable.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Exit code 1 where something is breaking; with --used-by, where one of these calls is.",
)
@click.option("--strict", is_flag=True, help="With --check: what may be breaking counts, too.")
@click.option("--docs", is_flag=True, help="Tell of what only people read, too.")
@click.option("--format", "form", type=click.Choice(list(FORMS)), help="[default: text on a terminal, else json]")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False), help="Write it there.")
@about_documents
@pass_settings
def diff(
    settings: Settings,
    *,
    old: str,
    new: str | None,
    old_overlay: tuple[str, ...],
    new_overlay: tuple[str, ...],
    used_by: tuple[str, ...],
    form: str | None,
    output: str | None,
    check: bool,
    strict: bool,
    docs: bool,
) -> None:
    """Tell what the document NEW means anew for those who call the operations of OLD, or take its webhooks.

    Each is a path, a URL, or a revision in git such as main:spec/api.yaml; NEW is the document at hand unless given.
    --overlay goes upon both. What is breaking about values is shown by one that OLD accepts and NEW refuses; in what
    comes from the service, an answer or a webhook, the other way round.

    With --used-by, your own calls are told, too, each with its line: those that are spelt out are held against both
    documents. Sources and notebooks are read, never run.
    """
    from ...diff import compare

    overlays = without_none(settings.overlays)
    before = version(old, [*overlays, *old_overlay])
    if new is not None:
        after = version(new, [*overlays, *new_overlay])
    elif new_overlay:
        raise Mistake("--new-overlay goes upon NEW; give it, too")
    else:
        after = at_hand(settings)
    changes = [change for change in compare(before, after) if docs or change.level != "docs"]
    form = form or ("json" if settings.wants_json else "text")
    told = _placed(grouped(changes), after) if form == "github" else grouped(changes)
    if used_by:
        from ._used import calls_in, report_with_uses

        report = report_with_uses(form, told, calls_in(used_by, before, after, changes))
    else:
        report = report_of(form, told)
    if report.text or output is not None:
        put(report.text, output)
    note(report.counted)
    if check and report.levels & {"breaking", *(["maybe"] if strict else [])}:
        raise click.exceptions.Exit(ExitCode.FAILED)


def _placed(told: Sequence[Told], after: Document) -> list[Told]:
    """Give changes the file and the line where the new document has them."""
    found = lines(after, [one.change.new for one in told if one.change.new is not None])
    places = [found.get(one.change.new or "") if one.change.new is not None else None for one in told]
    return [
        one if line is None else one._replace(file=after.source, line=line)
        for one, line in zip(told, places, strict=True)
    ]
