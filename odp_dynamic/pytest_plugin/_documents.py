"""The document that a test run is about, loaded once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .._api import Api
from .._document import Document
from .._settings import SPEC, setting

if TYPE_CHECKING:
    import pytest


def spec_of(config: pytest.Config) -> str | None:
    """Return what ``--odp-spec`` names, else the ini's ``odp_spec``, else the environment; None is the bundled one.

    A path in the ini begins at the ini's folder, wherever pytest was called.
    """
    told: str | None = config.getoption("odp_spec", None)
    written: str = config.getini("odp_spec")
    if told or not written:
        return told or setting(SPEC)
    if written.startswith(("http://", "https://")):
        return written
    return str((config.inipath.parent if config.inipath else config.rootpath) / Path(written))


def document_of(config: pytest.Config) -> Document:
    """Return the document of a test run; raise SpecError where it cannot be used."""
    return document_at(spec_of(config))


@lru_cache(maxsize=8)
def document_at(spec: str | None) -> Document:
    """Return the document at a path or a URL; raise ValueError for one in which there is nothing to call."""
    operations = Api(spec).operations
    for name in operations:
        return operations[name].document
    raise ValueError(f"{spec} has no operation")
