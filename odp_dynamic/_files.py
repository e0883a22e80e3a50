"""Files that are written whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_IMODE


def write_whole(path: str | os.PathLike[str], text: str, *, private: bool = False) -> None:
    """Write a text to a file, as UTF-8: what was there stays until all of it is written, whatever happens.

    A new file is readable as the user's umask says, or with `private` by its owner alone; one that is there keeps its
    permissions. What is no file, such as a pipe, is written to as it is. Raises OSError with the path as it was given.
    """
    try:
        if _is_other(path):
            Path(path).write_text(text, encoding="utf-8")
        else:
            _replace(Path(os.path.realpath(path)), text, private=private)  # a link goes on to lead to it
    except OSError as error:
        raise _named(error, path) from None


def try_to_write(path: str | os.PathLike[str]) -> None:
    """Raise OSError, as `write_whole` would, where a file cannot be written; nothing changes."""
    try:
        if _is_other(path):
            Path(path).open("a").close()
        else:
            part = _beside(Path(os.path.realpath(path)))
            os.close(_opened(part, private=True))
            part.unlink()
    except OSError as error:
        raise _named(error, path) from None


def _replace(target: Path, text: str, *, private: bool) -> None:
    part = _beside(target)
    try:
        with os.fdopen(_opened(part, private=private), "w", encoding="utf-8", newline="\n") as file:
            if target.exists() and not private:
                part.chmod(S_IMODE(target.stat().st_mode))
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _is_other(path: str | os.PathLike[str]) -> bool:
    """Tell whether something is there that is no file, such as a pipe or a folder."""
    return Path(path).exists() and not Path(path).is_file()


def _beside(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")  # one name, so that what a crash left is used again


def _opened(part: Path, *, private: bool) -> int:
    return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o666)


def _named(error: OSError, path: str | os.PathLike[str]) -> OSError:
    return OSError(error.errno, error.strerror, os.fspath(path))
