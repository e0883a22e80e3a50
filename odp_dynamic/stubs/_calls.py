"""Calls: the forms that the arguments of an operation may have, and the type of what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .._bind import Binder
from .._meaning import NOTHING, Node, view
from .._media import is_json, is_text, media_type_of
from .._operations import DeclaredResponse, MediaType, Operation
from ._names import Names, is_name
from ._types import Class, Schemas, Types, Way


class Argument(NamedTuple):
    """Is what is given by name: its type, and whether it must be given; None is the same as not to give it."""

    type: str
    required: bool
    nothing: bool = False


class Call(NamedTuple):
    """Is one form of a call's arguments.

    `body` is what may be given whole, `keywords` what is given by a Python name, and `others` the type behind ``**`` of
    all the rest, "" where there is none.
    """

    body: Argument | None
    keywords: dict[str, Argument]
    others: str


class Typed(NamedTuple):
    """Is an operation with the forms of its calls and the type of its answer's body."""

    operation: Operation
    calls: tuple[Call, ...]
    answer: str


def typed(operation: Operation, schemas: Schemas) -> Typed:
    """Return an operation with its types; what they are made of is declared by that."""
    reader = _Reader(operation, schemas)
    calls = tuple(reader.calls())
    schemas.declared.write()
    answer = reader.answer()
    schemas.declared.write()
    return Typed(operation, calls, answer)


class _Reader:
    """Reads one operation."""

    def __init__(self, operation: Operation, schemas: Schemas) -> None:
        self.operation = operation
        self.schemas = schemas
        self.names: Names = schemas.declared.names
        self.binder = Binder(operation)
        self._hint = operation.id
        self._any = self.names.known("Any")

    def calls(self) -> Iterator[Call]:
        """Yield the call with its whole body, or without one, and the call with the body's properties by name."""
        parameters = dict(self._parameters())
        members, free = self._members()
        given = {**members, **parameters}
        whole = self._whole_body()
        yield self._call(whole, given, "arguments", free)
        if whole is not None:
            properties = self._properties(set(parameters))
            if properties is not None:
                named, invited = properties
                others = self._types().union([told for told in (free, invited) if told]) if free or invited else ""
                yield self._call(None, given | named, "properties", others)

    def _call(self, body: Argument | None, arguments: dict[str, Argument], word: str, others: str = "") -> Call:
        """Return a call; what has no Python name goes behind ``**``, as a mapping that has its name."""
        keywords = {name: argument for name, argument in arguments.items() if is_name(name) and name != "body"}
        rest = {name: argument for name, argument in arguments.items() if name and name not in keywords}
        if others:  # any name is welcome, and one mapping cannot say more
            told = self._types().union([others, *(self._optional(argument) for argument in rest.values())])
            return Call(body, keywords, told)
        if not rest:
            return Call(body, keywords, "")
        name = self.names.new(f"{self._hint} {word}")
        properties = {key: (self._optional(argument), argument.required) for key, argument in rest.items()}
        self.schemas.declared.written.append(Class(name, "", properties))
        return Call(body, keywords, f"{self.names.known('Unpack')}[{name}]")

    def _optional(self, argument: Argument) -> str:
        return self._types().union([argument.type, "None"]) if argument.nothing else argument.type

    def _types(self, node: Node = NOTHING, way: Way = "response") -> Types:
        return self.schemas.types(node, way)

    def _members(self) -> tuple[dict[str, Argument], str]:
        """Return the members of exploded objects, which may be given by name, and the type of those of any name."""
        members: dict[str, Argument] = {}
        free: list[str] = []
        for one in self.binder.exploded:
            if one.parameter.schema is None:
                continue
            node = self.schemas.node(one.parameter.schema.pointer)
            types, hint = self._types(node), f"{self._hint} {one.parameter.name}"
            forms = types.object_forms(node)
            for name in one.names:
                views = [place for form in forms if (place := view(form, name)) != NOTHING]
                told = types.union(types.argument(place, f"{hint} {name}") for place in views)
                members.setdefault(name, Argument(told, required=False, nothing=True))
            free += [types.argument(form.additional, hint) for form in forms] if one.free else []
        return members, self._types().union([*free, "None"]) if free else ""

    def _parameters(self) -> Iterator[tuple[str, Argument]]:
        for key, parameter in zip(self.binder.names, self.operation.parameters, strict=True):
            told = self._any
            if parameter.schema is not None:
                node = self.schemas.node(parameter.schema.pointer)
                # A parameter's schema judges no direction; None says that it is not given, whatever its schema allows.
                told = self._types(node).argument(node, f"{self._hint} {parameter.name}").removesuffix(" | None")
                told = self.names.known("Never") if told == "None" else told
            required = parameter.required and not self.binder.is_in_parts(parameter)
            yield key, Argument(told, required, nothing=not required)

    def _whole_body(self) -> Argument | None:
        body, media = self.operation.request_body, self.binder.media_type
        if body is None:
            return None
        return Argument(self._sent(media) if media is not None else self._any, body.required)

    def _sent(self, media: MediaType) -> str:
        """Return the type of a body that is sent as a media type."""
        name = media_type_of(media.name)
        if "*" in name or media.schema is None:
            return self._any
        binary = self._types().binary()
        multipart = name.startswith("multipart/")
        if not (multipart or is_json(name) or name == "application/x-www-form-urlencoded"):
            return " | ".join([self.names.known("str"), *binary])
        way: Way = "multipart" if multipart else "request"
        node = self.schemas.node(media.schema.pointer)
        return self._types(node, way).argument(node, f"{self._hint} body")

    def _properties(self, taken: set[str]) -> tuple[dict[str, Argument], str] | None:
        """Return the properties of the body that may be given by name, and the type of others that are invited.

        None where no call can be made so, for what is required cannot be given.
        """
        media = self.binder.media_type
        if media is None or media.schema is None or not (self.binder.properties or self.binder.invites):
            return None
        node = self.schemas.node(media.schema.pointer)
        types = self._types(node, "request")
        forms = types.object_forms(node)
        if not forms:
            return None
        reachable = [name for name in self.binder.properties if name not in taken and name != "body"]
        needed = frozenset.intersection(*(form.value("required") or frozenset() for form in forms))
        if not (needed <= set(reachable) or self.binder.invites) or needed & {*taken, "body"}:
            return None
        found = {}
        for name in reachable:
            views = [place for form in forms if (place := view(form, name)) != NOTHING]
            told = types.union(types.argument(place, f"{self._hint} {name}") for place in views)
            if told != self.names.known("Never"):
                found[name] = Argument(told, name in needed)
        others = ""
        if self.binder.invites:
            invited = [types.argument(form.additional, f"{self._hint} value") for form in forms]
            others = types.union([*invited, *(a.type for name, a in found.items() if not is_name(name))])
            found |= {name: Argument(others, required=True) for name in sorted(needed - found.keys()) if is_name(name)}
        return (found, others) if found or others else None

    def answer(self) -> str:
        """Return the type of the body of a successful answer: a union where there are several."""
        declared = self.operation.responses
        good = [told for status, told in declared.items() if str(status).startswith("2")]
        if not good and "default" in declared:
            good = [declared["default"]]
        if not good:
            return self._any
        if self.operation.method == "HEAD":
            return "None"
        return self._types().union(told for response in good for told in self._received(response))

    def _received(self, response: DeclaredResponse) -> Iterator[str]:
        if not response.content or response.status == "204":
            yield "None"
            return
        for media in response.content.values():
            name = media_type_of(media.name)
            if "*" in name:
                yield self._any
            elif is_json(name):
                yield self._json(media, response.status)
            elif name == "application/x-www-form-urlencoded":
                known = self.names.known
                yield f"{known('dict')}[{known('str')}, {self._any}]"
            else:
                yield self.names.known("str" if is_text(name) else "bytes")

    def _json(self, media: MediaType, status: str) -> str:
        if media.schema is None:
            return self._any
        node = self.schemas.node(media.schema.pointer)
        return self._types(node, "response").of(node, f"{self._hint} {status}")
