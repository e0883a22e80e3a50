"""Whose credentials an operation takes, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._document import Document
from .._operations import Operation
from .._pointers import join
from ._changes import Change, Level
from ._pairs import Pair

_SAYS_HOW = ("type", "in", "name", "scheme", "flows", "openIdConnectUrl")

# An alternative: what each scheme is, and the scopes that it needs.
Alternative = tuple[tuple[str, Any, frozenset[str]], ...]


def security_changes(pair: Pair) -> Iterator[Change]:
    """Yield whether what sufficed before still does."""
    before, after = _alternatives(pair.old), _alternatives(pair.new)
    refused = [mine for mine in before if not any(_suffices(mine, other, by_name=True) for other in after)]
    taken = " or ".join(map(_named, after))
    for mine in refused:
        if any(_suffices(mine, other, by_name=False) for other in after):
            told = f"{_named(mine)} is called otherwise now: pass it by that name ({taken})"
            yield _change(pair, "maybe", "security-renamed", told)
        else:
            told = f"{_named(mine)} does not suffice any more; it takes {taken}"
            yield _change(pair, "breaking", "security-narrowed", told)
    if not refused and any(not any(_suffices(other, mine, by_name=True) for mine in before) for other in after):
        yield _change(pair, "compatible", "security-widened", f"{taken} suffices now")


def _change(pair: Pair, level: Level, rule: str, told: str) -> Change:
    return pair.change(level, rule, "security", told, (_place(pair.old), _place(pair.new)))


def _place(operation: Operation) -> str | None:
    """Return the pointer of what counts for an operation: its own, or the document's."""
    for pointer in (operation.pointer, ""):
        if "security" in operation.document.at(pointer):
            return join(pointer, "security")
    return None


def _alternatives(operation: Operation) -> list[Alternative]:
    found = [
        tuple((name, _scheme(operation.document, name), frozenset(scopes)) for name, scopes in alternative.items())
        for alternative in operation.security
    ]
    return found or [()]


def _scheme(document: Document, name: str) -> Mapping[str, Any]:
    """Return what of a scheme says how a secret is sent; names of headers and HTTP schemes are so in any case."""
    scheme, _ = document.resolve(join("", "components", "securitySchemes", name))
    found = {key: scheme[key] for key in _SAYS_HOW if key in scheme}
    for key in ("scheme", *(["name"] if scheme.get("in") == "header" else [])):
        if isinstance(found.get(key), str):
            found[key] = found[key].lower()
    return found


def _suffices(mine: Alternative, other: Alternative, *, by_name: bool) -> bool:
    """Return whether what meets one alternative meets another."""
    return all(
        any((not by_name or name == own) and scheme == same and scopes <= held for own, same, held in mine)
        for name, scheme, scopes in other
    )


def _named(alternative: Alternative) -> str:
    names = [f"{name} ({', '.join(sorted(scopes))})" if scopes else name for name, _, scopes in alternative]
    return " with ".join(names) or "nothing"
