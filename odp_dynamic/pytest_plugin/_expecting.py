"""What a stub waits for: a call that the client could make, and why another call is not the one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._bind import UNSET, Binder
from .._operations import Operation
from .._plain import NotJSON, plain
from .._values import Problem
from ..errors import ContractError
from ._any import has_any
from ._calls import Call, shown
from ._differences import differences


class InvalidStub(ContractError):
    """Says that a scripted call or answer is none that the document allows, with all that is wrong with it."""

    __module__ = __package__  # the name by which users know it

    def __init__(self, operation: str, problems: tuple[Problem, ...], side: str) -> None:
        super().__init__(operation, problems)
        self.args = (operation, problems, side)
        self._side = side


class Expected(NamedTuple):
    """Is a call that is waited for.

    Of `arguments` (parameters) and `properties` (of the body) a value must be equal, ANY must be given; what is not
    named may be anything. None says what it says in a call: a parameter is not given, a property is null. `body` is
    the whole of it, UNSET where it does not matter.
    """

    operation: Operation
    arguments: Mapping[str, Any]
    body: Any
    properties: Mapping[str, Any]

    def __str__(self) -> str:
        whole = {} if self.body is UNSET else {"body": self.body}
        return shown(self.operation.id, {**self.arguments, **self.properties}, whole)


def expected(operation: Operation, body: Any, arguments: Mapping[str, Any]) -> Expected:
    """Return the expectation that keywords say; raise InvalidStub for what no call could have."""
    __tracebackhide__ = True
    binder = Binder(operation)
    keys = dict(zip((p.where for p in operation.parameters), binder.names, strict=True))
    keys |= {name: name for name in binder.names}
    known = {keys[name]: _plain(value) for name, value in arguments.items() if name in keys}
    others = {name: _plain(value) for name, value in arguments.items() if name not in keys}
    for name in list(others):
        if whole := binder.parent(name):
            known.setdefault(keys[whole.where], {})[name] = others.pop(name)
    problems = [*_strays(binder, body, arguments), *_misfits(binder, known), *_body_misfits(binder, body)]
    if problems:
        raise InvalidStub(operation.id, tuple(problems), "stub: no call could have these arguments")
    return Expected(operation, known, body if body is UNSET else _plain(body), others)


def misses(wanted: Expected, call: Call) -> Iterator[str]:
    """Yield each reason why a call of the same operation is not the one that is waited for."""
    for name, value in wanted.arguments.items():
        if value is None and name in call.arguments:
            yield f"{name} is given"
        elif value is not None and name not in call.arguments:
            yield f"{name} is not given"
        elif value is not None:
            yield from (f"{name} {phrase}" for phrase in differences(value, call.arguments[name]))
    if wanted.body is not UNSET:
        yield from (f"body {phrase}" for phrase in differences(wanted.body, call.body))
    if wanted.properties:
        yield from _property_misses(wanted.properties, call.body)


def _property_misses(properties: Mapping[str, Any], body: Any) -> Iterator[str]:
    if not isinstance(body, dict):
        yield "body is no object"
        return
    yield from (f"body {phrase}" for phrase in differences(dict(properties), body, partial=True))


def _strays(binder: Binder, body: Any, arguments: Mapping[str, Any]) -> Iterator[Problem]:
    found = binder.problems(binder.bind(body, arguments))
    return (problem for problem in found if problem.where == "arguments")


def _misfits(binder: Binder, known: Mapping[str, Any]) -> Iterator[Problem]:
    for name, parameter in zip(binder.names, binder.operation.parameters, strict=True):
        value = known.get(name)
        if value is not None and not has_any(value):
            yield from parameter.problems(value)


def _body_misfits(binder: Binder, body: Any) -> Iterator[Problem]:
    if body is UNSET or has_any(body):
        return
    if binder.operation.request_body is None and body is not None:
        yield Problem("body", "", "requestBody", "is not taken by this operation", binder.operation.pointer)
    elif binder.media_type is not None and binder.media_type.schema is not None:
        yield from binder.media_type.schema.problems(body)


def _plain(value: Any) -> Any:
    try:
        return value if has_any(value) else plain(value)
    except NotJSON:
        return value
