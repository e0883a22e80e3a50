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
  type where that schema also judges fields of the name that others describe (`_Work._seen`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._document import Document
from .._operations import Operation, operations_of
from .._pointers import join, split
from ._actions import Actions, quoted_equal
from ._findings import Finding, findings
from ._graph import UNEVALUATED, Graph, Promise
from ._inference import REST, Tree, alternatives_of, schema_of, together_of, trees_of, typed, within
from ._ledger import Ledger
from ._outlines import Outline
from ._places import ANY
from ._reach import Reach, judges_alone
from ._tallies import ANSWER, CONTENT, EMPTY, FIELD, HEADER, RULE, STATUS, UNREADABLE, Tally

_MOST_TOLD = 3
_WHY_GIVEN_UP = "{!r} promises less the more the schemas beneath it accept, and one of them accepts more now"
_TOO_MUCH = "there was more than a ledger keeps; look again when the document says this much"
_SAYS_NO_MORE = frozenset(
    {"type", "writeOnly", "title", "description", "format", "default", "example", "examples", "deprecated", "readOnly"}
)
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
    actions = work.do(finding for finding in findings(ledger) if finding.operation in operations)
    strangers = sorted(tallies.keys() - set(operations))
    work.left += [f"{name}: the document has no such operation" for name in strangers]
    work.left += [f"{name}: {_TOO_MUCH}" for name, tally in sorted(tallies.items()) if tally.is_full]
    if not actions:
        return Proposal(None, tuple(work.left))
    info = {"title": f"What {document.source} does not say of its service", "version": "1"}
    return Proposal({"overlay": "1.1.0", "info": info, "actions": actions}, tuple(work.left))


# Rules go first: what forbids a field must be gone before the field is described.
_ORDER = (RULE, FIELD, CONTENT, EMPTY, STATUS, HEADER, UNREADABLE)


class _Work:
    """Writes actions, one group of findings about the same place in the document after the other."""

    def __init__(self, document: Document, operations: Mapping[str, Operation], tallies: Mapping[str, Tally]) -> None:
        self.left: list[str] = []
        self._actions = Actions(document)
        self._document = document
        self._operations = operations
        self._tallies = tallies
        self._old = document.version.startswith("3.0")
        self._trees = {name: trees_of(tally) for name, tally in tallies.items()}
        self._reach = Reach(document, [operations[name] for name in tallies if name in operations])
        self._graph = Graph(document, self._reach.roots)
        self._widened: list[Promise] = []
        self._fitting_none: dict[Promise, Sequence[Finding]] = {}
        self._named: dict[str, list[Finding]] = {}
        self._gone: list[str] = []
        self._how: Mapping[str, Callable[[str, Sequence[Finding]], None]] = {
            RULE: self._rule,
            FIELD: self._fields,
            CONTENT: self._content,
            EMPTY: self._empty,
            STATUS: self._statuses,
            HEADER: self._header,
        }

    def do(self, found: Iterable[Finding]) -> list[dict[str, Any]]:
        """Return the actions that put findings right."""
        grouped: dict[tuple[int, str, str], list[Finding]] = {}
        for finding in found:
            key = finding.detail if finding.kind == RULE else ""
            grouped.setdefault((_ORDER.index(finding.kind), finding.schema, key), []).append(finding)
            if finding.kind == FIELD:
                self._named.setdefault(split(finding.place)[-1], []).append(finding)
        for (kind, pointer, _), together in sorted(grouped.items()):
            self._group(_ORDER[kind], pointer, together)
        self._give_up()
        return self._actions.written

    def _group(self, kind: str, pointer: str, together: Sequence[Finding]) -> None:
        """Write what puts some findings of one kind right, or why nothing does."""
        if kind == UNREADABLE:
            self._leave(together, "a document can only say that it is another media type")
        elif pointer.startswith("/x-documents/"):
            self._leave(together, "what would have to say it stands in another document")
        elif not self._document.stands(pointer):
            self._leave(together, "the document has changed, and no longer says so there")
        elif not self._is_gone(pointer):
            self._how[kind](pointer, together)

    def _rule(self, pointer: str, together: Sequence[Finding]) -> None:
        outer, _, _ = pointer.rpartition("/")
        keyword = together[0].detail
        promise = Promise(outer, keyword)
        if keyword == "false" or (self._node(pointer) is False and keyword != "contains"):
            self._never(pointer, together)
        elif keyword == "writeOnly":
            self._hidden(pointer, together)
        elif split(pointer)[-1:] != [keyword]:
            self._leave(together, "where the rule stands is not known")
        elif keyword in {"anyOf", "oneOf"}:
            self._fitting_none[promise] = together
        else:
            self._widened.append(promise)
            how = {"required": self._required, "type": self._type, "contains": self._few, "minContains": self._few}
            if keyword in how:
                how[keyword](pointer, together)
            else:
                self._away(promise, _described(outer, together))

    def _away(self, promise: Promise, why: str) -> None:
        """Write what a schema without a keyword is."""
        schema, keyword = promise
        pointer, node = join(schema, keyword), self._document.at(schema)
        for word in (keyword, *([_BOUND_OF[keyword]] if self._old and keyword in _BOUND_OF else [])):
            self._actions.add(join(schema, word), why, remove=True)
        if keyword in UNEVALUATED and node[keyword] is not False:
            self._actions.add(schema, why, update={keyword: {}})  # what it described is described as before
        elif keyword == "maxContains" and node.get("minContains", 0) > node[keyword]:
            self._actions.add(schema, why, update={"minContains": 0})  # which hid that this is broken as well
        self._gone.append(pointer)

    def _never(self, pointer: str, together: Sequence[Finding]) -> None:
        """Allow what nothing is allowed to be; which one of a list it was is not told, nor which branch of an `if`."""
        node = self._node(pointer)
        if node is False:
            self._widened.append(Promise(pointer, "false"))
            self._add(pointer, together, update=True)
            return
        entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        never = [name for name, value in entries if value is False]
        if isinstance(node, dict) and split(pointer)[-1:] not in (["patternProperties"], ["dependentSchemas"]):
            never = [name for name in never if name in {"then", "else"}]
        for name in never:
            self._widened.append(Promise(join(pointer, name), "false"))
            self._add(join(pointer, name), together, update=True)
        if not never:
            self._leave(together, "where the rule stands is not known")

    def _type(self, pointer: str, together: Sequence[Finding]) -> None:
        outer, _, _ = pointer.rpartition("/")
        node = self._node(pointer)
        declared = node if isinstance(node, list) else [node]
        seen = {kind for finding in together for kind in finding.types}
        names = {"string"} if outer in self._graph.of_names else set()
        widened = typed([*declared, *seen, *names], old=self._old)
        self._add(pointer, together, remove=True)
        if widened:
            self._add(outer, together, update=widened)

    def _few(self, pointer: str, together: Sequence[Finding]) -> None:
        """Let a list have no item of a kind; such a one is then described all the same."""
        self._add(pointer.rpartition("/")[0], together, update={"minContains": 0})

    def _required(self, pointer: str, together: Sequence[Finding]) -> None:
        self._not_required(pointer, {split(finding.place)[-1] for finding in together}, together)

    def _not_required(self, pointer: str, missing: set[str], together: Sequence[Finding]) -> None:
        if set(self._node(pointer)) <= missing:
            self._add(pointer, together, remove=True)
            return
        for name in sorted(missing & set(self._node(pointer))):
            self._add(pointer, together, of=quoted_equal(name), remove=True)

    def _hidden(self, pointer: str, together: Sequence[Finding]) -> None:
        """Show what may only be written; what else the document says of it was judged in no answer."""
        node, place = self._document.resolve(pointer)
        *_, name = split(pointer)
        outer = pointer.rpartition("/")[0].rpartition("/")[0]
        types = {kind for finding in together for kind in finding.types}
        declared = node.get("type", list(types)) if isinstance(node, dict) else []
        self._widened.append(Promise(outer, "writeOnly"))
        is_all = place == pointer and node.keys() <= _SAYS_NO_MORE and types <= _with_integers(declared)
        if is_all or self._is_referred_to(pointer):
            self._add(place, together, update={"writeOnly": False})
        else:
            seen = within(together_of(map(self._tree, together)), self._reach.with_schema(pointer))
            self._add(pointer, together, remove=True)
            self._add(outer, together, update={"properties": {name: schema_of(seen, old=self._old)}})
            self._gone.append(pointer)
        judging = {place for outline in self._reach.with_schema(outer) for place in outline.schemas}
        for place in sorted(judging):
            if name in (self._node(join(place, "required")) or ()):
                self._not_required(join(place, "required"), {name}, together)

    def _fields(self, pointer: str, together: Sequence[Finding]) -> None:
        names = {split(finding.place)[-1] for finding in together}
        listed = [finding for finding in together if split(finding.place)[-1] != ANY]
        if listed:
            described = {name: self._seen(pointer, name) for name in sorted(names - {ANY})}
            self._actions.put(pointer, _described(pointer, listed), described, within=["properties"])
        others = [finding for finding in together if split(finding.place)[-1] == ANY]
        if any(self._tallies[finding.operation].more for finding in together):
            self._others(pointer, together, REST)
        elif others:
            alone = self._reach.whole and judges_alone(self._reach.with_schema(pointer), pointer)
            self._others(pointer, others, self._seen(pointer, ANY) if alone else REST)

    def _others(self, pointer: str, together: Sequence[Finding], schema: Mapping[str, Any]) -> None:
        if isinstance(self._node(join(pointer, "additionalProperties")), bool):
            self._add(join(pointer, "additionalProperties"), together, remove=True)
            self._add(pointer, together, update={"additionalProperties": schema})
        else:
            self._actions.put(pointer, _described(pointer, together), {"additionalProperties": schema})

    def _seen(self, pointer: str, name: str) -> dict[str, Any]:
        """Return the schema of a property as it was seen wherever the schema at a pointer judges the object.

        It says nothing where others describe it in some of these objects: of those not all were looked through.
        """
        judged = self._reach.with_schema(pointer)
        described = name != ANY and any(outline.of(name) is not None for outline in judged)
        if described or not self._reach.whole or pointer in self._graph.refused:
            return {}
        there = set(map(id, judged))
        return self._schema(
            finding
            for finding in self._named[name]
            if finding.schema == pointer or not there.isdisjoint(map(id, self._outlines_around(finding)))
        )

    def _outlines_around(self, finding: Finding) -> list[Outline]:
        if finding.operation not in self._operations:
            return []
        outer = finding.place.rpartition("/")[0]
        return self._reach.at(self._operations[finding.operation], finding.status, finding.media, outer)

    def _give_up(self) -> None:
        """Write what no promise can be kept for: of alternatives last, for those within them are found by their names.

        The innermost go first, as those around copy them.
        """
        widened = [*self._widened, *self._fitting_none]
        broken = dict.fromkeys([*self._fitting_none, *self._graph.given_up(widened)])
        for promise in sorted(broken, key=lambda one: (one.keyword in {"anyOf", "oneOf"}, -one.schema.count("/"), one)):
            pointer = join(promise.schema, promise.keyword)
            together = self._fitting_none.get(promise, ())
            why = _described(promise.schema, together) if together else _WHY_GIVEN_UP.format(promise.keyword)
            if pointer.startswith("/x-documents/"):
                self.left.append(f"{pointer}: {why}; it stands in another document")
            elif self._is_gone(promise.schema):
                continue
            elif promise.keyword == "anyOf":
                self._actions.append(pointer, why, self._alternatives(promise.schema, together))
            elif promise.keyword != "oneOf":
                self._away(promise, why)
            else:
                self._relax(promise, why, together)

    def _relax(self, promise: Promise, why: str, together: Sequence[Finding]) -> None:
        """Add an alternative that is what was seen; "exactly one of them" is then too much to promise."""
        pointer, node = join(promise.schema, "oneOf"), self._node(promise.schema)
        within: Sequence[str] = ()
        if "anyOf" in node:
            within = ["then"]
        more = self._alternatives(promise.schema, together) if together else ()
        if self._is_referred_to(pointer):
            self.left.append(f"{pointer}: {why}; the document refers to its alternatives by their place")
        elif within and (self._old or node.keys() & {"if", "then"}):
            self.left.append(f"{pointer}: {why}; there is an anyOf beside it, and no place for another")
        else:
            if within:
                self._actions.add(promise.schema, why, update={"if": {}})
            self._actions.relax(promise.schema, why, more, within=within)

    def _is_gone(self, pointer: str) -> bool:
        """Tell whether something stands in what an action has removed."""
        return any(f"{pointer}/".startswith(f"{other}/") for other in self._gone)

    def _is_referred_to(self, pointer: str) -> bool:
        """Tell whether a schema of the document refers to what stands at a pointer, or in it."""
        return any(f"{target}/".startswith(f"{pointer}/") for target in self._graph.references)

    def _alternatives(self, schema: str, together: Sequence[Finding]) -> list[dict[str, Any]]:
        """Return the schemas of what none of the alternatives of a schema fitted."""
        seen = together_of(map(self._tree, together)) if together else Tree()
        outlines = self._reach.with_schema(schema)
        if schema in self._graph.of_names:
            seen.types.add("string")
        if outlines and self._reach.whole:
            seen = within(seen, outlines)
        else:
            seen.inner.clear()
        return alternatives_of(seen, old=self._old)

    def _content(self, pointer: str, together: Sequence[Finding]) -> None:
        self._actions.put(pointer, _described(pointer, together), self._bodies(together), within=["content"])

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
            self._actions.put(pointer, _described(pointer, those), {status: told})

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
        return schema_of(together_of(map(self._tree, together)), old=self._old)

    def _tree(self, finding: Finding) -> Tree:
        return self._trees[finding.operation].get((finding.status, finding.media), Tree()).at(finding.place)

    def _node(self, pointer: str) -> Any:
        return self._document.at(pointer) if self._document.stands(pointer) else None

    def _add(self, pointer: str, together: Sequence[Finding], *, of: str = "", **verb: Any) -> None:
        self._actions.add(pointer, _described(pointer, together), of=of, **verb)

    def _leave(self, together: Sequence[Finding], why: str) -> None:
        self.left += [f"{_sentence(finding)}; {why}" for finding in together]


def _with_integers(types: str | list[str]) -> set[str]:
    """Return declared types as a set that also has those of their values."""
    declared = {types} if isinstance(types, str) else set(types)
    return declared | ({"integer"} if "number" in declared else set())


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
