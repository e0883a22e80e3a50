"""A foreign client judges the service: schemathesis makes requests of the document, and all its checks see the answers.

It runs in a process of its own, by its command line: what it changes of Hypothesis, pytest and the warnings stays there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from odp_dynamic.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "tests" / "sandbox" / "data" / "schemathesis.toml"


def judged(url: str, key: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run schemathesis over the document; its status is 0 where no check failed."""
    # Its module is called, not its script, which need not be where Python is.
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    command += ["--config-file", str(CONFIGURATION), "run", str(ROOT / "spec" / "odp-rest-v3.yaml")]
    command += ["--url", url, "--header", f"x-api-key: {key}", "--checks", "all", "--no-color", *options]
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=120, check=False)


def test_no_check_of_schemathesis_fails() -> None:
    """In none of its phases, the one that follows links included; and each operation was seen to do its work."""
    with Sandbox() as sandbox, sandbox.serve() as served:
        run = judged(served.url, sandbox.private_key)
        assert run.returncode == 0, run.stdout + run.stderr
        assert not sandbox.journal.where(status="5xx")
        done = {entry.operation for entry in sandbox.journal.where(status="2xx")}
        assert done == set(sandbox.api().operations), run.stdout


def test_a_check_would_fail() -> None:
    """What the configuration lets pass is not everything: an answer that breaks the document is found."""
    with Sandbox() as sandbox, sandbox.serve() as served, sandbox.fault(kind="content_type", content_type="text/html"):
        one = judged(served.url, sandbox.private_key, "--include-operation-id", "listSegments", "--phases", "coverage")
    assert one.returncode == 1, one.stdout + one.stderr
    assert "Undocumented Content-Type" in one.stdout
