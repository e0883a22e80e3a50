"""What a ledger has seen, beside what the document says in the same places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._document import Document
from .._operations import Operation
from .._pointers import split
from ._findings import Finding
from ._graph import Graph
from ._inference import REST, Tree, schema_of, together_of, trees_of
from ._outlines import Outline
from ._places import ANY
from ._reach import Reach
from ._tallies import FIELD, Tally


class Evidence:
    """Is the findings of the operations of a document, and what else their ledger knows of the places."""

    def __init__(
        self,
        document: Document,
        operations: Mapping[str, Operation],
        tallies: Mapping[str, Tally],
        findings: Sequence[Finding],
    ) -> None:
        self.document = document
        self.operations = operations
        self.tallies = tallies
        self.findings = [finding for finding in findings if finding.operation in operations]
        self.old = document.version.startswith("3.0")
        self.reach = Reach(document, [operations[name] for name in tallies if name in operations])
        self.graph = Graph(document, self.reach.roots)
        self._trees = {name: trees_of(tally) for name, tally in tallies.items()}
        self._fields: dict[str, list[Finding]] = {}
        for finding in self.findings:
            if finding.kind == FIELD:
                self._fields.setdefault(split(finding.place)[-1], []).append(finding)

    def node(self, pointer: str) -> Any:
        """Return what the document has at a pointer, None for nothing."""
        return self.document.at(pointer) if self.document.stands(pointer) else None

    def tree(self, together: Iterable[Finding]) -> Tree:
        """Return what was seen where the findings are."""
        return together_of(map(self._tree, together))

    def schema(self, together: Iterable[Finding]) -> dict[str, Any]:
        """Return the schema of what was seen where the findings are."""
        return schema_of(self.tree(together), old=self.old)

    def property_of(self, pointer: str, name: str) -> dict[str, Any]:
        """Return the schema of a property as it was seen wherever the schema at a pointer judges the object.

        It says nothing where others describe it in some of these objects: of those not all were looked through.
        """
        judged = self.reach.with_schema(pointer)
        described = name != ANY and any(outline.of(name) is not None for outline in judged)
        if described or not self.reach.whole or pointer in self.graph.refused:
            return {}
        there = set(map(id, judged))
        return self.schema(
            finding
            for finding in self._fields[name]
            if finding.schema == pointer or not there.isdisjoint(map(id, self._outlines_around(finding)))
        )

    def names_at(self, pointer: str) -> dict[str, Any]:
        """Return a schema that accepts anything, and names what the one at a pointer names or comes to name."""
        outline = self.reach.outline(pointer)
        if outline.free:
            return {}
        fields = {name for name, found in self._fields.items() if any(one.schema in outline.schemas for one in found)}
        named: dict[str, Any] = {"properties": {name: {} for name in sorted({*outline.names, *fields} - {ANY})}}
        others = outline.patterns or outline.values is not None or ANY in fields
        return {**named, **({"additionalProperties": REST} if others else {})}

    def _outlines_around(self, finding: Finding) -> list[Outline]:
        outer = finding.place.rpartition("/")[0]
        return self.reach.at(self.operations[finding.operation], finding.status, finding.media, outer)

    def _tree(self, finding: Finding) -> Tree:
        return self._trees[finding.operation].get((finding.status, finding.media), Tree()).at(finding.place)
