"""What two versions of an operation differ in."""

from __future__ import annotations

from collections.abc import Iterator

from ._bodies import body_changes, response_changes
from ._changes import Change
from ._pairs import Pair
from ._parameters import parameter_changes
from ._paths import is_moved
from ._security import security_changes
from ._servers import server_changes


def operation_changes(pair: Pair) -> Iterator[Change]:
    """Yield all changes of an operation, part by part."""
    yield from _itself(pair)
    yield from _extensions(pair)
    yield from parameter_changes(pair)
    yield from body_changes(pair)
    yield from response_changes(pair)
    yield from security_changes(pair)
    yield from server_changes(pair)


def _itself(pair: Pair) -> Iterator[Change]:
    _, old, new = pair
    if old.id != new.id:
        yield pair.change("breaking", "operation-renamed", "operation", f"its id is {new.id} now")
    if old.method != new.method or is_moved(old.path, new.path):
        told = f"is {new.method} {new.path} now; calls by its id follow, addresses written by hand do not"
        yield pair.change("maybe", "operation-moved", "operation", told)
    if old.deprecated != new.deprecated:
        told = "is deprecated now: it works still" if new.deprecated else "is no longer deprecated"
        yield pair.change("compatible", "deprecated-changed", "operation", told)
    for name in ("summary", "description", "tags"):
        if getattr(old, name) != getattr(new, name):
            yield pair.change("docs", f"{name}-changed", "operation", f"its {name} changed")


def _extensions(pair: Pair) -> Iterator[Change]:
    """Yield what the document says anew of calling often, and of calling again."""
    _, old, new = pair
    if new.replayable and not old.replayable:
        yield pair.change("compatible", "x-idempotent-changed", "operation", "may be sent twice now")
    if old.replayable and not new.replayable:
        told = "must not be sent twice any more: it is not tried again after an error"
        yield pair.change("maybe", "x-idempotent-changed", "operation", told)
    if old.idempotency_pointer != new.idempotency_pointer:
        told = (
            f"an item's own id is at {new.idempotency_pointer} now" if new.idempotency_pointer else "items have no id"
        )
        yield pair.change("maybe", "x-idempotency-pointer-changed", "operation", told)
    if [limit[1:] for limit in old.rate_limits] != [limit[1:] for limit in new.rate_limits]:
        yield pair.change("maybe", "x-rate-limit-changed", "operation", "how often it may be called has changed")
