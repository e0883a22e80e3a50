"""The overlay that would make a document true of what a ledger has seen.

Each departure is put where the document would have to say otherwise: the schema of the object that has an undeclared
field, the keyword that is broken. Where that is a component, all that refer to it change with it, as the same component
is most often the same thing; the action's description says so. What is broken is loosened, never tightened: from
counts and types no bound can be read.

No answer is at hand any more, so nothing can be tried; that one proposal is enough follows from three rules.

- Each broken rule goes, or comes to allow the types that were seen. Where none of several alternatives fits, what was
  seen is one more: which of them it was meant to be cannot be told from types.
- What promises less the more its schemas accept is given up where one of those accepts more (`Graph.given_up`).
- A field is described by all that was seen under its name where the schema that comes to name it judges; and without a
  type where that schema also judges fields of the name that others describe (`Evidence.property_of`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .._document import Document
from .._operations import operations_of
from .._pointers import join, split
from ._actions import Actions
from ._evidence import Evidence
from ._findings import Finding, findings
from ._inference import REST
from ._ledger import Ledger
from ._loosening import Loosening
from ._places import ANY
from ._reach import judges_alone
from ._tallies import ANSWER, CONTENT, EMPTY, FIELD, HEADER, RULE, STATUS, UNREADABLE

_TOO_MUCH = "there was more than a ledger keeps; look again when the document says this much"


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
    actions = Actions(document)
    _Work(Evidence(document, operations, tallies, findings(ledger)), actions).do()
    left = [
        *actions.left,
        *(f"{name}: the document has no such operation" for name in sorted(tallies.keys() - operations)),
    ]
    left += [f"{name}: {_TOO_MUCH}" for name, tally in sorted(tallies.items()) if tally.is_full]
    if not actions.written:
        return Proposal(None, tuple(left))
    info = {"title": f"What {document.source} does not say of its service", "version": "1"}
    return Proposal({"overlay": "1.1.0", "info": info, "actions": actions.written}, tuple(left))


# Rules go first: what forbids a field must be gone before the field is described.
_ORDER = (RULE, FIELD, CONTENT, EMPTY, STATUS, HEADER, UNREADABLE)


class _Work:
    """Writes actions, one group of findings about the same place in the document after the other."""

    def __init__(self, evidence: Evidence, actions: Actions) -> None:
        self._evidence = evidence
        self._actions = actions
        self._loosening = Loosening(evidence, actions)
        self._how: Mapping[str, Callable[[str, Sequence[Finding]], None]] = {
            RULE: self._loosening.rule,
            FIELD: self._fields,
            CONTENT: self._content,
            EMPTY: self._empty,
            STATUS: self._statuses,
            HEADER: self._header,
        }

    def do(self) -> None:
        """Write what puts all findings right, or why nothing does."""
        grouped: dict[tuple[int, str, str], list[Finding]] = {}
        for finding in self._evidence.findings:
            key = finding.detail if finding.kind == RULE else ""
            grouped.setdefault((_ORDER.index(finding.kind), finding.schema, key), []).append(finding)
        for (kind, pointer, _), together in sorted(grouped.items()):
            self._group(_ORDER[kind], pointer, together)
        self._loosening.give_up()

    def _group(self, kind: str, pointer: str, together: Sequence[Finding]) -> None:
        """Write what puts some findings of one kind right, or why nothing does."""
        if kind == UNREADABLE:
            self._actions.leave(together, "a document can only say that it is another media type")
        elif pointer.startswith("/x-documents/"):
            self._actions.leave(together, "what would have to say it stands in another document")
        elif not self._evidence.document.stands(pointer):
            self._actions.leave(together, "the document has changed, and no longer says so there")
        elif not self._loosening.is_gone(pointer):
            self._how[kind](pointer, together)

    def _fields(self, pointer: str, together: Sequence[Finding]) -> None:
        names = {split(finding.place)[-1] for finding in together}
        listed = [finding for finding in together if split(finding.place)[-1] != ANY]
        if listed:
            named = {name: self._evidence.property_of(pointer, name) for name in sorted(names - {ANY})}
            self._actions.put(pointer, listed, named, within=["properties"])
        others = [finding for finding in together if split(finding.place)[-1] == ANY]
        if any(self._evidence.tallies[finding.operation].more for finding in together):
            self._others(pointer, together, REST)
        elif others:
            alone = self._evidence.reach.whole and judges_alone(self._evidence.reach.with_schema(pointer), pointer)
            self._others(pointer, others, self._evidence.property_of(pointer, ANY) if alone else REST)

    def _others(self, pointer: str, together: Sequence[Finding], schema: Mapping[str, Any]) -> None:
        if isinstance(self._evidence.node(join(pointer, "additionalProperties")), bool):
            self._actions.add(join(pointer, "additionalProperties"), together, remove=True)
            self._actions.add(pointer, together, update={"additionalProperties": schema})
        else:
            self._actions.put(pointer, together, {"additionalProperties": schema})

    def _content(self, pointer: str, together: Sequence[Finding]) -> None:
        self._actions.put(pointer, together, self._bodies(together), within=["content"])

    def _empty(self, pointer: str, together: Sequence[Finding]) -> None:
        if any(self._has_bodies(finding) for finding in together):
            self._actions.leave(together, "OpenAPI cannot say that a body may be missing")
        else:
            self._actions.add(join(pointer, "content"), together, remove=True)

    def _statuses(self, pointer: str, together: Sequence[Finding]) -> None:
        statuses: dict[str, list[Finding]] = {}
        for finding in together:
            statuses.setdefault(finding.status, []).append(finding)
        for status, those in sorted(statuses.items()):
            bodies = self._bodies(those)
            told = {"description": "Seen, and not declared", **({"content": bodies} if bodies else {})}
            self._actions.put(pointer, those, {status: told})

    def _header(self, pointer: str, together: Sequence[Finding]) -> None:
        self._actions.add(pointer, together, update={"required": False})

    def _bodies(self, together: Sequence[Finding]) -> dict[str, Any]:
        medias: dict[str, list[Finding]] = {}
        for finding in together:
            medias.setdefault(finding.media, []).append(finding)
        return {media: {"schema": self._evidence.schema(those)} for media, those in sorted(medias.items()) if media}

    def _has_bodies(self, finding: Finding) -> bool:
        """Tell whether some answers that the same declaration is for did have one."""
        operation, found = self._evidence.operations[finding.operation], False
        for entry in self._evidence.tallies[finding.operation].entries:
            if entry.kind == ANSWER and entry.media and entry.status.isdecimal():
                declared = operation.response(int(entry.status))
                found = found or (declared is not None and declared.pointer == finding.schema)
        return found
