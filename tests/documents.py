"""Small OpenAPI documents, for the tests of the floor that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from odp_dynamic._document import Document


def document(version: str = "3.1.0", /, **more: Any) -> dict[str, Any]:
    return {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {}, **more}


def with_schemas(version: str = "3.1.0", /, **schemas: Any) -> dict[str, Any]:
    return document(version, components={"schemas": schemas})


def schema(loaded: Document, name: str) -> Any:
    return loaded.root["components"]["schemas"][name]


def write(folder: Path, **files: Any) -> Path:
    """Write `main` and other documents as YAML; ``__`` in a name stands for a folder. Return the path of `main`."""
    for name, content in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return folder / "main.yaml"


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)
