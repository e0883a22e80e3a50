"""Which file an import means, of those at hand; such a file is read where another one needs its names, and once.

Nothing is asked of Python's own path, and nothing installed is looked at: what is not at hand is not known, and so is
what two files may be.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from ._changes import note
from ._names import Imported, Module
from ._parsing import UNREADABLE, parsed

_LARGEST = 2_000_000  # bytes of one module, as of any source
_MOST = 4_000_000  # bytes of all that are kept: their trees take sixty times as much
_PACKAGE = "__init__.py"


class Unit(NamedTuple):
    """Is a module or a package, by its path without ``.py`` and ``__init__.py``; a folder is a package, too."""

    base: Path


class Modules:
    """Knows the modules among some files.

    `calling` are the names of functions that call operations.
    """

    def __init__(self, files: Iterable[Path], calling: Collection[str]) -> None:
        self._calling = calling
        self._files: dict[Path, Path] = {}  # by the paths of units
        self._folders: set[Path] = set()
        for path in sorted((file.absolute() for file in files if file.suffix == ".py"), key=_is_package):
            self._files[path.parent if _is_package(path) else path.with_suffix("")] = path
            self._note(path.parent)
        self._loaded: dict[Path, Module | None] = {}
        self._left = _MOST
        self._roots: dict[Path, list[Path]] = {}

    def _note(self, folder: Path) -> None:
        while folder not in self._folders:
            self._folders.add(folder)
            folder = folder.parent

    def module(self, source: bytes | str, path: Path) -> Module:
        """Return a source as a module. Raises one of `UNREADABLE`."""
        found = Module(parsed(source), path.absolute())
        note(found, self._calling)
        return found

    def meant(self, imported: Imported, importer: Module) -> Unit | None:
        """Return the module that an import in another one names, None where it is not at hand."""
        parts = imported.module.split(".") if imported.module else []
        folder = importer.path.parent
        if imported.level:
            around = [folder, *folder.parents]
            is_there = imported.level <= len(around)
            return self._unit(around[imported.level - 1].joinpath(*parts)) if is_there else None
        if not parts or parts[0] in sys.stdlib_module_names:
            return None
        bases = [root.joinpath(*parts) for root in self._roots_of(folder)]
        # Python, too, takes a folder that does not say that it is a package only where there is nothing else.
        found = [base for base in bases if base in self._files] or [base for base in bases if base in self._folders]
        return Unit(found[0]) if len(found) == 1 else None

    def within(self, unit: Unit, name: str) -> Unit | None:
        """Return a module of a package."""
        return self._unit(unit.base / name) if unit.base in self._folders else None

    def loaded(self, unit: Unit) -> Module | None:
        """Return the module of a unit, None where it has none, or none that can be read."""
        path = self._files.get(unit.base)
        if path is None:
            return None
        if path not in self._loaded:
            self._loaded[path] = self._load(path)
        return self._loaded[path]

    def _load(self, path: Path) -> Module | None:
        try:
            with path.open("rb") as file:
                content = file.read(min(self._left, _LARGEST) + 1)
            if len(content) > min(self._left, _LARGEST):
                return None
            self._left -= len(content)
            return self.module(content, path)
        except (OSError, *UNREADABLE):
            return None

    def _unit(self, base: Path) -> Unit | None:
        return Unit(base) if base in self._files or base in self._folders else None

    def _roots_of(self, folder: Path) -> list[Path]:
        """Return the folders that may be on Python's path for a file in one: those around it that are no packages."""
        if folder not in self._roots:
            around = [one for one in (folder, *folder.parents) if not (one / _PACKAGE).exists()]
            self._roots[folder] = list(dict.fromkeys(root for one in around for root in (one, one / "src")))
        return self._roots[folder]


def _is_package(path: Path) -> bool:
    return path.name == _PACKAGE
