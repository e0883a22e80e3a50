"""Where a value is another than the one that was expected, told so that a person sees it at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._pointers import join
from ._any import ANY

_LONGEST = 60


def differences(expected: Any, actual: Any, pointer: str = "", *, partial: bool = False) -> Iterator[str]:
    """Yield a phrase for each place at which two JSON values differ; ANY differs from nothing.

    `partial` lets `actual` have more members at the top than are expected.
    """
    if expected is ANY:
        return
    if isinstance(expected, dict) and isinstance(actual, dict):
        yield from _members(expected, actual, pointer, partial=partial)
    elif isinstance(expected, list) and isinstance(actual, list):
        for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
            yield from differences(one, other, join(pointer, index))
        if len(expected) != len(actual):
            yield f"{_at(pointer)}has {len(actual)} items, not {len(expected)}"
    elif expected != actual or isinstance(expected, bool) != isinstance(actual, bool):
        yield f"{_at(pointer)}is {_brief(actual)}, not {_brief(expected)}"


def _members(expected: dict[str, Any], actual: dict[str, Any], pointer: str, *, partial: bool) -> Iterator[str]:
    for name, value in expected.items():
        if name not in actual:
            yield f"{_at(join(pointer, name))}is missing"
        else:
            yield from differences(value, actual[name], join(pointer, name))
    if not partial:
        yield from (f"{_at(join(pointer, name))}is not expected" for name in actual if name not in expected)


def _at(pointer: str) -> str:
    return f"{pointer} " if pointer else ""


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
