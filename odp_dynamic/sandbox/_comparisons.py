"""What a condition may say of one value; SQLite calls it as `fits(data, path, rule)`, all of them text.

A rule is a value, or a list of values, of which it must be one; or a mapping of words out of `WORDS`, all of which
must hold. Numbers are compared as numbers also where they were sent as text, as the service takes them (facts §4).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ._types import number_of, seconds_of

Test = Callable[[Any], bool]
Word = Callable[[Any], Test]


def fits(data: str, path: str, rule: str) -> bool:
    """Tell whether the value that stands at a dotted path of JSON data, null where nothing does, fits a rule."""
    value = json.loads(data)
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, dict) else None
    return all(test(value) for test in _tests(rule))


def written(rule: Any) -> str:
    """Return a rule as `fits` takes it; raise ValueError for a number or a time to compare with that is none."""
    told = json.dumps(rule if isinstance(rule, dict) else {"is": rule})
    _tests(told)
    return told


@lru_cache(1000)
def _tests(rule: str) -> list[Test]:
    return [WORDS[word](wanted) for word, wanted in json.loads(rule).items()]


def _is(wanted: Any) -> Test:
    # As in JSON, where 1 is not true, nor "1".
    accepted = {_exactly(one) for one in (wanted if isinstance(wanted, list) else [wanted])}
    return lambda value: _exactly(value) in accepted


def _exactly(value: Any) -> Any:
    is_itself = isinstance(value, (int, float, str)) and not isinstance(value, bool)
    return value if is_itself else (json.dumps(value, sort_keys=True),)  # no text is a tuple


def _ordered(read: Callable[[Any], float | None], what: str, holds: Callable[[float, float], bool]) -> Word:
    """Return the word that compares what `read` makes of both values; what it makes nothing of never fits."""

    def word(wanted: Any) -> Test:
        limit = read(wanted)
        if limit is None:
            raise ValueError(f"what a value is compared with must be {what}")

        def test(value: Any) -> bool:
            measured = read(value)
            return measured is not None and holds(measured, limit)

        return test

    return word


def _textual(holds: Callable[[str, str], bool]) -> Word:
    return lambda wanted: lambda value: isinstance(value, str) and holds(value, str(wanted))


WORDS: Mapping[str, Word] = {
    "is": _is,
    "exists": lambda wanted: lambda value: (value is not None) == bool(wanted),
    "at_least": _ordered(number_of, "a number", float.__ge__),
    "at_most": _ordered(number_of, "a number", float.__le__),
    "more_than": _ordered(number_of, "a number", float.__gt__),
    "less_than": _ordered(number_of, "a number", float.__lt__),
    "before": _ordered(seconds_of, "a time", float.__lt__),
    "after": _ordered(seconds_of, "a time", float.__gt__),
    "starts_with": _textual(str.startswith),
    "ends_with": _textual(str.endswith),
    "contains": _textual(str.__contains__),
}

# Functions that a connection needs: their names, how many arguments they take, and themselves.
FUNCTIONS: Mapping[str, tuple[int, Callable[..., bool]]] = {"fits": (3, fits)}
