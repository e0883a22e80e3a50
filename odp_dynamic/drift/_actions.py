"""Actions of an overlay, written so that to carry them out a second time changes nothing.

An update appends to lists (Overlay 1.1, 4.4.3.2). So what holds a list is put where nothing stands, and what is
removed for that was made to be there before: an action that selects nothing is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from json import dumps
from typing import Any

from .._document import Document
from .._pointers import join, split
from ._findings import Finding

Reason = str | Sequence[Finding]

_MOST_TOLD = 3
_WAS = "x-was-oneOf"
_SEEN = "x-seen"


class Actions:
    """Writes actions upon a document: `written` has them, in order, each once.

    `left` has a sentence for each departure that none can put right. The reason of an action is a sentence, or the
    findings that it puts right.
    """

    def __init__(self, document: Document) -> None:
        self.written: list[dict[str, Any]] = []
        self.left: list[str] = []
        self._known: set[str] = set()
        self._document = document

    def leave(self, findings: Sequence[Finding], why: str) -> None:
        """Say why nothing puts some findings right."""
        self.left += [f"{_sentence(finding)}; {why}" for finding in findings]

    def add(self, pointer: str, why: Reason, *, of: str = "", **verb: Any) -> None:
        """Write one action about what is at a pointer, or about those of its members that `of` selects."""
        action = {"target": self._path(pointer) + of, **verb}
        key = dumps(action, sort_keys=True)
        if key not in self._known:
            self._known.add(key)
            self._write(action, pointer, why)

    def put(self, pointer: str, why: Reason, members: Mapping[str, Any], *, within: Sequence[str] = ()) -> None:
        """Write what sets members of an object, or of an object in it whose members `within` names."""
        lists = [name for name, value in members.items() if _has_list(value)]
        if lists:
            self.add(pointer, why, update=_nested(within, {name: {} for name in lists}))
            self.add(join(pointer, *within), why, of=_selecting(lists), remove=True)
        self.add(pointer, why, update=_nested(within, dict(members)))

    def append(self, pointer: str, why: Reason, schemas: Sequence[Mapping[str, Any]]) -> None:
        """Write what adds schemas to a list of them: they are marked, so that those of a time before can go."""
        mark = sha256(dumps(schemas, sort_keys=True).encode()).hexdigest()[:8]
        marked = [{**schema, _SEEN: mark} for schema in schemas]
        self.add(pointer, why, update=marked)
        self.add(pointer, why, of=f"[?@[{_quoted(_SEEN)}] == {_quoted(mark)}]", remove=True)
        self._write({"target": self._path(pointer), "update": marked}, pointer, why)  # again

    def relax(self, schema: str, why: Reason, more: Sequence[Mapping[str, Any]], *, within: Sequence[str] = ()) -> None:
        """Write what makes "exactly one of these" of a schema "one of these, or of `more`".

        `within` is where in the schema the alternatives come to stand. What is left in the place of ``oneOf`` is an
        empty list under another name, to copy when there is no ``oneOf`` any more.
        """
        if more:
            self.add(join(schema, "oneOf"), why, update=list(more))
        self.add(schema, why, update=_nested(within, {"anyOf": []}))
        copied = self._path(schema) + _selecting(["oneOf", _WAS])
        self.add(join(schema, *within, "anyOf"), why, copy=copied)
        self.add(schema, why, of=_selecting(["oneOf", _WAS]), remove=True)
        self.add(schema, why, update={_WAS: []})

    def _write(self, action: Mapping[str, Any], pointer: str, why: Reason) -> None:
        target, *verb = action.items()
        self.written.append(dict([target, ("description", described(pointer, why)), *verb]))

    def _path(self, pointer: str) -> str:
        """Return the JSONPath of one place (RFC 9535, 2.7: a normalized path)."""
        path, here = "$", ""
        for token in split(pointer):
            stands = self._document.at(here) if self._document.stands(here) else None
            path += f"[{token}]" if isinstance(stands, list) else f"[{_quoted(token)}]"
            here = join(here, token)
        return path


def quoted_equal(value: str) -> str:
    """Return the selector of the members that are a string."""
    return f"[?@ == {_quoted(value)}]"


def _nested(within: Iterable[str], value: Any) -> Any:
    for name in reversed(list(within)):
        value = {name: value}
    return value


def _has_list(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_list, value.values()))
    return isinstance(value, list)


def _selecting(names: Iterable[str]) -> str:
    return f"[{','.join(map(_quoted, names))}]"


def _quoted(token: str) -> str:
    escaped = "".join(
        f"\\{char}" if char in "'\\" else f"\\u{ord(char):04x}" if ord(char) < 0x20 else char for char in token
    )
    return f"'{escaped}'"


def described(pointer: str, together: Reason) -> str:
    """Return why an action is there: what was seen, how often, and for whom else it counts."""
    if isinstance(together, str):
        return together
    told = list(dict.fromkeys(map(_sentence, together)))
    rest = len(told) - _MOST_TOLD
    text = "; ".join([*told[:_MOST_TOLD], *([f"and {rest} more"] if rest > 0 else [])])
    names = split(pointer)[:3]
    shared = names[0] == "components" and len(names) == 3
    return f"{text}. This changes {'/'.join(names[1:])} for all that refer to it" if shared else text


def _sentence(finding: Finding) -> str:
    answer = " ".join(filter(None, [finding.operation, finding.status, finding.media, finding.place]))
    return f"{answer}: {finding.message} ({finding.times} of {finding.answers} answers)"
