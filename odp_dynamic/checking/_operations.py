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
    yield from _ids(census)
    for pointer, operation in census.operations.items():
        answers = operation.get("responses")
        if not any(status.startswith(_SUCCESS) for status in answers or ()):
            told = "no answer is declared for success: every good one will be undeclared; add '200', or 'default'"
            yield Finding("warning", "no-success-response", join(pointer, "responses") if answers else pointer, told)
    for place in census.of("operation", "path item"):
        yield from _twice_declared(census, place)
    yield from _tags(census)
    yield from _links(census)


def _ids(census: Census) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for pointer, operation in census.operations.items():
        name = operation.get("operationId")
        if name is None:
            told = "without an operationId it is called by its method and path; add one, for a name that stays"
            yield Finding("note", "missing-operation-id", pointer, told)
        elif first.setdefault(name.casefold(), name) != name:
            other = first[name.casefold()]
            told = f"{name!r} differs from {other!r} in case alone, which is easily mistaken; rename one"
            yield Finding("warning", "ids-differ-only-in-case", join(pointer, "operationId"), told)


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


def _tags(census: Census) -> Iterator[Finding]:
    declared: dict[str, int] = {}
    for number, tag in enumerate(census.document.root.get("tags") or ()):
        name = tag.get("name")
        if isinstance(name, str) and declared.setdefault(name, number) != number:
            told = f"the tag {name!r} is declared at /tags/{declared[name]}, too; remove one"
            yield Finding("error", "duplicate-tag", join("/tags", number), told)
    for pointer, operation in census.operations.items() if declared else ():
        for number, name in enumerate(operation.get("tags") or ()):
            if name not in declared:
                near = closest(name, declared)
                hint = f"; did you mean {near!r}?" if near else "; add it"
                told = f"the document declares tags, and not {name!r}{hint}"
                yield Finding("note", "undeclared-tag", join(pointer, "tags", number), told)


def _links(census: Census) -> Iterator[Finding]:
    names = {place.node.get("operationId") for place in census.of("operation")} - {None}
    for place in census.of("link"):
        name = place.node.get("operationId")
        if isinstance(name, str) and name not in names:
            near = closest(name, names)
            hint = f"; did you mean {near!r}?" if near else "; correct it"
            told = f"the link {last_of(place.pointer)!r} leads to {name!r}, which no operation is called{hint}"
            yield Finding("error", "dangling-link", join(place.pointer, "operationId"), told)
