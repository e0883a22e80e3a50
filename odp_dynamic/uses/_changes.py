"""What a module does with its objects: which lists and dicts somebody may have changed.

Whoever has a list or a dict may change it. What only reads it has it not; but what reads its parts has those.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from ._names import Module, last_name

# Functions and methods that only read.
_READING = frozenset({"len", "print", "repr", "str", "any", "all", "isinstance"})
_READING_METHODS = frozenset({"keys", "index", "count"})
# Those that give the parts on, which are lists and dicts, too, it may be.
_LENDING = frozenset({"sorted", "list", "tuple", "set", "frozenset", "dict", "enumerate", "reversed", "zip"})
_LENDING_METHODS = frozenset({"get", "values", "items", "copy"})


def note(module: Module, calling: Collection[str]) -> None:
    """Note which attributes a module assigns, and of which names somebody else has the objects, or their parts.

    `calling` are the names of functions that call operations: they change nothing of what they are given.
    """
    kept: set[int] = set()
    lent: set[int] = set()
    for node, _, _ in module.places:
        kept |= {id(part) for part in _read_by(node, calling)}
        lent |= {id(part) for part in _lent_by(node)}
    for node, _, _ in module.places:
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            module.assigned.add(node.attr)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and id(node) not in kept:
            name = node.id if isinstance(node, ast.Name) else f".{node.attr}"
            (module.lent if id(node) in lent else module.shared).add(name)


def _read_by(node: ast.AST, calling: Collection[str]) -> Iterator[ast.AST]:
    """Yield what a node only reads."""
    match node:
        case ast.Call(func=function, args=arguments, keywords=words) if last_name(function) in calling:
            yield from (*arguments, *(word.value for word in words))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _READING:
            yield from arguments
        case ast.Attribute(value=value, attr=name) if name in _READING_METHODS:
            yield value
        case ast.Compare(left=left, comparators=others):
            yield from (left, *others)
        case ast.FormattedValue(value=value):
            yield value


def _lent_by(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a node reads the parts of."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _LENDING:
            yield from arguments
        case ast.Call(func=ast.Attribute(attr="parametrize"), args=arguments, keywords=words):
            yield from (*arguments, *(word.value for word in words))
        case ast.Attribute(value=value, attr=name) if name in _LENDING_METHODS:
            yield value
        case ast.Subscript(value=value, ctx=ast.Load()) | ast.Starred(value=value) | ast.keyword(arg=None, value=value):
            yield value
        case ast.For(iter=over) | ast.AsyncFor(iter=over) | ast.comprehension(iter=over):
            yield over
        case ast.Dict(keys=keys, values=values):
            yield from (value for key, value in zip(keys, values, strict=True) if key is None)
