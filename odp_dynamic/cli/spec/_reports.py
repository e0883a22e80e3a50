"""Changes between two documents, for people, for programs, and for what shows them beside code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from ..._bind import UNSET
from ...diff import LEVELS, Change
from .._output import bad, bold, dim, harmless, json_of
from ._annotations import annotation

_LONGEST = 160  # characters of a witness in one line
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ANNOTATIONS: Mapping[str, str] = {"breaking": "error", "maybe": "warning"}


class Told(NamedTuple):
    """Is a change that is told once, and the operations that it is a change of.

    `file` and `line` are where the new document has it, "" and None where it has not, or is no file.
    """

    change: Change
    operations: tuple[str, ...]
    file: str = ""
    line: int | None = None

    @property
    def place(self) -> str:
        """Where it is, in one line."""
        named = ", ".join(self.operations) or "the document"
        return f"{named}: {self.change.where}{f' {self.change.pointer}' if self.change.pointer else ''}"

    @property
    def witness(self) -> str:
        """The value that shows it, in one line; "" where there is none."""
        text = "" if self.change.witness is UNSET else json.dumps(self.change.witness, ensure_ascii=False)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def grouped(changes: Sequence[Change]) -> list[Told]:
    """Tell once what is written once: a change of a shared schema shows in all operations that have it.

    The worst come first, in the order of the document.
    """
    groups: dict[Change, list[Change]] = {}
    for change in changes:
        # Where it is written tells shared schemas apart, and not through which body they are met.
        shared = change._replace(operation="", where="", pointer="") if change.direction else change
        groups.setdefault(shared._replace(witness=UNSET), []).append(change)
    told = [
        Told(group[0], tuple(dict.fromkeys(c.operation for c in group if c.operation))) for group in groups.values()
    ]
    return sorted(told, key=lambda one: LEVELS.index(one.change.level))


def counted(changes: Sequence[Told]) -> str:
    """Return how many there are of each level, in words."""
    numbers = {level: sum(one.change.level == level for one in changes) for level in LEVELS}
    return ", ".join(f"{number} {level}" for level, number in numbers.items() if number) or "no change"


def as_text(changes: Sequence[Told]) -> str:
    """Return lines for a terminal: one for what changed, one for where, one for a value that shows it."""
    return "\n".join(_lines(changes)) or "no change"


def _lines(changes: Sequence[Told]) -> Iterator[str]:
    for one in changes:
        change = one.change
        level = bad(change.level) if change.level == "breaking" else bold(change.level)
        yield f"{level}  {harmless(one.place)}: {harmless(change.reason)}  {dim(change.rule)}"
        places = dict.fromkeys([change.old or "(nothing)", change.new or "(nothing)"])
        yield dim(f"    {harmless(' → '.join(places))}")
        if one.witness:
            verb = "was accepted, is refused" if change.direction == "request" else "was refused, is accepted"
            yield f"    {verb}: {harmless(one.witness)}"


def as_json(changes: Sequence[Told]) -> str:
    """Return a list of objects; `witness` is there only where there is one."""
    return json_of([_object(one) for one in changes])


def _object(one: Told) -> dict[str, Any]:
    found = one.change._asdict() | {"operations": list(one.operations)}
    del found["operation"]
    if found["witness"] is UNSET:
        del found["witness"]
    return found


def as_markdown(changes: Sequence[Told]) -> str:
    """Return a table for a comment upon a pull request."""
    rows = [f"**{counted(changes)}**"]
    if changes:
        rows += ["", "| level | where | what | shown by |", "| --- | --- | --- | --- |"]
    for one in changes:
        witness = f"`{cell(one.witness)}`" if one.witness else ""
        rows.append(f"| {one.change.level} | {cell(one.place)} | {cell(one.change.reason)} | {witness} |")
    return "\n".join(rows)


def cell(text: str) -> str:
    """Return a text as it stands in a cell of a table."""
    return harmless(text).replace("\\", "\\\\").replace("|", "\\|").replace("`", "'").replace("\n", " ")


def as_github(changes: Sequence[Told]) -> str:
    """Return workflow commands, which GitHub shows as annotations: an error for what is breaking."""
    return "\n".join(
        annotation(
            ANNOTATIONS.get(one.change.level, "notice"),
            f"{one.change.level}: {one.change.rule}",
            f"{one.place}: {one.change.reason}",
            file=one.file,
            line=one.line,
        )
        for one in changes
    )


def as_junit(changes: Sequence[Told]) -> str:
    """Return a test suite in which each change is a case, and what is breaking has failed."""
    failures = sum(one.change.level == "breaking" for one in changes)
    suite = ET.Element("testsuite", name="odp spec diff", tests=str(len(changes)), failures=str(failures))
    for one in changes:
        name = printable(f"{one.place}: {one.change.reason}")
        case = ET.SubElement(suite, "testcase", classname=one.change.rule, name=name)
        if one.change.level == "breaking":
            failure = ET.SubElement(case, "failure", type=one.change.rule, message=printable(one.change.reason))
            failure.text = printable(one.witness)
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode")


def printable(text: str) -> str:
    """Return a text without what XML cannot hold (XML 1.0, 2.2)."""
    return _NOT_IN_XML.sub("�", text)


FORMS: Mapping[str, Callable[[Sequence[Told]], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "github": as_github,
    "junit": as_junit,
}


class Report(NamedTuple):
    """Is a report in one of the forms, what it counts in words, and the levels that are in it."""

    text: str
    counted: str
    levels: frozenset[str]


def report_of(form: str, told: Sequence[Told]) -> Report:
    """Return a report of changes."""
    return Report(FORMS[form](told), counted(told), frozenset(one.change.level for one in told))
