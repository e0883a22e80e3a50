"""Broken rules, and what cannot be promised beside them any more: each is loosened in its place, and none tightened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._pointers import join, split
from ._actions import Actions, described, quoted_equal
from ._evidence import Evidence
from ._findings import Finding
from ._graph import UNEVALUATED, Promise
from ._inference import alternatives_of, schema_of, typed, within

_WHY_GIVEN_UP = "{!r} promises less the more the schemas beneath it accept, and one of them accepts more now"
_SAYS_NO_MORE = frozenset(
    {"type", "writeOnly", "title", "description", "format", "default", "example", "examples", "deprecated", "readOnly"}
)
_BOUND_OF = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}  # of which 3.0 makes two keywords


class Loosening:
    """Writes what lets values be that broke rules, or says which rule it cannot loosen."""

    def __init__(self, evidence: Evidence, actions: Actions) -> None:
        self._evidence = evidence
        self._actions = actions
        self._widened: list[Promise] = []
        self._fitting_none: dict[Promise, Sequence[Finding]] = {}
        self._gone: list[str] = []

    def rule(self, pointer: str, together: Sequence[Finding]) -> None:
        """Write what puts findings of one broken rule right."""
        outer, _, _ = pointer.rpartition("/")
        keyword = together[0].detail
        promise = Promise(outer, keyword)
        if keyword == "false":
            self._never(pointer, together)
        elif keyword == "writeOnly":
            self._hidden(pointer, together)
        elif split(pointer)[-1:] != [keyword]:
            self._actions.leave(together, "where the rule stands is not known")
        elif keyword in {"anyOf", "oneOf"}:
            self._fitting_none[promise] = together
        else:
            self._widened.append(promise)
            how = {"required": self._required, "type": self._type, "contains": self._few, "minContains": self._few}
            if keyword in how:
                how[keyword](pointer, together)
            else:
                self._away(promise, described(outer, together))

    def give_up(self) -> None:
        """Write what no promise can be kept for: of alternatives last, for those within them are found by their names.

        The innermost go first, as those around copy them.
        """
        widened = [*self._widened, *self._fitting_none]
        broken = dict.fromkeys([*self._fitting_none, *self._evidence.graph.given_up(widened)])
        for promise in sorted(broken, key=lambda one: (one.keyword in {"anyOf", "oneOf"}, -one.schema.count("/"), one)):
            pointer = join(promise.schema, promise.keyword)
            together = self._fitting_none.get(promise, ())
            why = described(promise.schema, together) if together else _WHY_GIVEN_UP.format(promise.keyword)
            if pointer.startswith("/x-documents/"):
                self._actions.left.append(f"{pointer}: {why}; it stands in another document")
            elif self.is_gone(promise.schema):
                continue
            elif promise.keyword == "anyOf":
                self._actions.append(pointer, why, self._alternatives(promise.schema, together))
            elif promise.keyword != "oneOf":
                self._away(promise, why)
            else:
                self._relax(promise, why, together)

    def is_gone(self, pointer: str) -> bool:
        """Tell whether something stands in what an action has removed."""
        return any(f"{pointer}/".startswith(f"{other}/") for other in self._gone)

    def _never(self, pointer: str, together: Sequence[Finding]) -> None:
        """Allow what nothing is allowed to be; which one of a list it was is not told, nor which branch of an `if`."""
        node = self._evidence.node(pointer)
        if node is False:
            self._widened.append(Promise(pointer, "false"))
            self._actions.add(pointer, together, update=True)
            return
        entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        never = [name for name, value in entries if value is False]
        if isinstance(node, dict) and split(pointer)[-1:] not in (["patternProperties"], ["dependentSchemas"]):
            never = [name for name in never if name in {"then", "else"}]
        for name in never:
            self._widened.append(Promise(join(pointer, name), "false"))
            self._actions.add(join(pointer, name), together, update=True)
        if not never:
            self._actions.leave(together, "where the rule stands is not known")

    def _type(self, pointer: str, together: Sequence[Finding]) -> None:
        outer, _, _ = pointer.rpartition("/")
        node = self._evidence.node(pointer)
        declared = node if isinstance(node, list) else [node]
        widened = typed([*declared, *self._kinds(outer, together)], old=self._evidence.old)
        self._actions.add(pointer, together, remove=True)
        if widened:
            self._actions.add(outer, together, update=widened)

    def _few(self, pointer: str, together: Sequence[Finding]) -> None:
        """Let a list have no item of a kind; such a one is then described all the same."""
        self._actions.add(pointer.rpartition("/")[0], together, update={"minContains": 0})

    def _required(self, pointer: str, together: Sequence[Finding]) -> None:
        self._not_required(pointer, {split(finding.place)[-1] for finding in together}, together)

    def _not_required(self, pointer: str, missing: set[str], together: Sequence[Finding]) -> None:
        if set(self._evidence.node(pointer)) <= missing:
            self._actions.add(pointer, together, remove=True)
            return
        for name in sorted(missing & set(self._evidence.node(pointer))):
            self._actions.add(pointer, together, of=quoted_equal(name), remove=True)

    def _hidden(self, pointer: str, together: Sequence[Finding]) -> None:
        """Show what may only be written; what else the document says of it was judged in no answer."""
        node, place = self._evidence.document.resolve(pointer)
        *_, name = split(pointer)
        outer = pointer.rpartition("/")[0].rpartition("/")[0]
        types = {kind for finding in together for kind in finding.types}
        declared = node.get("type", list(types)) if isinstance(node, dict) else []
        self._widened.append(Promise(outer, "writeOnly"))
        is_all = place == pointer and node.keys() <= _SAYS_NO_MORE and types <= _with_integers(declared)
        if is_all or self._is_referred_to(pointer):
            self._actions.add(place, together, update={"writeOnly": False})
        else:
            seen = within(self._evidence.tree(together), self._evidence.reach.with_schema(pointer))
            self._actions.add(pointer, together, remove=True)
            self._actions.add(outer, together, update={"properties": {name: schema_of(seen, old=self._evidence.old)}})
            self._gone.append(pointer)
        judging = {place for outline in self._evidence.reach.with_schema(outer) for place in outline.schemas}
        for place in sorted(judging):
            if name in (self._evidence.node(join(place, "required")) or ()):
                self._not_required(join(place, "required"), {name}, together)

    def _away(self, promise: Promise, why: str) -> None:
        """Write what a schema without a keyword is."""
        schema, keyword = promise
        pointer, node = join(schema, keyword), self._evidence.document.at(schema)
        for word in (keyword, *([_BOUND_OF[keyword]] if self._evidence.old and keyword in _BOUND_OF else [])):
            self._actions.add(join(schema, word), why, remove=True)
        if keyword in UNEVALUATED and node[keyword] is not False:
            self._actions.add(schema, why, update={keyword: self._evidence.names_at(pointer)})
        elif keyword == "maxContains" and node.get("minContains", 0) > node[keyword]:
            self._actions.add(schema, why, update={"minContains": 0})  # which hid that this is broken as well
        elif keyword == "if":
            self._name_in_branch(schema, why)
        self._gone.append(pointer)

    def _name_in_branch(self, schema: str, why: str) -> None:
        """Name in a branch what the condition has named: one without a condition judges nothing, and describes."""
        node = self._evidence.node(schema)
        names = self._evidence.names_at(join(schema, "if")).get("properties", {})
        branch = next((word for word in ("then", "else") if isinstance(node.get(word, {}), dict)), "")
        there = node.get(branch, {}).get("properties", {}) if branch else names
        if names.keys() - there.keys():
            new: dict[str, Any] = {name: {} for name in names if name not in there}
            self._actions.add(schema, why, update={branch: {"properties": new}})

    def _relax(self, promise: Promise, why: str, together: Sequence[Finding]) -> None:
        """Add an alternative that is what was seen; "exactly one of them" is then too much to promise."""
        pointer, node = join(promise.schema, "oneOf"), self._evidence.node(promise.schema)
        within: Sequence[str] = ()
        if "anyOf" in node:
            within = ["then"]
        more = self._alternatives(promise.schema, together) if together else ()
        if self._is_referred_to(pointer):
            self._actions.left.append(f"{pointer}: {why}; the document refers to its alternatives by their place")
        elif within and (self._evidence.old or node.keys() & {"if", "then"}):
            self._actions.left.append(f"{pointer}: {why}; there is an anyOf beside it, and no place for another")
        else:
            if within:
                self._actions.add(promise.schema, why, update={"if": {}})
            self._actions.relax(promise.schema, why, more, within=within)

    def _is_referred_to(self, pointer: str) -> bool:
        """Tell whether a schema of the document refers to what stands at a pointer, or in it."""
        return any(f"{target}/".startswith(f"{pointer}/") for target in self._evidence.graph.references)

    def _alternatives(self, schema: str, together: Sequence[Finding]) -> list[dict[str, Any]]:
        """Return the schemas of what none of the alternatives of a schema fitted."""
        seen = self._evidence.tree(together)
        seen.types = self._kinds(schema, together)
        outlines = self._evidence.reach.with_schema(schema)
        if outlines and self._evidence.reach.whole:
            seen = within(seen, outlines)
        else:
            seen.inner.clear()
        return alternatives_of(seen, old=self._evidence.old)

    def _kinds(self, schema: str, together: Sequence[Finding]) -> set[str]:
        """Return the JSON types of what broke a rule; of a name a ledger tells the type of what has it."""
        seen = {kind for finding in together for kind in finding.types}
        if schema not in self._evidence.graph.of_names:
            return seen
        return {"string"} | (seen if self._evidence.reach.with_schema(schema) else set())


def _with_integers(types: str | list[str]) -> set[str]:
    """Return declared types as a set that also has those of their values."""
    declared = {types} if isinstance(types, str) else set(types)
    return declared | ({"integer"} if "number" in declared else set())
