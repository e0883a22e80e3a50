"""`odp spec check`: what is wrong with a document, or likely to be, before it is deployed or reloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .._exits import ExitCode, Mistake
from .._options import Settings, about_documents, pass_settings
from .._output import bad, bold, dim, harmless, json_of, note
from ._annotations import annotation
from ._writing import put

if TYPE_CHECKING:
    from ...checking import Finding

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def _as_text(findings: Sequence[Finding]) -> str:
    return "\n".join(_lines(findings)) or "nothing to tell"


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        level = bad(finding.level) if finding.level == "error" else bold(finding.level)
        where = finding.source if finding.line is None else f"{finding.source}:{finding.line}"
        place = harmless(f"{where} {finding.pointer}".rstrip())
        yield f"{level}  {place}: {harmless(finding.message)}  {dim(finding.rule)}"


def _as_json(findings: Sequence[Finding]) -> str:
    return json_of([finding._asdict() for finding in findings])


def _as_github(findings: Sequence[Finding]) -> str:
    return "\n".join(
        annotation(
            _COMMANDS[finding.level],
            f"{finding.level}: {finding.rule}",
            f"{finding.pointer or 'the document'}: {finding.message}",
            file=finding.source,
            line=finding.line,
        )
        for finding in findings
    )


_FORMS: Mapping[str, Callable[[Sequence[Finding]], str]] = {"text": _as_text, "json": _as_json, "github": _as_github}


@click.command(short_help="Tell what is wrong with a document, before it is used.")
@click.argument("document", metavar="[FILE|URL]", required=False)
@click.option("--strict", is_flag=True, help="Warnings count, too.")
@click.option("--format", "form", type=click.Choice(list(_FORMS)), help="[default: text on a terminal, else json]")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False), help="Write it there.")
@about_documents
@pass_settings
def check(settings: Settings, *, document: str | None, strict: bool, form: str | None, output: str | None) -> None:
    """Tell all that is wrong with a document, or likely to be, with the overlays upon it.

    It is the document at hand unless given. An error is what this library refuses, or OpenAPI forbids: the exit code
    is 1. A warning is likely a mistake, a note is worth knowing. No value of an example is printed.
    """
    findings = _findings(settings, document)
    text = _FORMS[form or ("json" if settings.wants_json else "text")](findings)
    if text or output is not None:
        put(text, output)
    note(_counted(findings))
    if any(finding.level in {"error", *(["warning"] if strict else [])} for finding in findings):
        raise click.exceptions.Exit(ExitCode.FAILED)


def _findings(settings: Settings, document: str | None) -> list[Finding]:
    from ...checking import check as checked

    if document is not None and settings.specs:
        raise Mistake("the document is given twice; leave out --spec")
    documents, overlays, _ = settings.sources(document)
    if len(documents) != 1:
        raise Mistake("one document is checked at a time; check each")
    given: Any = documents[0]
    return checked(given, overlays=overlays)


def _counted(findings: Sequence[Finding]) -> str:
    from ...checking import LEVELS

    counts = {level: sum(finding.level == level for finding in findings) for level in LEVELS}
    return ", ".join(f"{n} {level}{'s'[: n != 1]}" for level, n in counts.items() if n) or "nothing to tell"
