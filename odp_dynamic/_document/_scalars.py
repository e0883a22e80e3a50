"""Plain YAML scalars by the core schema of YAML 1.2.2, section 10.3.2.

YAML 1.1, which most Python readers follow, makes a bool of ``NO``, a date of ``2024-01-01`` and 45000 of ``12:30:00``.
Here all three are strings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+").fullmatch
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?").fullmatch
_FIRST = frozenset("-+.0123456789")
_BASES = {"0o": 8, "0x": 16}
_MAX_DIGITS = 1000  # far beyond any number that means something, and below the length at which Python refuses
_SHORT = 64


def resolve(text: str) -> Scalar:
    """Return what a plain scalar stands for; raise ValueError for a number of more than 1000 digits."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST:
        return text
    if _INT(text):
        return _integer(text)
    return float(text) if _FLOAT(text) else text


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    base = _BASES.get(text[:2])
    return int(text[2:], base) if base else int(text)


class PlainScalars(dict[str, Scalar]):
    """Is a memory of resolved plain scalars: a document repeats few words many times.

    Looking up is what happens 100 000 times in a large document, so a hit must not enter Python code; and each
    distinct word then exists once in memory. Long texts rarely repeat, and are not kept.
    """

    def __missing__(self, text: str) -> Scalar:
        value = resolve(text)
        if len(text) < _SHORT:
            self[text] = value
        return value


def _strict_word(kind: type) -> Callable[[str], Scalar]:
    def construct(text: str) -> Scalar:
        value = resolve(text)
        if type(value) is not kind:
            raise ValueError(f"{kind.__name__} expected")
        return value

    return construct


def _float(text: str) -> float:
    value = resolve(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("float expected")  # noqa: TRY004  # the text is wrong, not the type of an argument
    return float(value)


_TAG = "tag:yaml.org,2002:"
_SCALAR_TAGS: dict[str, Callable[[str], Scalar]] = {
    f"{_TAG}str": str,
    f"{_TAG}int": _strict_word(int),
    f"{_TAG}bool": _strict_word(bool),
    f"{_TAG}null": _strict_word(type(None)),
    f"{_TAG}float": _float,
}
COLLECTION_TAGS: dict[str, type[Any]] = {f"{_TAG}map": dict, f"{_TAG}seq": list}


def construct(tag: str, text: str) -> Scalar:
    """Return what a scalar with an explicit tag stands for.

    Raises LookupError for a tag that the core schema does not have, ValueError where the text does not suit the tag.
    """
    return _SCALAR_TAGS[tag](text)
