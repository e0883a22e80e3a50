"""Schemas: a fast gate that says *valid*, and a slow reference that explains what the gate refuses.

The gate is jsonschema-rs, the reference jsonschema. Nearly every value is valid, so nearly every value costs the gate
alone; the reference is not even imported until a value is refused. Both see the same small document: the schema and
what it reaches, each at its own JSON pointer, so that no ``$ref`` has to be rewritten and every rule can be pointed at.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal

from .._collector import collector_paused
from .._document import Document
from .._plain import MAX_DEPTH, NotJSON, plain
from .._pointers import join, split
from .._values import Problem
from ..errors import ContractError, SpecError
from ._closure import MANY_STEPS, Closure, close_over, endless_among, steps_among

__all__ = ["MANY_STEPS", "Direction", "Schema", "close_over", "endless_among", "steps_among"]

Direction = Literal["request", "response"]


class Schema:
    """Is one schema of a document; compiled when it first judges a value.

    `pointer` is its JSON pointer in the document. `direction` says which way the values go, for a ``readOnly``
    property is no part of a request and a ``writeOnly`` one no part of a response (OAS 3.1.1, 4.8.24); None judges
    neither. ``format`` is an annotation (JSON Schema 2020-12, 7.2.1): it is not enforced.
    """

    __slots__ = ("_closure", "_document", "_gate", "direction", "pointer")

    def __init__(self, document: Document, pointer: str, direction: Direction | None = None) -> None:
        self._document = document
        self.pointer = pointer
        self.direction = direction
        self._gate: Any = None
        self._closure: Closure | None = None

    def __repr__(self) -> str:
        return f"<Schema {self.pointer}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._document, self.pointer, self.direction)  # a compiled gate cannot travel

    @property
    def name(self) -> str:
        """Return the last token of the pointer: the name of a component."""
        return split(self.pointer)[-1]

    @property
    def document(self) -> Document:
        """Return the document that the schema stands in."""
        return self._document

    @property
    def definition(self) -> Any:
        """Return the schema as the document has it, after following its references; not to be changed."""
        return self._document.resolve(self.pointer)[0]

    def is_valid(self, value: Any) -> bool:
        """Return whether `value` fits; it may hold dates, UUIDs and Decimals, which count as what they are sent as."""
        gate = self._gate or self._compile()
        with suppress(ValueError):  # no JSON as it stands, or not at all
            if gate(value):
                return True
        with suppress(NotJSON):
            return bool(gate(plain(value)))
        return False

    def problems(self, value: Any, where: str = "body") -> tuple[Problem, ...]:
        """Return all departures of `value` from the schema, in the order of the document; none when it fits.

        Beyond `explain.MOST` of them the rest is left out.
        """
        gate = self._gate or self._compile()
        try:
            if gate(value):
                return ()
        except ValueError:  # a value that is no JSON as it stands, such as a date: the slow way knows what to do
            pass
        return self._explain(value, where)

    def validate(self, value: Any) -> None:
        """Raise ContractError with all problems unless `value` fits."""
        problems = self.problems(value)
        if problems:
            raise ContractError(self.name, problems)

    def _compile(self) -> Any:
        with collector_paused():
            from jsonschema_rs import Draft202012Validator, ReferencingError, ValidationError

        self._closure = close_over(self._document, self.pointer, self.direction)
        try:
            gate = Draft202012Validator(self._closure.schema).is_valid
        except (ValidationError, ReferencingError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            place = join("", *getattr(error, "instance_path", ())) or self.pointer
            raise SpecError(f"this is not a JSON Schema: {reason}", place, self._document.source) from None
        self._gate = _bounded(gate) if self._closure.recursive else gate
        return self._gate

    def _explain(self, value: Any, where: str) -> tuple[Problem, ...]:
        from ._explain import explain

        closure = self._closure
        if closure is None:  # cannot be: a gate has judged before
            return ()
        try:
            value = plain(value)
        except NotJSON as error:
            return (Problem(where, error.pointer, "type", error.reason, self.pointer),)
        return () if self._gate(value) else explain(value, closure.schema, where)


def _bounded(gate: Any) -> Any:
    """Guard a recursive gate, whose stack a deep enough value would overflow; `plain` then says that it is too deep."""

    def bounded(value: Any) -> bool:
        return not _is_deeper(value, MAX_DEPTH) and bool(gate(value))

    return bounded


def _is_deeper(value: Any, limit: int) -> bool:
    """Return whether `value` nests containers more than `limit` levels deep; a shared one counts once a level."""
    level = {id(value): value}
    for _ in range(limit):
        children = (
            child
            for node in level.values()
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list | tuple) else ())
        )
        level = {id(child): child for child in children if isinstance(child, dict | list | tuple)}
        if not level:
            return False
    return True
