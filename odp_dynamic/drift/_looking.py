"""Looking at one answer: from what was judged to entries. What can be worked out before there is an answer, is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .._media import matching, media_type_of
from .._operations import Operation
from .._pointers import join
from .._values import Problem, Response
from ._outlines import Outline, Outlines
from ._places import folded, nodes, shown
from ._tallies import ANSWER, CONTENT, EMPTY, FIELD, HEADER, LOOKED, NEW, RULE, SEEN, STATUS, UNREADABLE, Entry

# Of answers that hold nothing new the first few are looked through, and then a few of all: what fields there are.
_FIRST, _EACH = 100, 100
_MEDIA = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
_JUDGED_BY_DOCUMENT = frozenset({"responses", "content"})  # the answer as a whole, and no value of its body


class Look:
    """Looks at the answers of an operation that have one status and one Content-Type."""

    def __init__(self, operation: Operation, status: int, content_type: str, outlines: Outlines) -> None:
        self.operation = operation
        self._status = str(status)
        self._media = _media(content_type)
        declared = operation.response(status)
        self._declared = declared
        content = {} if declared is None or operation.method == "HEAD" else declared.content
        chosen = matching(content, content_type or "application/json")
        self._undeclared = declared is None or chosen is None
        schema = content[chosen].schema if chosen is not None else None
        self._outline: Outline | None = outlines.at(schema.pointer) if schema is not None else None
        self._anything = chosen is not None and schema is None
        self._count = 0

    def entries(self, response: Response) -> list[Entry]:
        """Return what there is to keep of an answer; nearly always that there was one."""
        media = self._media if response.content else ""
        found = [Entry(self._status, media, "", ANSWER)]
        if not response.content:
            found += self._of_whole(media, response)
            return found
        self._count += 1
        outline = self._outline
        clean = not response.problems and not self._undeclared
        clean = clean and (outline is None or outline.describes(response.data))
        if clean and self._count > _FIRST and self._count % _EACH:
            return found
        found.append(Entry(self._status, media, "", LOOKED))
        if not clean:
            found += self._of_whole(media, response)
            found += [self._of_rule(media, response, problem) for problem in response.problems if _is_rule(problem)]
        if self._undeclared or outline is not None:
            found += self._of_fields(media, response)
        return found

    def _of_whole(self, media: str, response: Response) -> Iterator[Entry]:
        """Yield what is undeclared or missing of an answer as a whole."""
        declared, unreadable = self._declared, bool(media) and any(map(_is_unreadable, response.problems))
        if unreadable:
            yield Entry(self._status, media, "", UNREADABLE)
        if declared is None:
            yield Entry(self._status, media, "", STATUS, schema=join(self.operation.pointer, "responses"))
        elif media and self._undeclared and self.operation.method != "HEAD":
            yield Entry(self._status, media, "", CONTENT, schema=declared.pointer)
        elif not media and declared.content and self.operation.method != "HEAD":
            yield Entry(self._status, "", "", EMPTY, schema=declared.pointer)
        for problem in response.problems:
            if problem.where != "response":
                header = problem.where.partition(".")[2]
                yield Entry(self._status, media, "", HEADER, header, schema=problem.schema)

    def _of_rule(self, media: str, response: Response, problem: Problem) -> Entry:
        missing = problem.keyword == "required"
        place, kind = folded(self._outline, response.data, problem.pointer, missing=missing)
        return Entry(self._status, media, place, RULE, problem.keyword, kind, problem.schema)

    def _of_fields(self, media: str, response: Response) -> Iterator[Entry]:
        if response.data is None and any(map(_is_unreadable, response.problems)):
            return
        for seen in nodes(None if self._undeclared else self._outline, response.data):
            yield Entry(self._status, media, seen.place, SEEN, NEW if seen.new else "", seen.type)
            if seen.home:
                yield Entry(self._status, media, seen.place, FIELD, schema=seen.home)


def _is_rule(problem: Problem) -> bool:
    return problem.where == "response" and problem.keyword not in _JUDGED_BY_DOCUMENT


def _is_unreadable(problem: Problem) -> bool:
    return problem.keyword == "content" and problem.schema == ""


def _media(content_type: str) -> str:
    """Return a media type by its name; servers choose what they send, so one that looks like data is ``*/*``."""
    name = media_type_of(content_type or "application/json")
    return name if _MEDIA.fullmatch(name) and "*" not in map(shown, re.split(r"[/.+]", name)) else "*/*"
