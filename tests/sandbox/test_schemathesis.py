"""A foreign client judges the service: schemathesis asks for what the document has, all its checks see the answers.

It runs in a process of its own, by its command line: what it changes of Hypothesis and of the warnings stays there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._documents import documents

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "spec" / "odp-rest-v3.yaml"


def judged(
    folder: Path, url: str, key: str, *options: str, document: Path = DOCUMENT
) -> subprocess.CompletedProcess[str]:
    """Run schemathesis over a document; its status is 0 where no check failed."""
    # Its module is called, not its script, which need not be where Python is.
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    command += ["--config-file", str(HERE / "data" / "schemathesis.toml"), "run", str(document), "--url", url]
    command += ["--header", f"x-api-key: {key}", "--checks", "all", "--no-color", *options]
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    if document == DOCUMENT:
        clean["SCHEMATHESIS_HOOKS"] = str(HERE / "schemathesis_hooks.py")
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, timeout=120, check=False)


def test_no_check_of_schemathesis_fails(tmp_path: Path) -> None:
    """In none of its phases, the one that follows links included; and each operation was seen to do its work."""
    with Sandbox() as sandbox, sandbox.serve() as served:
        run = judged(tmp_path, served.url, sandbox.private_key)
        assert run.returncode == 0, run.stdout + run.stderr
        assert not sandbox.journal.where(status="5xx")
        done = {entry.operation for entry in sandbox.journal.where(status="2xx")}
        assert done == set(sandbox.api().operations), run.stdout


def test_no_check_fails_on_the_live_services_wire(tmp_path: Path) -> None:
    """By the document as the service has it, and by all checks but one: its hooks know only the other wire's rules."""
    live = tmp_path / "live.json"
    with Sandbox(overlays=["odp-live-v3"]) as sandbox, sandbox.serve() as served:
        live.write_text(json.dumps(documents(None, ["odp-live-v3"]).served.root), encoding="utf-8")
        less = ("--exclude-checks", "positive_data_acceptance")
        run = judged(tmp_path, served.url, sandbox.private_key, *less, document=live)
        assert run.returncode == 0, run.stdout + run.stderr
        assert not sandbox.journal.where(status="5xx")
        assert {entry.operation for entry in sandbox.journal} >= sandbox.api().operations.keys(), run.stdout


def test_what_breaks_the_document_would_be_found(tmp_path: Path) -> None:
    with Sandbox() as sandbox, sandbox.serve() as served, sandbox.fault(kind="content_type", content_type="text/html"):
        one = ("--include-operation-id", "listSegments", "--phases", "coverage")
        run = judged(tmp_path, served.url, sandbox.private_key, *one)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Undocumented Content-Type" in run.stdout


def test_a_refusal_whose_reason_is_not_true_would_be_found(tmp_path: Path) -> None:
    """The rules that the document leaves out excuse only who breaks them."""
    untrue = {"title": "Bad Request", "status": 400, "detail": {"message": "Unknown object type `products`"}}
    with Sandbox() as sandbox, sandbox.serve() as served, sandbox.fault(status=400, body=untrue):
        one = ("--include-operation-id", "upsertObjects", "--phases", "fuzzing", "--max-examples", "20")
        run = judged(tmp_path, served.url, sandbox.private_key, *one)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Schema-valid request rejected" in run.stdout
