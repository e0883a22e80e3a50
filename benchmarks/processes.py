"""Whole processes: importing, the first call of a fresh one, and memory."""

from __future__ import annotations

import subprocess
import sys
from time import monotonic

from benchmarks.calls import EMAIL, KEYS, server
from benchmarks.measure import Row, in_turn, ratio_row

BARE = """
import requests
session = requests.Session()
session.headers["x-api-key"] = "k"
session.get({url!r}, timeout=(5, 30)).json()
"""
OURS = """
from odp_dynamic import Api
Api(base_url={base!r}, credentials={keys!r}).call("getProfile", identifier_field="email", identifier_value={email!r})
"""
NOW = "\nimport time; print(time.monotonic())"
# Not getrusage(): its peak is inherited from the parent across fork and exec.
PEAK = "\nprint(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"


def _run(code: str) -> str:
    # Isolated: the installed package is measured, as users have it, and not the checkout of the current folder.
    return subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True).stdout


def rows() -> list[Row]:
    """Measure processes from start to end."""
    with server() as base:
        ours = OURS.format(base=base, keys=KEYS, email=EMAIL)
        bare = BARE.format(url=f"{base}/profiles/email/ada%40example.com")
        first_call = in_turn(lambda: _until_now(ours), lambda: _until_now(bare), 25)
        memory = in_turn(lambda: float(_run(ours + PEAK)), lambda: float(_run("import requests" + PEAK)), 5)
    imports = in_turn(lambda: _until_now("import odp_dynamic"), lambda: _until_now("pass"), 25)
    return [
        _difference("`import odp_dynamic` / bare Python", imports, 1e3, "ms", 5),
        ratio_row("a fresh process to the end of its first call / with bare `requests`", first_call, 1.25),
        _difference("peak memory after the first call / `import requests`", memory, 1 / 1024, "MiB", 12),
    ]


def _until_now(code: str) -> float:
    """Return the seconds from starting a process until it has run `code`: the clock is the same in both."""
    begun = monotonic()
    return float(_run(code + NOW)) - begun


def _difference(name: str, measured: tuple[float, float, float], scale: float, unit: str, most: float) -> Row:
    ours, other, _ = measured
    extra = (ours - other) * scale
    figures = (f"{ours * scale:.1f} {unit}", f"{other * scale:.1f} {unit}", f"{extra:+.1f} {unit}")
    return Row(name, *figures, f"≤ +{most:g} {unit}", extra <= most)
