"""The file of a recording: one exchange after the other, as a YAML stream of indented JSON.

Each document of the stream is one exchange, so that a difference of two recordings reads as the difference of their
calls; and each is JSON, in which no word is a number by accident. The first one tells which document was in force.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .._document import Document
from .._files import write_whole

_FORMAT = 1
_BETWEEN = "\n---\n"


class Exchange(NamedTuple):
    """Is a recorded call and its answer, both masked.

    `arguments` are by their places. `body` and `answer` are what was sent and received, under the name of what it is
    (see `_payloads`), empty where there was nothing. `problems` are those that the answer had then.
    """

    operation: str
    arguments: Mapping[str, Any]
    body: Mapping[str, Any]
    status: int
    headers: Mapping[str, str]
    answer: Mapping[str, Any]
    problems: Sequence[str] = ()


def write(path: Path, document: Document, exchanges: Sequence[Exchange]) -> None:
    """Write a recording whole, or not at all."""
    records: list[Any] = [{"recording": _FORMAT, "document": edition(document)}]
    records += [_without_nothing(exchange._asdict()) for exchange in exchanges]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, _BETWEEN.join(json.dumps(one, indent=2, ensure_ascii=False) for one in records) + "\n")


def read(path: Path) -> tuple[str, list[Exchange]]:
    """Return which document a recording was made with, and its exchanges; raise ValueError for another file."""
    try:
        document, exchanges = parsed(path.read_text("utf-8"))
    except WrongForm as error:
        raise ValueError(f"{path} is a recording of the form {error}, and this reads {_FORMAT}") from None
    except (KeyError, TypeError, json.JSONDecodeError):
        raise ValueError(f"{path} is no recording; delete it and record again") from None
    return document, [exchange for _, exchange in exchanges]


def parsed(text: str) -> tuple[str, list[tuple[int, Exchange]]]:
    """Return which document a recording was made with, and each exchange with the line at which it begins.

    Raises WrongForm for a recording of another form, KeyError, TypeError or JSONDecodeError for what is none.
    """
    line, lines, records = 1, [], []
    for part in text.split(_BETWEEN):
        lines.append(line)
        records.append(json.loads(part))
        line += part.count("\n") + 2
    head, *exchanges = records
    if head["recording"] != _FORMAT:
        raise WrongForm(head["recording"])
    made = [Exchange(**{**_EMPTY, **exchange}) for exchange in exchanges]
    return str(head["document"]), list(zip(lines[1:], made, strict=True))


class WrongForm(ValueError):
    """Says that a recording has another form than this reads."""


_EMPTY: Mapping[str, Any] = {"arguments": {}, "body": {}, "headers": {}, "answer": {}, "problems": []}


def _without_nothing(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value or name not in _EMPTY}


def edition(document: Document) -> str:
    """Return which document, and which version of it."""
    info = document.root.get("info") or {}
    return f"{info.get('title', 'untitled')} {info.get('version', '')}".strip()
