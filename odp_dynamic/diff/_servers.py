"""Where an operation lives, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._operations import Operation, Server
from .._pointers import join
from ._changes import Change


def server_changes(old: Operation, new: Operation) -> Iterator[Change]:
    """Yield which servers are gone or new, and what their variables take."""
    before, after = {s.url: s for s in old.servers}, {s.url: s for s in new.servers}
    first, now = old.servers[0].url, new.servers[0].url
    if first != now:
        yield _change(
            old,
            new,
            "maybe",
            "server-default-changed",
            f"calls go to {now} unless told otherwise, no longer to {first}",
        )
    for url, server in before.items():
        if url not in after:
            yield _change(old, new, "breaking", "server-removed", f"{url} is gone: whoever chose it is refused")
        else:
            yield from _variables(old, new, server, after[url])
    for url in after:
        if url not in before:
            yield _change(old, new, "compatible", "server-added", f"{url} is new")


def _change(old: Operation, new: Operation, level: Any, rule: str, told: str) -> Change:
    return Change(level, rule, old.id, "request", "servers", "", told, _place(old), _place(new))


def _place(operation: Operation) -> str | None:
    """Return the pointer of the list of servers that counts for an operation: its own, its path's, the document's."""
    document = operation.document
    for pointer in (operation.pointer, operation.pointer.rpartition("/")[0], ""):
        if document.at(pointer).get("servers"):
            return join(pointer, "servers")
    return None


def _variables(old: Operation, new: Operation, before: Server, after: Server) -> Iterator[Change]:
    if before.description != after.description:
        told = f"the description of {after.url} is another; whoever chose the server by it must choose anew"
        yield _change(old, new, "maybe", "server-description-changed", told)
    for name in dict.fromkeys([*before.variables, *after.variables]):
        mine, other = before.variables.get(name), after.variables.get(name)
        if mine is None or other is None:
            told = f"the variable {name} of {after.url} is {'new' if mine is None else 'gone'}"
            yield _change(old, new, "compatible" if mine is None else "breaking", "server-variable-changed", told)
            continue
        gone = sorted(set(mine.enum) - set(other.enum)) if other.enum else []
        if gone or (other.enum and not mine.enum):
            told = f"the variable {name} of {after.url} takes only {', '.join(other.enum)} now"
            yield _change(old, new, "breaking", "server-variable-narrowed", told)
        elif set(mine.enum) != set(other.enum):
            told = f"the variable {name} of {after.url} takes more values now"
            yield _change(old, new, "compatible", "server-variable-widened", told)
        if mine.default != other.default:
            told = f"the variable {name} of {after.url} is {other.default} by default, no longer {mine.default}"
            yield _change(old, new, "maybe", "server-default-changed", told)
