"""Path templates: which of them the same URL matches, and whether they say what their parameters say.

Source: OpenAPI 3.1.1, 4.8.2 (path templating) and 4.8.8 (Paths Object, path templating matching).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._operations import METHODS
from .._pointers import join
from .._templates import Template
from ..errors import closest
from ._census import Census
from ._findings import Finding

_ANY = Template.of("{name}").form
_MOST = 1000  # clashes that are told


def findings(census: Census) -> Iterator[Finding]:
    """Yield clashing templates, and path parameters that are declared or written in one place only."""
    paths = {path: item for path, item in (census.document.root.get("paths") or {}).items() if path.startswith("/")}
    yield from _clashes(census, paths)
    for path in paths:
        yield from _parameters(census, path)


def _parameters(census: Census, path: str) -> Iterator[Finding]:
    document = census.document
    item, pointer = document.resolve(join("/paths", path))
    names = Template.of(path).names
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Finding("error", "path-parameter", join("/paths", path), f"the path has {{{name}}} twice; rename one")
    shared = list(_declared(census, item, pointer))
    used: set[str] = set()
    operations = {method: item[method] for method in METHODS if method in item}
    for method, operation in operations.items():
        own = list(_declared(census, operation, join(pointer, method)))
        declared = {name for name, _ in (*shared, *own)}
        for name in dict.fromkeys(names):
            if name not in declared:
                told = f"the path has {{{name}}}, and no parameter declares it; add one with in: path"
                yield Finding("error", "path-parameter", join(pointer, method), told)
        yield from _strange(own, names)
        used |= declared
    yield from _strange(shared, names) if operations else ()


def _declared(census: Census, node: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the path parameters that a path item or an operation declares, with the places where it lists them."""
    for number in range(len(node.get("parameters") or ())):
        place = join(pointer, "parameters", number)
        parameter, _ = census.document.resolve(place)
        if parameter["in"] == "path":
            yield parameter["name"], place


def _strange(declared: list[tuple[str, str]], names: list[str]) -> Iterator[Finding]:
    for name, place in declared:
        if name not in names:
            near = closest(name, names)
            hint = f"; is {{{near}}} meant to be it?" if near else f"; write {{{name}}} into the path, or remove it"
            yield Finding("error", "path-parameter", place, f"the path has no {{{name}}}{hint}")


def _clashes(census: Census, paths: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield templates that are one but for their names, and those of which neither is the more concrete one."""
    first: dict[tuple[str, ...], str] = {}
    for path in paths:
        shape = tuple(Template.of(path).form.split("/")[1:])
        other = first.setdefault(shape, path)
        if other != path:
            told = f"differs from {other} in the names of its parameters alone: the same URL is both; merge them"
            yield Finding("error", "clashing-paths", join("/paths", path), told)
    methods = {shape: _methods(census, path) for shape, path in first.items()}
    told_of = 0
    for one, another in _ambiguous(list(first)):
        if methods[one] & methods[another]:
            told = f"a URL may match this and {first[one]}, of which neither is the more concrete: rename a segment"
            yield Finding("warning", "ambiguous-paths", join("/paths", first[another]), told)
            told_of += 1
            if told_of == _MOST:
                return


def _methods(census: Census, path: str) -> set[str]:
    return {method for method in METHODS if method in census.document.resolve(join("/paths", path))[0]}


def _ambiguous(shapes: list[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield pairs of which each has a segment of its own where the other takes any: ``/{a}/me`` and ``/books/{b}``."""
    by_length: dict[int, list[tuple[str, ...]]] = {}
    for shape in shapes:
        if _ANY in shape and any(segment != _ANY for segment in shape):
            by_length.setdefault(len(shape), []).append(shape)
    for group in by_length.values():
        yield from _pairs(group)


def _pairs(group: list[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    # The words of each place: only templates that have the same word there, or take any, have a URL in common.
    words: list[dict[str, set[int]]] = [{} for _ in group[0]]
    for number, shape in enumerate(group):
        for place, segment in zip(words, shape, strict=True):
            place.setdefault(segment, set()).add(number)
    for number, shape in enumerate(group):
        fitting = set(range(number))
        for place, segment in zip(words, shape, strict=True):
            if segment != _ANY:
                fitting &= place[segment] | place.get(_ANY, set())
        for other in sorted(fitting):
            there = group[other]
            if _is_freer(shape, there) and _is_freer(there, shape):
                yield there, shape


def _is_freer(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return any(mine == _ANY != theirs for mine, theirs in zip(one, other, strict=True))
