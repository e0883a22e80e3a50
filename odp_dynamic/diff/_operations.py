"""What two versions of an operation differ in, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._document import Document
from .._operations import Content, DeclaredResponse, Operation, Parameter
from .._schema import Schema
from ._changes import Change, Direction, Level
from ._security import security_changes
from ._servers import server_changes
from ._verdicts import Verdicts


class Both:
    """Is two documents, and what is worked out once for all their operations."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old = old
        self.new = new
        self.request = Verdicts(old, new, "request")
        self.response = Verdicts(old, new, "response")

    def values(
        self, operation: str, direction: Direction, where: str, old: Schema | None, new: Schema | None
    ) -> Iterator[Change]:
        """Yield what two schemas differ in, for the values of one part of an operation."""
        verdicts = self.request if direction == "request" else self.response
        for found, level, witness in verdicts.between(old, new):
            place = found.pointer
            yield Change(
                level, found.rule, operation, direction, where, place, found.reason, found.old, found.new, witness
            )


class Pair:
    """Is one operation of both documents."""

    def __init__(self, both: Both, old: Operation, new: Operation) -> None:
        self._both = both
        self.old = old
        self.new = new

    def changes(self) -> Iterator[Change]:
        yield from self._itself()
        yield from self._parameters()
        yield from self._body()
        yield from self._responses()
        yield from security_changes(self.old, self.new)
        yield from server_changes(self.old, self.new)

    def _change(self, level: Level, rule: str, where: str, reason: str, **more: Any) -> Change:
        place = {"old": self.old.pointer, "new": self.new.pointer} | more
        return Change(
            level, rule, self.old.id, more.get("direction", ""), where, "", reason, place["old"], place["new"]
        )

    def _itself(self) -> Iterator[Change]:
        old, new = self.old, self.new
        if old.id != new.id:
            yield self._change("breaking", "operation-renamed", "operation", f"its id is {new.id} now")
        if (old.method, old.path) != (new.method, new.path):
            told = f"is {new.method} {new.path} now; calls by its id follow, addresses written by hand do not"
            yield self._change("maybe", "operation-moved", "operation", told)
        if old.deprecated != new.deprecated:
            told = "is deprecated now: it works still" if new.deprecated else "is no longer deprecated"
            yield self._change("compatible", "deprecated-changed", "operation", told)
        if old.replayable != new.replayable:
            level: Level = "compatible" if new.replayable else "maybe"
            told = f"{'may' if new.replayable else 'must not'} be sent twice now"
            yield self._change(level, "x-idempotent-changed", "operation", told)
        if old.idempotency_pointer != new.idempotency_pointer:
            told = f"the place of an item's own id is {new.idempotency_pointer or 'not told any more'}"
            yield self._change("maybe", "x-idempotency-pointer-changed", "operation", told)
        if [limit[1:] for limit in old.rate_limits] != [limit[1:] for limit in new.rate_limits]:
            yield self._change("maybe", "x-rate-limit-changed", "operation", "how often it may be called has changed")
        for name in ("summary", "description", "tags"):
            if getattr(old, name) != getattr(new, name):
                yield self._change("docs", f"{name}-changed", "operation", f"its {name} changed")

    def _parameters(self) -> Iterator[Change]:
        old, new = _by_place(self.old.parameters), _by_place(self.new.parameters)
        moved = {}
        for place in old.keys() - new.keys():
            others = [other for other in new.keys() - old.keys() if other[1] == place[1]]
            if len(others) == 1:
                moved[place] = others[0]
        for place, before in old.items():
            if place in new:
                yield from self._parameter(before, new[place])
            elif place in moved:
                after = new[moved[place]]
                told = f"is in {after.location} now; calls by its name follow"
                yield self._of_parameter("maybe", "parameter-moved", before, after, told)
                yield from self._parameter(before, after)
            else:
                yield self._of_parameter(
                    "breaking", "parameter-removed", before, None, "is gone: calls that give it are refused"
                )
        for place, after in new.items():
            if place not in old and place not in moved.values():
                level: Level = "breaking" if after.required else "compatible"
                told = "is new, and required" if after.required else "is new"
                yield self._of_parameter(level, "parameter-added", None, after, told)

    def _of_parameter(
        self, level: Level, rule: str, before: Parameter | None, after: Parameter | None, told: str
    ) -> Change:
        where = (before or after).where if before or after else ""  # type: ignore[union-attr]
        places = {"old": before.pointer if before else None, "new": after.pointer if after else None}
        return self._change(level, rule, where, told, direction="request", **places)

    def _parameter(self, before: Parameter, after: Parameter) -> Iterator[Change]:
        if before.required != after.required:
            if after.required:
                yield self._of_parameter("breaking", "parameter-required", before, after, "is required now")
            else:
                yield self._of_parameter("compatible", "parameter-optional", before, after, "is no longer required")
        if _written(before) != _written(after):
            told = "is written otherwise (style, explode, allowReserved or content); this client follows by itself"
            yield self._of_parameter("maybe", "parameter-style-changed", before, after, told)
        if before.deprecated != after.deprecated:
            told = "is deprecated now: it works still" if after.deprecated else "is no longer deprecated"
            yield self._of_parameter("compatible", "deprecated-changed", before, after, told)
        if before.description != after.description:
            yield self._of_parameter("docs", "description-changed", before, after, "its description is another")
        yield from self._both.values(self.old.id, "request", before.where, before.schema, after.schema)

    def _body(self) -> Iterator[Change]:
        before, after = self.old.request_body, self.new.request_body
        if before is None and after is None:
            return
        places = {"old": before.pointer if before else None, "new": after.pointer if after else None}
        places["direction"] = "request"
        if before is None or after is None:
            if before is not None:
                told = "it takes no body any more: calls that send one are refused"
                yield self._change("breaking", "body-removed", "body", told, **places)
            elif after is not None:
                level: Level = "breaking" if after.required else "compatible"
                told = f"it takes a body now{', and needs one' if after.required else ''}"
                yield self._change(level, "body-added", "body", told, **places)
            return
        if before.required != after.required:
            if after.required:
                yield self._change("breaking", "body-required", "body", "a body is required now", **places)
            else:
                yield self._change("compatible", "body-optional", "body", "a body is no longer required", **places)
        if before.description != after.description:
            yield self._change("docs", "description-changed", "body", "its description is another", **places)
        yield from self._content("request", "body", before, after)

    def _content(self, direction: Direction, where: str, before: Content, after: Content) -> Iterator[Change]:
        single = len(before.content) == len(after.content) == 1
        for name in dict.fromkeys([*before.content, *after.content]):
            old, new = before.content.get(name), after.content.get(name)
            places: dict[str, Any] = {"old": old and old.pointer, "new": new and new.pointer, "direction": direction}
            if old is not None and new is not None:
                part = where if single else f"{where} ({name})"
                if old.encoding != new.encoding:
                    yield self._change("maybe", "encoding-changed", part, "its parts are encoded otherwise", **places)
                yield from self._both.values(self.old.id, direction, part, old.schema, new.schema)
            elif old is not None:
                level: Level = "breaking" if direction == "request" else "maybe"
                yield self._change(level, "media-type-removed", where, f"{name} is gone", **places)
            else:
                level = "compatible" if direction == "request" else "breaking"
                yield self._change(level, "media-type-added", where, f"{name} is new", **places)

    def _responses(self) -> Iterator[Change]:
        compared = set()
        for status in dict.fromkeys([*self.old.responses, *self.new.responses]):
            before, after = _declared(self.old, status), _declared(self.new, status)
            if before is not None and after is not None:
                if (before.status, after.status) not in compared:
                    compared.add((before.status, after.status))
                    yield from self._response(status, before, after)
            elif before is not None:
                yield self._status_gone(before)
            elif after is not None:
                yield self._status_new(after)

    def _status_gone(self, before: DeclaredResponse) -> Change:
        level: Level = "compatible" if before.status[0] in "45" else "maybe"
        told = "is not declared any more"
        if level == "maybe":
            told += "; code that waits for it will not see it"
        where = f"response {before.status}"
        return self._change(level, "status-removed", where, told, direction="response", old=before.pointer, new=None)

    def _status_new(self, after: DeclaredResponse) -> Change:
        first = after.status[0]
        level: Level = "breaking" if first == "2" else "maybe" if first in "13" else "compatible"
        told = "is new: an answer that callers do not know" if level == "breaking" else "is new"
        where = f"response {after.status}"
        return self._change(level, "status-added", where, told, direction="response", old=None, new=after.pointer)

    def _response(self, status: str, before: DeclaredResponse, after: DeclaredResponse) -> Iterator[Change]:
        where = f"response {status}"
        places = {"old": before.pointer, "new": after.pointer, "direction": "response"}
        if before.description != after.description:
            yield self._change("docs", "description-changed", where, "its description is another", **places)
        if before.content and not after.content:
            told = "has no body any more: code that reads it finds nothing"
            yield self._change("breaking", "body-removed", where, told, **places)
        elif after.content and not before.content:
            yield self._change("compatible", "body-added", where, "its body is described now", **places)
        else:
            yield from self._content("response", where, before, after)
        yield from self._headers(where, before, after)

    def _headers(self, where: str, before: DeclaredResponse, after: DeclaredResponse) -> Iterator[Change]:
        old = {header.name.lower(): header for header in before.headers}
        new = {header.name.lower(): header for header in after.headers}
        for name in dict.fromkeys([*old, *new]):
            mine, other = old.get(name), new.get(name)
            shown = f"header {(mine or other).name} of {where}" if mine or other else ""  # type: ignore[union-attr]
            places: dict[str, Any] = {
                "old": mine and mine.pointer,
                "new": other and other.pointer,
                "direction": "response",
            }
            if mine is not None and other is not None:
                if mine.required and not other.required:
                    yield self._change("breaking", "header-optional", shown, "may be missing now", **places)
                elif other.required and not mine.required:
                    yield self._change("compatible", "header-required", shown, "is always there now", **places)
                yield from self._both.values(self.old.id, "response", shown, mine.schema, other.schema)
            elif mine is not None:
                level: Level = "breaking" if mine.required else "maybe"
                yield self._change(level, "header-removed", shown, "is not declared any more", **places)
            else:
                yield self._change("compatible", "header-added", shown, "is new", **places)


def _by_place(parameters: Iterable[Parameter]) -> Mapping[tuple[str, str], Parameter]:
    """Return parameters by where they are; the names of headers are the same in any case."""
    return {(p.location, p.name.lower() if p.location == "header" else p.name): p for p in parameters}


def _written(parameter: Parameter) -> tuple[Any, ...]:
    return parameter.style, parameter.explode, parameter.allow_reserved, parameter.media_type


def _declared(operation: Operation, status: str) -> DeclaredResponse | None:
    """Return what an operation says of a status, or of the class of it, or of all others."""
    responses = operation.responses
    return responses.get(status) or responses.get(f"{status[0]}XX") or responses.get("default")
