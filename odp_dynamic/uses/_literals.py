"""Expressions that spell out their values, read without running anything."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from ._names import Binding, Place, Scope
from ._values import UNKNOWN

_LONGEST = 10_000  # characters of a text that is put together
_MOST = 100  # texts that one expression may be


class Literals:
    """Reads the expressions of one module.

    A name that is bound once is what it is bound to. A list or a dict is that only where nothing else has it: whoever
    has it may change it. `kept` are the nodes of names that stand where nothing is changed.
    """

    def __init__(self, places: Iterable[Place], kept: Collection[ast.AST]) -> None:
        self._classes: dict[str, Scope] = {}
        self._assigned: set[str] = set()  # attributes
        self._shared: set[str] = set()
        ours = {id(node) for node in kept}
        for node, scope, parent in places:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in ours:
                self._shared.add(node.id)
            elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                self._assigned.add(node.attr)
            elif isinstance(parent, ast.ClassDef) and scope.node is parent:
                self._classes[parent.name] = scope
        self._read: dict[Any, Any] = {}  # what names stand for

    def value(self, expression: ast.expr, scope: Scope) -> Any:
        """Return what an expression is, UNKNOWN where its text does not say, and within it for the parts it does not.

        Tuples are lists, as in JSON.
        """
        try:
            return self._value(expression, scope)
        except RecursionError:
            return UNKNOWN

    def texts(self, expression: ast.expr, scope: Scope) -> list[Any]:
        """Return all texts that an expression may be, UNKNOWN among them where it may be something else."""
        try:
            found = list(dict.fromkeys(self._texts(expression, scope)))
        except RecursionError:
            return [UNKNOWN]
        return found if len(found) <= _MOST else [*found[:_MOST], UNKNOWN]

    def _texts(self, node: ast.expr, scope: Scope) -> Iterator[Any]:
        if isinstance(node, ast.IfExp):
            yield from (*self._texts(node.body, scope), *self._texts(node.orelse, scope))
        elif isinstance(node, ast.Name) and (bindings := scope.bindings(node.id)):
            for binding in bindings:
                yield from self._of_name(binding, self.texts, [UNKNOWN])
        else:
            found = self._value(node, scope)
            yield found if isinstance(found, str) else UNKNOWN

    def _value(self, node: ast.expr, scope: Scope) -> Any:
        match node:
            case ast.Constant(value=str() | int() | float() | bytes() | None as value):
                return value
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return self._list(items, scope)
            case ast.Dict(keys=keys, values=values):
                return self._dict(zip(keys, values, strict=True), scope)
            case ast.Name(id=name):
                return self._named(scope.bindings(name), shared=name in self._shared)
        return self._made(node, scope)

    def _made(self, node: ast.expr, scope: Scope) -> Any:
        """Return what an expression makes of others."""
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self._value(operand, scope)
                return -number if isinstance(number, int | float) else UNKNOWN
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self._joined([left, right], scope)
            case ast.JoinedStr(values=parts):
                return self._joined(parts, scope)
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=words) if not scope.bindings("dict"):
                named = [(None if word.arg is None else ast.Constant(word.arg), word.value) for word in words]
                return self._dict(named, scope)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                return self._of_class(name, attribute, scope)
        return UNKNOWN

    def _joined(self, parts: Iterable[ast.expr], scope: Scope) -> Any:
        texts = [self._value(part, scope) for part in parts]
        if not all(isinstance(text, str) for text in texts) or sum(map(len, texts)) > _LONGEST:
            return UNKNOWN
        return "".join(texts)

    def _list(self, items: Iterable[ast.expr], scope: Scope) -> Any:
        found: list[Any] = []
        is_counted = True
        for item in items:
            more = self._value(item.value, scope) if isinstance(item, ast.Starred) else [self._value(item, scope)]
            is_counted = is_counted and isinstance(more, list)
            found += more if is_counted else [UNKNOWN]  # none knows at which place it is
        return found

    def _dict(self, entries: Iterable[tuple[ast.expr | None, ast.expr]], scope: Scope) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key, value in entries:
            given = self._value(value, scope)
            if key is None:
                added = given if isinstance(given, dict) else {UNKNOWN: UNKNOWN}
            else:
                name = self._value(key, scope)
                added = {UNKNOWN if isinstance(name, list | dict) else name: given}
            if UNKNOWN in added:  # it may be each of those before it
                found = dict.fromkeys(found, UNKNOWN) | {UNKNOWN: UNKNOWN}
            found |= {name: inner for name, inner in added.items() if name is not UNKNOWN}
        return found

    def _named(self, bindings: list[Binding], *, shared: bool) -> Any:
        found = self._of_name(bindings[0], self.value, UNKNOWN) if len(bindings) == 1 else UNKNOWN
        return UNKNOWN if shared and isinstance(found, list | dict) else found

    def _of_name(self, binding: Binding, read: Callable[[ast.expr, Scope], Any], otherwise: Any) -> Any:
        """Return what a binding is, read once; one that is being read stands for itself, and so for nothing."""
        if binding.value is None:
            return otherwise
        place = read.__name__, id(binding.value)
        if place not in self._read:
            self._read[place] = otherwise
            self._read[place] = read(binding.value, binding.scope)
        return self._read[place]

    def _of_class(self, name: str, attribute: str, scope: Scope) -> Any:
        """Return a constant of a class of this module, or of the class around, by ``self`` or ``cls``."""
        around = next((s for s in [scope, *scope.around] if isinstance(s.node, ast.ClassDef)), None)
        home = around if name in {"self", "cls"} else self._classes.get(name)
        if home is None or attribute in self._assigned:
            return UNKNOWN
        return self._named(home.names.get(attribute, []), shared=True)
