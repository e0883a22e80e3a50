"""The files of some paths, and the uses in them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from ._recorded import is_recording, uses_of_recording
from ._sources import uses_in
from ._values import Found, Unread, Use

_LARGEST = 4_000_000  # bytes; what is larger was written by no one
_MOST = 100_000  # files
_PASSED_OVER = frozenset({"node_modules", "__pycache__", "site-packages", "venv", "build", "dist"})
_RECORDINGS = frozenset({".yaml", ".yml", ".json"})
_SOURCES = frozenset({".py", ".pyi"})


def uses_under(paths: Iterable[str | os.PathLike[str]], ids: Collection[str]) -> Found:
    """Return the uses of operations with some ids in files, and in all sources and recordings of folders."""
    uses: list[Use] = []
    unread: list[Unread] = []
    seen: set[str] = set()
    for number, path in enumerate(path for given in paths for path in _files(Path(given))):
        if number == _MOST:
            unread.append(Unread(str(path), 0, f"and all behind it: there are more than {_MOST:,} files"))
            break
        real = os.path.realpath(path)
        if real not in seen:
            seen.add(real)
            found = _of_file(path, ids)
            uses += found.uses
            unread += found.unread
    return Found(tuple(uses), tuple(unread))


def _files(given: Path) -> Iterator[Path]:
    """Yield a file, or those of a folder by name; links to folders are not followed, for they may lead back."""
    if not given.is_dir():
        yield given
        return
    for folder, names, files in os.walk(given):
        names[:] = sorted(name for name in names if name[0] != "." and name not in _PASSED_OVER)
        yield from (Path(folder, name) for name in sorted(files) if Path(name).suffix in _SOURCES | _RECORDINGS)


def _of_file(path: Path, ids: Collection[str]) -> Found:
    told = path.as_posix()
    try:
        if not path.is_file():
            return Found((), (Unread(told, 0, "is no file"),))
        if path.stat().st_size > _LARGEST:
            reading = path.suffix not in _RECORDINGS
            return Found((), (Unread(told, 0, f"is larger than {_LARGEST:,} bytes"),) if reading else ())
        content = path.read_bytes()
    except OSError as error:
        return Found((), (Unread(told, 0, error.strerror or "cannot be read"),))
    if path.suffix in _RECORDINGS:
        return uses_of_recording(content, told, ids) if is_recording(content) else Found((), ())
    return uses_in(content, told, ids)
