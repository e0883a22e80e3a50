"""Expressions that spell out their values, read without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from ._following import End, Follower, Member, Written
from ._names import Scope
from ._values import UNKNOWN

_LONGEST = 10_000  # characters of a text that is put together


class Literals:
    """Reads expressions, those of one module, and those that names lead to in others."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower

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
            found = [self._of_end(end) for end in self._follower.ends(expression, scope)]
        except RecursionError:
            return [UNKNOWN]
        return list(dict.fromkeys(text if isinstance(text, str) else UNKNOWN for text in found))

    def _value(self, node: ast.expr, scope: Scope) -> Any:
        match node:
            case ast.Constant(value=str() | int() | float() | bytes() | None as value):
                return value
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return self._list(items, scope)
            case ast.Dict(keys=keys, values=values):
                return self._dict(zip(keys, values, strict=True), scope)
            case ast.Name() | ast.Attribute() | ast.Subscript() | ast.IfExp() | ast.BoolOp() | ast.NamedExpr():
                return self._followed(node, scope)
            case ast.Call(func=ast.Attribute(attr="get"), args=[_], keywords=[]):
                return self._followed(node, scope)
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
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                ends = self._follower.ends(value, scope)  # how a member is written depends on Python
                return UNKNOWN if any(isinstance(end, Member) for end in ends) else self._value(value, scope)
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=words) if not scope.bindings("dict"):
                named = [(None if word.arg is None else ast.Constant(word.arg), word.value) for word in words]
                return self._dict(named, scope)
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

    def _followed(self, node: ast.expr, scope: Scope) -> Any:
        """Return what an expression leads to, where that is but one thing."""
        ends = self._follower.ends(node, scope)
        return self._of_end(ends[0]) if len(ends) == 1 else UNKNOWN

    def _of_end(self, end: End) -> Any:
        if isinstance(end, Member) and self._follower.is_text(end):
            ends = self._follower.values(end)
            return self._of_end(ends[0]) if len(ends) == 1 and not isinstance(ends[0], Member) else UNKNOWN
        if not isinstance(end, Written):
            return UNKNOWN
        known, key = end.scope.module.known, ("value", end.node)
        if key not in known:  # what is being read stands for nothing
            known[key] = UNKNOWN
            known[key] = self._value(end.node, end.scope)
        return UNKNOWN if end.lent and _has_parts(known[key]) else known[key]


def _has_parts(value: Any) -> bool:
    """Return whether there are lists or dicts in one, which who has it may have changed."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(isinstance(one, list | dict) for one in inner)
