"""Operations: their ids, what they declare as answers, their parameters and their tags."""

from __future__ import annotations

from collections.abc import Iterator

from .._pointers import join
from ..errors import closest
from ._census import Census, Place, last_of
from ._findings import Finding

_SUCCESS = ("1", "2", "3", "default")


def findings(census: Census) -> Iterator[Finding]:
    """Yield what is wrong with ids, answers, parameters and tags."""
    operations = [place for place in census.of("operation") if not _is_of_callback(place)]
    yield from _ids(operations)
    for place in operations:
        if not any(status.startswith(_SUCCESS) for status in place.node.get("responses") or ()):
            told = "no answer is declared for success: every good one will be undeclared; add '200', or 'default'"
            pointer = join(place.pointer, "responses") if place.node.get("responses") else place.pointer
            yield Finding("warning", "no-success-response", pointer, told)
    for place in census.of("operation", "path item"):
        yield from _twice_declared(census, place)
    yield from _tags(census, operations)
    yield from _links(census, operations)


def _is_of_callback(place: Place) -> bool:
    return not place.pointer.startswith("/paths/") or "/callbacks/" in place.pointer


def _ids(operations: list[Place]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for place in operations:
        name = place.node.get("operationId")
        if name is None:
            told = "without an operationId it is called by its method and path; add one, for a name that stays"
            yield Finding("note", "missing-operation-id", place.pointer, told)
        elif first.setdefault(name.casefold(), name) != name:
            other = first[name.casefold()]
            told = f"{name!r} differs from {other!r} in case alone, which is easily mistaken; rename one"
            yield Finding("warning", "ids-differ-only-in-case", join(place.pointer, "operationId"), told)


def _twice_declared(census: Census, place: Place) -> Iterator[Finding]:
    met: dict[tuple[str, str], str] = {}
    for number in range(len(place.node.get("parameters") or ())):
        pointer = join(place.pointer, "parameters", number)
        parameter, _ = census.document.resolve(pointer)
        name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
        other = met.setdefault((name, parameter["in"]), pointer)
        if other != pointer:
            told = f"{parameter['in']} parameter {parameter['name']!r} is declared at {other}, too; remove one"
            yield Finding("error", "duplicate-parameter", pointer, told)


def _tags(census: Census, operations: list[Place]) -> Iterator[Finding]:
    declared: dict[str, int] = {}
    for number, tag in enumerate(census.document.root.get("tags") or ()):
        name = tag.get("name")
        if isinstance(name, str) and declared.setdefault(name, number) != number:
            told = f"the tag {name!r} is declared at /tags/{declared[name]}, too; remove one"
            yield Finding("error", "duplicate-tag", join("/tags", number), told)
    for place in operations if declared else ():
        for number, name in enumerate(place.node.get("tags") or ()):
            if name not in declared:
                near = closest(name, declared)
                hint = f"; did you mean {near!r}?" if near else "; add it"
                told = f"the document declares tags, and not {name!r}{hint}"
                yield Finding("note", "undeclared-tag", join(place.pointer, "tags", number), told)


def _links(census: Census, operations: list[Place]) -> Iterator[Finding]:
    names = {place.node.get("operationId") for place in operations} - {None}
    for place in census.of("link"):
        name = place.node.get("operationId")
        if isinstance(name, str) and name not in names:
            near = closest(name, names)
            hint = f"; did you mean {near!r}?" if near else "; correct it"
            told = f"the link {last_of(place.pointer)!r} leads to {name!r}, which no operation is called{hint}"
            yield Finding("error", "dangling-link", join(place.pointer, "operationId"), told)
