"""Documents with overlays upon them, layer by layer, before they are normalised.

The document that comes with the package has what comes with the package for it, unless other overlays are asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple
from urllib.parse import urljoin

from . import _settings
from ._document import Document, Fetch, Origin, bundled, faults, load, normalise, read
from ._document import Source as Written
from .errors import SpecError, closest, did_you_mean
from .overlay import Touch, carry_out, read_overlay

Source = Written | Document

OF_THE_BUNDLED = ("odp-limits",)
_FOLDER, _SUFFIX = "overlays", ".yaml"
_BELOW = "x-overlays"


class Layered(NamedTuple):
    """Is what came of documents and overlays; `idle` has a sentence for each action that did nothing anywhere."""

    documents: tuple[Document, ...]
    idle: tuple[str, ...] = ()


class Sources(NamedTuple):
    """Is where documents are, and the overlays upon them; to be read now, and again.

    None among the documents is the one that comes with the package; `hosts` are those that references may lead to.
    """

    documents: tuple[Source | None, ...]
    overlays: tuple[Written, ...]
    hosts: frozenset[str]

    def load(self) -> Layered:
        """Load the documents, with the overlays upon them; raises SpecError as `layered` does."""
        if self.documents == (None,) and self.overlays == OF_THE_BUNDLED:
            return Layered((bundled_document(),))
        written = [bundled() if source is None else source for source in self.documents]
        return layered(written, self.overlays, fetch=fetch_document, allow_hosts=self.hosts)

    def load_again(self) -> Layered:
        """Load them as they are now; raises ValueError for an open file, which was read to its end."""
        if any(hasattr(source, "read") for source in (*self.documents, *self.overlays)):
            raise ValueError("an open file can be read but once; give its path, to follow what is in it")
        return self.load()

    @property
    def can_travel(self) -> bool:
        """Tell whether another process can read them: a mapping and an open file live in this one alone."""
        kinds = (str, os.PathLike, Document, NoneType)
        return all(isinstance(source, kinds) for source in (*self.documents, *self.overlays))


def sources(document: Source | Sequence[Source] | None, overlays: Written | Sequence[Written] | None) -> Sources:
    """Return what a caller gave, and what the environment's variables name where nothing was given.

    Raises ValueError for overlays upon a Document.
    """
    documents = tuple(sources_of(document))
    if overlays is not None:
        stack = _listed(overlays)
        if stack and any(isinstance(source, Document) for source in documents):
            told = "overlays go upon a document as it is written, and a Document was loaded already; give its path"
            raise ValueError(told)
    elif _settings.setting(_settings.OVERLAYS):
        stack = list(_settings.without_none(_settings.listed(_settings.OVERLAYS)))
    else:
        stack = list(OF_THE_BUNDLED) if documents == (None,) else []
    return Sources(documents, tuple(stack), frozenset(_settings.listed(_settings.ALLOW_REF_HOSTS)))


def sources_of(document: Source | Sequence[Source] | None) -> list[Source | None]:
    """Return what is to be loaded: what was given, or else what ``$ODP_SPEC`` names; None is the package's own."""
    return [_settings.setting(_settings.SPEC)] if document is None else _listed(document)


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]


def fetch_document(url: str) -> bytes:
    """Return the bytes behind a URL."""
    from ._transport import fetch

    return fetch(url)


def layered(
    sources: Sequence[Source],
    overlays: Sequence[Written],
    *,
    fetch: Fetch | None = None,
    allow_hosts: AbstractSet[str] = frozenset(),
) -> Layered:
    """Load documents, with overlays upon them in this order.

    An overlay is what `load` takes, or the name of one that comes with the package. Of several documents it applies to
    the one that it `extends`, else to all. A Document stays as it is, for it was loaded already. Raises SpecError as
    `load` and `apply_overlay` do; where overlays made a document what it may not be, it names them.
    """
    written = [None if isinstance(source, Document) else read(source, fetch=fetch) for source in sources]
    stack = Stack([pair for pair in written if pair is not None])
    stack.lay(overlays, fetch)
    changed = iter(stack.pairs)
    documents = [
        source if isinstance(source, Document) else stack.normalised(*next(changed), fetch, allow_hosts)
        for source in sources
    ]
    return Layered(tuple(documents), tuple(stack.idle))


class Stack:
    """Is documents as they are written, upon which overlays are laid; they are taken over.

    `idle` has a sentence for each action that did nothing anywhere, `touched` every place that one changed, after the
    overlay's name.
    """

    def __init__(self, pairs: list[tuple[dict[str, Any], Origin]]) -> None:
        self.pairs = pairs
        self.idle: list[str] = []
        self.touched: list[tuple[str, Touch]] = []
        self._names: dict[str, list[str]] = {}
        self._laid: list[Written] = []

    def lay(self, overlays: Iterable[Written], fetch: Fetch | None = None) -> None:
        """Read overlays, and lay each upon what it is for.

        One may stand on others that come with the package: those that its ``x-overlays`` names are laid before it, if
        they were not already.
        """
        for overlay in overlays:
            found = _found(overlay)
            raw, origin = read_overlay(found, fetch)
            self._laid.append(found)
            self.lay(below for below in map(_bundled, raw.get(_BELOW, ())) if below not in self._laid)
            self._add(raw, origin)

    def _add(self, overlay: Mapping[str, Any], origin: Origin) -> None:
        extended = urljoin(origin.uri, overlay["extends"]) if "extends" in overlay else None
        chosen = [n for n, (_, of) in enumerate(self.pairs) if len(self.pairs) == 1 or extended in {None, of.uri}]
        if self.pairs and not chosen:
            self.idle.append(f"{origin.name}: extends {overlay['extends']}, which is none of the documents")
        idle: list[tuple[str, ...]] = []
        for number in chosen:
            raw, of = self.pairs[number]
            applied = carry_out(raw, overlay, origin)
            self.pairs[number] = (applied.document, of)
            self._names.setdefault(of.name, []).append(origin.name)
            self.touched += [(origin.name, touch) for touch in applied.touched]
            idle.append(applied.idle)
        everywhere = [told for told in idle[0] if all(told in others for others in idle)] if idle else []
        self.idle += [f"{origin.name}: {told}" for told in everywhere]

    def normalised(
        self, raw: dict[str, Any], origin: Origin, fetch: Fetch | None, allow_hosts: AbstractSet[str]
    ) -> Document:
        """Make a Document of one; what is wrong with it then has no line, for its text was another."""
        try:
            return normalise(raw, self._bare(origin), fetch=fetch, allow_hosts=allow_hosts)
        except SpecError as error:
            raise self._with_names(error, origin) from None

    def faults(
        self, raw: dict[str, Any], origin: Origin, fetch: Fetch | None, allow_hosts: AbstractSet[str]
    ) -> list[SpecError]:
        """Return all that `normalised` would refuse, in the same words."""
        found = faults(raw, self._bare(origin), fetch=fetch, allow_hosts=allow_hosts)
        return [self._with_names(error, origin) for error in found]

    def _bare(self, origin: Origin) -> Origin:
        return origin._replace(text=None) if origin.name in self._names else origin

    def _with_names(self, error: SpecError, origin: Origin) -> SpecError:
        names = self._names.get(origin.name)
        told = f"; with {' and '.join(names)} upon it: look there too" if names else ""
        return SpecError(error.message + told, error.pointer, error.source, error.line)


def _found(overlay: Written) -> Written:
    """Return where an overlay is: one that comes with the package has a name in place of a path."""
    return _bundled(overlay) if isinstance(overlay, str) and _settings.is_bare_name(overlay) else overlay


def standing_on(name: str) -> list[str]:
    """Return the overlays that are laid before one of the package's, of that name; none for any other."""
    return list(read_overlay(_bundled(name))[0].get(_BELOW, ())) if _settings.is_bare_name(name) else []


def _bundled(name: str) -> Path:
    """Return where the overlay of a name is that comes with the package; raise SpecError where none has it."""
    names = sorted(file.removesuffix(_SUFFIX) for file in os.listdir(bundled(_FOLDER)) if file.endswith(_SUFFIX))  # noqa: PTH208  # names only
    if name in names:
        return bundled(f"{_FOLDER}/{name}{_SUFFIX}")
    hint = did_you_mean(closest(name, names))
    raise SpecError(f"no overlay is called {name!r}{hint} (there is {', '.join(names)}, or give a path)", source=name)


def bundled_raw() -> tuple[dict[str, Any], Origin]:
    """Read the document that comes with the package, with the overlays that come with it for this document.

    A wheel has that parsed (hatch_build.py), so that neither YAML's reader nor JSONPath is even imported.
    """
    path = bundled()
    parsed = path.with_suffix(".json")
    if parsed.is_file():
        raw, origin = read(parsed)
        return raw, origin._replace(name=str(path))
    stack = Stack([read(path)])
    stack.lay(OF_THE_BUNDLED)
    return stack.pairs[0]


@cache
def bundled_document() -> Document:
    """Return the document that comes with the package, as an Api has it when nothing else is asked for."""
    raw, origin = bundled_raw()
    return normalise(raw, origin._replace(text=None))


@cache
def bundled_as_written() -> Document:
    """Return the document that comes with the package, without any overlay."""
    return load(bundled())
