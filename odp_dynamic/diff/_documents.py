"""What two documents differ in: their operations, and what all of these share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from .._collector import collector_paused
from .._document import Document
from .._operations import Operation, operations_of, schemas_of
from .._templates import Template
from ..errors import SpecError
from ._changes import Change
from ._operations import operation_changes
from ._pairs import Both, Pair
from ._verdicts import Verdicts

_SHARED = {"security", "servers"}  # what a document says once for all its operations, as a rule


def changes_between(old: Document, new: Document) -> list[Change]:
    """Return all changes between two documents, in the order of the old one's operations."""
    try:
        with collector_paused():
            return _changes(old, new)
    except RecursionError:
        raise SpecError("the schemas are nested too deeply to compare", "", new.source) from None


def _changes(old: Document, new: Document) -> list[Change]:
    before, after = operations_of([old]), operations_of([new])
    both = Both(old, new)
    pairs = _pairs(before, after)
    found = [*_of_information(old, new)]
    found += [_gone(before[name]) for name in before if name not in pairs]
    told: list[Change] = []
    for name, other in pairs.items():
        told += operation_changes(Pair(both, before[name], after[other]))
    found += _shared(told, len(pairs))
    found += [_new(after[name]) for name in after if name not in pairs.values()]
    return [*found, *_of_schemas(both, found)]


def _pairs(before: Mapping[str, Operation], after: Mapping[str, Operation]) -> dict[str, str]:
    """Return which operation became which: the one with its id, or else the one at its place."""
    places = {(o.method, Template.of(o.path).form): name for name, o in after.items() if name not in before}
    pairs = {}
    for name, operation in before.items():
        other = name if name in after else places.pop((operation.method, Template.of(operation.path).form), None)
        if other is not None:
            pairs[name] = other
    return pairs


def _gone(operation: Operation) -> Change:
    told = "is gone: calls of it are refused"
    return Change("breaking", "operation-removed", operation.id, "", "operation", "", told, operation.pointer, None)


def _new(operation: Operation) -> Change:
    return Change("compatible", "operation-added", operation.id, "", "operation", "", "is new", None, operation.pointer)


def _shared(changes: list[Change], operations: int) -> list[Change]:
    """Tell once, for the whole document, what all operations say alike because the document says it for them."""
    alike = Counter(change._replace(operation="") for change in changes if change.where in _SHARED)
    common = [change for change, count in alike.items() if count == operations > 1]
    kept = [c for c in changes if c.where not in _SHARED or c._replace(operation="") not in common]
    return common + kept


def _of_information(old: Document, new: Document) -> Iterator[Change]:
    for name in ("title", "version", "description"):
        before, after = (document.root.get("info", {}).get(name) for document in (old, new))
        if before != after:
            places = (None if told is None else f"/info/{name}" for told in (before, after))
            verb = "is new" if before is None else "is gone" if after is None else "is another"
            yield Change("docs", f"{name}-changed", "", "", "info", "", f"the document's {name} {verb}", *places)


def _of_schemas(both: Both, known: list[Change]) -> Iterator[Change]:
    """Yield what component schemas differ in that no operation has: payloads are judged by their names, too."""
    told = {(change.rule, change.old, change.new) for change in known}
    verdicts = Verdicts(both.old, both.new, "")
    before, after = schemas_of([both.old]), schemas_of([both.new])
    for name in before:
        if name not in after or both.have_met(before[name], after[name]):
            continue
        for found, level, _ in verdicts.between(before[name], after[name]):
            if (found.rule, found.old, found.new) not in told:
                told.add((found.rule, found.old, found.new))
                places = found.old, found.new
                yield Change(level, found.rule, "", "", f"schema {name}", found.pointer, found.reason, *places)
