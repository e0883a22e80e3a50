"""Payloads: files, standard input and words of the command line, read as values.

No message repeats what was read: a payload may be personal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from ..errors import SpecError
from ._exits import Mistake

if TYPE_CHECKING:
    from .._operations import MediaType

STDIN = "-"
FORMS = ("json", "yaml", "jsonl")
_FORM_OF = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Unreadable(ValueError):  # an adjective, as NotJSON
    """Says that a text is no value, and where: `line` is None where that is not known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason, line)
        self.reason = reason
        self.line = line

    def __str__(self) -> str:
        return self.reason if self.line is None else f"line {self.line}: {self.reason}"


class Payload(NamedTuple):
    """Is one value of a file: `line` is its line where a file has one in each; `fault` says why it has no value."""

    file: str
    line: int | None
    value: Any
    fault: str | None = None

    @property
    def place(self) -> str:
        """Return where it stands, as compilers say it."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


def form_of(file: str) -> str:
    """Return the form that a file's name promises; JSON where it promises none."""
    return _FORM_OF.get(Path(file).suffix.lower(), "json")


def parsed(text: str, form: str = "json") -> Any:
    """Return the value of a JSON (RFC 8259) or YAML (1.2) text; raise Unreadable where it has none."""
    return _from_yaml(text) if form == "yaml" else _from_json(text)


def payloads(file: str, form: str | None = None) -> Iterator[Payload]:
    """Yield the values of a file: one, or one for each line of JSON Lines; raise OSError where it cannot be read."""
    form = form or form_of(file)
    if form == "jsonl":
        yield from _lines(file)
        return
    try:
        yield Payload(_shown(file), None, parsed(_decoded(content_of(file)), form))
    except Unreadable as error:
        yield Payload(_shown(file), error.line, None, error.reason)


def body_of(words: str, media: MediaType | None) -> Any:
    """Return the body that --body asks for: a value, the content of @FILE, or with - of standard input.

    A body that is neither JSON nor a form is taken as it stands. Raises a usage error for what is not readable.
    """
    file = words[1:] if words.startswith("@") else words if words == STDIN else None
    if file is not None and not takes_values(media):
        return content_of(file)
    if file is None and not takes_values(media):
        return words
    try:
        text = words if file is None else _decoded(content_of(file))
        return parsed(text, "json" if file is None or form_of(file) != "yaml" else "yaml")
    except Unreadable as error:
        told = "--body" if file is None else _shown(file)
        raise Mistake(f"{told} cannot be read as a value: {error}") from None


def takes_values(media: MediaType | None) -> bool:
    """Tell whether a body of this media type is written from a value rather than from text or bytes."""
    from .._media import is_json, media_type_of

    if media is None or is_json(media.name):
        return True
    name = media_type_of(media.name)
    return name.startswith("multipart/") or name == "application/x-www-form-urlencoded" or "*" in name


def content_of(file: str) -> bytes:
    """Return the bytes of a file or of standard input; raise OSError where it cannot be read."""
    return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()


def _shown(file: str) -> str:
    return "<stdin>" if file == STDIN else file


def _lines(file: str) -> Iterator[Payload]:
    with nullcontext(sys.stdin.buffer) if file == STDIN else Path(file).open("rb") as opened:
        for number, line in enumerate(opened, 1):
            if line.strip():
                yield _line(_shown(file), number, line)


def _line(file: str, number: int, line: bytes) -> Payload:
    try:
        return Payload(file, number, _from_json(_decoded(line)))
    except Unreadable as error:
        return Payload(file, number, None, error.reason)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    raise Unreadable("is not UTF-8", line)


def _from_json(text: str) -> Any:
    line = None
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:  # it holds the text
        reason, line = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}", error.lineno
        if error.msg == "Extra data":
            reason += "; is each line one value? say --format jsonl"
    except RecursionError:
        reason = "is nested too deeply to be read"
    except ValueError as error:  # our own, or Python's bound on the digits of an integer
        reason = f"is not JSON: {error}"
    raise Unreadable(reason, line)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _from_yaml(text: str) -> Any:
    from .._document._yaml import build

    try:
        return build(text, "")
    except SpecError as error:
        reason, line = f"is not YAML: {error.message}", error.line
    raise Unreadable(reason, line)
