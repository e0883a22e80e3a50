"""What names lead to: through assignments, imports, classes, enums, keys and loops, as far as sources alone tell."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from ._displays import Display, Key, by_key, gone_through, literal
from ._modules import Modules, Unit
from ._names import Binding, Each, Imported, Module, Scope, last_name

_MOST = 100  # things that one expression may be


class Written(NamedTuple):
    """Is an expression that leads no further, in its scope; `lent` says that others have its parts."""

    node: ast.expr
    scope: Scope
    lent: bool = False


class Member(NamedTuple):
    """Is a member of an enum, whose scope that is."""

    name: str
    node: ast.expr
    enum: Scope


class Bound(NamedTuple):
    """Is a name in a module, and what it is bound to."""

    module: Module
    name: str
    bindings: Sequence[Binding]


# None is what sources do not tell.
End = Written | Member | Scope | Unit | None
_PASSING = frozenset({"sorted", "list", "tuple", "set", "frozenset", "reversed"})
_ENUMS = frozenset({"Enum", "StrEnum"})
_TEXTS = frozenset({"str", "StrEnum"})
_MAKING = frozenset({"__new__", "__init__", "_generate_next_value_", "value", "name"})  # members, in ways of their own


class Follower:
    """Follows the expressions of modules.

    An expression may lead to several ends, each of which it may be. What somebody else has, or may have changed, is an
    end that is not known, and so is what leads back to itself.
    """

    def __init__(self, modules: Modules) -> None:
        self._modules = modules

    def ends(self, node: ast.expr, scope: Scope) -> list[End]:
        """Return all that an expression may be, None among them where it may be something else."""
        return _few(self._ends(node, scope))

    def imported(self, imported: Imported, importer: Module) -> Bound | None:
        """Return what an import takes by its name from a module at hand, without following that."""
        unit = self._modules.meant(imported, importer)
        return None if unit is None else self.bound_in(unit, imported.name)

    def bound_in(self, unit: Unit, name: str) -> Bound | None:
        """Return what a name is bound to in a module at hand, by a star, it may be."""
        module = self._modules.loaded(unit)
        if module is None:
            return None
        if name in module.names:
            return Bound(module, name, module.names[name])
        stars = [(binding, binding.value) for binding in module.names.get("*", ())]
        named = [b._replace(value=value._replace(name=name)) for b, value in stars if isinstance(value, Imported)]
        return Bound(module, name, named)

    def is_text(self, member: Member) -> bool:
        """Return whether a member of an enum is a text itself."""
        return bool(self.kinds(member.enum) & _TEXTS)

    def values(self, member: Member) -> list[End]:
        """Return what the value of a member may be; ``auto()`` is its name where that is a text."""
        if isinstance(member.node, ast.Call) and last_name(member.node.func) == "auto":
            told = ast.Constant(member.name.lower())
            return [Written(told, member.enum) if "StrEnum" in self.kinds(member.enum) else None]
        return self.ends(member.node, member.enum)

    def _ends(self, node: ast.expr, scope: Scope) -> Iterator[End]:
        match node:
            case ast.Name(id=name):
                yield from self._of_name(name, scope)
            case ast.Attribute(value=value, attr=name):
                for base in self.ends(value, scope):
                    yield from _kept(self._attribute(base, name, scope.module), scope.module, f".{name}")
            case (
                ast.Subscript(value=value, slice=key)
                | ast.Call(func=ast.Attribute(value=value, attr="get"), args=[key], keywords=[])
            ):
                for base in self.ends(value, scope):
                    yield from self._item(base, literal(key))
            case ast.IfExp(body=one, orelse=other):
                yield from (*self.ends(one, scope), *self.ends(other, scope))
            case ast.BoolOp(values=values):
                for value in values:
                    yield from self.ends(value, scope)
            case ast.NamedExpr(value=value):
                yield from self.ends(value, scope)
            case _:
                yield Written(node, scope)

    def _of_name(self, name: str, scope: Scope) -> list[End]:
        bindings = scope.bindings(name)
        if not bindings or bindings == scope.module.names.get(name):
            return self._global(name, scope.module, bindings) or [None]
        if name in {"self", "cls"} and all(binding.value is None for binding in bindings):
            around = (one for one in [scope, *scope.around] if isinstance(one.node, ast.ClassDef))
            return [next(around, None)]
        return self._bound(bindings, scope.module, name)

    def _bound(self, bindings: Iterable[Binding], module: Module, name: str) -> list[End]:
        """Return what a name may be that is bound in a module."""
        found = (end for binding in bindings for end in self._of_binding(binding))
        return _few(_kept(found, module, name))

    def _global(self, name: str, module: Module, bindings: Sequence[Binding]) -> list[End]:
        """Return what a module has under a name: what it binds to it itself, and what stars give that are at hand."""
        if "*" not in module.names:
            return self._bound(bindings, module, name)
        is_bound = bool(bindings)
        find = partial(self._of_stars, name, module, is_bound=is_bound)
        return _few([*self._bound(bindings, module, name), *_once(module, ("*", name, is_bound), find, [])])

    def _of_binding(self, binding: Binding) -> list[End]:
        value, scope = binding.value, binding.scope
        if value is None or isinstance(value, Scope):
            return [value]
        return _once(scope.module, ("binding", value), lambda: self._given(value, scope), [None])

    def _given(self, value: ast.expr | Imported | Each, scope: Scope) -> list[End]:
        """Return what a name may be that is given a value."""
        if isinstance(value, Each):
            return _few(self._through(value.over, value.at, value.scope))
        if not isinstance(value, Imported):
            return self.ends(value, scope)
        unit = self._modules.meant(value, scope.module)
        if unit is None or value.name in scope.module.assigned:
            return [None]
        return self._of_unit(unit, value.name) if value.name else [unit]

    def _of_unit(self, unit: Unit, name: str) -> list[End]:
        """Return what a module has under a name: its own, a module within, or what it has from others."""
        module = self._modules.loaded(unit)
        found = [] if module is None else [b for b in module.names.get(name, ()) if not self._is_within(b, unit, name)]
        ends = [] if module is None else self._global(name, module, found)
        if found or (ends and None not in ends):
            return ends
        return [self._modules.within(unit, name)]

    def _is_within(self, binding: Binding, unit: Unit, name: str) -> bool:
        """Return whether a package gets from itself what it has under a name, which is a module within."""
        value = binding.value
        if not isinstance(value, Imported) or value.name != name:
            return False
        return self._modules.meant(value, binding.scope.module) == unit

    def _of_stars(self, name: str, module: Module, *, is_bound: bool) -> list[End]:
        """Return what ``from … import *`` binds a name to, nothing where it does not.

        A module that is not at hand may have any name; but of a name that is bound here none expects that.
        """
        found: list[list[End]] = []
        for star in dict.fromkeys(binding.value for binding in module.names["*"]):
            unit = self._modules.meant(star, module) if isinstance(star, Imported) else None
            other = None if unit is None else self._modules.loaded(unit)
            if other is not None:
                found.append(self._exported(name, other))
            elif not is_bound:
                return [None]
        given = list(dict.fromkeys(tuple(ends) for ends in found if ends))
        return list(given[0]) if len(given) == 1 else [None] if given else []

    def _exported(self, name: str, module: Module) -> list[End]:
        """Return what a module gives under a name to who takes all: what ``__all__`` tells, or all public names."""
        told = module.names.get("__all__")
        if told is None:
            if name.startswith("_"):
                return []
        else:
            value = told[0].value
            if len(told) != 1 or not isinstance(value, ast.List | ast.Tuple):
                return [None]
            names = {literal(item) for item in value.elts}
            if (str, name) not in names:
                return [None] if None in names else []
        return self._global(name, module, module.names.get(name, ()))

    def _attribute(self, base: End, name: str, module: Module) -> list[End]:
        """Return what an attribute may be that is read in a module."""
        if name in module.assigned:
            return [None]
        if isinstance(base, Unit):
            return self._of_unit(base, name)
        if isinstance(base, Member):
            told: list[End] = [Written(ast.Constant(base.name), base.enum)]
            return self.values(base) if name == "value" else told if name == "name" else [None]
        return self._of_class(base, name) if isinstance(base, Scope) else [None]

    def _of_class(self, scope: Scope, name: str) -> list[End]:
        """Return what a class has under a name, or what the first of its bases has that has it."""
        if not isinstance(scope.node, ast.ClassDef) or name in scope.module.assigned:
            return [None]
        return _once(scope.module, ("class", scope, name), lambda: self._constant(scope, name), [None])

    def _constant(self, scope: Scope, name: str) -> list[End]:
        bindings = scope.names.get(name, [])
        if not bindings:
            return self._inherited(scope, name)
        if not self.kinds(scope) & _ENUMS:
            return _few(_kept(self._bound(bindings, scope.module, name), scope.module, f".{name}"))
        value = bindings[0].value
        if len(bindings) > 1 or name.startswith("_") or _MAKING & scope.names.keys():
            return [None]
        return [Member(name, value, scope) if isinstance(value, ast.expr) else None]

    def _inherited(self, scope: Scope, name: str) -> list[End]:
        for base in self._bases(scope):
            if not isinstance(base, Scope):
                return [None]
            if (found := self._of_class(base, name)) != [None]:
                return found
        return [None]

    def _bases(self, scope: Scope) -> list[End]:
        """Return the classes that a class is made of, None for each that is not known."""
        node = scope.node
        if not isinstance(node, ast.ClassDef) or scope.outer is None:
            return []
        found = [self.ends(base, scope.outer) for base in node.bases]
        return [ends[0] if len(ends) == 1 else None for ends in found]

    def kinds(self, scope: Scope) -> frozenset[str]:
        """Return the names of the classes, of those that are not at hand, that a class is made of."""
        known, key = scope.module.known, ("kinds", scope)
        if key not in known:
            known[key] = frozenset()
            names: set[str] = set()
            for written, base in zip(getattr(scope.node, "bases", ()), self._bases(scope), strict=False):
                names |= self.kinds(base) if isinstance(base, Scope) else {_original(written, scope)}
            known[key] = frozenset(names)
        found: frozenset[str] = known[key]
        return found

    def _item(self, base: End, key: Key | None) -> Iterator[End]:
        """Yield what stands at a key that is written."""
        if isinstance(base, Scope) and key is not None and isinstance(key[1], str):
            yield from (end if isinstance(end, Member) else None for end in self._of_class(base, key[1]))
        elif isinstance(base, Written) and isinstance(base.node, Display):
            found = self._by_key(base.node, base.scope.module).get(key or (object, None))
            yield from [None] if found is None else _inner(self.ends(found, base.scope))
        else:
            yield None

    def _by_key(self, display: Display, module: Module) -> dict[Key, ast.expr]:
        known, key = module.known, ("keys", display)
        if key not in known:
            known[key] = by_key(display)
        found: dict[Key, ast.expr] = known[key]
        return found

    def _through(self, over: ast.expr, at: tuple[int, ...], scope: Scope) -> Iterator[End]:
        """Yield what a loop gives, or parts of it."""
        view = ""
        match over:
            case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _PASSING and not scope.bindings(name):
                yield from self._through(inner, at, scope)
                return
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]) if at[:1] == (1,):
                yield from self._through(inner, at[1:], scope)
                return
            case ast.Call(func=ast.Attribute(value=value, attr="keys" | "values" | "items" as view), args=[]):
                over = value
        for base in self.ends(over, scope):
            yield from self._elements(base, at, view)

    def _elements(self, base: End, at: tuple[int, ...], view: str) -> Iterator[End]:
        if isinstance(base, Scope) and self.kinds(base) & _ENUMS and not (at or view):
            names = [name for name in base.names if not isinstance(base.names[name][0].value, Scope)]
            yield from (end for name in names if not name.startswith("_") for end in self._of_class(base, name))
        elif (
            isinstance(base, Written)
            and isinstance(base.node, Display)
            and (isinstance(base.node, ast.Dict) or not view)
        ):
            for parts in gone_through(base.node, view):
                yield from self._element(parts, at, base.scope)
        else:
            yield None

    def _element(self, parts: tuple[ast.expr | None, ...], at: tuple[int, ...], scope: Scope) -> Iterator[End]:
        """Yield what one thing is that a loop gives, or a part of it."""
        if len(parts) > 1:
            part, at = (parts[at[0]] if at and 0 <= at[0] < len(parts) else None), at[1:]
        else:
            part = parts[0]
        if isinstance(part, ast.Starred):
            yield from self._through(part.value, at, scope)
        elif isinstance(part, ast.Call) and last_name(part.func) == "param":  # pytest's
            rest = ast.Tuple(part.args)
            yield from self._element((rest if at else next(iter(part.args), None),), at, scope)
        elif part is None:
            yield None
        else:
            ends: Iterable[End] = _inner(self.ends(part, scope))
            for number in at:
                ends = [inner for end in ends for inner in self._item(end, (int, number))]
            yield from ends


def _once(module: Module, key: object, find: Callable[[], list[End]], meanwhile: list[End]) -> list[End]:
    """Return what is found out of a module once; who asks while it is, is told something else."""
    if key not in module.known:
        module.known[key] = meanwhile
        module.known[key] = find()
    found: list[End] = module.known[key]
    return found


def _kept(ends: Iterable[End], module: Module, name: str) -> Iterator[End]:
    """Yield what is still what was written, although it has a name by which others may have changed it."""
    for end in ends:
        is_shared = name in module.shared
        if not isinstance(end, Written) or not (is_shared or name in module.lent):
            yield end
        else:
            yield None if is_shared and _is_mutable(end.node) else end._replace(lent=True)


def _inner(ends: Iterable[End]) -> Iterator[End]:
    """Yield what stands in something that others have the parts of."""
    for end in ends:
        if isinstance(end, Written):
            yield None if _is_mutable(end.node) else end._replace(lent=True)
        else:
            yield end


def _is_mutable(node: ast.expr) -> bool:
    """Return whether an expression makes what is changed in place."""
    return isinstance(node, ast.List | ast.Dict | ast.Set) or (
        isinstance(node, ast.Call) and last_name(node.func) == "dict"
    )


def _few(ends: Iterable[End]) -> list[End]:
    found: dict[End, None] = {}
    for end in ends:
        if len(found) == _MOST:
            return [*found, None]
        found[end] = None
    return list(found)


def _original(written: ast.expr, scope: Scope) -> str:
    """Return the name of a class where it is from, which an import may have changed."""
    bindings = scope.bindings(written.id) if isinstance(written, ast.Name) else []
    value = bindings[0].value if bindings else None
    return value.name if isinstance(value, Imported) and value.name else last_name(written)
