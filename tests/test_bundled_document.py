"""The document that comes with the package is the user's, with line breaks and indentation and nothing else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_core import OpenAPI

from odp_dynamic._document import bundled, load

FLAT = Path(__file__).parent.parent.parent / "shared" / "seed" / "odp-openapi.flat.txt"
LENGTH = 12180
DIGEST = "ee1561152ee842ccceffced28f0b343b8352a2adaf14ee5e3637bfd9223a55a4"
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def operations(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in root["paths"].values():
        yield from (operation for method, operation in item.items() if method in METHODS)


def test_without_its_white_space_it_is_the_flat_text() -> None:
    flat = re.sub(r"\s+", " ", bundled().read_text(encoding="utf-8")).strip().encode()
    assert len(flat) == LENGTH
    assert hashlib.sha256(flat).hexdigest() == DIGEST
    if FLAT.exists():
        assert flat == FLAT.read_bytes()


def test_it_is_valid_openapi() -> None:
    assert str(OpenAPI.from_path(bundled()).version) == "OpenAPIV3.1"


def test_it_has_what_the_user_wrote() -> None:
    loaded = load(bundled())
    components = loaded.root["components"]
    assert loaded.version == "3.1.0"
    assert len({operation["operationId"] for operation in operations(loaded.root)}) == 10
    assert [len(components[kind]) for kind in ("parameters", "securitySchemes", "schemas")] == [4, 2, 10]
    assert "x-documents" not in loaded.root


def test_other_documents_are_looked_for_in_the_same_place() -> None:
    assert bundled("other.yaml").parent == bundled().parent
