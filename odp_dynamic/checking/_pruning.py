"""A document without what the loader refuses of it, so that the rest of it is looked at all the same.

What is taken away is no part of what is looked at afterwards. A finding that something is missing may then be of what
was taken, and is left out: such a rule tells nothing until the refusal is mended, and that is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from .._document._limits import MAX_FAULTS
from .._pointers import join, split
from ..errors import SpecError
from ._findings import Finding

_ROUNDS = 10  # what is taken away may leave something else that is refused, such as a reference to it
_NEED_ALL = ("unreachable-component", "unused-security-scheme", "dangling-link", "dangling-mapping")
_NEED_SCHEMAS = ("example-breaks-schema", "default-breaks-schema")  # `not` and `oneOf` refuse what less is said of
_NEED_WHAT_IS_NEAR = frozenset(
    (
        *("path-parameter", "missing-operation-id", "no-success-response", "undeclared-tag"),
        *("required-undeclared", "server-variable", "refused"),
    )
)
_SCHEMAS = frozenset(("schema", "schemas", "itemSchema"))


class Pruned(NamedTuple):
    """Is what is left of a document, as it is written, and the places of what was taken away."""

    raw: dict[str, Any]
    taken: frozenset[str]

    def sure(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return those findings that are true also of the document as a whole."""
        unsure = self._unsure()
        near = {_near(place) for place in self.taken}
        return [
            finding
            for finding in findings
            if finding.rule not in unsure
            and not (finding.rule in _NEED_WHAT_IS_NEAR and _near(finding.pointer) in near)
        ]

    def note(self) -> Finding:
        """Say which rules tell nothing yet."""
        return not_checked(", ".join(self._unsure()))

    def _unsure(self) -> tuple[str, ...]:
        has_schemas = any(not _SCHEMAS.isdisjoint(split(place)) for place in self.taken)
        return (*_NEED_ALL, *(_NEED_SCHEMAS if has_schemas else ()))


def not_checked(what: str) -> Finding:
    """Say what nothing is told of as long as the loader refuses the document."""
    return Finding("note", "not-checked", "", f"not checked until what is refused is mended: {what}")


def pruned(
    raw: dict[str, Any], source: str, refused: Sequence[SpecError], faults: Callable[[dict[str, Any]], list[SpecError]]
) -> Pruned | None:
    """Take from a document, as it is written, what is refused of it, until nothing is; None where that cannot be.

    `raw` is taken over; `faults` returns what the loader refuses, and leaves its argument alone.
    """
    taken: set[str] = set()
    for _ in range(_ROUNDS):
        if not refused:
            return Pruned(raw, frozenset(taken))
        if len(refused) >= MAX_FAULTS or any(error.source != source for error in refused):
            return None
        places = {_place(raw, error.pointer) for error in refused}
        if "" in places:
            return None
        for place in places:
            _take(raw, place)
        taken |= places
        refused = faults(raw)
    return None


def _place(root: Any, pointer: str) -> str:
    """Return the outermost list that a place is in, or the place: the others of a list would move up in its stead."""
    node, place = root, ""
    for token in split(pointer):
        if not isinstance(node, dict) or token not in node:
            break
        node, place = node[token], join(place, token)
    return place


def _take(root: dict[str, Any], place: str) -> None:
    *way, last = split(place)
    node: Any = root
    for token in way:
        if token not in node:
            return  # it went with what is around it
        node = node[token]
    node.pop(last, None)


def _near(pointer: str) -> str:
    """Return the path, the component, or the part of the document that a place is in: what it says, it says there."""
    tokens = pointer.split("/")
    return "/".join(tokens[: {"paths": 3, "webhooks": 3, "components": 4}.get(tokens[1] if tokens[1:] else "", 2)])
