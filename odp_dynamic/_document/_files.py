"""The documents that references may lead to, each read once; and which may be read at all.

1. A file must lie in the folder of the document that was asked for, or below it, after all links are followed.
2. What comes from a URL may refer to its own origin, below the folder of that document.
3. Any other host must have been allowed by name. What came over the network never leads to a file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from ._sources import Fetch, Origin, from_path, from_url
from ._structure import rules
from ._text import parse
from ._walk import File


class Refused(Exception):  # it becomes a SpecError where the reference's place is known
    """Says why a reference leads nowhere, and what to do."""


class Files:
    """Is the set of documents that belong to one, `main`; `find` reads what is missing."""

    def __init__(self, main: File, fetch: Fetch | None, allow_hosts: AbstractSet[str]) -> None:
        self.main = main
        self._fetch = fetch
        self._hosts = {host.lower() for host in allow_hosts}
        self._folder = Path(unquote(urlsplit(main.uri).path)).parent if main.uri.startswith("file:") else None
        self._by_uri: dict[str, File] = {main.uri: main}
        self._by_place: dict[str, File] = {}  # where a file really is: two paths may lead to one
        if self._folder is not None:
            self._by_place[_path_of(urlsplit(main.uri)).resolve().as_uri()] = main

    def find(self, uri: str, referring: File) -> File:
        """Return the document at an absolute URI; raise Refused where it may not be read, SpecError where it cannot."""
        if uri not in self._by_uri:
            self._by_uri[uri] = self._open(uri, referring)
        return self._by_uri[uri]

    def _open(self, uri: str, referring: File) -> File:
        parts = urlsplit(uri)
        if parts.scheme == "file":
            return self._open_path(uri, parts, referring)
        if parts.scheme in {"http", "https"}:
            self._check_host(parts)
            return self._file(from_url(uri, self._fetch), uri, referring)
        if not parts.scheme:
            raise Refused("a relative reference, but nothing says where this document is; load it from a path or a URL")
        raise Refused(f"references by {parts.scheme}: are not followed; use a relative path")

    def _open_path(self, uri: str, parts: SplitResult, referring: File) -> File:
        if self._folder is None or not referring.uri.startswith("file:"):
            raise Refused("a document from elsewhere may not lead to a local file; use a relative reference")
        try:
            path = _path_of(parts)
            place = path.resolve()
            is_within = place.is_relative_to(self._folder.resolve())
        except (OSError, ValueError, RuntimeError):  # a null character, a loop of links
            raise Refused("no file can have this path; correct it") from None
        if not is_within:
            raise Refused(f"leads out of the document's folder; move the file into {self._folder} or below")
        if not place.is_file():
            raise Refused(f"there is no file {path.name!r} in {path.parent}; correct the path, which is relative")
        if (known := place.as_uri()) not in self._by_place:
            self._by_place[known] = self._file(from_path(str(path)), uri, referring)
        return self._by_place[known]

    def _check_host(self, parts: SplitResult) -> None:
        names = {parts.netloc.rpartition("@")[2].lower(), parts.hostname or ""}
        main = urlsplit(self.main.uri)
        if not names.isdisjoint(self._hosts) or _is_below(main, parts):
            return
        host = parts.netloc.rpartition("@")[2]
        if (main.scheme, main.netloc) == (parts.scheme, parts.netloc):
            raise Refused(f"leads out of the document's folder; to allow it, set ODP_ALLOW_REF_HOSTS={host}")
        raise Refused(f"leads to another host, {host}; to allow it, set ODP_ALLOW_REF_HOSTS={host}, or copy the file")

    def _file(self, origin: Origin, uri: str, referring: File) -> File:
        root = parse(origin.text or "", origin.name)
        own = version_of(root)
        embedded_rules = referring.rules if own is None else rules(of_30=own.startswith("3.0"))
        return File(origin.name, uri, origin.text, root, rules=embedded_rules, key=self._key(uri))

    def _key(self, uri: str) -> str:
        """Return the name among the embedded documents: the path from the main document's folder, or else the URI."""
        folder = urljoin(self.main.uri, ".")
        return unquote(uri.removeprefix(folder)) if uri.startswith(folder) else uri


def version_of(root: Any) -> str | None:
    """Return what a document says about its version of OpenAPI, None for a fragment that says nothing."""
    version = root.get("openapi") if isinstance(root, dict) else None
    return version if isinstance(version, str) else None


def _path_of(parts: SplitResult) -> Path:
    return Path(unquote(parts.path))


def _is_below(main: SplitResult, parts: SplitResult) -> bool:
    if (main.scheme, main.netloc) != (parts.scheme, parts.netloc):
        return False
    path = unquote(unquote(parts.path))  # a server may decode once more than its proxy
    folder = posixpath.dirname(unquote(main.path)).rstrip("/") + "/"
    return posixpath.normpath(path) == path and path.startswith(folder)
