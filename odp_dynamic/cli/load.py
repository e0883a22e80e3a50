"""`odp load`: rows of files into an operation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ._complete import operation_ids
from ._exits import ExitCode, Mistake, code_of
from ._options import Settings, WithSandbox, collecting, common, pass_settings, reached, told_to_people
from ._output import bad, bold, dim, good, harmless, note, say, say_json

if TYPE_CHECKING:
    from ..bulk import Loader, LoadReport
    from ._outcomes import Outcomes

_MOST_KINDS = 20  # that are shown


@click.command(cls=WithSandbox, short_help="Load rows of files into an operation.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--to", "operation_id", metavar="ID", required=True, shell_complete=operation_ids, help="The operation.")
@click.option("--with", "words", metavar="NAME=VALUE", multiple=True, help="A parameter of it; repeatable.")
@click.option("--form", type=click.Choice(["jsonl", "json", "csv", "tsv", "parquet"]), help="Form of the files.")
@click.option("--map", "mapping", metavar="WORDS|FILE", multiple=True, help="Where fields go: see below; repeatable.")
@click.option("--layout", metavar="NAME|FILE", help="A layout of tables, such as the vendor's CSV files.")
@click.option("--check", is_flag=True, help="Validate all rows and send none.")
@click.option("--batch", type=click.IntRange(1), metavar="N", help="Rows in a request. [default: the document's limit]")
@click.option("--senders", type=click.IntRange(1, 64), default=4, show_default=True, metavar="N", help="Threads.")
@click.option("--rejects", metavar="FILE", help="Where bad rows go. [default: FILE.rejects.jsonl]")
@click.option("--journal", metavar="FILE", help="What knows which rows are done. [default: FILE.load]")
@click.option("--resume", is_flag=True, help="Go on with a load that ended early.")
@click.option("--resend-doubtful", is_flag=True, help="With --resume: send rows again that had no answer.")
@click.option("--ids", metavar="POINTER|none", help="Where each row gets an id, for the service to know it again.")
@click.option("--fail-fast", is_flag=True, help="End with the first bad row.")
@click.option("--max-rejects", type=click.IntRange(0), metavar="N", help="End beyond so many bad rows.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=300,
    show_default=True,
    metavar="S",
    help="Seconds for which a batch is tried again.",
)
@click.option("--sandbox", metavar="[=FILE]", help="Load into an embedded sandbox; FILE is its database.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@collecting
@common
@pass_settings
def load(settings: Settings, /, files: tuple[str, ...], operation_id: str, **options: Any) -> None:
    """Load rows of JSON Lines, JSON arrays, CSV, TSV or Parquet files into an operation; - is standard input.

    \b
    Each row is validated before it is sent, and bad ones go to the reject file.
    Rows go in batches where the operation takes an array, else one by one.
    --map target.path=column   renames
    --map target.path:=JSON    fills
    --map -column              leaves out
    --map FILE                 has these words in YAML

    Ctrl-C and SIGTERM end it when what is under way is settled; --resume goes on from there. The exit code is 1 where
    rows were rejected or are in doubt.
    """  # noqa: D301  # \b is click's word for lines that stay as they are
    from ..bulk import loader, read_rows
    from ._loading import Waits, shown, terminable, waiting

    waits, told = Waits(), _Told()
    with reached(settings, options["sandbox"], through=told.through, retry=waiting(options["patience"], waits)) as api:
        plan = _Plan(api, files, operation_id, options)
        skip: dict[str, int] = {}
        # What is wrong with what is to be read is told before there is a journal, which then says what to skip.
        rows = read_rows(plan.sources, schema=plan.schema, skip=skip, **plan.reading)
        with told_to_people():
            loading = loader(api, operation_id, plan.arguments, plan.settings)
        skip.update(loading.skip())
        with (
            terminable() as told.terminated,
            shown(loading, plan.sources, sum(skip.values()), waits, quiet=options["quiet"]) as watched,
        ):
            report = _run(loading, watched(rows), plan, told)
    if settings.wants_json:
        say_json(_data(report, plan, told))
    else:
        for line in _lines(report, plan, told):
            say(line)
    _leave(report, told)


class _Told:
    """Is what is known of a load beside its report: what an embedded sandbox did, and which signals came."""

    def __init__(self) -> None:
        self.outcomes: Outcomes | None = None
        self.terminated: list[int] = []

    def through(self, sandbox: Any) -> Outcomes:
        """Return the transport that reaches a sandbox."""
        from ._outcomes import Outcomes

        self.outcomes = Outcomes(sandbox)
        return self.outcomes

    @property
    def interrupted(self) -> ExitCode:
        """Return the exit code of a load that a signal ended."""
        return ExitCode.TERMINATED if self.terminated else ExitCode.INTERRUPTED

    def stopped(self, report: LoadReport) -> str:
        """Return why a load ended early, "" where it did not."""
        return "terminated" if report.stopped == "interrupted" and self.terminated else report.stopped


class _Plan:
    """Is what the options ask for, as the library takes it."""

    def __init__(self, api: Any, files: tuple[str, ...], operation_id: str, options: dict[str, Any]) -> None:
        from ..bulk import LoadSettings, field_mapping, schema_of_row, sources_of
        from ._arguments import arguments_of

        operation = api.operations[operation_id]
        self.schema = schema_of_row(operation)
        self.sources = [source.name for source in sources_of(files, options["form"])]
        _refuse_words(options["words"])
        self.reading = {
            "form": options["form"],
            "mapping": field_mapping(options["mapping"]) if options["mapping"] else None,
            "layout": options["layout"],
        }
        first = None if self.sources[0] == "-" else self.sources[0]
        checking = options["check"]
        self.rejects = options["rejects"] or (f"{first}.rejects.jsonl" if first and not checking else None)
        self.journal = None if checking else options["journal"] or (f"{first}.load" if first else None)
        if options["resume"] and not (self.journal and os.path.exists(self.journal)):  # noqa: PTH110  # a name
            raise Mistake(
                f"there is no journal to go on from{f' at {self.journal}' if self.journal else ''}; see --journal"
            )
        if self.rejects and os.path.realpath(self.rejects) in map(os.path.realpath, self.sources):
            raise Mistake(f"{self.rejects} is read: its rows would be lost; name another file with --rejects")
        self.arguments = arguments_of(operation, options["words"], {})
        self.settings = LoadSettings(
            batch=options["batch"],
            senders=options["senders"],
            rejects=self.rejects,
            journal=self.journal,
            resume=options["resume"],
            resend_doubtful=options["resend_doubtful"],
            idempotency=_ids(options["ids"]),
            most_rejects=0 if options["fail_fast"] else options["max_rejects"],
            check=checking,
            sources=[[name, *_mark_of(name)] for name in self.sources],
        )


def _refuse_words(words: tuple[str, ...]) -> None:
    for word in words:
        if "=" not in word:
            raise Mistake("--with is told as NAME=VALUE (or NAME:=JSON); one has no '='")


def _ids(told: str | None) -> Any:
    if told is None or told.startswith("/"):
        return told
    if told == "none":
        return False
    raise Mistake("--ids is a JSON pointer into a row, such as /data/id, or none")


def _mark_of(name: str) -> list[Any]:
    """Return what tells a file from another of its name: its size, and a digest of how it begins."""
    if name == "-":
        return []
    from hashlib import blake2b

    with open(name, "rb") as file:  # noqa: PTH123  # a name, not a Path
        beginning = file.read(1 << 16)
    return [os.stat(name).st_size, blake2b(beginning, digest_size=8).hexdigest()]  # noqa: PTH116


def _run(loading: Loader, rows: Iterator[Any], plan: _Plan, told: _Told) -> LoadReport:
    try:
        return loading.run(rows)
    except KeyboardInterrupt:  # the second
        note("Stopped at once: what was under way is not settled")
        if plan.journal:
            note(f"  --resume goes on from {plan.journal}")
        raise click.exceptions.Exit(told.interrupted) from None


def _leave(report: LoadReport, told: _Told) -> None:
    """Say why the load ended early, if it did, and leave with its exit code."""
    if report.stopped:
        note(f"Stopped: {told.stopped(report)}")
        if report.journal:
            note(f"  --resume goes on from {report.journal}")
    if report.error is not None:
        raise click.exceptions.Exit(code_of(report.error))
    if report.stopped == "interrupted":
        raise click.exceptions.Exit(told.interrupted)
    if not report.ok:
        raise click.exceptions.Exit(ExitCode.FAILED)


def _data(report: LoadReport, plan: _Plan, told: _Told) -> dict[str, Any]:
    return {
        **report.progress._asdict(),
        **({"valid": _valid(report)} if plan.settings.check else {}),
        **({"sandbox": dict(told.outcomes.became)} if told.outcomes else {}),
        "in_all": {"acknowledged": report.acknowledged, "rejected": report.rejected, "in_doubt": report.in_doubt},
        "ok": report.ok,
        "stopped": told.stopped(report),
        "kinds": [
            {"kind": kind, "rows": count, "examples": [[r.source, r.line] for r in report.examples[kind]]}
            for kind, count in report.kinds.items()
        ],
        "rejects": plan.rejects if report.rejected else None,
        "journal": report.journal or None,
    }


def _valid(report: LoadReport) -> int:
    return report.progress.read - report.progress.rejected


def _lines(report: LoadReport, plan: _Plan, told: _Told) -> Iterator[str]:
    run = report.progress
    yield bold(f"{_rows(run.read)} read in {run.seconds:.1f} s ({run.read / max(run.seconds, 1e-9):,.0f}/s)")
    if run.done_before:
        yield dim(f"  {_rows(run.done_before)} done before; in all:")
    fine = f"{_rows(_valid(report))} valid" if plan.settings.check else f"{_rows(report.acknowledged)} accepted"
    yield f"  {good('✓')} {fine}"
    if told.outcomes:
        for words, count in told.outcomes.notable.most_common(_MOST_KINDS):
            yield f"      {count:,}  {harmless(words)}"
    if report.rejected:
        place = f": see {harmless(plan.rejects)}" if plan.rejects else "; --rejects FILE keeps them, and why"
        yield f"  {bad('✗')} {_rows(report.rejected)} rejected{place}"
        for kind, count in sorted(report.kinds.items(), key=lambda pair: -pair[1])[:_MOST_KINDS]:
            yield f"      {count:,}  {harmless(kind)}  {dim(_where(report.examples[kind], plan))}"
    if report.in_doubt:
        yield f"  {bad('?')} {_rows(report.in_doubt)} in doubt: sent, but not answered for"
        yield dim("      --resume --resend-doubtful sends them again")


def _rows(count: int) -> str:
    return f"{count:,} row{'s'[: count != 1]}"


def _where(examples: Any, plan: _Plan) -> str:
    """Return where the first rows of a kind stand."""
    if len(plan.sources) == 1:
        lines = ", ".join(str(reject.line) for reject in examples)
        return f"line{'s'[: len(examples) != 1]} {lines}"
    return harmless(", ".join(f"{reject.source}:{reject.line}" for reject in examples))
