"""The JSON value that a Python value is written as.

One table says how the scalars that JSON has no word for are written; `plain` and the encoder of request bodies both
use it, so what is checked is what is sent. Nothing here repeats a value in a message: a payload may be personal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from ._pointers import join

if TYPE_CHECKING:
    from datetime import datetime, time
    from decimal import Decimal

# Enough for any payload, and few enough for the recursive programs at both ends of the wire.
MAX_DEPTH = 250
# Python itself writes no integer of more digits (sys.int_info.default_max_str_digits).
_MAX_DIGITS = 4300
_TOO_LONG = 10**_MAX_DIGITS


class NotJSON(ValueError):
    """Says that a value has no JSON form: `pointer` is its place (RFC 6901), `reason` a sentence without its subject.

    Neither holds the value.
    """

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(pointer, reason)
        self.pointer = pointer
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.pointer or 'the value'} {self.reason}"


def plain(value: object) -> Any:
    """Return the JSON value that `value` is written as: a deep copy of dicts, lists, strings, numbers, bools and None.

    Tuples and other sequences become lists, mappings dicts, an Enum its value; `convert` has the other scalars. Raises
    NotJSON at the first place that has no JSON form: NaN and infinities (RFC 8259, 6), bytes, sets and other foreign
    types, keys that are not strings, lone surrogates (RFC 8259, 8.2), numbers with more digits than a JSON number
    keeps, values that contain themselves, and values nested deeper than `MAX_DEPTH`.
    """
    # An explicit stack, innermost last: each copy in the making with what is left of its original. A value nested too
    # deeply must end in a sentence, not in the interpreter's recursion limit.
    holder: list[Any] = [None]
    copies: list[Any] = [holder]
    rests: list[Iterator[tuple[Any, Any]]] = [iter([(0, value)])]
    originals: list[object] = [None]
    tokens: list[str | int] = [0]  # the first leads from the holder to the value and is no part of a pointer
    while rests:
        for key, child in rests[-1]:
            tokens[-1] = key
            try:
                copy, rest, original = _opened(child)
            except NotJSON as problem:
                raise NotJSON(join("", *tokens[1:]), problem.reason) from None
            copies[-1][key] = copy
            if rest is not None:
                originals.append(original)
                if len(rests) > MAX_DEPTH:
                    raise _too_deep(originals[1:], tokens[1:])
                copies.append(copy)
                rests.append(rest)
                tokens.append(0)
                break
        else:
            for stack in (copies, rests, originals, tokens):
                stack.pop()
    return holder[0]


def convert(value: object) -> Any:
    """Return what stands for a value that the json module cannot write, one level deep; it is the encoder's `default`.

    datetime, date and time become ISO 8601 text (UTC as ``Z``, RFC 3339), a UUID its text, a Decimal the number that
    equals it, an Enum its value, a mapping a dict and a sequence a list. Raises NotJSON, whose pointer is empty, for
    everything else.
    """
    writers = _writers()
    for kind in type(value).__mro__:
        if kind in writers:
            return writers[kind](value)
    if isinstance(value, Mapping):
        return checked_keys(dict(value))
    if isinstance(value, Sequence):
        return list(value)
    raise _foreign(value)


def is_binary(value: object) -> bool:
    """Tell whether a value is bytes or a file: content that is sent as it is, and that no JSON schema judges."""
    return isinstance(value, (bytes, bytearray, memoryview)) or hasattr(value, "read")


def _opened(value: object) -> tuple[Any, Iterator[tuple[Any, Any]] | None, object]:
    """Return a value's copy, the items to be put into it (None for a scalar), and the container it stands for."""
    original = value
    while True:  # an Enum's value may be another's member, but never, in the end, its own
        if isinstance(value, str):
            return _text(value), None, None
        if value is None or isinstance(value, bool):
            return value, None, None
        if isinstance(value, int):
            return _integer(value), None, None
        if isinstance(value, float):
            return _float(value), None, None
        if isinstance(value, dict):
            return {}, iter(checked_keys(value).items()), original
        if isinstance(value, (list, tuple)):
            return [None] * len(value), enumerate(value), original
        value = convert(value)


def _text(value: str) -> str:
    if not _is_unicode(value):
        raise NotJSON("", "contains a lone surrogate, which UTF-8 cannot write")
    return str.__str__(value)  # of a subclass, such as a str Enum, the text as the json module sees it


def _integer(value: int) -> int:
    if not -_TOO_LONG < value < _TOO_LONG:
        raise NotJSON("", f"has more than {_MAX_DIGITS} digits")
    return int.__int__(value)


def _float(value: float) -> float:
    if not isfinite(value):
        raise NotJSON("", f"is {'NaN' if value != value else 'infinite'}, which JSON cannot write")  # noqa: PLR0124
    return float.__float__(value)


def _decimal(value: Decimal) -> int | float:
    """Return the number that equals a Decimal: rounding money silently is worse than refusing it."""
    if not value.is_finite():
        raise NotJSON("", f"is {'NaN' if value.is_nan() else 'infinite'}, which JSON cannot write")
    if value.adjusted() < _MAX_DIGITS:  # or the integer would take the memory that its exponent asks for
        if value == value.to_integral_value():
            return int(value)
        number = float(value)
        if type(value)(repr(number)) == value:
            return number
    raise NotJSON("", "has more digits than a JSON number keeps; send it as a string, or round it")


def _moment(value: datetime | time) -> str:
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def _refuse(value: object) -> Any:
    raise _foreign(value)


def _foreign(value: object) -> NotJSON:
    return NotJSON("", f"is of the type {type(value).__name__}, which JSON cannot write")


@cache
def _writers() -> Mapping[type, Callable[[Any], Any]]:
    """Return how each scalar is written; its types are imported here, for most programs never need them."""
    from datetime import date, datetime, time
    from decimal import Decimal
    from enum import Enum
    from uuid import UUID

    return {
        datetime: _moment,
        time: _moment,
        date: date.isoformat,
        UUID: str,
        Decimal: _decimal,
        Enum: lambda member: member.value,
        **dict.fromkeys((bytes, bytearray, memoryview), _refuse),  # sequences, but not of JSON values
    }


def checked_keys(value: dict[Any, Any]) -> dict[str, Any]:
    """Return a dict whose keys are strings that UTF-8 can write; raise NotJSON where one is not."""
    for key in value:
        if not isinstance(key, str):
            raise NotJSON("", f"has a key of the type {type(key).__name__}; JSON's are strings")
        if not _is_unicode(key):
            raise NotJSON("", "has a key with a lone surrogate, which UTF-8 cannot write")
    return value


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_deep(originals: list[object], tokens: list[str | int]) -> NotJSON:
    """Return the reason for too many levels: where a container stands inside itself first, or the limit."""
    seen: set[int] = set()
    for depth, original in enumerate(originals):
        if id(original) in seen:
            return NotJSON(join("", *tokens[:depth]), "contains itself")
        seen.add(id(original))
    return NotJSON(join("", *tokens), f"is nested deeper than {MAX_DEPTH} levels")
