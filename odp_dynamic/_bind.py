"""Arguments of a call, each brought to its place in the request; and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cached_property
from typing import Any, Final, NamedTuple

from ._operations import MediaType, Operation, Parameter
from ._plain import is_binary
from ._pointers import join
from ._values import Problem
from .errors import closest


class Unset(Enum):
    """Is the type of `UNSET`, which stands for a body that was not given, for None is a body: JSON's null."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET


class Bound(NamedTuple):
    """Is a call's arguments in their places: `values` beside the operation's parameters (None: not given).

    `body` is UNSET where there is none; `strays` are the names that belong nowhere.
    """

    values: list[Any]
    body: Any
    strays: tuple[str, ...]


class _Exploded(NamedTuple):
    """Is a parameter whose members are parameters on the wire: those that it names, and, where `free`, any."""

    parameter: Parameter
    names: dict[str, None]
    free: bool

    def takes(self, name: str) -> bool:
        return self.free or name in self.names


class Binder:
    """Brings arguments to their places, by rules worked out once for its operation.

    A name is a parameter's; told apart as ``"query.id"`` where two places share it, or where it is ``body``, which
    is the body's. A name that is no parameter is a property of the JSON body, when that body is an object and no body
    is given; or else a member of an exploded object of the query, which on the wire is a parameter of its own (OAS
    3.1.1, 4.8.12.6). A parameter or a member that is None is not given; a body or a property that is None is null.
    """

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        names = ["body", *(parameter.name for parameter in operation.parameters)]
        self._keys = [(p.name if names.count(p.name) == 1 else p.where, p.where) for p in operation.parameters]
        self.media_type = _preferred(operation)

    @property
    def names(self) -> list[str]:
        """Return the names that parameters answer to, in the order of the document."""
        return [key for key, _ in self._keys]

    @property
    def properties(self) -> dict[str, None]:
        """Return the names of the body's properties that can be given as keywords."""
        return self._inside[0]

    @property
    def invites(self) -> bool:
        """Return whether the body invites other names than those of its properties as keywords."""
        return self._inside[1]

    @cached_property
    def _inside(self) -> tuple[dict[str, None], bool]:
        schema = self.media_type.schema if self.media_type and _is_json(self.media_type) else None
        return _object_shape(self.operation, schema.pointer) if schema else ({}, False)

    @cached_property
    def exploded(self) -> list[_Exploded]:
        """Return the parameters whose members can be given as keywords, those that take any name last."""
        shapes = [(p, _object_shape(self.operation, p.schema.pointer)) for p in _spread(self.operation) if p.schema]
        found = [_Exploded(parameter, *shape) for parameter, shape in shapes if any(shape)]
        return sorted(found, key=lambda one: one.free)

    def is_in_parts(self, parameter: Parameter) -> bool:
        """Return whether the members of a parameter can be given as keywords, in its place."""
        return any(parameter is one.parameter for one in self.exploded)

    def parent(self, name: str) -> Parameter | None:
        """Return the parameter that a keyword is a member of, None where it is none's."""
        found = (one.parameter for one in self.exploded if one.takes(name))
        return None if name in self.properties or self.invites else next(found, None)

    def bind(self, body: Any, arguments: Mapping[str, Any]) -> Bound:
        """Return the arguments in their places."""
        values = [arguments.get(key) for key, _ in self._keys]
        if len(arguments) == len(values) - values.count(None):
            return Bound(values, body, ())  # nothing is left over, as in nearly every call
        names = [key if key in arguments else where for key, where in self._keys]
        values = [arguments.get(name) for name in names]
        others = {name: value for name, value in arguments.items() if name not in names}
        if body is UNSET:
            inside = {name: value for name, value in others.items() if name in self.properties or self.invites}
            body, others = inside or UNSET, {name: value for name, value in others.items() if name not in inside}
        return Bound(values, body, self._gather(values, others) if others else ())

    def _gather(self, values: list[Any], others: Mapping[str, Any]) -> tuple[str, ...]:
        """Make objects of the members that are given as keywords; return the names that are no members."""
        for one in self.exploded:
            place = self.operation.parameters.index(one.parameter)
            members = {name: value for name, value in others.items() if one.takes(name)}
            if values[place] is None and members:
                values[place] = {name: value for name, value in members.items() if value is not None} or None
                others = {name: value for name, value in others.items() if name not in members}
        return tuple(others)

    def problems(self, bound: Bound) -> list[Problem]:
        """Return all that is wrong with bound arguments, in the order of the document."""
        problems: list[Problem] = []
        for parameter, value in zip(self.operation.parameters, bound.values, strict=True):
            if value is not None:
                problems += parameter.problems(value)
            elif parameter.required:
                problems.append(self._missing(parameter, bound.strays))
        if bound.body is not UNSET:
            problems += self._body_problems(bound.body)
        elif self.operation.request_body is not None and self.operation.request_body.required:
            pointer = self.operation.request_body.pointer
            problems.append(Problem("body", "", "required", "is required and missing", pointer))
        return problems + [self._stray(name, bound) for name in bound.strays] if bound.strays else problems

    def in_order(self, problems: list[Problem]) -> list[Problem]:
        """Return problems in the order of the document: parameters, body, the rest; each place's own stay in order."""
        ranks = {place: n for n, place in enumerate([*(where for _, where in self._keys), "body"])}
        return sorted(problems, key=lambda problem: ranks.get(problem.where, len(ranks)))

    def _body_problems(self, body: Any) -> tuple[Problem, ...]:
        if self.operation.request_body is None:
            meant = next((where for _, where in self._keys if where.partition(".")[2] == "body"), None)
            hint = f"; say {meant!r} for its parameter" if meant else ""
            return (
                Problem("body", "", "requestBody", f"is not taken by this operation{hint}", self.operation.pointer),
            )
        media = self.media_type
        if media is None or media.schema is None:
            return ()
        is_json = _is_json(media) and "*" not in media.name
        return media.schema.problems(body if is_json else _without_bytes(body), "body")

    def _missing(self, parameter: Parameter, strays: tuple[str, ...]) -> Problem:
        near = closest(parameter.name, strays)
        hint = f"; is {near!r} meant to be it?" if near else ""
        if self.is_in_parts(parameter):
            hint = "; give its members by their own names"
        return Problem(parameter.where, "", "required", f"is required and missing{hint}", parameter.pointer)

    def _stray(self, name: str, bound: Bound) -> Problem:
        whole = self.parent(name)
        known = [*self.names, *self.properties, *(member for one in self.exploded for member in one.names)]
        near = closest(name, known)
        twice = [where for (key, where) in self._keys if where.partition(".")[2] == name and key == where]
        message = "is neither a parameter of this operation nor a property of its body"
        if twice:
            message = f"is the name of several parameters; say {' or '.join(map(repr, twice))}"
        elif bound.body is not UNSET and name in self.properties:
            message = "is a property of the body, which was given whole; put it in there"
        elif whole is not None:
            message = f"is a member of {whole.name!r}, which was given whole; put it in there"
        elif near:
            message += f"; did you mean {near!r}?"
        elif known:
            message += f"; it takes {', '.join(known)}"
        return Problem("arguments", join("", name), "parameters", message, self.operation.pointer)


def _spread(operation: Operation) -> list[Parameter]:
    """Return the parameters of the query whose objects are written as a pair for each member."""
    return [p for p in operation.parameters if p.location == "query" and p.style == "form" and p.explode]


def _preferred(operation: Operation) -> MediaType | None:
    """Choose what a body is written as: JSON where the document offers it, else what it names first."""
    declared = list(operation.request_body.content.values()) if operation.request_body else []
    return next((media for media in declared if _is_json(media)), declared[0] if declared else None)


def _without_bytes(value: Any) -> Any:
    """Put a string in the place of bytes and files: what is no JSON has no more to be judged by a schema."""
    if is_binary(value):
        return ""
    if isinstance(value, Mapping):
        return {name: _without_bytes(item) for name, item in value.items()}
    return [_without_bytes(item) for item in value] if isinstance(value, list | tuple) else value


def _is_json(media: MediaType) -> bool:
    name = media.name.partition(";")[0].strip().lower()
    return name == "application/json" or name.endswith("+json") or name in {"*/*", "application/*"}


def _object_shape(operation: Operation, pointer: str) -> tuple[dict[str, None], bool]:
    """Return the names of an object schema's properties, and whether others are invited.

    It looks through references, through allOf, and into what is asked of objects where other types will do too.
    Others are invited where the schema says so with ``additionalProperties``, not where it is merely silent: a
    misspelt name is more likely than a wish to send what nothing describes.
    """
    names: dict[str, None] = {}
    free = False
    waiting, seen = [pointer], set()
    while waiting:
        node, place = operation.document.resolve(waiting.pop(0))
        if place in seen or not isinstance(node, dict) or not _may_be_object(node):
            continue
        seen.add(place)
        names |= dict.fromkeys(node.get("properties") or ())
        free = free or node.get("additionalProperties") not in (None, False)
        waiting += [join(place, "allOf", n) for n in range(len(node.get("allOf") or ()))]
        waiting += [join(place, "then")] * speaks_of_objects(node)
    return names, free


def speaks_of_objects(schema: Mapping[str, Any]) -> bool:
    """Return whether ``then`` is what is asked of an object, where another type will do too, such as many of them."""
    return schema.get("if") == {"type": "object"} and "then" in schema


def _may_be_object(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type", "object")
    return "object" in ([kinds] if isinstance(kinds, str) else kinds)
