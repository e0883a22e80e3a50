"""Operations as Python functions: what `help()`, `inspect.signature` and completion show of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from ._bind import UNSET, Binder


def function_of(binder: Binder, call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that calls an operation, with the name, the signature and the docstring of the operation."""
    operation = binder.operation

    def method(*args: Any, **arguments: Any) -> Any:
        if len(args) > 1:
            raise TypeError(f"{operation.id}() takes the body alone by its position; give all else by name")
        return call(operation.id, *args, **arguments)

    method.__name__ = method.__qualname__ = operation.id
    method.__doc__ = docstring(binder)
    method.__signature__ = signature(binder)  # type: ignore[attr-defined]  # PEP 362
    return method


def signature(binder: Binder) -> inspect.Signature:
    """Return the signature of an operation's function: the body first, then every argument by its name."""
    parameters = [*_body(binder), *_keywords(binder)]
    others = any(not _is_name(name) for name in binder.names)  # given as **{"query.id": …}
    if others or any(one.free for one in binder.exploded):
        word, taken = "arguments", {parameter.name for parameter in parameters}
        while word in taken:
            word = f"_{word}"
        parameters.append(inspect.Parameter(word, inspect.Parameter.VAR_KEYWORD))
    return inspect.Signature(parameters)


def docstring(binder: Binder) -> str:
    """Return what the document says of an operation, as a docstring."""
    operation = binder.operation
    lines = [operation.summary or f"Call {operation.method} {operation.path}", ""]
    lines += [operation.description, ""] if operation.description else []
    lines.append(f"{operation.method} {operation.path}{' (deprecated)' if operation.deprecated else ''}")
    for key, parameter in zip(binder.names, operation.parameters, strict=True):
        need = "required" if parameter.required else "optional"
        lines.append(f"{key} ({parameter.location}, {need}): {parameter.description}".rstrip(": "))
        if binder.is_in_parts(parameter):
            lines.append(f"Members of {key} may be given by name")
    if operation.request_body is not None:
        need = "required" if operation.request_body.required else "optional"
        lines.append(f"body ({need}): {', '.join(operation.request_body.content)}")
        lines += [f"Properties of the body may be given by name: {', '.join(binder.properties)}"] * bool(
            binder.properties
        )
    lines += [f"{status}: {response.description}" for status, response in operation.responses.items()]
    return "\n".join(lines)


def _body(binder: Binder) -> Iterator[inspect.Parameter]:
    body = binder.operation.request_body
    if body is not None:
        empty = body.required and not binder.properties
        default = inspect.Parameter.empty if empty else UNSET
        yield inspect.Parameter("body", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)


def _keywords(binder: Binder) -> Iterator[inspect.Parameter]:
    named = [(key, p) for key, p in zip(binder.names, binder.operation.parameters, strict=True) if _is_name(key)]
    for key, parameter in named:
        default = inspect.Parameter.empty if parameter.required and not binder.is_in_parts(parameter) else None
        yield inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=default)
    members = dict.fromkeys(name for one in binder.exploded for name in one.names)
    for name in {**binder.properties, **members}:
        if _is_name(name) and all(name != key for key, _ in named):
            absent = UNSET if name in binder.properties else None
            yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=absent)


def _is_name(name: str) -> bool:
    from keyword import iskeyword

    return name.isidentifier() and not iskeyword(name) and name != "body"
