"""The contract: what documents promise, and how each of their calls is bound, written, signed and sent.

Nothing changes within one. An Api that follows its documents puts another in its place, so that a call ends with the
contract it began with.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ._bind import Binder
from ._document import Document
from ._operations import Operation, operations_of, schemas_of
from ._security import Signer
from ._servers import Servers, Wanted
from ._values import LazyMapping, Problem
from ._wire import Writer
from .errors import UnknownOperation, closest


class Plan(NamedTuple):
    """Is what is worked out once for an operation: how its calls are bound, written, signed and sent."""

    operation: Operation
    binder: Binder
    writer: Writer
    signer: Signer
    servers: Servers


class Contract:
    """Is what documents promise; operations, schemas and plans are read when they are first asked for.

    Raises SpecError where two documents give an operation the same id.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = tuple(documents)
        self.operations = operations_of(self.documents)
        self.schemas = schemas_of(self.documents)
        self.plans: LazyMapping[Plan] = LazyMapping(self.operations, self._plan, _unknown)

    def says_what(self, other: Contract) -> bool:
        """Tell whether its documents say what those of another do, in the same order and the same types."""
        return [_text(document) for document in self.documents] == [_text(document) for document in other.documents]

    def work_out(self) -> None:
        """Make all plans now; raises SpecError for an operation that could not be called."""
        for name in self.plans:
            self.plans[name]

    def without(self, server: Wanted, names: Iterable[str]) -> dict[str, Problem]:
        """Return those of some operations that have no such server, each with what is wrong."""
        choices = {name: self.plans[name].servers.choice(server) for name in names}
        return {name: choice for name, choice in choices.items() if isinstance(choice, Problem)}

    def _plan(self, name: str) -> Plan:
        operation = self.operations[name]
        binder = Binder(operation)
        return Plan(operation, binder, Writer(operation, binder), Signer(operation), Servers(operation))


def _text(document: Document) -> str:
    return json.dumps(document.root)  # for Python, true is 1, and the order of keys is nothing


def _unknown(name: str, names: Iterable[str]) -> UnknownOperation:
    return UnknownOperation(name, closest(name, names))
