"""What an operation takes and answers with, before and after."""

from __future__ import annotations

from collections.abc import Iterator

from .._operations import Content, DeclaredResponse, Operation, RequestBody
from ._changes import Change, Level
from ._links import link_changes
from ._pairs import Pair, Part
from ._parameters import described, named_changes, needed


def body_changes(pair: Pair) -> Iterator[Change]:
    """Yield what the body of requests is now."""
    part, before, after = pair.part("body", "request"), pair.old.request_body, pair.new.request_body
    yield from _of_bodies(part, before, after)
    if before is not None and after is not None:
        yield from needed(part, "body", before, after)
        yield from described(part, before, after)


def _of_bodies(part: Part, before: Content | None, after: Content | None) -> Iterator[Change]:
    """Yield what a request, or an answer, carries now."""
    if before is not None and after is not None:
        yield from _content(part, before, after)
    elif before is not None:
        refused = f"it takes no body any more: {'calls that send' if part.pair.is_called else 'whoever sends'} one"
        told = f"{refused} {'are' if part.pair.is_called else 'is'} refused"
        if not part.is_taken:
            told = "has no body any more: code that reads it finds nothing"
        yield part.change("breaking", "body-removed", told, (before.pointer, None))
    elif after is not None:
        level, told = _of_new(after) if part.is_taken else ("compatible", "its body is described now")
        yield part.change(level, "body-added", told, (None, after.pointer))


def _of_new(body: Content) -> tuple[Level, str]:
    """Return what it means that the service takes a body now; of an answer nothing says whether it must have one."""
    if isinstance(body, RequestBody):
        return ("breaking", "it takes a body now, and needs one") if body.required else ("compatible", _TAKES)
    return "maybe", _TAKES


_TAKES = "it takes a body now"


def _content(part: Part, before: Content, after: Content) -> Iterator[Change]:
    is_single = len(before.content) == len(after.content) == 1
    olds, news = ({name.lower(): media for name, media in one.content.items()} for one in (before, after))
    for name in dict.fromkeys([*olds, *news]):
        old, new = olds.get(name), news.get(name)
        if old is not None and new is not None:
            inner = part if is_single else part.within(name)
            if old.encoding != new.encoding:
                told, places = "its parts are encoded otherwise", (old.pointer, new.pointer)
                yield inner.change("maybe", "encoding-changed", told, places)
            yield from inner.values(old.schema, new.schema)
        elif old is not None:
            level: Level = "breaking" if part.is_taken else "maybe"
            yield part.change(level, "media-type-removed", f"{name} is gone", (old.pointer, None))
        elif new is not None:
            level = "compatible" if part.is_taken else "breaking"
            yield part.change(level, "media-type-added", f"{name} is new", (None, new.pointer))


def response_changes(pair: Pair) -> Iterator[Change]:
    """Yield which answers are gone or new, and what those that stay may hold now."""
    compared = set()
    for status in dict.fromkeys([*pair.old.responses, *pair.new.responses]):
        before, after = _declared(pair.old, status), _declared(pair.new, status)
        part = pair.part(f"response {status}", "response")
        if before is None and after is not None:
            yield _new(part, after)
        elif before is not None and after is None:
            yield _gone(part, before)
        elif before is not None and after is not None and (before.status, after.status) not in compared:
            compared.add((before.status, after.status))
            yield from _of_both(pair, status, before, after)


def _declared(operation: Operation, status: str) -> DeclaredResponse | None:
    """Return what an operation says of a status, or of the class of it, or of all others."""
    responses = operation.responses
    return responses.get(status) or responses.get(f"{status[0]}XX") or responses.get("default")


def _gone(part: Part, before: DeclaredResponse) -> Change:
    first, places = before.status[0], (before.pointer, None)
    if first in "45":
        return part.change("compatible", "status-removed", "is not declared any more", places)
    told = "is not declared any more; code that waits for it will not see it"
    if part.is_taken:
        told = "is not declared any more: who answers so may be refused"
    level: Level = "breaking" if part.is_taken and first == "2" else "maybe"
    return part.change(level, "status-removed", told, places)


def _new(part: Part, after: DeclaredResponse) -> Change:
    first = after.status[0]
    level: Level = "breaking" if first == "2" else "maybe" if first in "13" else "compatible"
    if part.is_taken:
        level = "compatible"
    told = "is new: an answer that callers do not know" if level == "breaking" else "is new"
    return part.change(level, "status-added", told, (None, after.pointer))


def _of_both(pair: Pair, status: str, before: DeclaredResponse, after: DeclaredResponse) -> Iterator[Change]:
    where = f"response {status}"
    part = pair.part(where, "response")
    yield from described(part, before, after)
    if before.content or after.content:
        yield from _of_bodies(part, before if before.content else None, after if after.content else None)
    old = {header.name.lower(): header for header in before.headers}
    new = {header.name.lower(): header for header in after.headers}
    for name in dict.fromkeys([*old, *new]):
        known = old.get(name) or new[name]
        header = pair.part(f"header {known.name} of {where}", "response")
        yield from named_changes(header, "header", old.get(name), new.get(name))
    yield from link_changes(pair, where, before, after)
