"""The text of a stub file."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .._api import Api
from .._document import Document
from ._calls import Argument, Call, Typed, typed
from ._names import IMPORTS, WIDTH, Names, docstring, is_name, key
from ._types import Alias, Class, Declared, Schemas

# What a checker would say of the file itself: a call by a known id alone is less than the base class accepts.
_QUIET = (
    '# mypy: disable-error-code="override"',
    "# pyright: reportIncompatibleMethodOverride=false",
    "# ruff: noqa",
    "# fmt: off",
)
_METHODS = {"call": None, "request": "_odp.Response", "prepare": "_odp.Request"}


def written(api: Api) -> str:
    """Return the stub file of an Api's documents."""
    operations = list(api.operations.values())
    owners = [*(operation.document for operation in operations), *(schema.document for schema in api.schemas.values())]
    documents = list({id(document): document for document in owners}.values())
    own = {name for kind in type(api).__mro__ for name in vars(kind)}
    methods = [name for name in api.operations if is_name(name) and name[0] != "_" and name not in own]
    names = Names({*own, *methods})
    declared = Declared(names)
    schemas = {id(document): Schemas(document, declared) for document in documents}
    for of in schemas.values():
        of.declare()
    calls = [typed(operation, schemas[id(operation.document)]) for operation in operations]
    lines = []
    for declaration in declared.written:
        lines += _alias(declaration, names) if isinstance(declaration, Alias) else _class(declaration, names)
    lines += _api(calls, methods, names)
    return "\n".join([*_head(documents), *_imports(lines), "", *lines]) + "\n"


def _head(documents: Sequence[Document]) -> Iterator[str]:
    for document in documents:
        info = document.root.get("info") or {}
        title = " ".join(f"{info.get('title', '')} {info.get('version', '')}".split())
        title = "".join(letter for letter in title if letter.isprintable())
        digest = hashlib.sha256(json.dumps(document.root, sort_keys=True).encode()).hexdigest()
        yield f"# Types of {title} (sha256 of its content: {digest[:16]}),"
    yield "# made by `odp spec stubs`: not to be edited, but made anew when the document has changed."
    yield from _QUIET


def _imports(lines: Iterable[str]) -> Iterator[str]:
    """Write the imports of what is used, and of modules where a name is written with its module."""
    tree = ast.parse("\n".join(lines))
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    yield from (f"import {module} as _{module}" for module in (*IMPORTS, "builtins") if f"_{module}" in words)
    for module, names in IMPORTS.items():
        used = [name for name in names if name in words]
        if used:
            yield f"from {module} import {', '.join(used)}"
    yield ""
    yield "import odp_dynamic as _odp"


def _alias(alias: Alias, names: Names) -> list[str]:
    return [f"{alias.name}: {names.known('TypeAlias')} = {alias.type}", ""]


def _class(declared: Class, names: Names) -> list[str]:
    """Write a TypedDict, as a call where a property's name is no Python name or would hide a type."""
    marked = {
        name: told if required else f"{names.known('NotRequired')}[{told}]"
        for name, (told, required) in declared.properties.items()
    }
    if all(is_name(name) and name not in names.taken for name in marked):
        lines = [f"class {declared.name}({names.known('TypedDict')}):"]
        lines += docstring(declared.description, "    ")
        lines += [f"    {name}: {told}" for name, told in marked.items()]
        return [*lines, *(["    ..."] if len(lines) == 1 else []), ""]
    lines = [f"# {line.strip().strip(chr(34))}" for line in docstring(declared.description, "  ")]
    lines += [f"{declared.name} = {names.known('TypedDict')}({declared.name!r}, {{"]
    lines += [f"    {key(name)}: {told}," for name, told in marked.items()]
    return [*lines, "})", ""]


def _api(calls: Sequence[Typed], methods: Iterable[str], names: Names) -> Iterator[str]:
    yield "class Api(_odp.Api):"
    yield "    __getattr__: None  # type: ignore[assignment, misc]  # no operation is there but these"
    for method, answer in _METHODS.items():
        yield from _overloaded(
            method,
            [
                (call, f"{names.known('Literal')}[{key(one.operation.id)}]", answer or one.answer)
                for one in calls
                for call in one.calls
            ],
            names,
        )
    by_id = {one.operation.id: one for one in calls}
    for name in methods:
        one = by_id[name]
        told = one.operation.summary or f"{one.operation.method} {one.operation.path}"
        yield from _overloaded(name, [(call, "", one.answer) for call in one.calls], names, told)


def _overloaded(method: str, forms: Sequence[tuple[Call, str, str]], names: Names, told: str = "") -> Iterator[str]:
    if not forms:
        never = names.known("Never")
        yield f"    def {method}(self, operation_id: {never}, /) -> {never}: ..."
    for call, literal, answer in forms:
        if len(forms) > 1:
            yield f"    @{names.known('overload')}"
        head, tail = f"    def {method}(", f") -> {answer}:"
        words = list(_words(call, literal))
        lines = docstring(told, "        ")
        one_line = f"{head}{', '.join(words)}{tail}{'' if lines else ' ...'}"
        if len(one_line) <= WIDTH:
            yield one_line
        else:
            yield head
            yield from (f"        {word}," for word in words)
            yield f"    {tail}{'' if lines else ' ...'}"
        yield from lines


def _words(call: Call, literal: str) -> Iterator[str]:
    taken = {*call.keywords, "body"}
    yield _free("self", taken)
    if literal:
        yield f"{_free('operation_id', taken)}: {literal}"
        yield "/"
    if call.body is not None:
        yield f"body: {call.body.type}{'' if call.body.required else ' = ...'}"
    if call.keywords:
        yield "*"
    yield from _keywords(call.keywords)
    if call.others:
        yield f"**{_free('arguments', taken)}: {call.others}"


def _keywords(keywords: Mapping[str, Argument]) -> Iterator[str]:
    for name, argument in keywords.items():
        optional = " | None" if argument.nothing else ""
        yield f"{name}: {argument.type}{optional}{'' if argument.required else ' = ...'}"


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"_{name}"  # checkers expect an underscore where the first is not called self
    return name
