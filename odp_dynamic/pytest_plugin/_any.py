"""A value that stands for every other."""

from __future__ import annotations

from typing import Any


class Anything:
    """Is the type of `ANY`, which is equal to everything: as an argument, or anywhere inside a body."""

    def __eq__(self, _: object) -> bool:
        return True

    def __ne__(self, _: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "ANY"

    def __reduce__(self) -> str:
        return "ANY"  # there is one, also after a copy


ANY: Any = Anything()


def has_any(value: Any) -> bool:
    """Tell whether ANY stands somewhere in a value."""
    if isinstance(value, dict):
        return any(map(has_any, value.values()))
    return any(map(has_any, value)) if isinstance(value, list | tuple) else value is ANY
