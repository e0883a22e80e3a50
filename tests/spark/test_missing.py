"""Where Spark is not installed, what to install is said."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("missing", ["pyspark", "pyspark.sql.datasource"], ids=["none", "PySpark 3"])
def test_who_has_no_pyspark_is_told_what_to_install(missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; import odp_dynamic.spark"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: odp_dynamic.spark needs PySpark 4.0 or newer")
    assert last.endswith("pip install 'odp-dynamic[spark]'")
