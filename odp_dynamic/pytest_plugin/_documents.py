"""The document that a test run is about, loaded once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .._api import Api
from .._document import Document
from .._settings import SPEC, is_bare_name, setting, without_none

if TYPE_CHECKING:
    import pytest


def spec_of(config: pytest.Config) -> str | None:
    """Return what ``--odp-spec`` names, else the ini's ``odp_spec``, else the environment; None is the bundled one.

    A path in the ini begins at the ini's folder, wherever pytest was called.
    """
    told: str | None = config.getoption("odp_spec", None)
    written: str = config.getini("odp_spec")
    return told or (_located(config, written) if written else setting(SPEC))


def overlays_of(config: pytest.Config) -> tuple[str, ...] | None:
    """Return what ``--odp-overlay`` names, else the ini's ``odp_overlays``; None is what `Api` lays by default."""
    told: list[str] | None = config.getoption("odp_overlay", None)
    written: list[str] = config.getini("odp_overlays")
    found = told or [name if is_bare_name(name) else _located(config, name) for name in written]
    return tuple(without_none(found)) if found else None


def document_of(config: pytest.Config) -> Document:
    """Return the document of a test run; raise SpecError where it cannot be used."""
    return document_at(spec_of(config), overlays_of(config))


@lru_cache(maxsize=8)
def document_at(spec: str | None, overlays: tuple[str, ...] | None = None) -> Document:
    """Return the document at a path or a URL; raise ValueError for one in which there is nothing to call."""
    operations = Api(spec, overlays=overlays).operations
    for name in operations:
        return operations[name].document
    raise ValueError(f"{spec} has no operation")


def _located(config: pytest.Config, written: str) -> str:
    if written.startswith(("http://", "https://")):
        return written
    return str((config.inipath.parent if config.inipath else config.rootpath) / Path(written))
