"""The recording of one test: its file, its mode, and what it leaves unmasked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .._api import Api
from ._documents import document_of
from ._recordings import recorded_api, recorder

_FOLDER = "recordings"


@contextmanager
def recording_of(item: pytest.Item, settings: Mapping[str, Any]) -> Iterator[Api]:
    """Yield the client of a test's recording, which is written when the test is over."""
    marker = item.get_closest_marker("odp_recording")
    told = dict(marker.kwargs) if marker else {}
    document = document_of(item.config)
    keep = [*item.config.getini("odp_record_keep"), *told.get("keep", ())]
    transport = recorder(
        settings.get("transport"),
        item.path.parent / (told.get("path") or _path(item)),
        mode=item.config.getoption("odp_record"),
        document=document,
        keep=keep,
    )
    with recorded_api(transport, document, settings) as api:
        yield api


def _path(item: pytest.Item) -> Path:
    """Return ``recordings/MODULE/TEST.yaml``."""
    name = re.sub(r"[^\w\[\].-]+", "_", item.nodeid.partition("::")[2].replace("::", "."))
    return Path(_FOLDER, item.path.stem, f"{name}.yaml")
