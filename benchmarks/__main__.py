"""What the README claims of speed and memory: each as a ratio, both sides measured in turn in one run.

    python -m benchmarks [NAME …] [FOLDER]

runs itself again with an environment of three variables (`requests` reads them all on each call, so that a crowded one
would flatter this client) and prints a Markdown table. Client and server are two processes on loopback.
The documents of a folder are compared with each other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

from benchmarks import calls, comparing, documents, loading, processes, sandbox, threads
from benchmarks.measure import Row, table

SUITES: dict[str, Callable[[], Iterable[Row]]] = {
    "calls": calls.rows,
    "comparing": comparing.rows,
    "documents": documents.rows,
    "loading": loading.rows,
    "processes": processes.rows,
    "sandbox": sandbox.rows,
    "threads": threads.rows,
}
CLEAN = ("PATH", "HOME", "LANG")


def main() -> None:
    if set(os.environ) - {*CLEAN, "LC_CTYPE"}:
        clean = {name: os.environ.get(name, "C.UTF-8" if name == "LANG" else "") for name in CLEAN}
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]], clean)  # noqa: S606
    rows: list[Row] = []
    folder = [word for word in sys.argv[1:] if word not in SUITES]
    for name in [word for word in sys.argv[1:] if word in SUITES] or SUITES:
        rows += comparing.rows(*folder) if name == "comparing" else SUITES[name]()
    print(table(rows))
    sys.exit(any(not row.kept for row in rows))


if __name__ == "__main__":
    main()
