"""The files of some paths, and the uses in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from ._recorded import is_recording, uses_of_recording
from ._sources import Sources
from ._values import Found, Unread

_LARGEST = 2_000_000  # bytes of a source: what is larger was written by no one
_LARGEST_NOTEBOOK = 20_000_000  # with the pictures of its answers
_LARGEST_RECORDING = 50_000_000
_HEAD = 200  # bytes, by which a recording is told from another file
_MOST = 100_000  # files
_PASSED_OVER = frozenset({"node_modules", "__pycache__"})
_RECORDINGS = frozenset({".yaml", ".yml", ".json"})
_NOTEBOOKS = frozenset({".ipynb"})
_SOURCES = frozenset({".py", ".pyi"})

_Reader = Callable[[bytes, str], Found]


def uses_under(paths: Iterable[str | os.PathLike[str]], ids: Collection[str]) -> Found:
    """Return the uses of operations with some ids in files, and in all sources, notebooks and recordings of folders."""
    found: list[Path] = []
    unread: list[Unread] = []
    seen: set[str] = set()
    for number, path in enumerate(path for given in paths for path in _files(Path(given))):
        if number == _MOST:
            unread.append(Unread(str(path), 0, f"and all behind it: there are more than {_MOST:,} files"))
            break
        real = os.path.realpath(path)
        if real not in seen:
            seen.add(real)
            found.append(path)
    sources = Sources(found, ids)
    readers: Mapping[str, tuple[_Reader, int]] = {
        **dict.fromkeys(_NOTEBOOKS, (sources.uses_in_notebook, _LARGEST_NOTEBOOK)),
        **dict.fromkeys(_RECORDINGS, (partial(uses_of_recording, ids=ids), _LARGEST_RECORDING)),
    }
    told = [_of_file(path, *readers.get(path.suffix, (sources.uses_in, _LARGEST))) for path in found]
    uses = tuple(use for one in told for use in one.uses)
    return Found(uses, (*(one for file in told for one in file.unread), *unread))


def _files(given: Path) -> Iterator[Path]:
    """Yield a file, or those of a folder by name; links to folders are not followed, for they may lead back."""
    if not given.is_dir():
        yield given
        return
    looked_for = _SOURCES | _NOTEBOOKS | _RECORDINGS
    for folder, names, files in os.walk(given):
        names[:] = sorted(name for name in names if not _is_passed_over(Path(folder, name)))
        yield from (Path(folder, name) for name in sorted(files) if Path(name).suffix in looked_for)


def _is_passed_over(folder: Path) -> bool:
    """Return whether a folder is hidden, or holds what others wrote: a virtual environment has a file that says so."""
    return folder.name.startswith(".") or folder.name in _PASSED_OVER or (folder / "pyvenv.cfg").exists()


def _of_file(path: Path, read: _Reader, most: int) -> Found:
    told = path.as_posix()
    try:
        if not path.is_file():
            return Found((), (Unread(told, 0, "is no file"),))
        with path.open("rb") as file:
            if path.suffix in _RECORDINGS and not is_recording(file.read(_HEAD)):
                return Found((), ())
            file.seek(0)
            content = file.read(most + 1)
    except OSError as error:
        return Found((), (Unread(told, 0, error.strerror or "cannot be read"),))
    if len(content) > most:
        return Found((), (Unread(told, 0, f"is larger than {most:,} bytes"),))
    return read(content, told)
