"""The two versions of a document that are compared, wherever they are: a path, a URL, a revision in git."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._exits import Mistake
from .._options import Settings
from .._output import note

if TYPE_CHECKING:
    from ..._document import Document


def version(given: str, overlays: Sequence[str]) -> Document:
    """Load what a path, a URL, or a revision such as ``main:spec/api.yaml`` leads to, with overlays upon it."""
    from ..._layers import sources

    source: Any = given
    if "://" not in given and ":" in given and not Path(given).exists():
        source = _of_git(given)
    loaded = sources(source, overlays).load()
    for told in loaded.idle:
        note(f"Warning: {told}")
    return loaded.documents[0]


def at_hand(settings: Settings) -> Document:
    """Return the one document that the options, the environment or the package give."""
    operations = settings.api(drift="").operations
    documents = {id(operation.document): operation.document for operation in operations.values()}
    if len(documents) != 1:
        raise Mistake("this is about one document with operations; give one --spec")
    return next(iter(documents.values()))


def lines(document: Document, pointers: Iterable[str]) -> dict[str, int]:
    """Return the lines of places in the file that a document was read from; none where that is no file."""
    from ..._document import lines_of, opened

    if not Path(document.source).is_file():
        return {}
    return lines_of(opened(document.source, None).text or "", pointers)


class _Named(io.BytesIO):
    """Is the content of a file that has no path of its own."""

    name: str


def _of_git(given: str) -> _Named:
    """Read a file as it was in a revision; a relative $ref of it leads nowhere, which the loader says."""
    revision, _, path = given.partition(":")
    commit = _git(given, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    # A path that begins with ./ is one of this folder, as git itself has it.
    content = _Named(_git(given, "cat-file", "blob", f"{commit.decode().strip()}:{path}"))
    content.name = given
    return content


def _git(given: str, *words: str) -> bytes:
    try:
        ran = subprocess.run(["git", *words], capture_output=True, check=False)  # noqa: S603, S607  # the user's git
    except OSError:
        raise Mistake(f"{given}: there is no such file, and no git to look for a revision") from None
    if ran.returncode:
        raise Mistake(f"{given}: there is no such file, and git knows no such revision with that path")
    return ran.stdout
