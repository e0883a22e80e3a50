"""`odp spec drift`: what a service was seen to do that the document does not say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from .._columns import table
from .._exits import ExitCode, Mistake
from .._options import Settings, about_documents, pass_settings
from .._output import bold, dim, harmless, note, say, say_json
from ._versions import at_hand
from ._writing import document_text, put

if TYPE_CHECKING:
    from ...drift import Finding, Ledger, Proposal, Unseen

_FILE = click.Path(dir_okay=False, exists=True)


@click.command(short_help="Tell what a service does that the document does not say.")
@click.argument("ledgers", metavar="LEDGER...", nargs=-1, required=True, type=_FILE)
@click.option("--baseline", metavar="FILE", type=_FILE, help="Tell only what is not in this ledger.")
@click.option("--propose", is_flag=True, help="Print an overlay that would make the document true.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False), help="Write the overlay there.")
@click.option("--check", is_flag=True, help="Exit code 1 where there is something to tell.")
@about_documents
@pass_settings
def drift(
    settings: Settings,
    ledgers: tuple[str, ...],
    baseline: str | None,
    output: str | None,
    *,
    propose: bool,
    check: bool,
) -> None:
    """Tell what LEDGERs have collected, all together: files of --drift, or of Api(drift=…).

    They hold no values: operations, statuses, places, JSON types, counts and times. With --propose an overlay is
    printed instead, YAML, or JSON with --json; it is for the document as --spec and --overlay make it, and makes the
    same answers clean. What no overlay can put right is told, with why, and on stderr with --propose, whose exit code
    is 1 then.
    """
    if output is not None and not propose:
        raise Mistake("-o is where an overlay goes; add --propose")
    from ...drift import findings, unseen
    from ...drift import propose as proposal_of

    ledger = _merged(ledgers)
    found = findings(ledger, _merged([baseline]) if baseline is not None else None)
    document = at_hand(settings)
    proposal = proposal_of(ledger, document)
    if propose:
        _write(proposal, output, as_json=bool(settings.as_json))
    else:
        left = proposal.left if baseline is None else ()  # it is of all that a ledger has
        _tell(found, unseen(ledger, [document]), left, as_json=settings.wants_json)
    if (check and found) or (propose and proposal.left):
        raise click.exceptions.Exit(ExitCode.FAILED)


def _merged(paths: Sequence[str]) -> Ledger:
    from ...drift import Ledger, LedgerError

    try:
        first, *others = map(Ledger, paths)
        for other in others:
            first = first.merge(other)
    except LedgerError as error:
        raise Mistake(str(error)) from None
    return first


def _tell(found: Sequence[Finding], never: Sequence[Unseen], left: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        told = {"drift": [one.to_json() for one in found], "unseen": [one._asdict() for one in never]}
        say_json({**told, "left": list(left)})
        return
    for line in _lines(found, never):
        say(line)
    for sentence in left:
        say(f"No overlay can put it right: {harmless(sentence)}")
    note(f"{len(found)} departure{'s'[: len(found) != 1]}, {len(never)} declared fields that never came")


def _lines(found: Sequence[Finding], never: Sequence[Unseen]) -> Iterator[str]:
    told: dict[tuple[str, str, str], list[tuple[str, str, str]]] = {}
    for one in found:
        row = one.place or "(the answer)", f"{one.times} of {one.answers}", one.message
        told.setdefault((one.operation, one.status, one.media), []).append(row)
    for (operation, status, media), rows in told.items():
        yield f"{bold(harmless(operation))} {status} {dim(harmless(media))}".rstrip()
        yield from table(rows)
    for field in never:
        where = harmless(f"{field.operation} {field.status} {field.media} {field.place}")
        yield dim(f"{where}: declared, and in none of {field.looked} answers that were looked through")


def _write(proposal: Proposal, output: str | None, *, as_json: bool) -> None:
    for told in proposal.left:
        note(f"Warning: no overlay can put it right: {harmless(told)}")
    if proposal.overlay is None:
        note("There is nothing to propose.")
        return
    put(document_text(proposal.overlay, as_json=as_json), output)
