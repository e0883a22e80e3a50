"""The README is kept: each of its code blocks runs, in order, and its commands are what CI runs."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from odp_dynamic import Api

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPOKEN = {"text"}  # the picture
SETTINGS = {"toml", "yaml"}


class Block(NamedTuple):
    kind: str
    code: str
    line: int


TEXT = README.read_text(encoding="utf-8")
BLOCKS = [Block(found[1], found[2], TEXT.count("\n", 0, found.start(2))) for found in FENCE.finditer(TEXT)]


def test_every_block_is_of_a_kind_that_is_run() -> None:
    assert {block.kind for block in BLOCKS} - SPOKEN - SETTINGS == {"python", "pycon", "console", "sh"}


def test_python_blocks_run_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {"__name__": "__readme__"}
    for block in BLOCKS:
        if block.kind == "python":
            exec(compile("\n" * block.line + block.code, str(README), "exec", dont_inherit=True), names)  # noqa: S102
        elif block.kind == "pycon":
            example = doctest.DocTestParser().get_doctest(block.code, names, "README", str(README), block.line)
            doctest.DebugRunner(optionflags=doctest.ELLIPSIS).run(example, clear_globs=False)
            names = example.globs


def test_the_blocks_of_settings_are_read_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is used, and the servers are those of a document."""
    [toml], [servers] = ([block.code for block in BLOCKS if block.kind == kind] for kind in ("toml", "yaml"))
    (tmp_path / "spec").mkdir()
    document = yaml.safe_load((ROOT / "spec" / "odp-rest-v3.yaml").read_text(encoding="utf-8"))
    (tmp_path / "spec" / "odp.yaml").write_text(yaml.safe_dump({**document, **yaml.safe_load(servers)}))
    (tmp_path / "odp.toml").write_text(toml, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    public = {"publicApiKey": "public-au1.canary"}
    event = [{"type": "order", "action": "purchase"}]
    request = Api(environment="staging", credentials=public).prepare("sendEvents", event)
    assert (request.url, request.timeout[:2]) == ("https://api.eu1.odp.optimizely.com/v3/events", (5, 30))
    by_key = Api("spec/odp.yaml", credentials=public).prepare("sendEvents", event)
    assert by_key.url == "https://api.au1.odp.optimizely.com/v3/events"


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.kind == "console"], ids=lambda block: f"line {block.line}")
def test_console_blocks_run_without_a_complaint(block: Block, tmp_path: Path) -> None:
    commands = [line.removeprefix("$ ") for line in block.code.splitlines() if line.startswith("$ ")]
    assert commands
    script = f'odp() {{ "{sys.executable}" -m odp_dynamic "$@"; }}\nset -eo pipefail\n' + "\n".join(commands)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_the_pytest_block_passes_under_pytest(tmp_path: Path) -> None:
    tests = "\n".join(block.code for block in BLOCKS if block.kind == "python" and "def test_" in block.code)
    (tmp_path / "test_block.py").write_text(tests, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_the_two_commands_are_those_that_ci_runs() -> None:
    demo, tests = (block.code.strip() for block in BLOCKS if block.kind == "sh")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert f"\n{tests}\n" in script
    assert demo == "python -m pip install . && odp demo"
    assert "\nodp demo\n" in script
