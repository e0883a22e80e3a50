"""Which expressions of a module are an `Api`, by what the module says of them, or by a name that says it."""

from __future__ import annotations

import ast
import re

from ._following import Bound, End, Follower
from ._modules import Unit
from ._names import Binding, Imported, Module, Place, Scope, last_name

_CLASS = "Api"
_KNOWN = "receivers"
_DEEPEST = 20
_WORD = re.compile(r"\w+")


class Receivers:
    """Knows the classes of `Api` in a module, and the functions and attributes that give one.

    A name is one when it was bound to one, or is annotated so; a name that ends in ``api`` is one as well, unless it
    is bound to an object of another class: more than its name would speak against it.
    """

    def __init__(self, module: Module, follower: Follower) -> None:
        self._follower = follower
        self._classes = {_CLASS}
        self._functions: set[str] = set()
        self._attributes: set[str] = set()
        self._is_whole = False  # by then others may be asked
        self._settled: dict[ast.expr, bool] = {}
        places = module.places
        for node, _, _ in places:
            if isinstance(node, ast.ImportFrom):
                self._classes |= {alias.asname for alias in node.names if alias.asname and alias.name == _CLASS}
            elif isinstance(node, ast.ClassDef) and any(last_name(base) in self._classes for base in node.bases):
                self._classes.add(node.name)
        for node, _, _ in places:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and self.is_told(node.returns):
                self._functions.add(node.name)
        for _ in range(2):  # what is given on was given before, or behind it
            for place in places:
                self._note(place)
            self._settled.clear()
        self._is_whole = True

    def _of(self, module: Module) -> Receivers:
        """Return those of another module."""
        if _KNOWN not in module.known:
            module.known[_KNOWN] = Receivers(module, self._follower)
        found: Receivers = module.known[_KNOWN]
        return found

    def is_api(self, expression: ast.expr, scope: Scope, depth: int = 0) -> bool:
        """Return whether an expression is an `Api`."""
        if depth > _DEEPEST:
            return False
        match expression:
            case ast.Name(id=name):
                return self._is_name(name, scope, depth)
            case ast.Attribute(value=value, attr=name):
                return name in self._attributes or _says_so(name) or self._is_of_module(value, name, scope, depth)
            case ast.Call(func=function, args=arguments):
                return self._gives(function, arguments, scope, depth)
        return any(self.is_api(part, scope, depth + 1) for part in _parts(expression))

    def _is_name(self, name: str, scope: Scope, depth: int) -> bool:
        bindings = scope.bindings(name)
        if any(self.is_bound(name, binding, depth) for binding in bindings):
            return True
        return _says_so(name) and not any(self._is_another(binding) for binding in bindings)

    def is_bound(self, name: str, binding: Binding, depth: int) -> bool:
        """Return whether something that a name is bound to is an `Api`."""
        if self.is_told(binding.annotation):
            return True
        if isinstance(binding.value, ast.expr):
            if binding.value not in self._settled:  # what leads back to itself is none
                self._settled[binding.value] = False
                self._settled[binding.value] = self.is_api(binding.value, binding.scope, depth + 1)
            return self._settled[binding.value]
        if isinstance(binding.value, Imported) and self._is_whole:
            return self._is_there(self._follower.imported(binding.value, binding.scope.module), depth)
        # A parameter may be a fixture: a function of its name gives it.
        return name in self._functions and not isinstance(binding.scope.node, ast.Module | ast.ClassDef)

    def _is_of_module(self, value: ast.expr, name: str, scope: Scope, depth: int) -> bool:
        """Return whether an attribute is that of a module at hand, and an `Api` there."""
        if not self._is_whole:
            return False
        units = [end for end in self._ends(value, scope) if isinstance(end, Unit)]
        return any(self._is_there(self._follower.bound_in(unit, name), depth) for unit in units)

    def _is_there(self, bound: Bound | None, depth: int) -> bool:
        """Return whether one of the things that a name is bound to in another module is an `Api`."""
        if bound is None or depth > _DEEPEST:
            return False
        known, key = bound.module.known, (_KNOWN, bound.name)
        if key not in known:
            known[key] = False
            others = self._of(bound.module)
            known[key] = any(others.is_bound(bound.name, binding, depth + 1) for binding in bound.bindings)
        return bool(known[key])

    def _is_another(self, binding: Binding) -> bool:
        """Return whether a name is bound to an object of another class, or is annotated as one."""
        if binding.annotation is not None:
            return not self.is_told(binding.annotation) and last_name(binding.annotation) != "Any"
        return isinstance(binding.value, ast.Call) and last_name(binding.value.func)[:1].isupper()

    def _gives(self, function: ast.expr, arguments: list[ast.expr], scope: Scope, depth: int) -> bool:
        name = last_name(function)
        if name in self._classes or name in self._functions:
            return True
        if isinstance(function, ast.Attribute):
            if name in {"using", "__enter__"}:
                return self.is_api(function.value, scope, depth + 1)
            if name == "enter_context" and arguments:
                return self.is_api(arguments[0], scope, depth + 1)
            if name == "api":  # as of a sandbox
                return True
        return self._is_whole and any(map(self._gives_one, self._ends(function, scope)))

    def _ends(self, expression: ast.expr, scope: Scope) -> list[End]:
        try:
            return self._follower.ends(expression, scope)
        except RecursionError:
            return []

    def _gives_one(self, end: End) -> bool:
        """Return whether a class is one of `Api`, or a function says that it returns one, wherever they are."""
        if not isinstance(end, Scope):
            return False
        if isinstance(end.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self._of(end.module).is_told(end.node.returns)
        return _CLASS in self._follower.kinds(end)

    def is_told(self, annotation: ast.expr | None) -> bool:
        """Return whether an annotation has an `Api` in it, but for what takes one."""
        if annotation is None or (isinstance(annotation, ast.Subscript) and last_name(annotation.value) == "Callable"):
            return False
        for node in ast.walk(annotation):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if self._classes & set(_WORD.findall(node.value)):
                    return True
            elif isinstance(node, ast.Name | ast.Attribute) and last_name(node) in self._classes:
                return True
        return False

    def _note(self, place: Place) -> None:
        """Note an attribute that is given an `Api`."""
        node, scope, _ = place
        if isinstance(node, ast.Assign) and self.is_api(node.value, scope):
            self._attributes |= {target.attr for target in node.targets if isinstance(target, ast.Attribute)}
        elif isinstance(node, ast.AnnAssign) and self.is_told(node.annotation):
            in_class = isinstance(scope.node, ast.ClassDef)
            if isinstance(node.target, ast.Attribute) or in_class:
                self._attributes.add(last_name(node.target))
        elif (
            isinstance(node, ast.FunctionDef) and node.name in self._functions and isinstance(scope.node, ast.ClassDef)
        ):
            self._attributes.add(node.name)  # a property, it may be


def _parts(expression: ast.expr) -> list[ast.expr]:
    """Return the expressions of which one is what a whole one is."""
    match expression:
        case ast.NamedExpr(value=value) | ast.Await(value=value) | ast.Subscript(value=value):
            return [value]
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.BoolOp(values=values):
            return values
    return []


def _says_so(name: str) -> bool:
    return name in {"api", "odp"} or name.endswith(("_api", "_API")) or name == "API"
