"""The embedded sandbox, as the commands that use one open it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..sandbox import Behaviour, Sandbox
from ..sandbox._keys import Keys
from ._exits import Mistake
from ._options import Settings, told_to_people


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
    documents, overlays, _ = settings.sources()
    if len(documents) != 1:
        raise Mistake("a sandbox serves one document; give it one --spec")
    with told_to_people():
        wanted = Behaviour.of(dict(_pair(told) for told in behaviour))
        sandbox = Sandbox(database, documents[0], seed, overlays=overlays, behaviour=wanted, referee=referee)
        if faults is not None:
            sandbox.faults.load(faults)
    return sandbox


def _pair(told: str) -> tuple[str, str]:
    name, equals, value = told.partition("=")
    if not equals:
        raise Mistake(f"--set is told as NAME=VALUE, such as merge=oldest; {told!r} has no '='")
    return name, value


def credentials_of(sandbox: Sandbox) -> dict[str, str]:
    """Return the sandbox's secret for each security scheme of its document."""
    return Keys(sandbox.public_key, sandbox.private_key).credentials(sandbox.document)
