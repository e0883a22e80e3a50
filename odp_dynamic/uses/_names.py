"""What the names of a module stand for, scope by scope, as far as its text alone says (Python's reference, 4.2)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

_MOST = 200  # things that one name is bound to
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_PLAIN = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.Constant)  # nothing is in these


class Binding(NamedTuple):
    """Is one thing that a name is bound to: a value, one of several that a loop goes through, or what only runs tell.

    `value` is the expression, to be read in `scope`; None where there is none. `annotation` is what is written behind
    the colon.
    """

    scope: Scope
    value: ast.expr | None = None
    annotation: ast.expr | None = None


class Scope:
    """Is a module, a class or a function, and the names that are bound in it."""

    def __init__(self, node: ast.AST, outer: Scope | None) -> None:
        self.node = node
        self.outer = outer
        self.names: dict[str, list[Binding]] = {}
        self._elsewhere: dict[str, list[Scope]] = {}

    @property
    def around(self) -> list[Scope]:
        """The scopes around this one, the innermost first; the last one is the module."""
        return [] if self.outer is None else [self.outer, *self.outer.around]

    def bindings(self, name: str) -> list[Binding]:
        """Return what a name that is read here is bound to, nothing where it is bound nowhere."""
        if name in self._elsewhere:
            return [binding for scope in self._elsewhere[name] for binding in scope.names.get(name, ())]
        visible = [self, *(scope for scope in self.around if not isinstance(scope.node, ast.ClassDef))]
        return next((scope.names[name] for scope in visible if name in scope.names), [])

    def bind(self, name: str, value: ast.expr | None = None, annotation: ast.expr | None = None) -> None:
        """Add something that a name is bound to, wherever this scope says that the name is."""
        for scope in self._elsewhere.get(name, [self]):
            known = scope.names.setdefault(name, [])
            if len(known) < _MOST:  # the last one stands for all that follow
                known.append(Binding(self, value, annotation) if len(known) < _MOST - 1 else Binding(self))

    def declare(self, statement: ast.Global | ast.Nonlocal) -> None:
        """Note that names are those of other scopes."""
        around = [scope for scope in self.around if not isinstance(scope.node, ast.ClassDef)]
        homes = around[-1:] if isinstance(statement, ast.Global) else around[:-1]
        self._elsewhere |= dict.fromkeys(statement.names, homes)


class Place(NamedTuple):
    """Is a node of a module, the scope that it is read in, and what it stands in."""

    node: ast.AST
    scope: Scope
    parent: ast.AST


def places_of(module: ast.Module) -> list[Place]:
    """Return the nodes of a module in their order, each with its scope, whose names are all known by then.

    Walked with a list rather than by recursion: a source may nest deeper than the interpreter's stack.
    """
    waiting = [Place(module, Scope(module, None), module)]
    found = []
    while waiting:
        place = waiting.pop()
        if not isinstance(place.node, _PLAIN):
            found.append(place)
            _bind(place)
            waiting += reversed(list(_within(place)))
    return found


def _within(place: Place) -> Iterator[Place]:
    """Yield what stands in a node; defaults, decorators, bases and annotations belong to the scope around."""
    node, scope, _ = place
    if not isinstance(node, _SCOPES):
        yield from (Place(child, scope, node) for child in ast.iter_child_nodes(node))
        return
    inner = Scope(node, scope)
    if not isinstance(node, ast.ClassDef):
        for argument in _arguments(node.args):
            inner.bind(argument.arg, annotation=argument.annotation)
    inside = {id(child) for child in (node.body if isinstance(node.body, list) else [node.body])}
    for child in ast.iter_child_nodes(node):
        yield Place(child, inner if id(child) in inside else scope, node)


def _arguments(given: ast.arguments) -> Iterator[ast.arg]:
    yield from (*given.posonlyargs, *given.args, *given.kwonlyargs)
    yield from (argument for argument in (given.vararg, given.kwarg) if argument is not None)


def _bind(place: Place) -> None:
    """Bind the names that a node binds."""
    node, scope, _ = place
    if isinstance(node, ast.Assign):
        for target in node.targets:
            _assign(scope, target, node.value)
    elif isinstance(node, ast.AnnAssign):
        if isinstance(node.target, ast.Name):
            scope.bind(node.target.id, node.value, node.annotation)
    elif isinstance(node, ast.NamedExpr):
        _assign(scope, node.target, node.value)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        _loop(scope, node.target, node.iter)
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        _assign(scope, node.optional_vars, node.context_expr)
    elif isinstance(node, ast.Global | ast.Nonlocal):
        scope.declare(node)
    for name in _bound_otherwise(node):
        scope.bind(name)


def _assign(scope: Scope, target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Name):
        scope.bind(target.id, value)
    elif _are_alike(target, value):
        for part, its in zip(target.elts, value.elts, strict=True):  # type: ignore[attr-defined]  # both are lists
            _assign(scope, part, its)
    else:
        _hide(scope, target)


def _are_alike(target: ast.expr, value: ast.expr) -> bool:
    """Return whether each part of a target is given one part of a value."""
    if not isinstance(target, ast.Tuple | ast.List) or not isinstance(value, ast.Tuple | ast.List):
        return False
    starred = any(isinstance(part, ast.Starred) for part in (*target.elts, *value.elts))
    return len(target.elts) == len(value.elts) and not starred


def _loop(scope: Scope, target: ast.expr, over: ast.expr) -> None:
    """Bind a loop's names to all that a written list has, for they are each of them."""
    if isinstance(over, ast.Tuple | ast.List | ast.Set) and over.elts:
        for element in over.elts:
            _assign(scope, target, element)
    else:
        _hide(scope, target)


def _hide(scope: Scope, target: ast.AST) -> None:
    """Bind all names in a target to what cannot be read."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            scope.bind(node.id)


def _bound_otherwise(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node binds to what is no expression."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.AugAssign | ast.Delete):
        targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
        yield from (target.id for target in targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name is not None:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest is not None:
        yield node.rest


def last_name(expression: ast.expr) -> str:
    """Return the last name of a dotted one, "" where it is none."""
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""
