"""Memory stays flat, whatever the size of a file, of a line, or of what a quote opens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_root import modules_after

# Prints how many rows there were, how many were unreadable, and how many MiB more than after the first few they took.
PROGRAM = """
import sys
from odp_dynamic.bulk._reading import read_rows
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) >> 10
before = unreadable = count = 0
for outcome in read_rows(["-"], form=sys.argv[1]):
    count += 1
    unreadable += len(outcome) == 5 and isinstance(outcome[4], str)
    if count == 10:
        before = peak()
print(count, unreadable, peak() - before)
"""
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak of a process")

EVENT = (
    b'{"type": "order", "action": "purchase", "identifiers": {"email": "ada@example.com", "vuid": "3f1b2c"}, "data":'
    b' {"ts": "2026-01-01T10:11:12Z", "order": {"order_id": "o-12345", "total": 129.95, "items": [{"sku": "p-1"}]}}}\n'
)
RECORD = b"purchase,ada@example.com,o-12345,129.95,2026-01-01T10:11:12Z,shop.example.com,/basket\n"
HEADER = b"action,identifiers.email,data.order.order_id,data.order.total:number,data.ts,data.hostname,data.page\n"


def measured(form: str, pieces: Iterator[bytes]) -> tuple[int, int, int]:
    """Return what the program prints of content that is never in memory as a whole."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM, form], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as ran:
        assert ran.stdin is not None
        assert ran.stdout is not None
        for piece in pieces:
            ran.stdin.write(piece)
        ran.stdin.close()
        count, unreadable, grown = ran.stdout.read().split()
    return int(count), int(unreadable), int(grown)


def repeated(begins: bytes, row: bytes, rows: int, ends: bytes = b"") -> Iterator[bytes]:
    yield begins
    for _ in range(rows // 1000):
        yield row * 1000
    yield ends


@pytest.mark.parametrize(
    ("form", "begins", "row", "rows", "ends"),
    [
        ("jsonl", b"", EVENT, 1_400_000, b""),
        ("csv", HEADER, RECORD, 700_000, b""),
        ("json", b"[", EVENT[:-1] + b",\n", 300_000, b"{}]"),
    ],
    ids=["300 MB of JSON Lines", "60 MB of CSV", "60 MB of one JSON array"],
)
def test_memory_is_flat_for_any_number_of_rows(form: str, begins: bytes, row: bytes, rows: int, ends: bytes) -> None:
    count, unreadable, grown = measured(form, repeated(begins, row, rows, ends))
    assert (count, unreadable) == (rows + (form == "json"), 0)
    assert grown <= 8  # MiB


def long(begins: bytes, piece: bytes, ends: bytes) -> Iterator[bytes]:
    """Yield ten rows' worth of `begins`, then 50 MiB."""
    yield begins
    for _ in range(50):
        yield piece * (2**20 // len(piece))
    yield ends


@pytest.mark.parametrize(
    ("form", "pieces", "rows"),
    [
        ("jsonl", lambda: long(b"1\n" * 10 + b'"', b"x", b'"\n1\n'), 12),
        ("csv", lambda: long(b"a,b\n" + b"1,2\n" * 10 + b"1,", b"x", b"\n1,2\n"), 12),
        ("csv", lambda: long(b"a,b\n" + b"1,2\n" * 10 + b'1,"', b"x", b'"\n1,2\n'), 12),
        ("csv", lambda: long(b"a,b\n" + b"1,2\n" * 10 + b'1,"\n', b"x", b"\n1,2\n"), 13),
    ],
    ids=["JSON line", "CSV line", "CSV cell", "line behind an open quote"],
)
def test_a_line_of_50_mb_is_one_unreadable_row(form: str, pieces: object, rows: int) -> None:
    """It is never held, and the rows behind it are read."""
    assert callable(pieces)
    count, unreadable, grown = measured(form, pieces())
    assert (count, unreadable) == (rows, rows - 11)
    assert grown <= 45  # MiB


def test_a_quote_that_never_closes_costs_one_row_of_a_large_table() -> None:
    """Ten MiB are looked at for its end, and read again without it."""
    content = repeated(b"a,b\n" + b"1,2\n" * 10 + b'1,"2\n', b"1,2\n", 1_000_000)
    count, unreadable, grown = measured("csv", content)
    assert (count, unreadable) == (1_000_011, 1)
    assert grown <= 45  # MiB


def test_an_item_of_50_mb_ends_the_reading_of_an_array() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as ran:
        _, told = ran.communicate(b"".join(long(b"[1,\n" + b'"', b"x", b'",2]')))
    assert told.endswith(b"InputError: <stdin>:2: an item is longer than 10 MiB; no service takes that as one row\n")


def test_heavy_libraries_are_not_loaded_for_files_that_need_none() -> None:
    code = "import io\nfrom odp_dynamic.bulk._reading import read_rows\n"
    code += "list(read_rows(['-'], form='csv', open_stdin=lambda: io.BytesIO(b'a,b\\n1,2\\n')))"
    loaded = modules_after(code)
    assert not loaded & {"pyarrow", "zstandard", "yaml", "requests", "jsonschema"}


@pytest.mark.parametrize(
    ("library", "content", "told"),
    [
        ("pyarrow", b"PAR1", "Parquet needs a library: python -m pip install 'odp-dynamic[parquet]'"),
        ("zstandard", b"\x28\xb5\x2f\xfd", "zstd needs a library: python -m pip install 'odp-dynamic[zstd]'"),
    ],
)
def test_a_library_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, library: str, content: bytes, told: str
) -> None:
    from tests.bulk.reading import read_on

    monkeypatch.setitem(sys.modules, library, None)
    assert read_on(content)[1] == f"<stdin>: {told}"
