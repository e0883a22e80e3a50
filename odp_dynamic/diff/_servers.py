"""Where an operation lives, before and after."""

from __future__ import annotations

from collections.abc import Iterator

from .._operations import Operation, Server
from .._pointers import join
from ._changes import Change, Level
from ._pairs import Pair


def server_changes(pair: Pair) -> Iterator[Change]:
    """Yield which servers are gone or new, and what their variables take."""
    before, after = {s.url: s for s in pair.old.servers}, {s.url: s for s in pair.new.servers}
    first, now = next(iter(before)), next(iter(after))
    if first != now:
        told = f"calls go to {now} unless told otherwise, no longer to {first}"
        yield _change(pair, "maybe", "server-default-changed", told)
    for url, server in before.items():
        if url not in after:
            yield _change(pair, "breaking", "server-removed", f"{url} is gone: whoever chose it is refused")
        else:
            yield from _variables(pair, server, after[url])
    for url in after:
        if url not in before:
            yield _change(pair, "compatible", "server-added", f"{url} is new")


def _change(pair: Pair, level: Level, rule: str, told: str) -> Change:
    return pair.part("servers").change(level, rule, told, (_place(pair.old), _place(pair.new)))


def _place(operation: Operation) -> str | None:
    """Return the pointer of the list of servers that counts for an operation: its own, its path's, the document's."""
    document = operation.document
    for pointer in (operation.pointer, operation.pointer.rpartition("/")[0], ""):
        if document.at(pointer).get("servers"):
            return join(pointer, "servers")
    return None


def _variables(pair: Pair, before: Server, after: Server) -> Iterator[Change]:
    if before.description != after.description:
        told = f"the description of {after.url} is another; whoever chose the server by it must choose anew"
        yield _change(pair, "maybe", "server-description-changed", told)
    for name in dict.fromkeys([*before.variables, *after.variables]):
        mine, other = before.variables.get(name), after.variables.get(name)
        if mine is None or other is None:
            told = f"the variable {name} of {after.url} is {'new' if mine is None else 'gone'}"
            yield _change(pair, "compatible" if mine is None else "breaking", "server-variable-changed", told)
            continue
        gone = sorted(set(mine.enum) - set(other.enum)) if other.enum else []
        if gone or (other.enum and not mine.enum):
            told = f"the variable {name} of {after.url} takes only {', '.join(other.enum)} now"
            yield _change(pair, "breaking", "server-variable-narrowed", told)
        elif set(mine.enum) != set(other.enum):
            told = f"the variable {name} of {after.url} takes more values now"
            yield _change(pair, "compatible", "server-variable-widened", told)
        if mine.default != other.default:
            told = f"the variable {name} of {after.url} is {other.default} by default, no longer {mine.default}"
            yield _change(pair, "maybe", "server-default-changed", told)
