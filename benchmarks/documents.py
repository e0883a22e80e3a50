"""A large document: how long until its first call is ready, against the time that reading its YAML alone takes."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measure import Row, in_turn, ratio_row, seconds
from odp_dynamic import Api

SPEC = Path(__file__).parent.parent / "spec" / "odp-rest-v3.yaml"
SIZE = 2_500_000
_WITHOUT_ITS_HEAD = 0.83  # what each repetition adds, of the length of the whole


def large_document() -> str:
    """Return the bundled document, its operations and schemas repeated under other names up to 2.5 MB of YAML."""
    document = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    one = yaml.safe_dump(document, sort_keys=False)
    paths, schemas = document["paths"], document["components"]["schemas"]
    large = copy.deepcopy(document)
    for n in range(int(SIZE / len(one) / _WITHOUT_ITS_HEAD)):
        names = {f"#/components/schemas/{name}": f"#/components/schemas/{name}{n}" for name in schemas}
        large["components"]["schemas"] |= {f"{name}{n}": _renamed(schema, names) for name, schema in schemas.items()}
        for path, item in _renamed(paths, names).items():
            for operation in item.values():
                operation["operationId"] += str(n)
            large["paths"][f"/{n}{path}"] = item
    return yaml.safe_dump(large, sort_keys=False)


def _renamed(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _renamed(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [_renamed(value, names) for value in node]
    return names.get(node, node) if isinstance(node, str) else node


def rows() -> list[Row]:
    """Measure the way from a path to a prepared request."""
    text = large_document()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.yaml"
        path.write_text(text, encoding="utf-8")

        def ready() -> None:
            api = Api(path, credentials={"privateApiKey": "k"})
            api.prepare("getProfile50", identifier_field="email", identifier_value="ada@example.com")

        def loaded() -> None:
            yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)  # it is a safe loader

        measured = in_turn(lambda: seconds(ready, 1), lambda: seconds(loaded, 1), 5)
    size = f"{len(text) / 1e6:.1f} MB"
    return [ratio_row(f"{size} of YAML ready for its first call / `CSafeLoader`", measured, 0.25)]
