"""The overlay that would make a document true of what a ledger has seen.

Each departure is put where the document would have to say otherwise: the schema of the object that has an undeclared
field, the keyword that is broken. Where that is a component, all that refer to it change with it, as the same component
is most often the same thing; the action's description says so. What is broken is loosened, never tightened: from
counts and types no bound can be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._document import Document
from .._operations import Operation, operations_of
from .._pointers import join, split
from ._findings import Finding, findings
from ._inference import REST, Tree, schema_of, trees_of, typed
from ._ledger import Ledger
from ._outlines import IN_PLACE
from ._places import ANY
from ._tallies import ANSWER, CONTENT, EMPTY, FIELD, HEADER, RULE, STATUS, UNREADABLE, Tally

_MOST_TOLD = 3
_BOUND_OF = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}  # of which 3.0 makes two keywords


class Proposal(NamedTuple):
    """Is what a ledger asks of a document: an `overlay` of version 1.1, None where it asks nothing.

    `left` has a sentence for each departure that no overlay can put right.
    """

    overlay: dict[str, Any] | None
    left: tuple[str, ...]


def propose(ledger: Ledger, document: Document) -> Proposal:
    """Return what would make a document true of the answers in a ledger; the same ledger gives the same.

    It goes upon the document as it is, whatever overlays there were. Operations of other documents are told in `left`.
    """
    tallies, operations = ledger.tallies, operations_of([document])
    work = _Work(document, operations, tallies)
    grouped: dict[tuple[int, str, str], list[Finding]] = {}
    for finding in findings(ledger):
        if finding.operation in operations:
            key = finding.detail if finding.kind == RULE else ""
            grouped.setdefault((_ORDER.index(finding.kind), finding.schema, key), []).append(finding)
    for (kind, pointer, _), together in sorted(grouped.items()):
        work.do(_ORDER[kind], pointer, together)
    strangers = sorted(tallies.keys() - set(operations))
    work.left += [f"{name}: the document has no such operation" for name in strangers]
    if not work.actions:
        return Proposal(None, tuple(work.left))
    info = {"title": f"What {document.source} does not say of its service", "version": "1"}
    return Proposal({"overlay": "1.1.0", "info": info, "actions": work.actions}, tuple(work.left))


# Rules go first: what forbids a field must be gone before the field is described.
_ORDER = (RULE, FIELD, CONTENT, EMPTY, STATUS, HEADER, UNREADABLE)


class _Work:
    """Writes actions, one group of findings about the same place in the document after the other."""

    def __init__(self, document: Document, operations: Mapping[str, Operation], tallies: Mapping[str, Tally]) -> None:
        self.actions: list[dict[str, Any]] = []
        self.left: list[str] = []
        self._document = document
        self._operations = operations
        self._tallies = tallies
        self._old = document.version.startswith("3.0")
        self._trees = {name: trees_of(tally) for name, tally in tallies.items()}
        self._how: Mapping[str, Callable[[str, Sequence[Finding]], None]] = {
            RULE: self._rule,
            FIELD: self._fields,
            CONTENT: self._content,
            EMPTY: self._empty,
            STATUS: self._statuses,
            HEADER: self._header,
        }

    def do(self, kind: str, pointer: str, together: Sequence[Finding]) -> None:
        """Write what puts some findings of one kind right, or why nothing does."""
        if kind == UNREADABLE:
            self._leave(together, "a document can only say that it is another media type")
        elif pointer.startswith("/x-documents/"):
            self._leave(together, "what would have to say it stands in another document")
        elif not self._document.stands(pointer):
            self._leave(together, "the document has changed, and no longer says so there")
        else:
            self._how[kind](pointer, together)

    def _rule(self, pointer: str, together: Sequence[Finding]) -> None:
        outer, _, _ = pointer.rpartition("/")
        keyword, node = together[0].detail, self._node(pointer)
        if node is False:
            self._add(pointer, together, update=True)
        elif keyword == "writeOnly":
            self._add(self._document.resolve(pointer)[1], together, update={"writeOnly": False})
        elif split(pointer)[-1:] != [keyword]:
            self._leave(together, "where the rule stands is not known")
        elif keyword == "required":
            self._required(pointer, together)
        elif keyword == "type":
            self._add(pointer, together, remove=True)
            declared = node if isinstance(node, list) else [node]
            widened = typed([*declared, *(kind for finding in together for kind in finding.types)], old=self._old)
            if widened:
                self._add(outer, together, update=widened)
        elif keyword in {"anyOf", "oneOf"}:
            self._alternative(outer, keyword, together)
        else:
            for word in (keyword, *([_BOUND_OF[keyword]] if self._old and keyword in _BOUND_OF else [])):
                self._add(join(outer, word), together, remove=True)

    def _required(self, pointer: str, together: Sequence[Finding]) -> None:
        missing = sorted({split(finding.place)[-1] for finding in together})
        if set(self._node(pointer)) <= set(missing):
            self._add(pointer, together, remove=True)
            return
        for name in missing:
            self._add(pointer, together, f"[?@ == {_quoted(name)}]", remove=True)

    def _alternative(self, outer: str, keyword: str, together: Sequence[Finding]) -> None:
        """Add an alternative that is what was seen; "exactly one of them" is then too much to promise."""
        if keyword == "oneOf" and self._node(join(outer, "anyOf")) is not None:
            self._add(join(outer, "oneOf"), together, remove=True)
            return
        if keyword == "oneOf":
            self._add(outer, together, update={"anyOf": []})
            self._add(join(outer, "anyOf"), together, copy=self._path(join(outer, "oneOf")), known=outer)
            self._add(join(outer, "oneOf"), together, remove=True)
        self._add(join(outer, "anyOf"), together, update=[self._schema(together)], known=outer)

    def _fields(self, pointer: str, together: Sequence[Finding]) -> None:
        names: dict[str, list[Finding]] = {}
        for finding in together:
            names.setdefault(split(finding.place)[-1], []).append(finding)
        others = names.pop(ANY, None)
        if names:
            described = {name: self._schema(where) for name, where in sorted(names.items())}
            listed = [finding for where in names.values() for finding in where]
            self._add(pointer, listed, update={"properties": described})
        if any(self._tallies[finding.operation].more for finding in together):
            self._others(pointer, together, REST)
        elif others:
            self._others(pointer, others, self._schema(others) if self._is_alone(pointer) else REST)

    def _others(self, pointer: str, together: Sequence[Finding], schema: Mapping[str, Any]) -> None:
        if isinstance(self._node(join(pointer, "additionalProperties")), bool):
            self._add(join(pointer, "additionalProperties"), together, remove=True)
        self._add(pointer, together, update={"additionalProperties": schema})

    def _is_alone(self, pointer: str) -> bool:
        """Tell whether no other schema describes the same object.

        What another describes, in `allOf` or where a component is a part of one, would be additional to this one.
        """
        component = pointer.startswith("/components/schemas/") and len(split(pointer)) == 3
        return not component and not IN_PLACE & self._node(pointer).keys()

    def _content(self, pointer: str, together: Sequence[Finding]) -> None:
        self._add(pointer, together, update={"content": self._bodies(together)})

    def _empty(self, pointer: str, together: Sequence[Finding]) -> None:
        if any(self._has_bodies(finding) for finding in together):
            self._leave(together, "OpenAPI cannot say that a body may be missing")
        else:
            self._add(join(pointer, "content"), together, remove=True)

    def _statuses(self, pointer: str, together: Sequence[Finding]) -> None:
        statuses: dict[str, list[Finding]] = {}
        for finding in together:
            statuses.setdefault(finding.status, []).append(finding)
        for status, those in sorted(statuses.items()):
            bodies = self._bodies(those)
            told = {"description": "Seen, and not declared", **({"content": bodies} if bodies else {})}
            self._add(pointer, those, update={status: told})

    def _header(self, pointer: str, together: Sequence[Finding]) -> None:
        self._add(pointer, together, update={"required": False})

    def _bodies(self, together: Sequence[Finding]) -> dict[str, Any]:
        medias: dict[str, list[Finding]] = {}
        for finding in together:
            medias.setdefault(finding.media, []).append(finding)
        return {media: {"schema": self._schema(those)} for media, those in sorted(medias.items()) if media}

    def _has_bodies(self, finding: Finding) -> bool:
        """Tell whether some answers that the same declaration is for did have one."""
        operation, found = self._operations[finding.operation], False
        for entry in self._tallies[finding.operation].entries:
            if entry.kind == ANSWER and entry.media and entry.status.isdecimal():
                declared = operation.response(int(entry.status))
                found = found or (declared is not None and declared.pointer == finding.schema)
        return found

    def _schema(self, together: Iterable[Finding]) -> dict[str, Any]:
        """Return the schema of what was seen where the findings are."""
        trees = (
            self._trees[finding.operation].get((finding.status, finding.media), Tree()).at(finding.place)
            for finding in together
        )
        return schema_of(trees, old=self._old)

    def _node(self, pointer: str) -> Any:
        return self._document.at(pointer) if self._document.stands(pointer) else None

    def _add(self, pointer: str, together: Sequence[Finding], more: str = "", *, known: str = "", **verb: Any) -> None:
        """Write an action; `known` is as much of the pointer as stands in the document before the overlay."""
        base = known or pointer
        target = self._path(base) + "".join(f"[{_quoted(token)}]" for token in split(pointer[len(base) :])) + more
        self.actions.append({"target": target, "description": _described(pointer, together), **verb})

    def _path(self, pointer: str) -> str:
        """Return the JSONPath of one place (RFC 9535, 2.7: a normalized path)."""
        path, here = "$", ""
        for token in split(pointer):
            path += f"[{token}]" if isinstance(self._node(here), list) else f"[{_quoted(token)}]"
            here = join(here, token)
        return path

    def _leave(self, together: Sequence[Finding], why: str) -> None:
        self.left += [f"{_sentence(finding)}; {why}" for finding in together]


def _quoted(token: str) -> str:
    escaped = "".join(
        f"\\{char}" if char in "'\\" else f"\\u{ord(char):04x}" if ord(char) < 0x20 else char for char in token
    )
    return f"'{escaped}'"


def _described(pointer: str, together: Sequence[Finding]) -> str:
    """Return why an action is there: what was seen, how often, and for whom else it counts."""
    told = list(dict.fromkeys(map(_sentence, together)))
    rest = len(told) - _MOST_TOLD
    text = "; ".join([*told[:_MOST_TOLD], *([f"and {rest} more"] if rest > 0 else [])])
    names = split(pointer)[:3]
    shared = names[0] == "components" and len(names) == 3
    return f"{text}. This changes {'/'.join(names[1:])} for all that refer to it" if shared else text


def _sentence(finding: Finding) -> str:
    answer = " ".join(filter(None, [finding.operation, finding.status, finding.media, finding.place]))
    return f"{answer}: {finding.message} ({finding.times} of {finding.answers} answers)"
