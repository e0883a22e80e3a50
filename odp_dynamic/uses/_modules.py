"""Which file an import means, of those at hand; such a file is read where another one needs its names, and once.

Nothing is asked of Python's own path, and nothing installed is looked at: what is not at hand is not known, and so is
what two files may be.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ._changes import note
from ._names import Imported, Module
from ._parsing import UNREADABLE, parsed

_LARGEST = 2_000_000  # bytes of one module, as of any source
_MOST = 4_000_000  # bytes of all that are kept: their trees take sixty times as much
_PACKAGE = "__init__"


class Unit(NamedTuple):
    """Is a module or a package, by its path without ``.py`` and ``__init__.py``; a folder is a package, too."""

    base: str


class Modules:
    """Knows the modules among some files.

    `calling` are the names of functions that call operations.
    """

    def __init__(self, files: Iterable[Path], calling: Collection[str]) -> None:
        self._calling = calling
        self._files: dict[str, str] = {}  # by the paths of units
        self._folders: set[str] = set()
        for path in sorted((os.path.abspath(file) for file in files), key=lambda path: Path(path).stem == _PACKAGE):
            folder, name = os.path.split(path)
            stem, suffix = os.path.splitext(name)
            if suffix == ".py":
                self._files[folder if stem == _PACKAGE else os.path.join(folder, stem)] = path
                self._note(folder)
        self._loaded: dict[str, Module | None] = {}
        self._left = _MOST
        self._roots: dict[str, list[str]] = {}

    def _note(self, folder: str) -> None:
        while folder not in self._folders:
            self._folders.add(folder)
            folder = os.path.dirname(folder)

    def module(self, source: bytes | str, path: str) -> Module:
        """Return a source as a module. Raises one of `UNREADABLE`."""
        found = Module(parsed(source), os.path.abspath(path))
        note(found, self._calling)
        return found

    def meant(self, imported: Imported, importer: Module) -> Unit | None:
        """Return the module that an import in another one names, None where it is not at hand."""
        parts = imported.module.split(".") if imported.module else []
        folder = os.path.dirname(importer.path)
        if imported.level:
            for _ in range(min(imported.level, 100) - 1):
                folder = os.path.dirname(folder)
            return self._unit(os.path.join(folder, *parts))
        if not parts or parts[0] in sys.stdlib_module_names:
            return None
        bases = [os.path.join(root, *parts) for root in self._roots_of(folder)]
        # Python, too, takes a folder that does not say that it is a package only where there is nothing else.
        found = [base for base in bases if base in self._files] or [base for base in bases if base in self._folders]
        return Unit(found[0]) if len(found) == 1 else None

    def within(self, unit: Unit, name: str) -> Unit | None:
        """Return a module of a package."""
        is_package = unit.base in self._folders
        return self._unit(os.path.join(unit.base, name)) if is_package else None

    def loaded(self, unit: Unit) -> Module | None:
        """Return the module of a unit, None where it has none, or none that can be read."""
        path = self._files.get(unit.base)
        if path is None:
            return None
        if path not in self._loaded:
            self._loaded[path] = None  # what it needs of itself meanwhile
            self._loaded[path] = self._load(path)
        return self._loaded[path]

    def _load(self, path: str) -> Module | None:
        try:
            with open(path, "rb") as file:  # noqa: PTH123  # paths are texts here
                content = file.read(min(self._left, _LARGEST) + 1)
            self._left -= len(content)
            return self.module(content, path) if self._left >= 0 and len(content) <= _LARGEST else None
        except (OSError, *UNREADABLE):
            return None

    def _unit(self, base: str) -> Unit | None:
        return Unit(base) if base in self._files or base in self._folders else None

    def _roots_of(self, folder: str) -> list[str]:
        """Return the folders that may be on Python's path for a file in one: those around it that are no packages."""
        if folder not in self._roots:
            self._roots[folder] = list(_roots(folder))
        return self._roots[folder]


def _roots(folder: str) -> Iterator[str]:
    while True:
        if not os.path.exists(os.path.join(folder, f"{_PACKAGE}.py")):
            yield from (folder, os.path.join(folder, "src"))
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above
