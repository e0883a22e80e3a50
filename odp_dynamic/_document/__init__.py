"""An OpenAPI document, read from wherever it is and turned into the one model that the other floors know.

`load` is two steps, between which an overlay may stand: `read` gives the document as it is written, `normalise` makes
it OpenAPI 3.1 with JSON Schema 2020-12, in one tree, in which each ``$ref`` is ``#`` and a pointer (percent-encoded:
`_pointers.from_fragment` decodes it). What the other floors would stumble over is refused here, with its place.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

from .._collector import collector_paused
from .._pointers import from_fragment, lookup
from ..errors import SpecError
from ._limits import MAX_CHAIN
from ._normalising import faults_of, normalised
from ._sources import Fetch, Origin, Source, opened, parsed, read
from ._yaml import lines_of

__all__ = [
    "Document",
    "Fetch",
    "Origin",
    "Source",
    "bundled",
    "faults",
    "lines_of",
    "load",
    "normalise",
    "opened",
    "parsed",
    "read",
]


class Document:
    """Is a normalised OpenAPI document; nothing changes it any more.

    `source` is its name for messages: the path as it was given, the URL, or ``"<dict>"``. `root` is its content, with
    what it refers to in other documents under ``x-documents``. `version` is what its author wrote under ``openapi``.
    It is equal to itself only, and pickles with its content.
    """

    __slots__ = ("root", "source", "version")

    root: dict[str, Any]
    source: str
    version: str

    def __init__(self, root: dict[str, Any], source: str, version: str) -> None:
        object.__setattr__(self, "root", root)
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "version", version)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Document does not change; load another to have another {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Document does not change; it keeps its {name}")

    def __reduce__(self) -> tuple[type[Document], tuple[dict[str, Any], str, str]]:
        return type(self), (self.root, self.source, self.version)

    def __repr__(self) -> str:
        return f"<Document {self.source}>"

    def at(self, pointer: str) -> Any:
        """Return what stands at a JSON pointer (RFC 6901); raise SpecError where nothing does."""
        try:
            return lookup(self.root, pointer)
        except (LookupError, ValueError):
            raise SpecError("nothing stands there", pointer, self.source) from None

    def stands(self, pointer: str) -> bool:
        """Return whether something stands at a JSON pointer."""
        try:
            self.at(pointer)
        except SpecError:
            return False
        return True

    def resolve(self, pointer: str) -> tuple[Any, str]:
        """Follow the references that begin at a pointer to what is no reference; return it, and where it stands.

        Raises SpecError where nothing stands at the pointer, and where the references lead in a circle.
        """
        node, place = self.at(pointer), pointer
        for _ in range(MAX_CHAIN + 1):
            reference = node.get("$ref") if isinstance(node, dict) else None
            if not isinstance(reference, str):
                return node, place
            place = from_fragment(reference)
            node = self.at(place)
        raise SpecError("the references only lead in a circle; define one of them", pointer, self.source)


def load(source: Source, *, fetch: Fetch | None = None, allow_hosts: AbstractSet[str] = frozenset()) -> Document:
    """Read a document and make it one that calls can rely on.

    `source` is a path, an http(s) URL, an open file (text or binary) or a mapping, which is copied. `fetch` gets the
    bytes behind a URL, and `allow_hosts` names the hosts that references may lead to. Raises SpecError with the place
    and a remedy for anything that is not a usable document of OpenAPI 3.
    """
    raw, origin = read(source, fetch=fetch)
    return normalise(raw, origin, fetch=fetch, allow_hosts=allow_hosts)


def normalise(
    raw: dict[str, Any], origin: Origin, *, fetch: Fetch | None = None, allow_hosts: AbstractSet[str] = frozenset()
) -> Document:
    """Make a Document of what `read` returned, or of what an overlay made of that; `raw` is taken over, not copied.

    `raw` must be a tree: no dict or list may stand in it twice. Raises SpecError as `load` does.
    """
    version = str(raw.get("openapi"))
    with collector_paused():
        return Document(normalised(raw, origin, fetch, allow_hosts), origin.name, version)


def faults(
    raw: dict[str, Any], origin: Origin, *, fetch: Fetch | None = None, allow_hosts: AbstractSet[str] = frozenset()
) -> list[SpecError]:
    """Return all for which `normalise` would refuse a document, a thousand at the most; `raw` is used up."""
    with collector_paused():
        return faults_of(raw, origin, fetch, allow_hosts)


def bundled(name: str = "odp-rest-v3.yaml") -> Path:
    """Return the path of a document, or a folder, of the package: in a wheel inside it, in a checkout beside it."""
    package = Path(__file__).parent.parent
    inside = package / "_spec" / name
    return inside if inside.exists() else package.parent / "spec" / name
