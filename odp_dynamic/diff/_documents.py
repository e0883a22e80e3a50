"""What two documents differ in: their operations, and what all of these share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .._collector import collector_paused
from .._document import Document
from .._operations import Operation, schemas_of
from ..errors import SpecError
from ._changes import Change, Level
from ._operations import operation_changes
from ._pairs import Both, Pair, matched
from ._paths import place_of
from ._sent import webhooks_of
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
    both = Both(old, new)
    pairs, gone, come = matched(both.before.values(), both.after.values(), lambda one: one.id, place_of)
    found = [*_of_information(old, new), *map(_gone, gone)]
    told = [change for before, after in pairs for change in operation_changes(Pair(both, before, after, before.id))]
    found += _shared(told, len(pairs))
    found += map(_new, come)
    found += _of_webhooks(both)
    return [*found, *_of_schemas(both, found)]


def _gone(operation: Operation) -> Change:
    told = "is gone: calls of it are refused"
    return Change("breaking", "operation-removed", operation.id, "", "operation", "", told, operation.pointer, None)


def _new(operation: Operation) -> Change:
    return Change("compatible", "operation-added", operation.id, "", "operation", "", "is new", None, operation.pointer)


def _of_webhooks(both: Both) -> Iterator[Change]:
    """Yield what the service sends anew, and what that is; its name is all that a webhook is known by."""
    old, new = webhooks_of(both.old), webhooks_of(both.new)
    pairs, gone, come = matched(old, new, lambda one: one.key)
    for one in gone:
        told, place = "is gone: whoever waits for it is told nothing", one.operation.pointer
        yield Change("breaking", "webhook-removed", str(one), "", "operation", "", told, place, None)
    for one, other in pairs:
        yield from operation_changes(Pair(both, one.operation, other.operation, str(one), depth=1))
    known = {one.name for one in old}
    for one in come:
        level: Level = "maybe" if one.name in known else "compatible"
        who = f"it may come to whoever takes {one.name}" if one.name in known else "whoever wants it can ask for it"
        place = one.operation.pointer
        yield Change(level, "webhook-added", str(one), "", "operation", "", f"is new: {who}", None, place)


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
