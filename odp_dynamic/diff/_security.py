"""Whose credentials an operation takes, before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from .._document import Document
from .._meaning import key_of
from .._operations import Operation
from .._pointers import join
from ._changes import Change, Level
from ._pairs import Pair

# An alternative: the name of each scheme, what it is, and the scopes that it needs.
Alternative = tuple[tuple[str, "Scheme", frozenset[str]], ...]


class Scheme(NamedTuple):
    """Is what of a security scheme concerns callers.

    `kind` is what secret it takes, `place` where requests have it, `ways` how one is got: OAuth's flows, OpenID's URL.
    """

    kind: tuple[str, str]
    place: tuple[str, str]
    ways: frozenset[tuple[str, ...]]


def security_changes(pair: Pair) -> Iterator[Change]:
    """Yield whether what sufficed before still does."""
    before, after = _alternatives(pair.old), _alternatives(pair.new)
    if not pair.is_called:
        yield from _of_their_own(pair, before, after)
        return
    refused = [mine for mine in before if not any(_suffices(mine, other, _is_same) for other in after)]
    taken = " or ".join(map(_named, after))
    moved: dict[Change, None] = {}
    for mine in refused:
        kept = next((other for other in after if _suffices(mine, other, _takes_the_same)), None)
        if kept is not None:
            moved |= dict.fromkeys(_moved(pair, mine, kept))
        elif any(_suffices(mine, other, _is_same_but_for_its_name) for other in after):
            told = f"{_named(mine)} is called otherwise now: pass it by that name ({taken})"
            yield _change(pair, "maybe", "security-renamed", told)
        else:
            told = f"{_named(mine)} does not suffice any more; it takes {taken}"
            yield _change(pair, "breaking", "security-narrowed", told)
    yield from moved
    if not refused and any(not any(_suffices(other, mine, _takes_the_same) for mine in before) for other in after):
        yield _change(pair, "compatible", "security-widened", f"{taken} suffices now")


def _of_their_own(pair: Pair, before: list[Alternative], after: list[Alternative]) -> Iterator[Change]:
    """Yield what requests bring that are no calls; what a document says for all of them is told of its calls."""
    if any("security" in one.document.at(one.pointer) for one in (pair.old, pair.new)) and set(before) != set(after):
        taken, gone = (" or ".join(map(_named, one)) for one in (after, before))
        told = f"it comes with {taken} now, no longer with {gone}: check what you check"
        yield _change(pair, "maybe", "security-changed", told)


def _moved(pair: Pair, mine: Alternative, other: Alternative) -> Iterator[Change]:
    """Yield what becomes of secrets that still suffice: they go to another place, or are got in other ways."""
    old = {name: scheme for name, scheme, _ in mine}
    for name, scheme, _ in other:
        if scheme.place != old[name].place:
            places = f"{_at(scheme)} now, no longer {_at(old[name])}"
            told = f"{name} is sent {places}; this client follows by itself, other programs must send it there"
            yield _change(pair, "maybe", "security-moved", told)
        if not old[name].ways <= scheme.ways:
            told = f"a token for {name} is to be had in other ways now; where it is sent stays"
            yield _change(pair, "maybe", "security-flows-changed", told)


def _at(scheme: Scheme) -> str:
    location, name = scheme.place
    return f"in the {location} as {name}"


def _change(pair: Pair, level: Level, rule: str, told: str) -> Change:
    return pair.part("security").change(level, rule, told, (_place(pair.old), _place(pair.new)))


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


def _scheme(document: Document, name: str) -> Scheme:
    """Read a scheme; names of headers and of HTTP schemes are the same in any case."""
    scheme, _ = document.resolve(join("", "components", "securitySchemes", name))
    kind, location, field = scheme.get("type", ""), scheme.get("in", ""), scheme.get("name", "")
    urls = {flow: {key: url for key, url in told.items() if key != "scopes"} for flow, told in _flows(scheme)}
    return Scheme(
        (kind, str(scheme.get("scheme", "")).lower() if kind == "http" else ""),
        (location, field.lower() if location == "header" else field) if kind == "apiKey" else ("", ""),
        frozenset((flow, key_of(told)) for flow, told in urls.items()),
    )


def _flows(scheme: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the ways to a token; which scopes there are is nothing that an operation needs of itself."""
    if scheme.get("type") == "oauth2":
        yield from (scheme.get("flows") or {}).items()
    elif scheme.get("type") == "openIdConnect":
        yield "openIdConnect", {"url": scheme.get("openIdConnectUrl")}


Named = tuple[str, Scheme]


def _is_same(own: Named, other: Named) -> bool:
    return own[0] == other[0] and _is_same_but_for_its_name(own, other)


def _is_same_but_for_its_name(own: Named, other: Named) -> bool:
    mine, new = own[1], other[1]
    return (mine.kind, mine.place) == (new.kind, new.place) and mine.ways <= new.ways


def _takes_the_same(own: Named, other: Named) -> bool:
    """Return whether the secret of one is that of the other, wherever it goes: `Api` knows it by the scheme's name."""
    return (own[0], own[1].kind) == (other[0], other[1].kind)


def _suffices(mine: Alternative, other: Alternative, is_same: Callable[[Named, Named], bool]) -> bool:
    """Return whether what meets one alternative meets another."""
    return all(
        any(is_same((own, scheme), (name, wanted)) and scopes <= held for own, scheme, held in mine)
        for name, wanted, scopes in other
    )


def _named(alternative: Alternative) -> str:
    names = [f"{name} ({', '.join(sorted(scopes))})" if scopes else name for name, _, scopes in alternative]
    return " with ".join(names) or "nothing"
