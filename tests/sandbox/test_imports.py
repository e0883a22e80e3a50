"""What is imported when."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = "requests", "openapi_core", "werkzeug", "jsonschema"


def imported_by(code: str) -> set[str]:
    told = f"import sys; {code}; print(*(name for name in {HEAVY} if name in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)  # ours
    return set(ran.stdout.split())


@pytest.mark.parametrize("name", ["odp_dynamic.sandbox", "odp_dynamic._examples"])
def test_a_module_that_is_only_imported_is_light(name: str) -> None:
    assert imported_by(f"import {name}") == set()
