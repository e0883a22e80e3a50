"""The README is kept: each of its code blocks runs, in order, and its commands are what CI runs."""

from __future__ import annotations

import doctest
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from odp_dynamic import Api
from odp_dynamic.sandbox import Sandbox

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


def needs_spark(block: Block) -> bool:
    """Tell whether a block is for who has Spark, and runs in a process of its own."""
    return "import SparkSession" in block.code


def test_every_block_is_of_a_kind_that_is_run() -> None:
    assert {block.kind for block in BLOCKS} - SPOKEN - SETTINGS == {"python", "pycon", "console", "sh"}


def test_python_blocks_run_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {"__name__": "__readme__"}
    for block in BLOCKS:
        if block.kind == "python" and not needs_spark(block):
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


def test_the_block_of_spark_stores_rows_with_the_keys_of_a_named_environment(tmp_path: Path) -> None:
    """The workers find the environment's file, and the key in the variable that it names."""
    pytest.importorskip("pyspark.sql.datasource", reason="PySpark 4 is not installed: pip install 'odp-dynamic[spark]'")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("Spark needs Java 17, and there is none")
    [block] = [block for block in BLOCKS if needs_spark(block)]
    event = {"type": "order", "action": "purchase", "identifiers": {"email": "ada@example.com"}, "data": {"total": 5}}
    (tmp_path / "orders.jsonl").write_text(f"{json.dumps(event)}\n{json.dumps({**event, 'type': None})}\n")
    with Sandbox(tmp_path / "odp.db", public_key="canary-of-spark") as sandbox, sandbox.serve() as served:
        (tmp_path / "odp.toml").write_text(
            f'[env.staging]\nbase_url = "{served.url}"\ncredentials.publicApiKey = {{ env = "STAGING_KEY" }}\n'
        )
        settings = {"ODP_ENV": "staging", "STAGING_KEY": "canary-of-spark", "PYTHONPATH": str(ROOT)}
        local = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
        done = subprocess.run(
            [sys.executable, "-c", block.code],
            cwd=tmp_path,
            env={**os.environ, **settings, **local},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert [entry.verdict for entry in sandbox.journal] == ["accepted"]
    report = json.loads((tmp_path / "report.jsonl").read_text(encoding="utf-8"))
    assert (report["acknowledged"], report["rejected"]) == (1, 1)
    [rejects] = (tmp_path / "rejects").iterdir()
    assert json.loads(rejects.read_text(encoding="utf-8"))["row"]["identifiers"] == event["identifiers"]


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
