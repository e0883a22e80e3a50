"""What an operation takes beside its body, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._bind import Binder
from .._operations import Parameter
from ._changes import Change, Level
from ._pairs import Pair
from ._paths import renamed

Place = tuple[str, str]


def parameter_changes(pair: Pair) -> Iterator[Change]:
    """Yield which parameters are gone, new, elsewhere, or take other values."""
    old, new = _by_place(pair.old.parameters), _by_place(pair.new.parameters)
    names = renamed(pair.old.path, pair.new.path)
    became = _moved(old, new) | {("path", name): ("path", other) for name, other in names.items()}
    stayed = {before: new.get(became.get(place, place)) for place, before in old.items()}
    for before, after in stayed.items():
        if after is None:
            told = "is gone: calls that give it are refused"
            yield pair.change("breaking", "parameter-removed", before.where, told, (before.pointer, None))
        else:
            yield from _of_both(pair, before, after)
    for place, after in new.items():
        if place not in old and place not in became.values():
            told = "is new, and required" if after.required else "is new"
            level: Level = "breaking" if after.required else "compatible"
            yield pair.change(level, "parameter-added", after.where, told, (None, after.pointer))
    yield from _keyword_changes(pair, stayed)


def _by_place(parameters: Iterable[Parameter]) -> Mapping[Place, Parameter]:
    """Return parameters by where they are; the names of headers are the same in any case."""
    return {(p.location, p.name.lower() if p.location == "header" else p.name): p for p in parameters}


def _moved(old: Mapping[Place, Parameter], new: Mapping[Place, Parameter]) -> dict[Place, Place]:
    """Return where parameters went that are elsewhere now under the same name."""
    moved = {}
    for place in old:
        others = [other for other in new if other[1] == place[1] and other not in old]
        if place not in new and len(others) == 1:
            moved[place] = others[0]
    return moved


def _keyword_changes(pair: Pair, stayed: Mapping[Parameter, Parameter | None]) -> Iterator[Change]:
    """Yield the keywords of calls that bring their value elsewhere now, or nowhere, because a parameter took the name.

    Where a parameter left for the same name in another place, the keyword is meant to follow it.
    """
    if {p.where for p in pair.new.parameters} <= {p.where for p in pair.old.parameters}:
        return
    old, new = Binder(pair.old), Binder(pair.new)
    for before, key in zip(pair.old.parameters, old.names, strict=True):
        after = stayed.get(before)
        if after is not None and key == before.name == after.name and after.name not in new.names:
            told = f"shares its name with another parameter now: calls must say {after.where!r}; addresses stay"
            yield pair.change(
                "breaking", "parameter-keyword-changed", before.where, told, (before.pointer, after.pointer)
            )
    for after in pair.new.parameters:
        if after.name in new.names and after.name in old.properties.keys() - old.names and after.name in new.properties:
            told = "has the name of a property of the body: a call's keyword is the parameter now, not the property"
            yield pair.change(
                "breaking", "parameter-keyword-changed", after.where, told, (pair.old.pointer, after.pointer)
            )


def _of_both(pair: Pair, before: Parameter, after: Parameter) -> Iterator[Change]:
    where, places = before.where, (before.pointer, after.pointer)
    if before.location != after.location:
        told = f"is in {after.location} now; calls by its name follow"
        yield pair.change("maybe", "parameter-moved", where, told, places)
    elif _written(before) != _written(after):
        told = "is written otherwise (style, explode, allowReserved or content); this client follows by itself"
        yield pair.change("maybe", "parameter-style-changed", where, told, places)
    if before.location == "path" and before.name != after.name:
        told = f"is called {after.name} now: calls must give it by that name; addresses stay"
        yield pair.change("breaking", "parameter-renamed", where, told, places)
    if after.required and not before.required:
        yield pair.change("breaking", "parameter-required", where, "is required now", places)
    if before.required and not after.required:
        yield pair.change("compatible", "parameter-optional", where, "is no longer required", places)
    if before.deprecated != after.deprecated:
        told = "is deprecated now: it works still" if after.deprecated else "is no longer deprecated"
        yield pair.change("compatible", "deprecated-changed", where, told, places)
    if before.description != after.description:
        yield pair.change("docs", "description-changed", where, "its description is another", places)
    yield from pair.values("request", where, before.schema, after.schema)


def _written(parameter: Parameter) -> tuple[Any, ...]:
    return parameter.style, parameter.explode, parameter.allow_reserved, parameter.media_type
