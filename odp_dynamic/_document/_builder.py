"""The building of plain objects from the parsing events of YAML.

Three rules make the result what the rest of the package relies on:

1. Mapping keys are their source text: ``200:`` is ``"200"`` and ``NO:`` is ``"NO"``, for JSON has no other keys.
2. The result is a tree. What an alias stands for is copied, within a bound, so that no change reaches two places.
3. What YAML can say and JSON cannot (several documents, other tags, duplicate keys) is refused with its line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ._limits import MAX_DEPTH, copies_allowed
from ._scalars import COLLECTION_TAGS, PlainScalars, Scalar, construct, resolve

Event = Any  # PyYAML's own classes: its stubs leave most attributes out
NextEvent = Callable[[], Event]
Container = dict[str, Any] | list[Any]
_CONTAINERS = {dict, list}
_NO_TAG = {None, "!"}


class Kinds(NamedTuple):
    """Are the classes of the parsing events, which come from a module that is imported late."""

    scalar: Any
    mapping: Any
    sequence: Any
    mapping_end: Any
    sequence_end: Any
    alias: Any
    stream_end: Any


class Fault(Exception):  # it becomes a SpecError where the document's name is known
    """Says what is wrong with the text, and on which line."""

    def __init__(self, message: str, event: Event) -> None:
        super().__init__(message)
        self.message = message
        self.line = event.start_mark.line + 1


class Builder:
    """Is the building of one document from its events, of which it takes those it needs.

    `_grow` does what documents consist of, as fast as it can be done, and calls the other methods for what is rare.
    """

    def __init__(self, next_event: NextEvent, kinds: Kinds, size: int) -> None:
        self._next = next_event
        self._kinds = kinds
        self._copies = copies_allowed(size)
        self._stack: list[Container] = []
        self._anchors: dict[str, Any] = {}
        self._texts: dict[str, str] = {}  # of the anchored scalars: an alias may be a key, and keys are source text
        self._not_merged: set[int] = set()  # the mappings in which "<<" is quoted, and thus an ordinary key

    def document(self) -> Any:
        """Return the only document of the stream, None for an empty stream."""
        self._next()  # StreamStart
        if type(self._next()) is self._kinds.stream_end:
            return None
        value = self._root(self._next())
        self._next()  # DocumentEnd
        event = self._next()
        if type(event) is not self._kinds.stream_end:
            raise Fault("a second YAML document begins here; keep one per file", event)
        return value

    def _root(self, event: Event) -> Any:
        if type(event) is self._kinds.scalar:
            return self._scalar(event)
        root: Container = {} if type(event) is self._kinds.mapping else []
        self._mark(event, root)
        self._grow(root)
        return root

    def _grow(self, root: Container) -> None:  # noqa: C901, PLR0912  # a function call costs as much as an event
        """Fill `root` and all within it until its end."""
        next_event, stack, plain = self._next, self._stack, PlainScalars()
        is_scalar, is_mapping, is_sequence, is_mapping_end, is_sequence_end, *_ = self._kinds
        container: Any = root
        key: Any = None
        value: Any
        in_mapping = type(root) is dict
        event: Event = None
        try:
            while True:
                event = next_event()
                kind = type(event)
                if kind is is_mapping_end or kind is is_sequence_end:
                    if in_mapping and "<<" in container:
                        self._merge(container, event)
                    if not stack:
                        return
                    container = stack.pop()
                    in_mapping = type(container) is dict
                    continue
                if in_mapping:
                    key = event.value if kind is is_scalar else None
                    if key is None or event.style or event.tag or event.anchor:
                        key = self._key(event, container)
                    if key in container:
                        raise Fault(f"the key {key!r} stands twice in this mapping; remove one", event)
                    event = next_event()
                    kind = type(event)
                if kind is is_scalar:
                    value = event.value if event.style else plain[event.value]
                    if event.tag or event.anchor:
                        value = self._scalar(event)
                elif kind is is_mapping or kind is is_sequence:
                    value = {} if kind is is_mapping else []
                    if event.anchor or event.tag or len(stack) >= MAX_DEPTH:
                        self._mark(event, value)
                else:
                    value = self._copied(event, container)
                if in_mapping:
                    container[key] = value
                else:
                    container.append(value)
                if kind is not is_scalar and (kind is is_mapping or kind is is_sequence):
                    stack.append(container)
                    container = value
                    in_mapping = kind is is_mapping
        except ValueError as error:  # a number that is too long
            raise Fault(f"{error}; correct or quote it", event) from None

    def _mark(self, event: Event, value: Container) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise Fault(f"nested more than {MAX_DEPTH} levels deep; move the inner parts to components", event)
        if event.anchor:
            self._anchors[event.anchor] = value
            self._texts.pop(event.anchor, None)
        if event.tag not in _NO_TAG and COLLECTION_TAGS.get(event.tag) is not type(value):
            raise _other_tag(event)

    def _scalar(self, event: Event) -> Scalar:
        text: str = event.value
        try:
            if event.tag in _NO_TAG:
                value = text if event.style or event.tag else resolve(text)
            else:
                value = construct(event.tag, text)
        except LookupError:
            raise _other_tag(event) from None
        except ValueError as error:
            raise Fault(f"{error}; correct or quote it", event) from None
        if event.anchor:
            self._anchors[event.anchor] = value
            self._texts[event.anchor] = text
        return value

    def _key(self, event: Event, container: Container) -> str:
        """Return the key that is no plain scalar without properties."""
        if type(event) is self._kinds.alias and event.anchor in self._texts:
            return self._texts[event.anchor]
        if type(event) is not self._kinds.scalar:
            raise Fault("a key is a collection; only strings can be keys", event)
        self._scalar(event)
        if event.value == "<<" and (event.style or event.tag):
            self._not_merged.add(id(container))
        return str(event.value)

    def _copied(self, event: Event, container: Container) -> Any:
        """Return a copy of what an alias stands for."""
        name = event.anchor
        if name not in self._anchors:
            raise Fault(f"the alias *{name} has no anchor &{name} before it", event)
        value = self._anchors[name]
        if not isinstance(value, dict | list):
            return value
        if value is container or any(value is outer for outer in self._stack):
            raise Fault(f"the alias *{name} stands within its own anchor; use a $ref for recursion", event)
        return self._copy(value, event)

    def _copy(self, value: Container, event: Event) -> Container:
        copy: Container = value.copy()
        waiting = [(copy, len(self._stack) + 1)]
        while waiting:
            target, depth = waiting.pop()
            self._copies -= 1 + len(target)
            if self._copies < 0:
                raise Fault("an alias bomb: the aliases stand for too much; write the document without them", event)
            if depth > MAX_DEPTH:
                raise Fault(f"the alias *{event.anchor} nests more than {MAX_DEPTH} levels deep", event)
            places: Any = target.items() if isinstance(target, dict) else enumerate(target)
            for place, child in [(place, child) for place, child in places if type(child) in _CONTAINERS]:
                target[place] = child.copy()
                waiting.append((target[place], depth + 1))
        return copy

    def _merge(self, container: dict[str, Any], event: Event) -> None:
        """Take over the entries of the mappings under ``<<`` that the container does not have itself."""
        if id(container) in self._not_merged:
            return
        merged = container.pop("<<")
        for source in merged if isinstance(merged, list) else [merged]:
            if not isinstance(source, dict):
                raise Fault("the merge key << takes a mapping, or a list of mappings", event)
            for key, value in source.items():
                container.setdefault(key, value)


def _other_tag(event: Event) -> Fault:
    tag = event.tag.replace("tag:yaml.org,2002:", "!!")
    return Fault(f"the tag {tag} does not suit this value, or is none of YAML's core schema; remove it", event)
