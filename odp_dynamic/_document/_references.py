"""The resolution of references: afterwards one tree holds everything, and each ``$ref`` is a pointer within it.

What kind of object a reference leads to follows from where the reference stands, so that finding targets and walking
over them alternate until nothing new is found. Nothing is rewritten before all targets are known.

Sources: RFC 6901, 6 (pointers in fragments); RFC 3986, 5 (relative references); JSON Schema 2020-12, core 8.2.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any
from urllib.parse import unquote, urljoin

from .._pointers import escape, join, lookup, split, to_fragment
from ..errors import SpecError, closest
from ._files import Files, Refused, version_of
from ._limits import MAX_CHAIN
from ._places import pointer_of
from ._rules import Reference, Rule
from ._walk import Misfit, Scope, Walk

EMBEDDED = "x-documents"
_is_plain = re.compile(r"[A-Za-z0-9._~/-]*").fullmatch  # nothing in it needs to be encoded
_is_simple = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*").fullmatch  # neither escaped, nor the index of a list
_TOO_LONG = f"one of more than {MAX_CHAIN} references in a chain; refer to the last one"
_MANY = 2000
_LONGEST = 150


class Target:
    """Is what a reference leads to: a node, and the pointer to it within its file.

    `scope` is that of the references within it, `local` the ``$ref`` that leads there when all is one tree.
    """

    __slots__ = ("local", "node", "pointer", "scope")

    def __init__(self, node: Any, pointer: str, scope: Scope) -> None:
        self.node = node
        self.pointer = pointer
        self.scope = scope
        key = scope.file.key
        whole = join(f"/{EMBEDDED}", key) + pointer if key else pointer
        self.local = f"#{whole}" if _is_plain(whole) else to_fragment(whole)


class References:
    """Is the resolution of all references of a document; `resolve` and then `rewrite` do it."""

    def __init__(self, walk: Walk, files: Files) -> None:
        self._walk = walk
        self._files = files
        self._found: dict[tuple[int, str, str], Target] = {}
        self._folders: dict[tuple[int, str], Any] = {}
        self._steps: dict[int, int] = {}
        self._targets: dict[int, Target] = {}  # by the identity of the node in which the reference stands

    def resolve(self) -> None:
        """Find what each reference leads to, and walk over it."""
        visited: set[tuple[int, Rule]] = set()
        for node, rule, scope in self._walk.references:  # the list grows by what stands within the targets
            try:
                target = self._targets[id(node)] = self._target(node, rule, scope)
                if (id(target), rule) not in visited:
                    visited.add((id(target), rule))
                    self._visit(target, node, rule, scope)
            except (Misfit, SpecError) as fault:
                self._walk.refuse(fault)
        for node, _, scope in self._walk.references:
            self._check_chain(node, scope)

    def rewrite(self) -> None:
        """Embed what is needed of other documents, and make each reference a pointer; all must have been found."""
        self._embed()
        for node, rule, _ in self._walk.references:
            _rewrite(node, rule, self._targets[id(node)].local)
        for schema, _, _ in self._walk.identified:
            for keyword in ("$id", "$anchor", "$dynamicAnchor"):
                schema.pop(keyword, None)

    def _visit(self, target: Target, node: dict[str, Any], rule: Rule, scope: Scope) -> None:
        if type(target.node) not in rule.types:
            raise Misfit(f"leads to what is no {rule.name}; correct the reference", scope.file, node, "$ref")
        if type(target.node) is dict and "$ref" in target.node:
            # `_check_chain` is what decides; but a chain without end should not be resolved to its end first.
            self._steps[id(target.node)] = self._steps.get(id(node), 0) + 1
            if self._steps[id(target.node)] > MAX_CHAIN:
                raise Misfit(_TOO_LONG, scope.file, node, "$ref")
        if type(target.node) is not bool:  # a schema that is true or false holds nothing
            self._walk.visit(target.node, target.scope.file.rules[rule.name], target.scope)

    def _target(self, node: dict[str, Any], rule: Rule, scope: Scope) -> Target:
        reference = node["$ref"]
        if not isinstance(reference, str):
            raise Misfit("a $ref must be a string; correct it", scope.file, node, "$ref")
        key = (id(scope.resource), scope.base, reference)
        if key not in self._found:
            try:
                self._found[key] = self._find(reference, rule, scope)
            except (Refused, ValueError) as error:
                reason = str(error) if isinstance(error, Refused) else "this is no URI; correct it"
                raise Misfit(f"{_shortened(reference)}: {reason}", scope.file, node, "$ref") from None
        return self._found[key]

    def _find(self, reference: str, rule: Rule, scope: Scope) -> Target:
        uri, _, fragment = reference.partition("#")
        fragment = unquote(fragment, errors="strict") if "%" in fragment else fragment
        scope = self._resource(uri, scope) if uri else scope
        if not fragment:
            return self._place(scope, "")
        if fragment.startswith("/"):
            return self._place(scope, fragment)
        return self._anchor(scope, fragment, rule)

    def _resource(self, uri: str, scope: Scope) -> Scope:
        """Return what a URI stands for: a schema that has it as its ``$id``, or else a document."""
        absolute = urljoin(scope.base, uri)
        if absolute in self._walk.resources:
            return self._walk.resources[absolute]
        # An $id is a name and need not be an address: what it does not name is looked for beside the file.
        file = self._files.find(urljoin(scope.file.uri, uri), scope.file)
        return file.scope

    def _place(self, scope: Scope, pointer: str) -> Target:
        file = scope.file
        if scope.resource is not file.root:
            try:
                inside = lookup(scope.resource, pointer)
            except (LookupError, ValueError):
                pass  # authors name a schema by $id, and go on to write pointers from the top of the document
            else:
                return Target(inside, pointer_of(file.root, scope.resource) + pointer, scope)
        # Most references lead into a few folders, such as /components/schemas: each of them is looked up once.
        folder, _, name = pointer.rpartition("/")
        try:
            if (place := (id(file), folder)) not in self._folders:
                self._folders[place] = lookup(file.root, folder)
            node = self._folders[place][name] if pointer and _is_simple(name) else lookup(file.root, pointer)
        except (LookupError, TypeError, ValueError):
            raise Refused(_dangling(file.root, pointer)) from None
        return Target(node, pointer if "~" not in pointer else join("", *split(pointer)), file.scope)

    def _anchor(self, scope: Scope, name: str, rule: Rule) -> Target:
        anchors = self._walk.anchors
        if (scope.base, name) not in anchors and scope.file is not self._files.main:
            kind = rule.name if version_of(scope.file.root) is None else "document"
            self._walk.visit(scope.file.root, scope.file.rules[kind], scope)
        found = anchors.get((scope.base, name)) or anchors.get((scope.file.uri, name))
        if found is None:
            raise Refused(f"no schema has the $anchor {name!r}; add it, or refer by a pointer such as '#/components/…'")
        node, _, inner = found
        return Target(node, pointer_of(inner.file.root, node), inner)

    def _check_chain(self, node: dict[str, Any], scope: Scope) -> None:
        onward = self._targets.get
        target = onward(id(node))
        chain = [id(node)]
        while target is not None:
            if id(target.node) in chain:
                told = "the references only lead in a circle; define one of them"
                return self._walk.refuse(Misfit(told, scope.file, node, "$ref"))
            if len(chain) > MAX_CHAIN:
                return self._walk.refuse(Misfit(_TOO_LONG, scope.file, node, "$ref"))
            chain.append(id(target.node))
            target = onward(id(target.node))
        return None

    def _embed(self) -> None:
        """Put what is needed of other documents into the main one; what nothing refers to is left behind."""
        needed: dict[str, dict[str, Any]] = {}
        for target in self._targets.values():
            if target.scope.file.key:
                needed.setdefault(target.scope.file.key, {})[target.pointer] = target.node
        if needed:
            root = self._files.main.root
            if EMBEDDED in root:
                raise SpecError(f"the key {EMBEDDED} is taken; rename it", f"/{EMBEDDED}", self._files.main.name)
            root[EMBEDDED] = {key: _sparse(nodes) for key, nodes in needed.items()}


def _sparse(nodes: dict[str, Any]) -> Any:
    """Return a tree in which each node stands where its pointer says; in the place of lists it has mappings."""
    if "" in nodes:
        return nodes[""]
    root: dict[str, Any] = {}
    placed: set[tuple[str, ...]] = set()
    for pointer in sorted(nodes, key=lambda pointer: pointer.count("/")):
        tokens = split(pointer)
        if any(tuple(tokens[:depth]) in placed for depth in range(1, len(tokens))):
            continue
        folder = root
        for token in tokens[:-1]:
            folder = folder.setdefault(token, {})
        folder[tokens[-1]] = nodes[pointer]
        placed.add(tuple(tokens))
    return root


def _rewrite(node: dict[str, Any], rule: Rule, reference: str) -> None:
    if rule.reference is Reference.ALONE and len(node) > 1:
        is_schema = rule.name == "schema"
        for key in [key for key in node if is_schema or key not in {"$ref", "summary", "description"}]:
            del node[key]
    node["$ref"] = reference


def _dangling(root: Any, pointer: str) -> str:
    """Say which step of a pointer fails, and what it may have meant."""
    node, way = root, ""
    for token in split(pointer):
        try:
            inner = lookup(node, f"/{escape(token)}")
        except (LookupError, ValueError):
            break
        node, way = inner, join(way, token)
    near = closest(token, islice(node, _MANY)) if isinstance(node, dict) and len(token) < _MANY else None
    place = f"nothing stands there: {way or 'the document'} has no {_shortened(token)}"
    return f"{place}; did you mean '#{join(way, near)}'?" if near else f"{place}; add it or correct the reference"


def _shortened(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
