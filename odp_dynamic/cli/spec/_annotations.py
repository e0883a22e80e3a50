"""Workflow commands, which GitHub shows as annotations beside the lines of a file."""

from __future__ import annotations

from pathlib import Path

from .._output import harmless


def annotation(
    command: str, title: str, message: str, *, file: str = "", line: int | None = None, column: int | None = None
) -> str:
    """Return the command ``error``, ``warning`` or ``notice``; a file that is not here, such as a URL, is left out."""
    properties = {"title": title}
    if file and Path(file).is_file():
        place = {"file": file, "line": line, "col": column}
        properties = {**{name: str(value) for name, value in place.items() if value is not None}, **properties}
    told = ",".join(f"{name}={_escaped_property(value)}" for name, value in properties.items())
    return f"::{command} {told}::{_escaped(message)}"


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return harmless(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))
