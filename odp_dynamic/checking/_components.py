"""Components that nothing leads to from the operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._pointers import join
from ..errors import closest
from ._census import Census, targets_of
from ._findings import Finding

_SCHEMES = "securitySchemes"


def findings(census: Census) -> Iterator[Finding]:
    """Yield the components that nothing reaches, and the names in discriminators that lead nowhere."""
    root = census.document.root
    if root.get("paths") or root.get("webhooks"):  # what has neither is a library, for other documents to refer to
        yield from _unreached(census, root.get("components", {}))
    for place in census.of("schema"):
        yield from _dangling(census, place.node, place.pointer)


def _unreached(census: Census, components: dict[str, Any]) -> Iterator[Finding]:
    for section, named in components.items():
        for name in named if isinstance(named, dict) and not section.startswith("x-") else ():
            pointer = join("/components", section, name)
            if pointer in census.reached:
                continue
            if section == _SCHEMES:
                told = "no operation, nor the document, asks for it under 'security', so that no call is signed by it"
                yield Finding("warning", "unused-security-scheme", pointer, f"{told}; ask for it, or remove it")
            else:
                also = "only what no operation reaches refers to it" if pointer in census.referred else _NOBODY
                yield Finding("warning", "unreachable-component", pointer, f"{also}; refer to it, or remove it")


_NOBODY = "nothing refers to it"


def _dangling(census: Census, schema: Any, pointer: str) -> Iterator[Finding]:
    discriminator = schema.get("discriminator") if isinstance(schema, dict) else None
    schemas = census.document.root.get("components", {}).get("schemas") or {}
    for value, target in targets_of(discriminator).items():
        if not census.document.stands(target):
            near = closest(target.rpartition("/")[2], schemas)
            hint = f"; did you mean {near!r}?" if near else "; add it, or correct the mapping"
            told = f"nothing stands at {target}{hint}"
            yield Finding("error", "dangling-mapping", join(pointer, "discriminator", "mapping", value), told)
