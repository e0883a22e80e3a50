"""The copying of what a caller gives as a document, so that neither side sees what the other does to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._pointers import join
from ..errors import SpecError
from ._limits import MAX_DEPTH, MAX_REPEATED

_PLAIN = {str, int, float, bool, type(None)}


class _Place(NamedTuple):
    """Is a collection that is being copied, and the way to it."""

    original: Any
    copy: Any
    depth: int
    outer: _Place | None
    name: str | int

    def way(self) -> Iterator[_Place]:
        place: _Place | None = self
        while place is not None:
            yield place
            place = place.outer

    def pointer(self, *more: str | int) -> str:
        names = [place.name for place in self.way() if place.outer is not None]
        return join("", *reversed(names), *more)


def copied(document: Mapping[Any, Any], source: str) -> dict[str, Any]:
    """Return a copy made of dict, list, str, int, float, bool and None.

    Tuples become lists, and keys strings; dates, which YAML 1.1 readers make of strings, become strings again. Raises
    SpecError for a collection that holds itself and for values that JSON has no form for.
    """
    root: dict[str, Any] = {}
    waiting = [_Place(document, root, 0, None, "")]
    originals: dict[int, Any] = {}
    repeated = 0
    while waiting:
        place = waiting.pop()
        _check_depth(place, source)
        repeated += originals.setdefault(id(place.original), place) is not place
        if repeated > MAX_REPEATED:
            raise SpecError("the same collections stand in too many places; use a $ref", place.pointer(), source)
        for name, value in _entries(place, source):
            if type(value) not in _PLAIN:
                value = _plain(value, place, name, source)  # noqa: PLW2901  # the loop is about what the copy gets
            if isinstance(value, _Place):
                waiting.append(value)
                value = value.copy  # noqa: PLW2901
            if isinstance(place.copy, dict):
                place.copy[name] = value
            else:
                place.copy.append(value)
    return root


def _check_depth(place: _Place, source: str) -> None:
    if place.depth <= MAX_DEPTH:
        return
    originals = [id(outer.original) for outer in place.way()]
    if len(set(originals)) < len(originals):
        raise SpecError("a collection holds itself; use a $ref for recursion", source=source)
    raise SpecError(f"nested more than {MAX_DEPTH} levels deep; move the inner parts to components", source=source)


def _entries(place: _Place, source: str) -> Iterator[tuple[Any, Any]]:
    if not isinstance(place.copy, dict):
        yield from enumerate(place.original)
        return
    for key, value in place.original.items():
        name = key if type(key) is str else _key(key)
        if name in place.copy:
            raise SpecError(f"two keys are {name!r} as strings; remove one", place.pointer(name), source)
        yield name, value


def _key(key: object) -> str:
    if isinstance(key, bool):
        return str(key).lower()
    if isinstance(key, str):
        return str.__str__(key)  # the content of an enum's member, not its name
    return "null" if key is None else str(key)


def _plain(value: Any, place: _Place, name: str | int, source: str) -> Any:
    """Return what stands for a value in the copy: a plain value, or a place whose content is still to be copied."""
    if type(value) is dict or isinstance(value, Mapping):
        return _Place(value, {}, place.depth + 1, place, name)
    for kind in (str, int, float):
        if isinstance(value, kind):  # numpy's, ruamel's and enum's values are subclasses
            return kind.__str__(value) if kind is str else kind(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return _Place(value, [], place.depth + 1, place, name)
    return _number_or_date(value, place.pointer(name), source)


def _number_or_date(value: Any, pointer: str, source: str) -> float | str:
    from datetime import date, time  # rare, and not free to import
    from decimal import Decimal

    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise SpecError(f"a {type(value).__name__} has no form in JSON; convert it", pointer, source)
