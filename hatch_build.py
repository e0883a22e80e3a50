"""Puts the bundled document into the wheel a second time, parsed and with its overlay: as JSON it needs no reader."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ParsedDocument(BuildHookInterface):  # type: ignore[type-arg]  # its builder's configuration is not used
    """Parses the document with the package's own reader, whose rules for YAML are the ones that count."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the parsed document to a wheel; an editable install reads the YAML, for it may change."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root))
        from odp_dynamic._layers import bundled_raw

        raw, origin = bundled_raw()
        parsed = Path(mkdtemp()) / Path(origin.name).with_suffix(".json").name
        parsed.write_text(json.dumps(raw, ensure_ascii=False), encoding="utf-8")
        build_data["force_include"][str(parsed)] = f"odp_dynamic/_spec/{parsed.name}"
