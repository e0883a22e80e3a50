"""YAML text into plain objects, by YAML 1.2's rules, and the line on which something stands.

libyaml gives the events, `_builder` makes objects of them: PyYAML's own constructors cost seven times as much and
follow YAML 1.1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from .._pointers import split
from ..errors import SpecError
from ._builder import Builder, Event, Fault, Kinds, NextEvent

_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def build(text: str, source: str) -> Any:
    """Return the only document of a YAML text as dict, list, str, int, float, bool and None.

    Mapping keys are their source text, aliases are copied, and an empty text is None. Raises SpecError with the line
    for what is not one tree of values of the core schema (YAML 1.2.2, 10.3).
    """
    import yaml  # a JSON document must not pay for it

    try:
        return Builder(_events(text), _kinds(), len(text)).document()
    except Fault as fault:
        raise SpecError(fault.message, source=source, line=fault.line) from None
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, source) from None
    except UnicodeEncodeError:
        raise SpecError("the text holds half of a surrogate pair; save it as UTF-8", source=source) from None


def _events(text: str) -> NextEvent:
    """Return the function that gives the next parsing event, by libyaml where PyYAML was built with it."""
    import yaml

    loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    get: NextEvent = loader(text).get_event
    return get


def _kinds() -> Kinds:
    import yaml

    return Kinds(
        yaml.ScalarEvent,
        yaml.MappingStartEvent,
        yaml.SequenceStartEvent,
        yaml.MappingEndEvent,
        yaml.SequenceEndEvent,
        yaml.AliasEvent,
        yaml.StreamEndEvent,
    )


def _syntax_error(error: Any, text: str, source: str) -> SpecError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        reason = error.problem or error.context
        return SpecError(f"this is not YAML: {reason}; correct the line", source=source, line=mark.line + 1)
    # A character that YAML forbids (ReaderError). libyaml counts bytes; the pure parser counts characters.
    before = text.encode(errors="replace")[: getattr(error, "position", 0)]
    reason = "this is not YAML: a character that text files do not hold; remove it"
    return SpecError(reason, source=source, line=before.count(b"\n") + 1)


def line_of(text: str, pointer: str) -> int | None:
    """Return the line of what a JSON pointer leads to, as `lines_of` does of many."""
    return lines_of(text, [pointer]).get(pointer)


def lines_of(text: str, pointers: Iterable[str]) -> dict[str, int]:
    """Return the line (from 1) of what each JSON pointer leads to, or of the nearest place above it that the text has.

    It parses anew, once for all of them, for only who tells of a document asks. There are none for a text that cannot
    be parsed.
    """
    import yaml

    text = _PAIR.sub(_as_yaml, text)
    root = _Wanted()
    ways = {pointer: root.to(split(pointer)) for pointer in pointers}
    try:
        _find_lines(_events(text), _kinds(), root)
    except (yaml.YAMLError, UnicodeEncodeError):
        return {}
    return {pointer: max(place.line for place in way) for pointer, way in ways.items()}


def _as_yaml(pair: re.Match[str]) -> str:
    """Return the two escapes by which JSON writes one character as the one by which YAML does."""
    character: str = json.loads('"' + pair[0] + '"')
    return f"\\U{ord(character):08x}"


class _Wanted:
    """Is a place whose line is asked for, or that of one within it; 0 until it is met."""

    __slots__ = ("inner", "line")

    def __init__(self) -> None:
        self.inner: dict[str, _Wanted] = {}
        self.line = 0

    def to(self, tokens: list[str]) -> list[_Wanted]:
        """Return the places on the way to one, this first; what is within stands on no earlier line."""
        way = [self]
        for token in tokens:
            way.append(way[-1].inner.setdefault(token, _Wanted()))
        return way


def _find_lines(get: NextEvent, kinds: Kinds, root: _Wanted) -> None:
    get()  # StreamStart
    get()  # DocumentStart
    event = get()
    root.line = event.start_mark.line + 1
    open_places = [(root, event, _entries(event, get, kinds))]
    while open_places:
        wanted, outer, entries = open_places[-1]
        name, place = next(entries, ("", None))
        if place is None:
            open_places.pop()
            continue
        value = get() if type(outer) is kinds.mapping else place
        inner = wanted.inner.get(name)
        if inner is not None:
            inner.line = place.start_mark.line + 1
        if inner is None or not inner.inner:
            _skip(value, get, kinds)
        else:
            open_places.append((inner, value, _entries(value, get, kinds)))


def _entries(event: Event, get: NextEvent, kinds: Kinds) -> Iterator[tuple[str, Event]]:
    """Yield the name of each entry of a collection, with the event that begins it; of an alias it is empty."""
    if type(event) is kinds.mapping:
        while (place := get()) is not None and type(place) is not kinds.mapping_end:
            yield getattr(place, "value", ""), place
    elif type(event) is kinds.sequence:
        index = 0
        while (place := get()) is not None and type(place) is not kinds.sequence_end:
            yield str(index), place
            index += 1


def _skip(event: Event, get: NextEvent, kinds: Kinds) -> None:
    starts, ends = {kinds.mapping, kinds.sequence}, {kinds.mapping_end, kinds.sequence_end}
    depth = 0
    while True:
        depth += (type(event) in starts) - (type(event) in ends)
        if depth <= 0:
            return
        event = get()
