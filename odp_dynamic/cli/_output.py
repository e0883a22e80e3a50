"""What reaches the terminal: data on stdout, words on stderr, colours only where somebody sees them.

Text that comes from a document or a server is made harmless first: a terminal obeys control characters.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from pathlib import Path
from typing import IO, Any

import click

_PLAIN = {"✓": "ok", "✗": "not ok", "…": "...", "→": "->", "·": "-"}
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def forgive() -> None:
    """Make the streams write what their encoding lacks in some other way, rather than fail."""
    codecs.register_error("odp", _in_plain_words)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who called us, as in `odp … >&-`
            setattr(sys, name, Path(os.devnull).open("r+", encoding="utf-8"))  # noqa: SIM115  # until the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="odp")


def _in_plain_words(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(c, "?") for c in error.object[error.start : error.end]), error.end


def silence() -> None:
    """Let what is still to be written to a stdout that cannot be written vanish."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return  # no real file is behind it


def on_terminal(stream: IO[str] | None = None) -> bool:
    """Tell whether a stream, stdout by default, is a terminal."""
    return (stream or sys.stdout).isatty()


def colours() -> bool | None:
    """Return False where colours are not wanted; None leaves it to each stream."""
    return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None


def harmless(text: str) -> str:
    """Return a text without the characters that a terminal would obey."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def say(text: str = "") -> None:
    """Write a line of data to stdout."""
    _write(sys.stdout, text)


def note(text: str) -> None:
    """Write a line for people to stderr; it may hold foreign words."""
    sys.stdout.flush()  # where both are one terminal, words should stand where they were said
    _write(sys.stderr, harmless(text))


def _write(stream: IO[str], text: str) -> None:
    coloured = on_terminal(stream) and colours() is None
    stream.write(f"{text if coloured else click.unstyle(text)}\n")


def say_json(value: Any) -> None:
    """Write a value as JSON, highlighted on a terminal."""
    text = json_of(value)
    if on_terminal() and colours() is None:
        from rich.console import Console
        from rich.highlighter import JSONHighlighter

        Console(file=sys.stdout).print(JSONHighlighter()(text), soft_wrap=True)
    else:
        say(text)


def json_of(value: Any, *, indent: int | None = 2) -> str:
    """Return a value as JSON text that stdout can write and no terminal obeys."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent, default=str)
    return re.sub(r"[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text)


def bold(text: str) -> str:
    """Return a text in bold letters."""
    return click.style(text, bold=True)


def dim(text: str) -> str:
    """Return a text in faint letters."""
    return click.style(text, dim=True)


def good(text: str) -> str:
    """Return a text in green."""
    return click.style(text, fg="green")


def bad(text: str) -> str:
    """Return a text in red."""
    return click.style(text, fg="red")
