"""Files that are written whole, or not at all."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from odp_dynamic._files import try_to_write, write_whole


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.fixture
def few_bytes() -> Iterator[None]:
    """Let no file be longer than 4 kB, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("few_bytes")
def test_what_cannot_be_written_to_its_end_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(OSError, match="File too large") as caught:
        write_whole(path, "x" * 10_000)
    assert caught.value.filename == str(path)
    assert path.read_text(encoding="utf-8") == "before"
    assert names(tmp_path) == ["out.txt"]


def test_an_error_names_the_file_as_it_was_given(tmp_path: Path) -> None:
    for given in (tmp_path / "no" / "x", tmp_path):
        for act in (lambda path: write_whole(path, ""), try_to_write):
            with pytest.raises(OSError, match=r"directory") as caught:
                act(given)
            assert caught.value.filename == str(given)


def test_a_file_keeps_its_permissions_and_a_link_its_target(tmp_path: Path) -> None:
    path, link = tmp_path / "out.sh", tmp_path / "link"
    path.write_text("", encoding="utf-8")
    path.chmod(0o750)
    link.symlink_to(path)
    write_whole(link, "a\n")
    assert link.is_symlink()
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"a\n", 0o750)
    write_whole(tmp_path / "mine", "", private=True)
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o600


def test_a_pipe_is_written_to() -> None:
    reading, writing = os.pipe()
    write_whole(f"/dev/fd/{writing}", "a")
    os.close(writing)
    assert os.read(reading, 9) == b"a"
    os.close(reading)


def test_to_try_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    try_to_write(path)
    assert names(tmp_path) == []
    path.write_text("a", encoding="utf-8")
    try_to_write(path)
    assert (names(tmp_path), path.read_text(encoding="utf-8")) == (["out.txt"], "a")
