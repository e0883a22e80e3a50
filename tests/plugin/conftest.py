"""Runs of pytest inside a test.

They share this process, for a process of their own takes half a second each. What they import is forgotten after them,
so that all of the package is imported, and used once, before the first of them: else its classes would be there twice.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest

import odp_dynamic
from odp_dynamic.pytest_plugin._documents import document_at
from odp_dynamic.sandbox import Sandbox

# What else is installed here is no part of these runs; Hypothesis would be imported anew for each.
ALONE = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:pytest_cov", "-W", "error")
Run = Callable[..., pytest.RunResult]
ADA = {"type": "order", "action": "purchase", "identifiers": {"email": "ada@example.com"}}


@pytest.fixture(scope="session", autouse=True)
def _everything_imported() -> None:
    for module in pkgutil.walk_packages(odp_dynamic.__path__, "odp_dynamic."):
        if not module.name.endswith(("__main__", ".spark")):
            importlib.import_module(module.name)
    with Sandbox(document=document_at(None)) as sandbox, sandbox.api(retry=None) as api:
        api.call("listSegments")
        assert api.schemas["EventInput"].problems({})


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Return what runs a test file, with options; warnings are errors."""

    def run(source: str, *options: str, **files: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        for name, text in files.items():
            pytester.path.joinpath(name.replace("__", ".")).write_text(text, encoding="utf-8")
        return pytester.runpytest_inprocess(*ALONE, *options)

    return run


@pytest.fixture
def small_document(tmp_path: Path) -> str:
    """Return the path of another document, with one operation."""
    path = tmp_path / "small.json"
    path.write_text(SMALL, encoding="utf-8")
    return str(path)


SMALL = """{"openapi": "3.1.0", "info": {"title": "Small", "version": "1"}, "servers": [{"url": "https://small.test"}],
 "paths": {"/things/{id}": {"get": {"operationId": "getThing",
  "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
  "responses": {"200": {"description": "it", "content": {"application/json": {"schema": {
   "type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}}}}}
 }}}}"""
