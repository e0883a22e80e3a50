"""The embedded sandbox, as the commands that use one open it."""

from __future__ import annotations

from typing import Any

from .._document import Document
from ..sandbox import Sandbox
from ..sandbox._keys import Keys
from ._exits import Mistake
from ._options import Settings


def opened(
    settings: Settings, database: str, seed: str | None = None, faults: str | None = None, referee: Any = "always"
) -> Sandbox:
    """Return a sandbox of the document that the options name; raise a usage error where it cannot be."""
    try:
        sandbox = Sandbox(database=database, document=_only_document(settings), seed=seed, referee=referee)
        if faults is not None:
            sandbox.faults.load(faults)
    except ValueError as error:
        raise Mistake(str(error)) from None
    return sandbox


def _only_document(settings: Settings) -> Document:
    known = settings.api().operations
    documents = {id(known[name].document): known[name].document for name in known}
    if len(documents) != 1:
        raise Mistake("a sandbox serves one document with operations; give it one --spec")
    return next(iter(documents.values()))


def credentials_of(sandbox: Sandbox) -> dict[str, str]:
    """Return the sandbox's secret for each security scheme of its document."""
    return Keys(sandbox.public_key, sandbox.private_key).credentials(sandbox.document)
