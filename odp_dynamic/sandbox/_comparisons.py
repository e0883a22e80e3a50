"""What a condition may say of one value; SQLite calls it as `fits(data, path, rule)`, all of them text.

A rule is a value, or a list of values, of which it must be one; or a mapping of words out of `WORDS`, all of which
must hold. Numbers are compared as numbers also where they were sent as text, as the service takes them (facts §4).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ..errors import closest
from ._types import number_of, seconds_of

Test = Callable[[Any], bool]


def fits(data: str, path: str, rule: str) -> bool:
    """Tell whether the value that stands at a dotted path of JSON data, null where nothing does, fits a rule."""
    value = json.loads(data)
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, dict) else None
    return all(test(value) for test in _tests(rule))


def written(rule: Any) -> str:
    """Return a rule as `fits` takes it; raise ValueError for a word that there is not."""
    words = rule if isinstance(rule, dict) else {"is": rule}
    for word in words:
        if word not in WORDS:
            near = closest(word, WORDS)
            raise ValueError(f"a value has no {word!r}; did you mean {near!r}?" if near else f"a value has no {word!r}")
    return json.dumps(words)


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


def _ordered(read: Callable[[Any], float | None], holds: Callable[[float, float], bool]) -> Callable[[Any], Test]:
    """Return the word that compares what `read` makes of both values; what it makes nothing of never fits."""

    def word(wanted: Any) -> Test:
        limit = read(wanted)

        def test(value: Any) -> bool:
            measured = read(value)
            return measured is not None and limit is not None and holds(measured, limit)

        return test

    return word


def _textual(holds: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    return lambda wanted: lambda value: isinstance(value, str) and holds(value, str(wanted))


WORDS: Mapping[str, Callable[[Any], Test]] = {
    "is": _is,
    "exists": lambda wanted: lambda value: (value is not None) == bool(wanted),
    "at_least": _ordered(number_of, float.__ge__),
    "at_most": _ordered(number_of, float.__le__),
    "more_than": _ordered(number_of, float.__gt__),
    "less_than": _ordered(number_of, float.__lt__),
    "before": _ordered(seconds_of, float.__lt__),
    "after": _ordered(seconds_of, float.__gt__),
    "starts_with": _textual(str.startswith),
    "ends_with": _textual(str.endswith),
    "contains": _textual(str.__contains__),
}

# Functions that a connection needs: their names, how many arguments they take, and themselves.
FUNCTIONS: Mapping[str, tuple[int, Callable[..., bool]]] = {"fits": (3, fits)}
