"""What an operation takes and answers with, before and after."""

from __future__ import annotations

from collections.abc import Iterator

from .._operations import Content, DeclaredResponse, Operation, Parameter
from ._changes import Change, Direction, Level
from ._pairs import Pair


def body_changes(pair: Pair) -> Iterator[Change]:
    """Yield what the body of requests must be now."""
    before, after = pair.old.request_body, pair.new.request_body
    if before is None or after is None:
        if before is not None:
            told = "it takes no body any more: calls that send one are refused"
            yield pair.change("breaking", "body-removed", "body", told, (before.pointer, None))
        elif after is not None:
            level: Level = "breaking" if after.required else "compatible"
            told = f"it takes a body now{', and needs one' if after.required else ''}"
            yield pair.change(level, "body-added", "body", told, (None, after.pointer))
        return
    places = before.pointer, after.pointer
    if after.required and not before.required:
        yield pair.change("breaking", "body-required", "body", "a body is required now", places)
    if before.required and not after.required:
        yield pair.change("compatible", "body-optional", "body", "a body is no longer required", places)
    yield from _described(pair, "body", before, after)
    yield from _content(pair, "request", "body", before, after)


def _described(pair: Pair, where: str, before: Content | Parameter, after: Content | Parameter) -> Iterator[Change]:
    if before.description != after.description:
        told, places = "its description is another", (before.pointer, after.pointer)
        yield pair.change("docs", "description-changed", where, told, places)


def _content(pair: Pair, direction: Direction, where: str, before: Content, after: Content) -> Iterator[Change]:
    is_single = len(before.content) == len(after.content) == 1
    olds, news = ({name.lower(): media for name, media in one.content.items()} for one in (before, after))
    for name in dict.fromkeys([*olds, *news]):
        old, new = olds.get(name), news.get(name)
        if old is not None and new is not None:
            part = where if is_single else f"{where} ({name})"
            if old.encoding != new.encoding:
                told, places = "its parts are encoded otherwise", (old.pointer, new.pointer)
                yield pair.change("maybe", "encoding-changed", part, told, places)
            yield from pair.values(direction, part, old.schema, new.schema)
        elif old is not None:
            level: Level = "breaking" if direction == "request" else "maybe"
            yield pair.change(level, "media-type-removed", where, f"{name} is gone", (old.pointer, None))
        elif new is not None:
            level = "compatible" if direction == "request" else "breaking"
            yield pair.change(level, "media-type-added", where, f"{name} is new", (None, new.pointer))


def response_changes(pair: Pair) -> Iterator[Change]:
    """Yield which answers are gone or new, and what those that stay may hold now."""
    compared = set()
    for status in dict.fromkeys([*pair.old.responses, *pair.new.responses]):
        before, after = _declared(pair.old, status), _declared(pair.new, status)
        if before is None and after is not None:
            yield _new(pair, after)
        elif before is not None and after is None:
            yield _gone(pair, before)
        elif before is not None and after is not None and (before.status, after.status) not in compared:
            compared.add((before.status, after.status))
            yield from _of_both(pair, f"response {status}", before, after)


def _declared(operation: Operation, status: str) -> DeclaredResponse | None:
    """Return what an operation says of a status, or of the class of it, or of all others."""
    responses = operation.responses
    return responses.get(status) or responses.get(f"{status[0]}XX") or responses.get("default")


def _gone(pair: Pair, before: DeclaredResponse) -> Change:
    where, places = f"response {before.status}", (before.pointer, None)
    if before.status[0] in "45":
        return pair.change("compatible", "status-removed", where, "is not declared any more", places)
    told = "is not declared any more; code that waits for it will not see it"
    return pair.change("maybe", "status-removed", where, told, places)


def _new(pair: Pair, after: DeclaredResponse) -> Change:
    first = after.status[0]
    level: Level = "breaking" if first == "2" else "maybe" if first in "13" else "compatible"
    told = "is new: an answer that callers do not know" if level == "breaking" else "is new"
    return pair.change(level, "status-added", f"response {after.status}", told, (None, after.pointer))


def _of_both(pair: Pair, where: str, before: DeclaredResponse, after: DeclaredResponse) -> Iterator[Change]:
    places = before.pointer, after.pointer
    yield from _described(pair, where, before, after)
    if before.content and not after.content:
        told = "has no body any more: code that reads it finds nothing"
        yield pair.change("breaking", "body-removed", where, told, places)
    elif after.content and not before.content:
        yield pair.change("compatible", "body-added", where, "its body is described now", places)
    else:
        yield from _content(pair, "response", where, before, after)
    yield from _headers(pair, where, before, after)


def _headers(pair: Pair, where: str, before: DeclaredResponse, after: DeclaredResponse) -> Iterator[Change]:
    old = {header.name.lower(): header for header in before.headers}
    new = {header.name.lower(): header for header in after.headers}
    for name, mine in old.items():
        part, other = f"header {mine.name} of {where}", new.get(name)
        if other is None:
            level: Level = "breaking" if mine.required else "maybe"
            yield pair.change(level, "header-removed", part, "is not declared any more", (mine.pointer, None))
            continue
        places = mine.pointer, other.pointer
        if mine.required and not other.required:
            yield pair.change("breaking", "header-optional", part, "may be missing now", places)
        if other.required and not mine.required:
            yield pair.change("compatible", "header-required", part, "is always there now", places)
        yield from _described(pair, part, mine, other)
        yield from pair.values("response", part, mine.schema, other.schema)
    for name, other in new.items():
        if name not in old:
            part = f"header {other.name} of {where}"
            yield pair.change("compatible", "header-added", part, "is new", (None, other.pointer))
