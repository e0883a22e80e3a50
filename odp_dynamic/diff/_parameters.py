"""What goes beside a body, before and after: parameters, and headers of answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._bind import Binder
from .._operations import Content, Parameter, RequestBody
from ._changes import Change, Level
from ._pairs import Pair, Part
from ._paths import renamed

Place = tuple[str, str]


def parameter_changes(pair: Pair) -> Iterator[Change]:
    """Yield which parameters are gone, new, elsewhere, or take other values."""
    old, new = _by_place(pair.old.parameters), _by_place(pair.new.parameters)
    names = renamed(pair.old.path, pair.new.path)
    became = _moved(old, new) | {("path", name): ("path", other) for name, other in names.items()}
    stayed = {before: new.get(became.get(place, place)) for place, before in old.items()}
    for before, after in stayed.items():
        yield from named_changes(pair.part(before.where, "request"), "parameter", before, after)
    for place, after in new.items():
        if place not in old and place not in became.values():
            yield from named_changes(pair.part(after.where, "request"), "parameter", None, after)
    if pair.is_called:
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
            yield _keyword_changed(pair, before, told, (before.pointer, after.pointer))
    for after in pair.new.parameters:
        if after.name in new.names and after.name in old.properties.keys() - old.names and after.name in new.properties:
            told = "has the name of a property of the body: a call's keyword is the parameter now, not the property"
            yield _keyword_changed(pair, after, told, (pair.old.pointer, after.pointer))


def _keyword_changed(pair: Pair, parameter: Parameter, told: str, places: tuple[str, str]) -> Change:
    return pair.part(parameter.where, "request").change("breaking", "parameter-keyword-changed", told, places)


def named_changes(part: Part, kind: str, before: Parameter | None, after: Parameter | None) -> Iterator[Change]:
    """Yield what becomes of a parameter, or of a header: which of them it is says `kind`."""
    if before is not None and after is not None:
        yield from _of_both(part, kind, before, after)
    elif before is not None:
        level, told = _gone(part, kind, before)
        yield part.change(level, f"{kind}-removed", told, (before.pointer, None))
    elif after is not None:
        is_needed = part.is_taken and after.required
        told = "is new, and required" if is_needed else "is new"
        yield part.change("breaking" if is_needed else "compatible", f"{kind}-added", told, (None, after.pointer))


def _gone(part: Part, kind: str, before: Parameter) -> tuple[Level, str]:
    if part.is_taken and kind == "parameter":
        return "breaking", "is gone: calls that give it are refused"
    if part.is_taken:
        return "compatible", "is not declared any more"  # a header that nobody reads does no harm
    return "breaking" if before.required else "maybe", "is not declared any more"


def _of_both(part: Part, kind: str, before: Parameter, after: Parameter) -> Iterator[Change]:
    places, is_called = (before.pointer, after.pointer), part.pair.is_called
    if before.location != after.location:
        level: Level = "maybe" if is_called or not (before.required or part.is_taken) else "breaking"
        told = "calls by its name follow" if is_called else f"no longer in {before.location}"
        told = f"is in {after.location} now{'; ' if is_called else ', '}{told}"
        yield part.change(level, f"{kind}-moved", told, places)
    elif _written(before) != _written(after):
        told = "is written otherwise (style, explode, allowReserved or content)"
        follows = "; this client follows by itself" if is_called and kind == "parameter" else ""
        yield part.change("maybe", f"{kind}-style-changed", told + follows, places)
    if before.location == "path" and before.name != after.name and is_called:
        told = f"is called {after.name} now: calls must give it by that name; addresses stay"
        yield part.change("breaking", f"{kind}-renamed", told, places)
    yield from needed(part, kind, before, after)
    if before.deprecated != after.deprecated:
        told = "is deprecated now: it works still" if after.deprecated else "is no longer deprecated"
        yield part.change("compatible", "deprecated-changed", told, places)
    yield from described(part, before, after)
    yield from part.values(before.schema, after.schema)


def needed(part: Part, kind: str, before: Parameter | RequestBody, after: Parameter | RequestBody) -> Iterator[Change]:
    """Yield whether a part must be there now, or may be missing: it harms whom it reaches."""
    if before.required == after.required:
        return
    rule = f"{kind}-required" if after.required else f"{kind}-optional"
    told = (
        ("is no longer required", "is required now") if part.is_taken else ("may be missing now", "is always there now")
    )
    level: Level = "breaking" if after.required == part.is_taken else "compatible"
    yield part.change(level, rule, told[after.required], (before.pointer, after.pointer))


def described(part: Part, before: Content | Parameter, after: Content | Parameter) -> Iterator[Change]:
    """Yield whether people read otherwise of a part."""
    if before.description != after.description:
        yield part.change("docs", "description-changed", "its description is another", (before.pointer, after.pointer))


def _written(parameter: Parameter) -> tuple[Any, ...]:
    return parameter.style, parameter.explode, parameter.allow_reserved, parameter.media_type
