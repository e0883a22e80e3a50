"""Where documents come from: a path, a URL, an open file or a mapping."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from .._collector import collector_paused
from ..errors import SpecError
from ._copying import copied
from ._limits import MAX_BYTES
from ._text import decode, parse

_LONGEST_NAME = 200
Fetch = Callable[[str], bytes]
Source = str | os.PathLike[str] | IO[str] | IO[bytes] | Mapping[str, Any]


class Origin(NamedTuple):
    """Is where a document came from.

    `name` is for messages. `uri` is what relative references are resolved against, an absolute URI of the scheme
    file, http or https; empty for a document that came from nowhere. `text` is its text, for the lines of errors;
    None for a mapping.
    """

    name: str
    uri: str = ""
    text: str | None = None


def read(source: Source, *, fetch: Fetch | None = None) -> tuple[dict[str, Any], Origin]:
    """Read a document as it is written, and tell where it came from.

    `source` is a path, an http(s) URL, an open file or a mapping, of which a copy is returned; `fetch` gets the bytes
    behind a URL. Raises SpecError for what cannot be read, is neither JSON nor YAML, or is no mapping.
    """
    origin = opened(source, fetch)
    return parsed(source, origin), origin


def parsed(source: Source, origin: Origin) -> dict[str, Any]:
    """Return the content of a source that was opened; raises SpecError as `read` does."""
    if isinstance(source, Mapping):
        with collector_paused():
            return copied(source, origin.name)
    return mapping_of(parse(origin.text or "", origin.name), origin)


def mapping_of(value: Any, origin: Origin) -> dict[str, Any]:
    """Return the value of a text that must be a mapping; raise SpecError otherwise."""
    if isinstance(value, dict):
        return value
    if value is None:
        raise SpecError("the document is empty; give an OpenAPI document", source=origin.name)
    remedy = "an OpenAPI document is a mapping that begins with 'openapi: 3.1.0'"
    raise SpecError(f"the document is not a mapping; {remedy}", source=origin.name, line=1)


def opened(source: Any, fetch: Fetch | None) -> Origin:
    """Get the text of a source; raises SpecError where there is none, or where its bytes are no text."""
    if isinstance(source, Mapping):
        return Origin("<dict>")
    if callable(getattr(source, "read", None)):
        return _from_file(source)
    if isinstance(source, str) and is_remote(source):
        return from_url(source, fetch)
    if isinstance(source, str | os.PathLike):
        return from_path(os.fsdecode(source))
    kind = type(source).__name__
    raise SpecError(f"a {kind} is no document; give a path, a URL, an open file or a mapping")


def is_remote(uri: str) -> bool:
    """Say whether a URI needs the network."""
    return uri[:8].lower().startswith(("http://", "https://"))


def from_path(path: str) -> Origin:
    """Read a file; raise SpecError where there is none."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # a Path is not needed, and costs as much as the reading
            content = file.read(MAX_BYTES + 1)
        uri = Path(path).absolute().as_uri()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        hint = "; it looks like a text: wrap it in io.StringIO" if "\n" in path else "; check the path"
        name = path if len(path) < _LONGEST_NAME else f"{path[:_LONGEST_NAME]}…"
        raise SpecError(f"cannot be read: {reason}{hint}", source=name.partition("\n")[0]) from None
    return Origin(path, uri, decode(_limited(content, path), path))


def from_url(url: str, fetch: Fetch | None) -> Origin:
    """Fetch a document; raise SpecError where there is nothing to fetch with."""
    name = _shown(url)
    if fetch is None:
        raise SpecError("a URL cannot be loaded without a network; download it and give its path", source=name)
    try:
        content = fetch(url)
    except OSError as error:
        raise SpecError(f"cannot be fetched: {error.strerror or type(error).__name__}", source=name) from error
    return Origin(name, url, decode(_limited(content, name), name))


def _from_file(file: IO[str] | IO[bytes]) -> Origin:
    given = getattr(file, "name", None)
    name = given if isinstance(given, str) else "<file>"
    try:
        content: Any = file.read()
    except UnicodeDecodeError:
        raise SpecError("the file is not in the encoding it was opened with; open it as bytes", source=name) from None
    except OSError as error:
        raise SpecError(f"cannot be read: {error.strerror}", source=name) from None
    text = content.removeprefix("\ufeff") if isinstance(content, str) else decode(_limited(content, name), name)
    uri = Path(name).absolute().as_uri() if isinstance(given, str) and Path(given).is_file() else ""
    return Origin(name, uri, text)


def _limited(content: bytes, name: str) -> bytes:
    if len(content) > MAX_BYTES:
        raise SpecError(f"more than {MAX_BYTES >> 20} MiB; split the document", source=name)
    return bytes(content)


def _shown(url: str) -> str:
    """Return a URL without what may be secret: the user's name and password, and the query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "<URL>"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
