"""`odp validate`: payloads in files, against the document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from ._complete import names
from ._exits import Mistake
from ._options import Settings, about_documents, pass_settings
from ._output import harmless, note, say, say_json
from ._payloads import FORMS, Payload, payloads

if TYPE_CHECKING:
    from .._api import Api
    from .._schema import Schema
    from .._values import Problem

Judge = Callable[[Payload], "Sequence[Problem]"]


@click.command(short_help="Validate payloads in files.")
@click.argument("name", metavar="SCHEMA|ID", shell_complete=names)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@click.option("--response", "status", metavar="STATUS", help="Validate answers of this status, not request bodies.")
@click.option("--format", "form", type=click.Choice(FORMS), help="Form of the files. [default: by name, else json]")
@about_documents
@pass_settings
def validate(settings: Settings, name: str, files: tuple[str, ...], status: str | None, form: str | None) -> None:
    """Validate payloads in FILEs against a schema, or the body of an operation.

    JSON, YAML, or JSON Lines (.jsonl, .ndjson) with a payload in each line: for an operation that takes an array, an
    object in a line stands for one item. - is standard input. Each problem is FILE[:LINE]: POINTER: MESSAGE; no value
    is printed. The exit code is 1 when anything is wrong.
    """
    judge = _judge(_schema(settings.api(), name, status))
    count: Counter[str] = Counter()
    rows = []
    for payload, problems in _judged(files, form, judge):
        count.update(payloads=1, invalid=min(len(problems), 1), problems=len(problems))
        for problem in problems:
            if settings.wants_json:
                rows.append({"file": payload.file, "line": payload.line, **problem._asdict()})
            else:
                say(_line(payload, problem))
    if settings.wants_json:
        say_json(rows)
    note(_summary(count))
    if count["invalid"]:
        raise click.exceptions.Exit(1)


def _schema(api: Api, name: str, status: str | None) -> Schema | None:
    """Return the schema that is meant; None where the document says nothing of the body."""
    if name in api.schemas and name not in api.operations:
        if status is not None:
            raise Mistake("--response goes with an operation's id")
        return api.schemas[name]
    if name not in api.operations:
        from ..errors import closest

        near = closest(name, [*api.operations, *api.schemas])
        hint = f"; did you mean {near!r}?" if near else ""
        raise Mistake(f"no operation or schema is called {name!r}{hint}")
    operation = api.operations[name]
    declared = operation.request_body if status is None else operation.responses.get(status)
    if declared is None and status is not None and status.isdigit():
        declared = operation.response(int(status))
    if declared is None:
        known = ", ".join(operation.responses)
        missing = f"takes no body; --response STATUS judges an answer ({known})"
        raise Mistake(f"{name} {missing if status is None else f'declares no answer {status}, but {known}'}")
    if not declared.content:
        raise Mistake(f"{name} declares no body for {status}")
    return next(iter(declared.content.values())).schema


def _judge(schema: Schema | None) -> Judge:
    from .._schema import Schema
    from .._values import Problem

    if schema is None:
        return _unread
    whole = schema
    node, place = whole.document.resolve(whole.pointer)
    lines_are_items = isinstance(node, dict) and node.get("type") == "array" and "items" in node
    item = Schema(whole.document, f"{place}/items", whole.direction) if lines_are_items else whole

    def judge(payload: Payload) -> Sequence[Problem]:
        if payload.fault is not None:
            return [Problem("body", "", "syntax", payload.fault)]
        as_item = payload.line is not None and not isinstance(payload.value, list)
        return (item if as_item else whole).problems(payload.value)

    return judge


def _unread(payload: Payload) -> Sequence[Problem]:
    from .._values import Problem

    return [] if payload.fault is None else [Problem("body", "", "syntax", payload.fault)]


def _judged(files: Sequence[str], form: str | None, judge: Judge) -> Iterator[tuple[Payload, Sequence[Problem]]]:
    for file in files:
        for payload in payloads(file, form):
            yield payload, judge(payload)


def _line(payload: Payload, problem: Any) -> str:
    return harmless(": ".join(part for part in (payload.place, problem.pointer, problem.message) if part))


def _summary(count: Counter[str]) -> str:
    if not count["payloads"]:
        return "Warning: there is no payload in it"
    noun = f"payload{'s'[: count['payloads'] != 1]}"
    if not count["invalid"]:
        return f"{count['payloads']} {noun}: all valid" if count["payloads"] > 1 else "valid"
    problems = f"{count['problems']} problem{'s'[: count['problems'] != 1]}"
    return f"{count['invalid']} of {count['payloads']} {noun} invalid: {problems}"
