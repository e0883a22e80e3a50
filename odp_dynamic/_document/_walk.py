"""The walk over documents that knows, at each place, which kind of object stands there.

It checks each object, and notes what the next steps need: references, names of schemas, operations, requirements. It
goes level by level along a growing list, which has no depth to run out of and is the fastest loop that Python has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin

from ..errors import SpecError
from ._rules import Reference, Rule, mismatch


class File:
    """Is one document of those that belong together.

    `uri` is where it was read, `name` and `text` are for messages, `root` is its content. `rules` are those of its
    version of OpenAPI. `key` is its name among the embedded ones, empty for the document that was asked for.
    """

    __slots__ = ("key", "name", "root", "rules", "scope", "text", "uri")

    def __init__(
        self, name: str, uri: str, text: str | None, root: Any, *, rules: dict[str, Rule], key: str = ""
    ) -> None:
        self.name = name
        self.uri = uri
        self.text = text
        self.root = root
        self.rules = rules
        self.key = key
        self.scope = Scope(self, uri, root)


class Scope(NamedTuple):
    """Is what references in one part of a file are resolved against.

    `base` is the URI, `resource` what it stands for: the root of the file, or the schema with the nearest ``$id``.
    """

    file: File
    base: str
    resource: Any


# An object that a later step has to look at, the rule by which it was walked over, and its scope.
Noted = tuple[dict[str, Any], Rule, Scope]


class Misfit(Exception):  # it becomes a SpecError where the way to its node is known
    """Says what is wrong with the entry `key` of `node`, or with the node itself where the key is None."""

    def __init__(self, message: str, file: File, node: Any, key: str | int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.node = node
        self.key = key


Refuse = Callable[[Misfit | SpecError], None]


def refuse_at_once(fault: Misfit | SpecError) -> None:
    """End with the first fault, as a load does; who wants to know all faults collects them instead."""
    raise fault


class Walk:
    """Is the walk over all files; `visit` continues it, and the lists say what was found so far.

    `refuse` is told each fault; where it does not raise, the walk goes on, past what is wrong.
    """

    def __init__(self, refuse: Refuse = refuse_at_once) -> None:
        self.refuse = refuse
        self._misfits: set[int] = set()  # the nodes of which it was told
        self.references: list[Noted] = []
        self.identified: list[Noted] = []  # the schemas with a $id, an $anchor or a $dynamicAnchor
        self.operations: list[Noted] = []
        self.requirements: list[Noted] = []
        self.resources: dict[str, Scope] = {}  # by the URI that a $id gives
        self.anchors: dict[tuple[str, str], Noted] = {}  # by the URI of the resource, and the name
        self._seen: dict[int, Rule] = {}

    def visit(  # noqa: C901, PLR0912  # one loop: a call for each node would double the time
        self, start: Any, start_rule: Rule, start_scope: Scope
    ) -> None:
        """Walk over a node, and all within it, that was not walked over before by the same rule."""
        seen = self._seen
        waiting = [(start, start_rule, start_scope)]
        add = waiting.append
        for node, rule, scope in waiting:
            if seen.get(id(node)) is rule:
                continue
            seen[id(node)] = rule
            each = rule.each
            if rule.noted or (rule.marks and not rule.marks.isdisjoint(node)):
                scope = self._note(node, rule, scope)  # noqa: PLW2901  # a $id begins a scope of its own
            if rule.reference and "$ref" in node:
                self.references.append((node, rule, scope))
                if rule.reference is Reference.ALONE:
                    continue
            if each is None:
                get = rule.fields.get
                for key, value in node.items():
                    field = get(key)
                    if field is None:
                        continue
                    kind = type(value)
                    if kind not in field.types or (kind is str and field.words and value not in field.words):
                        self._refuse_entries(node, rule, scope)
                        continue
                    if field.deep and (kind is dict or kind is list):
                        add((value, field, scope))
            else:
                types, words, deep = each.types, each.words, each.deep
                for value in _entries(node) if rule.extensible else node if type(node) is list else node.values():
                    kind = type(value)
                    if kind not in types or (words and value not in words):
                        self._refuse_entries(node, rule, scope)
                        continue
                    if deep and kind is not bool:
                        add((value, each, scope))
            if rule.check is not None and id(node) not in self._misfits:
                complaint = rule.check(node)
                if complaint is not None:
                    self.refuse(Misfit(complaint[1], scope.file, node, complaint[0] or None))

    def _refuse_entries(self, node: Any, rule: Rule, scope: Scope) -> None:
        if id(node) not in self._misfits:
            self._misfits.add(id(node))
            for misfit in _misfits(node, rule, scope):
                self.refuse(misfit)

    def _note(self, node: dict[str, Any], rule: Rule, scope: Scope) -> Scope:
        """Note an operation, a security requirement, or what names a schema; return the scope within it."""
        if rule.name != "schema":
            (self.operations if rule.name == "operation" else self.requirements).append((node, rule, scope))
            return scope
        base, _, label = (node["$id"] if isinstance(node.get("$id"), str) else "").partition("#")
        if base:
            scope = Scope(scope.file, urldefrag(urljoin(scope.base, base)).url, node)
            self.resources.setdefault(scope.base, scope)
        noted = (node, rule, scope)
        for name in (label, node.get("$anchor"), node.get("$dynamicAnchor")):
            if name and isinstance(name, str):
                self.anchors.setdefault((scope.base, name), noted)
        self.identified.append(noted)
        _use_static_reference(node)
        return scope


def _use_static_reference(node: dict[str, Any]) -> None:
    # Without a choice of schemas at run time a dynamic reference is a plain one (JSON Schema 2020-12, core 8.2.3.2).
    if not isinstance(node.get("$dynamicRef"), str):
        return
    reference = node.pop("$dynamicRef")
    if "$ref" in node:
        node["allOf"] = [*node.get("allOf", ()), {"$ref": reference}]
    else:
        node["$ref"] = reference


def _entries(node: dict[str, Any]) -> list[Any]:
    return [entry for key, entry in node.items() if not key.startswith("x-")]


def _misfits(node: Any, rule: Rule, scope: Scope) -> Iterator[Misfit]:
    """Look for the entries that are not of their kind; the walk itself is too hot to keep track of them."""
    places: Iterable[tuple[Any, Any]] = enumerate(node) if type(node) is list else node.items()
    for key, value in places:
        entry = rule.each or rule.fields.get(key)
        is_own = not (rule.extensible and key.startswith("x-"))
        if entry and is_own and (type(value) not in entry.types or (entry.words and _is_other(value, entry))):
            yield Misfit(mismatch(key, value, entry), scope.file, node, key)


def _is_other(value: Any, rule: Rule) -> bool:
    return type(value) is str and rule.words is not None and value not in rule.words
