"""Your calls, and what a new version of the document does to them, beside the report of its changes.

Each form has its own way to hold both: what is only for people follows, what is for programs holds the two as parts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from ..._document import Document
from ...diff import Change
from ...uses import UNNAMED, Judged, Reason, Unread, Use, find, ids_of, judge
from .._output import bad, bold, dim, harmless, json_of, note
from ._annotations import annotation
from ._reports import ANNOTATIONS, FORMS, Report, Told, cell, counted, printable

_ROWS = 10  # places that are told in one line
_TOLD = ("breaking", "maybe")


def _counted(uses: Sequence[Judged]) -> str:
    """Return how many of your calls break, in words."""
    numbers = [sum(one.level == level for one in uses) for level in _TOLD]
    calls = f"{len(uses)} call{'s'[: len(uses) != 1]} of yours"
    return f"{calls}: {numbers[0]} breaking, {numbers[1]} maybe"


class Yours(NamedTuple):
    """Is your calls, judged, and what could not be read of the paths that they were looked for in."""

    uses: Sequence[Judged]
    unread: Sequence[Unread]


def calls_in(paths: Sequence[str], old: Document, new: Document, changes: Sequence[Change]) -> Yours:
    """Return the calls in some paths with what changes do to them; what cannot be read is told at once."""
    found = find(paths, ids_of(old, new))
    for unread in found.unread:
        if unread.reason != UNNAMED:
            note(f"Warning: {unread}")
    if told := _unnamed(found.unread):
        note(f"Warning: {told}")
    return Yours(judge(found.uses, old, new, changes), found.unread)


def _unnamed(unread: Sequence[Unread]) -> str:
    """Return how many calls have an id that is not known, and where; "" where none has."""
    rows = [one.row for one in unread if one.reason == UNNAMED]
    if not rows:
        return ""
    more = f" and {len(rows) - _ROWS} more" if len(rows) > _ROWS else ""
    calls = "1 call" if len(rows) == 1 else f"{len(rows)} calls"
    return (
        f"{calls} with an id that is not spelt out, so what becomes of it is not known: {', '.join(rows[:_ROWS])}{more}"
    )


def report_with_uses(form: str, told: Sequence[Told], yours: Yours) -> Report:
    """Return a report of changes and of your calls, whose levels are its own."""
    text = _FORMS[form](told, *yours)
    return Report(text, f"{counted(told)}; {_counted(yours.uses)}", frozenset(one.level for one in yours.uses))


def _as_text(changes: Sequence[Told], uses: Sequence[Judged], _: Sequence[Unread]) -> str:
    return "\n".join([FORMS["text"](changes), "", bold(_counted(uses)), *_lines(uses)])


def _lines(uses: Sequence[Judged]) -> Iterator[str]:
    for one in _concerned(uses):
        for reason in one.reasons:
            level = bad(reason.level) if reason.level == "breaking" else bold(reason.level)
            told = f"{one.use.row}: {one.use.operation}: {reason}"
            yield f"{level}  {harmless(told)}  {dim(harmless(_place(reason)))}".rstrip()


def _place(reason: Reason) -> str:
    """Return where it is written in the new document, or where it was in the old one."""
    return f"({reason.new or reason.old})" if reason.new or reason.old else ""


def _as_json(changes: Sequence[Told], uses: Sequence[Judged], unread: Sequence[Unread]) -> str:
    told = {
        "changes": json.loads(FORMS["json"](changes)),
        "uses": [_object(one) for one in uses],
        "unread": [{"path": one.path, "line": one.line, **_cell(one), "reason": one.reason} for one in unread],
    }
    return json_of(told)


def _object(one: Judged) -> dict[str, Any]:
    use = one.use
    return {
        "level": one.level,
        **{name: getattr(use, name) for name in ("path", "line", "column", "kind", "operation")},
        **_cell(use),
        "arguments": list(use.arguments),
        "reasons": [reason._asdict() for reason in one.reasons],
    }


def _cell(one: Use | Unread) -> dict[str, Any]:
    """Return the place in a notebook, where it is one."""
    return {} if one.cell is None else {"cell": one.cell._asdict()}


def _as_markdown(changes: Sequence[Told], uses: Sequence[Judged], unread: Sequence[Unread]) -> str:
    rows = [FORMS["markdown"](changes), "", f"**{_counted(uses)}**"]
    if concerned := _concerned(uses):
        rows += ["", "| level | your call | operation | why |", "| --- | --- | --- | --- |"]
        for one in concerned:
            why = "; ".join(dict.fromkeys(map(str, one.reasons)))
            rows.append(f"| {one.level} | `{cell(one.use.row)}` | {cell(one.use.operation)} | {cell(why)} |")
    if told := _unnamed(unread):
        rows += ["", cell(told)]
    return "\n".join(rows)


def _as_github(changes: Sequence[Told], uses: Sequence[Judged], _: Sequence[Unread]) -> str:
    """Return annotations at the lines of the calls, behind those of the changes."""
    lines = [FORMS["github"](changes)] if changes else []
    for one in _concerned(uses):
        use = one.use
        title = f"{one.level}: {use.operation}" + (f" in cell {use.cell.number}:{use.cell.line}" if use.cell else "")
        told = "\n".join(map(str, one.reasons))
        command = ANNOTATIONS[one.level]
        lines.append(annotation(command, title, told, file=use.path, line=use.line, column=use.column))
    return "\n".join(lines)


def _as_junit(changes: Sequence[Told], uses: Sequence[Judged], _: Sequence[Unread]) -> str:
    """Return two test suites: that of the changes, and one in which each call is a case."""
    suites = ET.Element("testsuites")
    suites.append(ET.fromstring(FORMS["junit"](changes)))  # noqa: S314  # our own
    broken = sum(one.level == "breaking" for one in uses)
    suite = ET.SubElement(suites, "testsuite", name="your calls", tests=str(len(uses)), failures=str(broken))
    for one in uses:
        use = one.use
        name = printable(f"{use.place}: {use.operation}")
        place = {
            "classname": printable(use.operation),
            "name": name,
            "file": printable(use.path),
            "line": str(use.line),
        }
        case = ET.SubElement(suite, "testcase", place)
        told = printable("\n".join(map(str, one.reasons)))
        if one.level == "breaking":
            ET.SubElement(case, "failure", type=one.reasons[0].rule, message=told.partition("\n")[0]).text = told
        elif told:
            ET.SubElement(case, "system-out").text = told
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode")


def _concerned(uses: Sequence[Judged]) -> list[Judged]:
    """Return those to tell people of, in the order of their places."""
    return [one for one in uses if one.level in _TOLD]


_FORMS: Mapping[str, Callable[[Sequence[Told], Sequence[Judged], Sequence[Unread]], str]] = {
    "text": _as_text,
    "json": _as_json,
    "markdown": _as_markdown,
    "github": _as_github,
    "junit": _as_junit,
}
