"""What the names of a module stand for, scope by scope, as far as its text alone says (Python's reference, 4.2)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

_MOST = 200  # things that one name is bound to
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_PLAIN = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.Constant)  # nothing is in these


class Imported(NamedTuple):
    """Is what an import statement gives: a module, or what is there under a name, ``*`` for all of it.

    `level` is how many dots stand before the module.
    """

    module: str
    level: int
    name: str = ""


class Each(NamedTuple):
    """Is what a loop gives, one after the other: all that is in `over`, or parts of it, by their places within."""

    over: ast.expr
    scope: Scope
    at: tuple[int, ...] = ()


class Binding(NamedTuple):
    """Is one thing that a name is bound to: a value, one of several that a loop goes through, or what only runs tell.

    `value` is the expression, to be read in `scope`, the scope of a class or function, or what an import or a loop
    gives; None where there is none. `annotation` is what is written behind the colon.
    """

    scope: Scope
    value: ast.expr | Scope | Imported | Each | None = None
    annotation: ast.expr | None = None


class Scope:
    """Is a module, a class or a function, and the names that are bound in it."""

    def __init__(self, node: ast.AST, outer: Scope | None) -> None:
        self.node = node
        self.outer = outer
        self.names: dict[str, list[Binding]] = {}
        self._elsewhere: dict[str, list[Scope]] = {}

    @property
    def module(self) -> Module:
        """The module that it is in."""
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        if not isinstance(scope, Module):
            raise TypeError("a scope stands in a module")
        return scope

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

    def bind(
        self,
        name: str,
        value: ast.expr | Scope | Imported | Each | None = None,
        annotation: ast.expr | None = None,
    ) -> None:
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


class Module(Scope):
    """Is the scope of a module, with all nodes that are in it, each with its scope, whose names are all known by then.

    `assigned` are the attributes that it assigns, of whatever; `shared` and `lent` are names, and attributes with a dot
    before them, whose objects somebody else has, or has the parts of (`changes.note`). `known` is what has been found
    out of its expressions.
    """

    def __init__(self, tree: ast.Module, path: Path) -> None:
        super().__init__(tree, None)
        self.path = path
        self.assigned: set[str] = set()
        self.shared: set[str] = set()
        self.lent: set[str] = set()
        self.known: dict[object, Any] = {}
        self.places = _places(tree, self)


class Place(NamedTuple):
    """Is a node of a module, the scope that it is read in, and what it stands in."""

    node: ast.AST
    scope: Scope
    parent: ast.AST


def _places(tree: ast.Module, module: Module) -> list[Place]:
    """Return the nodes of a module in their order.

    Walked with a list rather than by recursion: a source may nest deeper than the interpreter's stack.
    """
    waiting = [Place(tree, module, tree)]
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
    if not isinstance(node, ast.Lambda):
        scope.bind(node.name, inner)
    if not isinstance(node, ast.ClassDef):
        given = parametrized(place)
        for argument in _arguments(node.args):
            inner.bind(argument.arg, given.get(argument.arg), argument.annotation)
    inside = {id(child) for child in (node.body if isinstance(node.body, list) else [node.body])}
    for child in ast.iter_child_nodes(node):
        yield Place(child, inner if id(child) in inside else scope, node)


def _arguments(given: ast.arguments) -> Iterator[ast.arg]:
    yield from (*given.posonlyargs, *given.args, *given.kwonlyargs)
    yield from (argument for argument in (given.vararg, given.kwarg) if argument is not None)


def parametrized(place: Place) -> dict[str, Each]:
    """Return what ``pytest.mark.parametrize`` gives the arguments of a function by name, or those of a class's."""
    node, scope, parent = place
    found = _by_decorators(node, scope)
    if isinstance(parent, ast.ClassDef) and scope.outer is not None:
        return _by_decorators(parent, scope.outer) | found
    return found


def _by_decorators(node: ast.AST, scope: Scope) -> dict[str, Each]:
    found: dict[str, Each] = {}
    for decorator in getattr(node, "decorator_list", ()):
        if not isinstance(decorator, ast.Call) or last_name(decorator.func) != "parametrize":
            continue
        words = {word.arg: word.value for word in decorator.keywords}
        named, over, *_ = [*decorator.args, *(words[w] for w in ("argnames", "argvalues") if w in words), None, None]
        names = _texts_of(named)
        if names and over is not None and "indirect" not in words:
            found |= {name: Each(over, scope, (n,) if len(names) > 1 else ()) for n, name in enumerate(names)}
    return found


def _texts_of(named: ast.expr | None) -> list[str]:
    """Return the names of arguments, which are written as one text, with commas, or as several."""
    if isinstance(named, ast.Constant) and isinstance(named.value, str):
        return [name.strip() for name in named.value.split(",") if name.strip()]
    parts = named.elts if isinstance(named, ast.Tuple | ast.List) else []
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return texts if len(texts) == len(parts) else []


def _bind(place: Place) -> None:
    """Bind the names that a node binds."""
    node, scope, _ = place
    if isinstance(node, ast.Assign):
        for target in node.targets:
            _assign(scope, target, node.value)
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        scope.bind(node.target.id, node.value, node.annotation)
    elif isinstance(node, ast.NamedExpr):
        _assign(scope, node.target, node.value)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        _loop(scope, node.target, node.iter)
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        _assign(scope, node.optional_vars, node.context_expr)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        _import(scope, node)
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
    """Bind a loop's names to all that a written list has, for they are each of them, or to what it goes through."""
    written = over.elts if isinstance(over, ast.Tuple | ast.List | ast.Set) else []
    if written and not any(isinstance(element, ast.Starred) for element in written):
        for element in written:
            _assign(scope, target, element)
    else:
        _go_through(scope, target, Each(over, scope))


def _go_through(scope: Scope, target: ast.expr, each: Each) -> None:
    if isinstance(target, ast.Name):
        scope.bind(target.id, each)
    elif isinstance(target, ast.Tuple | ast.List) and not any(isinstance(part, ast.Starred) for part in target.elts):
        for number, part in enumerate(target.elts):
            _go_through(scope, part, each._replace(at=(*each.at, number)))
    else:
        _hide(scope, target)


def _hide(scope: Scope, target: ast.AST) -> None:
    """Bind all names in a target to what cannot be read."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            scope.bind(node.id)


def _import(scope: Scope, node: ast.Import | ast.ImportFrom) -> None:
    """Bind what an import gives; ``import a.b`` gives ``a``."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            scope.bind(alias.asname or alias.name, Imported(node.module or "", node.level, alias.name))
        else:
            name = alias.asname or alias.name.partition(".")[0]
            scope.bind(name, Imported(alias.name if alias.asname else name, 0))


def _bound_otherwise(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node binds to what is no expression."""
    if isinstance(node, ast.AugAssign | ast.Delete):
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
