"""What it costs to have the plugin and not to use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FEW = {"odp_dynamic", "odp_dynamic.pytest_plugin"}


def told_by(code: str) -> list[str]:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # ours
    told: list[str] = json.loads(ran.stdout.splitlines()[-1])
    return told


def test_importing_the_plugin_imports_nothing_else() -> None:
    code = (
        "import json, sys, pytest\nbefore = set(sys.modules)\nimport odp_dynamic.pytest_plugin\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    assert set(told_by(code)) == FEW


def test_a_run_that_uses_no_fixture_imports_nothing_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    code = (
        f"import json, sys, pytest\nassert pytest.main(['-q', '-p', 'no:cacheprovider', {str(tmp_path)!r}]) == 0\n"
        "print(json.dumps([name for name in sys.modules if name.partition('.')[0] == 'odp_dynamic']))"
    )
    assert set(told_by(code)) == FEW


def test_the_plugin_takes_two_milliseconds_at_most() -> None:
    """Of a run that never uses it: of the processor's time, for the machine has other things to do too."""
    code = (
        "import json, time, pytest\nbegin = time.process_time()\nimport odp_dynamic.pytest_plugin\n"
        "print(json.dumps([str(1000 * (time.process_time() - begin))]))"
    )
    assert min(float(told_by(code)[0]) for _ in range(7)) <= 2


def test_the_names_are_there() -> None:
    from odp_dynamic import pytest_plugin

    for name in [
        "ANY",
        "InvalidStub",
        "StaleRecording",
        "Stubs",
        "Unmaskable",
        "Unrecorded",
        "Unscripted",
        "assert_valid",
        "recorder",
    ]:
        assert getattr(pytest_plugin, name) is not None
    assert not hasattr(pytest_plugin, "pytest_plugins")
