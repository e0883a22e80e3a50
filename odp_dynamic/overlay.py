"""Overlays: changes to a document that are written beside it (OpenAPI Overlay Specification 1.0 and 1.1).

An overlay is a list of actions. Each selects nodes with a JSONPath (RFC 9535) and updates them, removes them, or copies
another node into them, upon the result of the action before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ._collector import collector_paused
from ._document import Document, Fetch, Origin, Source, read
from ._document._copying import copied
from ._document._limits import MAX_COPIES
from ._document._text import TOO_DEEP, is_too_deep
from ._document._yaml import line_of
from ._pointers import join
from ._schema import Schema
from .errors import SpecError

if TYPE_CHECKING:
    from ._jsonpath import Paths, Place

_MOST_ACTIONS = 10_000
_EXTENSIONS = {"^x-": True}
_TEXT = {"type": "string"}
_FORM = {
    "type": "object",
    "required": ["overlay", "info", "actions"],
    "properties": {
        "overlay": {"type": "string", "pattern": r"^1\.[01]\.[0-9]+$"},
        "info": {
            "type": "object",
            "required": ["title", "version"],
            "properties": {"title": _TEXT, "version": _TEXT, "description": _TEXT},
            "patternProperties": _EXTENSIONS,
            "additionalProperties": False,
        },
        "extends": _TEXT,
        "x-overlays": {"type": "array", "items": _TEXT},  # of ours: see `_layers`
        "actions": {
            "type": "array",
            "minItems": 1,
            "maxItems": _MOST_ACTIONS,
            "items": {
                "type": "object",
                "required": ["target"],
                "properties": {
                    "target": _TEXT,
                    "description": _TEXT,
                    "update": True,
                    "copy": _TEXT,
                    "remove": {"type": "boolean"},
                },
                "patternProperties": _EXTENSIONS,
                "additionalProperties": False,
            },
        },
    },
    "patternProperties": _EXTENSIONS,
    "additionalProperties": False,
}
_SINCE_11 = "as an overlay of version 1.0 may not; write 'overlay: 1.1.0'"


class Touch(NamedTuple):
    """Is one place that an action changed: `action` is its number, from 1, `pointer` the place, `verb` what it did."""

    action: int
    target: str
    verb: str
    pointer: str

    def __str__(self) -> str:
        done = {"update": "updated", "copy": "copied into", "remove": "removed"}[self.verb]
        return f"action {self.action} {done} {self.pointer or 'the root'}"


class Applied(NamedTuple):
    """Is what came of an overlay: the new `document`, the places it `touched`, and of what was `idle` a sentence each.

    `idle` are the actions that selected nothing, or say nothing to do.
    """

    document: dict[str, Any]
    touched: tuple[Touch, ...]
    idle: tuple[str, ...]


def apply_overlay(document: Source, overlay: Source, *, strict: bool = False) -> Applied:
    """Return a document as an overlay makes it, with what was done; neither is changed.

    Both are a path, an open file or a mapping. An action whose target selects nothing changes nothing, as the
    specification says: it is listed in `idle`, or with `strict` refused. Raises SpecError for what cannot be read,
    for an overlay that is none, and for a value that cannot be merged with what is selected, with the action's place.
    """
    overlay_raw, origin = read_overlay(overlay)
    applied = carry_out(read(document)[0], overlay_raw, origin)
    if strict and applied.idle:
        raise SpecError("; ".join(applied.idle), "/actions", origin.name)
    return applied


def read_overlay(source: Source, fetch: Fetch | None = None) -> tuple[dict[str, Any], Origin]:
    """Read an overlay, and tell where it came from; raise SpecError with all that keeps it from being one."""
    raw, origin = read(source, fetch=fetch)
    if origin.name == "<dict>":
        origin = origin._replace(name="<overlay>")
    problems = [(problem.pointer, problem.message) for problem in _form().problems(raw)]
    problems += _of_paths(raw)
    if problems:
        told = "; ".join(f"{pointer or 'it'} {message}" for pointer, message in problems)
        raise _located(SpecError(f"this is no overlay of version 1.0 or 1.1: {told}", problems[0][0]), origin)
    return raw, origin


def _of_paths(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the JSONPaths of an overlay, of whatever form it is, that are none."""
    from ._jsonpath import PathError, Paths  # a matter of 30 ms, for those who have overlays

    actions = raw.get("actions")
    paths = Paths()
    for number, action in enumerate(actions[:_MOST_ACTIONS] if isinstance(actions, list) else ()):
        for field in ("target", "copy"):
            path = action.get(field) if isinstance(action, dict) else None
            try:
                paths.select(path, {}) if isinstance(path, str) else None
            except PathError as error:
                yield join("/actions", number, field), str(error)


def carry_out(raw: dict[str, Any], overlay: Mapping[str, Any], origin: Origin) -> Applied:
    """Do on a document, which is taken over, what an overlay says; both are as `read` and `read_overlay` give them."""
    from ._jsonpath import Paths

    work = _Work(raw, Paths(), may_primitives=not overlay["overlay"].startswith("1.0"))
    touched: list[Touch] = []
    idle = []
    with collector_paused():
        for number, action in enumerate(overlay["actions"]):
            try:
                verb, places = work.do(action)
            except SpecError as error:
                place = join("", "actions", number) + error.pointer
                raise _located(SpecError(error.message, place), origin) from None
            told = f"action {number + 1} ({action['target']})"
            if verb is None:
                idle.append(f"{told} has no update, copy or remove: it does nothing")
            elif not places:
                idle.append(f"{told} selects nothing")
            touched += [Touch(number + 1, action["target"], verb, join("", *place)) for place in places if verb]
        if is_too_deep(work.root):
            raise SpecError(f"the document comes to be {TOO_DEEP}", source=origin.name)
    return Applied(work.root, tuple(touched), tuple(idle))


@cache
def _form() -> Schema:
    return Schema(Document({"components": {"schemas": {"Overlay": _FORM}}}, "", "3.1.0"), "/components/schemas/Overlay")


def _located(error: SpecError, origin: Origin) -> SpecError:
    line = line_of(origin.text, error.pointer) if origin.text is not None else None
    return SpecError(error.message, error.pointer, origin.name, line)


class _Work:
    """Is a document that is being changed, action by action.

    The pointers of its errors are those within the action.
    """

    def __init__(self, root: dict[str, Any], paths: Paths, *, may_primitives: bool) -> None:
        self._holder: list[Any] = [root]  # so that the root stands in something, as any other node does
        self._paths = paths
        self._may_primitives = may_primitives
        self._written = 0

    @property
    def root(self) -> dict[str, Any]:
        """Return the document as it is now."""
        root: dict[str, Any] = self._holder[0]
        return root

    def do(self, action: Mapping[str, Any]) -> tuple[str | None, list[Place]]:
        """Carry an action out; return its verb, None where it has none, and the places that it changed.

        An update has no impact beside a copy, and neither has one beside a remove (1.1, 4.4.3.1).
        """
        verb = "remove" if action.get("remove") else next((verb for verb in ("copy", "update") if verb in action), None)
        if verb == "copy" and not self._may_primitives:
            raise SpecError(f"copies, {_SINCE_11}", "/copy")
        places = self._select(action, "target")
        if not self._may_primitives and any(not isinstance(self._at(place), dict | list) for place in places):
            raise SpecError(f"selects what is no object and no array, {_SINCE_11}", "/target")
        if verb == "remove":
            self._remove(places)
        elif verb is not None and places:  # with none it succeeds, whatever it would have written (1.1, 4.4.3)
            self._write(places, self._source_of(action, verb), verb)
        return verb, places

    def _select(self, action: Mapping[str, Any], field: str) -> list[Place]:
        from ._jsonpath import PathError

        try:
            return self._paths.select(action[field], self.root)
        except PathError as error:
            raise SpecError(str(error), f"/{field}") from None

    def _source_of(self, action: Mapping[str, Any], verb: str) -> Any:
        """Return the value that an action writes."""
        if verb == "update":
            return action["update"]
        found = self._select(action, "copy")
        if len(found) != 1:
            raise SpecError(f"must select one node, and selects {len(found)}", "/copy")
        return self._copy(self._at(found[0]), verb)  # as it is now: the target may be within it

    def _at(self, place: Place) -> Any:
        node = self.root
        for token in place:
            node = node[token]  # type: ignore[index]  # the path has just led there
        return node

    def _outer(self, place: Place) -> tuple[Any, Any]:
        """Return the collection that a node stands in, and its name there."""
        return (self._at(place[:-1]), place[-1]) if place else (self._holder, 0)

    def _remove(self, places: list[Place]) -> None:
        if () in places:
            raise SpecError("removes the document as a whole; name what is in it", "/target")
        # From the end, so that what goes moves no place that is still to come; a place's insides go before it.
        for place in sorted(places, key=lambda place: [(isinstance(t, str), t) for t in place], reverse=True):
            outer, name = self._outer(place)
            del outer[name]

    def _write(self, places: list[Place], value: Any, verb: str) -> None:
        kinds = {_kind(self._at(place)) for place in places}
        if len(kinds) > 1:
            told = f"selects {' and '.join(sorted(kinds))}: they must all be of one kind; write an action for each"
            raise SpecError(told, "/target")
        for place in places:
            outer, name = self._outer(place)
            outer[name] = self._merged(outer[name], value, place, verb)

    def _merged(self, before: Any, value: Any, place: Place, verb: str) -> Any:
        """Return a node as an update makes it (1.1, 4.4.3.2): objects merge, arrays grow, primitives are replaced."""
        if isinstance(before, dict) and isinstance(value, Mapping):
            for name, more in value.items():
                at = (*place, name)
                before[name] = self._merged(before[name], more, at, verb) if name in before else self._copy(more, verb)
            return before
        if isinstance(before, list):
            return before + self._copy(value if isinstance(value, list) else [value], verb)
        if not isinstance(before, dict) and not isinstance(value, dict | list):
            return value
        where = join("", *place) or "the root"
        told = f"would merge {_kind(value)} into {_kind(before)}, at {where}; remove that in an action before"
        raise SpecError(told, f"/{verb}")

    def _copy(self, value: Any, verb: str) -> Any:
        """Return a copy for one place, so that no later change reaches two."""
        self._written += _size(value)
        if self._written > MAX_COPIES:
            raise SpecError(
                f"the overlay writes more than {MAX_COPIES:,} values; write less, or into fewer places", f"/{verb}"
            )
        try:
            return copied({"": value}, "")[""]
        except SpecError as error:
            raise SpecError(error.message, f"/{verb}") from None


def _kind(value: Any) -> str:
    return "an object" if isinstance(value, Mapping) else "an array" if isinstance(value, list) else "a primitive value"


def _size(value: Any) -> int:
    """Return how many values are in one, itself included."""
    found = [value]
    for node in found:
        found += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return len(found)
