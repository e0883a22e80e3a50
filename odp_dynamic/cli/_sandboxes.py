"""The embedded sandbox, as the commands that use one open it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._document import Document
from ..sandbox import Behaviour, Sandbox
from ..sandbox._keys import Keys
from ._exits import Mistake
from ._options import Settings


def opened(
    settings: Settings,
    database: str,
    *,
    seed: str | None = None,
    faults: str | None = None,
    referee: Any = "always",
    behaviour: Sequence[str] = (),
) -> Sandbox:
    """Return a sandbox of the document that the options name; raise a usage error where it cannot be."""
    try:
        wanted = Behaviour.of(dict(_pair(told) for told in behaviour))
        document = _only_document(settings)
        sandbox = Sandbox(database=database, document=document, seed=seed, behaviour=wanted, referee=referee)
        if faults is not None:
            sandbox.faults.load(faults)
    except ValueError as error:
        raise Mistake(str(error)) from None
    return sandbox


def _pair(told: str) -> tuple[str, str]:
    name, equals, value = told.partition("=")
    if not equals:
        raise Mistake(f"--set is told as NAME=VALUE, such as merge=oldest; {told!r} has no '='")
    return name, value


def _only_document(settings: Settings) -> Document:
    known = settings.api().operations
    documents = {id(known[name].document): known[name].document for name in known}
    if len(documents) != 1:
        raise Mistake("a sandbox serves one document with operations; give it one --spec")
    return next(iter(documents.values()))


def credentials_of(sandbox: Sandbox) -> dict[str, str]:
    """Return the sandbox's secret for each security scheme of its document."""
    return Keys(sandbox.public_key, sandbox.private_key).credentials(sandbox.document)
