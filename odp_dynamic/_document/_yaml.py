"""YAML text into plain objects, by YAML 1.2's rules, and the line on which something stands.

libyaml gives the events, `_builder` makes objects of them: PyYAML's own constructors cost seven times as much and
follow YAML 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._pointers import split
from ..errors import SpecError
from ._builder import Builder, Event, Fault, Kinds, NextEvent


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
    """Return the line (from 1) of what a JSON pointer leads to, or of the nearest place above it that the text has.

    It parses anew, for only an error asks. None stands for a text that cannot be parsed.
    """
    import yaml

    try:
        return _line_of(_events(text), _kinds(), split(pointer))
    except (yaml.YAMLError, UnicodeEncodeError):
        return None


def _line_of(get: NextEvent, kinds: Kinds, tokens: list[str]) -> int:
    get()  # StreamStart
    get()  # DocumentStart
    event = get()
    line: int = event.start_mark.line + 1
    for token in tokens:
        for entry, place in _entries(event, get, kinds):
            if entry == token:
                line = place.start_mark.line + 1
                event = get() if type(event) is kinds.mapping else place
                break
            if type(event) is kinds.mapping:
                place = get()  # noqa: PLW2901  # the value behind the key
            _skip(place, get, kinds)
        else:
            break
    return line


def _entries(event: Event, get: NextEvent, kinds: Kinds) -> Iterator[tuple[str, Event]]:
    """Yield the name of each entry of a collection, with the event that begins it."""
    if type(event) is kinds.mapping:
        while type(place := get()) is kinds.scalar:
            yield place.value, place
    elif type(event) is kinds.sequence:
        index = 0
        while type(place := get()) is not kinds.sequence_end:
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
