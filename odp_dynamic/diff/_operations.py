"""What two versions of an operation differ in."""

from __future__ import annotations

from collections.abc import Iterator

from ._bodies import body_changes, response_changes
from ._changes import Change
from ._pairs import Pair
from ._parameters import parameter_changes
from ._paths import is_moved
from ._security import security_changes
from ._sent import callbacks
from ._servers import server_changes


def operation_changes(pair: Pair) -> Iterator[Change]:
    """Yield all changes of an operation, part by part, and of its callbacks; what it leads to twice is told once.

    Raises SpecError for more callbacks than can be compared.
    """
    waiting, met = [pair], set()
    for each in waiting:  # which grows meanwhile
        key = each.old.pointer, each.new.pointer, each.is_turned
        if key not in met:
            met.add(key)
            yield from _own_changes(each)
            inner, told = callbacks(each)
            yield from told
            waiting += inner


def _own_changes(pair: Pair) -> Iterator[Change]:
    yield from _itself(pair)
    if pair.is_called:
        yield from _extensions(pair)
    yield from parameter_changes(pair)
    yield from body_changes(pair)
    yield from response_changes(pair)
    yield from security_changes(pair)
    if pair.is_called:
        yield from server_changes(pair)


def _itself(pair: Pair) -> Iterator[Change]:
    itself, old, new = pair.part(""), pair.old, pair.new
    if old.id != new.id:
        told = f"its id is {new.id} now" if new.id else "it has no id any more"
        yield itself.change("breaking" if pair.is_called else "docs", "operation-renamed", told)
    if pair.is_called and (old.method != new.method or is_moved(old.path, new.path)):
        told = f"is {new.method} {new.path} now; calls by its id follow, addresses written by hand do not"
        yield itself.change("maybe", "operation-moved", told)
    if old.deprecated != new.deprecated:
        told = "is deprecated now: it works still" if new.deprecated else "is no longer deprecated"
        yield itself.change("compatible", "deprecated-changed", told)
    for name in ("summary", "description", "tags"):
        if getattr(old, name) != getattr(new, name):
            yield itself.change("docs", f"{name}-changed", f"its {name} changed")


def _extensions(pair: Pair) -> Iterator[Change]:
    """Yield what the document says anew of calling often, and of calling again."""
    itself, old, new = pair.part(""), pair.old, pair.new
    if new.replayable and not old.replayable:
        yield itself.change("compatible", "x-idempotent-changed", "may be sent twice now")
    if old.replayable and not new.replayable:
        told = "must not be sent twice any more: it is not tried again after an error"
        yield itself.change("maybe", "x-idempotent-changed", told)
    if old.idempotency_pointer != new.idempotency_pointer:
        told = (
            f"an item's own id is at {new.idempotency_pointer} now" if new.idempotency_pointer else "items have no id"
        )
        yield itself.change("maybe", "x-idempotency-pointer-changed", told)
    if [limit[1:] for limit in old.rate_limits] != [limit[1:] for limit in new.rate_limits]:
        yield itself.change("maybe", "x-rate-limit-changed", "how often it may be called has changed")
