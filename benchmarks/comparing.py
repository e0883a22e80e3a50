"""Comparing documents: a large one with a stricter version, the bundled one with the live wire, and those of a folder.

``python -m benchmarks comparing FOLDER`` compares each document of a folder with each other one, and with the bundled
one, both ways.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import yaml

from benchmarks.documents import SPEC, large_document
from benchmarks.measure import Row, in_turn, ratio_row, seconds
from odp_dynamic._document import Document, load
from odp_dynamic._layers import bundled_as_written, layered
from odp_dynamic.diff import compare

# Prints the memory of a process that has loaded two documents, and the most that it had when they were compared, in kB.
PEAK = """
import sys
import jsonschema, jsonschema_rs
from odp_dynamic._document import load
from odp_dynamic.diff import compare
def memory(): return next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
old, new = map(load, sys.argv[1:])
before = memory()
compare(old, new)
print(before, memory())
"""
_MOST = 150  # MiB


def rows(folder: str | None = None) -> Iterator[Row]:
    """Measure seconds against reading the two, and memory against what the two take when they are loaded."""
    text = large_document()
    size = f"{len(text) / 1e6:.1f} MB"
    old, new = _stricter(text)
    measured = _against_reading(load(old), load(new), text, text)
    yield ratio_row(f"{size} compared with a stricter version / `CSafeLoader` reading the two", measured, 1.0)
    yield _memory(f"memory of comparing {size} with a stricter version", old, new)
    live = layered([SPEC], ["odp-live-v3"]).documents[0]
    written = yaml.safe_dump(live.root)
    measured = _against_reading(bundled_as_written(), live, SPEC.read_text(encoding="utf-8"), written)
    yield ratio_row("the bundled document compared with the live wire / `CSafeLoader` reading the two", measured, 20)
    if folder is not None:
        yield _each_with_each([SPEC, *sorted(Path(folder).glob("*.*"))])


def _stricter(text: str) -> tuple[Any, Any]:
    """Return a document, and a version of it in which one schema in ten requires all its properties."""
    old, new = _read(text), _read(text)
    for n, schema in enumerate(new["components"]["schemas"].values()):
        if n % 10 == 0 and "properties" in schema:
            schema["required"] = list(schema["properties"])
    return old, new


def _read(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)  # it is a safe loader


def _against_reading(old: Document, new: Document, *texts: str) -> tuple[float, float, float]:
    def reading() -> None:
        for text in texts:
            _read(text)

    return in_turn(lambda: seconds(lambda: compare(old, new), 1), lambda: seconds(reading, 1), 5)


def _memory(name: str, old: Any, new: Any) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "old.json", Path(folder) / "new.json"]
        for file, document in zip(files, (old, new), strict=True):
            file.write_text(json.dumps(document), encoding="utf-8")
        words = [sys.executable, "-c", PEAK, *map(str, files)]
        before, peak = map(float, subprocess.run(words, check=True, capture_output=True, text=True).stdout.split())
    grown = (peak - before) / 1024
    figures = (f"{peak / 1024:.0f} MiB", f"{before / 1024:.0f} MiB", f"+{grown:.0f} MiB")
    return Row(f"{name} / before it, the two loaded", *figures, f"≤ +{_MOST} MiB", grown <= _MOST)


def _each_with_each(files: list[Path]) -> Row:
    documents = {file: load(file) for file in files}
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    pairs = list(permutations(files, 2))

    def compared() -> None:
        for old, new in pairs:
            compare(documents[old], documents[new])

    def reading() -> None:
        for old, new in pairs:
            _read(texts[old]), _read(texts[new])

    measured = in_turn(lambda: seconds(compared, 1), lambda: seconds(reading, 1), 3)
    return ratio_row(
        f"{len(pairs)} pairs of {len(files)} documents compared / `CSafeLoader` reading each", measured, 1.0
    )
