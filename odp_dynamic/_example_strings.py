"""Plausible strings: from a property's name, its description, its format, its pattern.

Each function yields candidates, best first; whether one fits the schema is the caller's question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from ._patterns import matches

FORMATS: Mapping[str, str] = {
    "binary": "data",
    "byte": "ZGF0YQ==",
    "date": "2024-01-01",
    "date-time": "2024-01-01T12:00:00Z",
    "duration": "P1D",
    "email": "ada@example.com",
    "hostname": "example.com",
    "idn-email": "ada@example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "iri": "https://example.com/",
    "iri-reference": "/path",
    "json-pointer": "/name",
    "regex": "^a",
    "relative-json-pointer": "1/name",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/path",
    "uri-template": "/path/{name}",
    "url": "https://example.com/",
    "uuid": "3d6f0a1e-52c7-4b8e-9a30-5f1c2d7e8b94",
}

# Read from the end of the name, so that `home_city` is a city.
NAMES: Mapping[str, str] = {
    "at": FORMATS["date-time"],
    "city": "London",
    "code": "A1",
    "country": "GB",
    "created": FORMATS["date-time"],
    "date": FORMATS["date"],
    "email": FORMATS["email"],
    "first_name": "Ada",
    "language": "en",
    "last_name": "Lovelace",
    "phone": "+442079460000",
    "timestamp": FORMATS["date-time"],
    "timezone": "Europe/London",
    "ts": FORMATS["date-time"],
    "updated": FORMATS["date-time"],
    "uri": FORMATS["uri"],
    "url": FORMATS["uri"],
    "uuid": FORMATS["uuid"],
    "zip_code": "NW1 4NP",
}

_LONGEST = 20_000  # characters of a text that is made here
_MOST_REPEATED = 64

_EXAMPLE_IN_PROSE = re.compile(r"\be\.\s?g\.,?\s+[`'\"]?([A-Za-z0-9_.@:-]*[A-Za-z0-9_])")


def plausible_strings(schema: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield strings that a person might expect in a property called `name`, and some that meet the schema's pattern."""
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    for text in _readable_strings(schema, name) if least <= _LONGEST else ():
        yield text[:most].ljust(least, text[-1:] or "x")
    if "pattern" in schema:
        yield from strings_matching(schema["pattern"], least)


def _readable_strings(schema: Mapping[str, Any], name: str) -> Iterator[str]:
    if schema.get("format") in FORMATS:
        yield FORMATS[schema["format"]]
    if told := _EXAMPLE_IN_PROSE.search(str(schema.get("description", ""))):
        yield told[1]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
    for start in range(len(words)):
        tail = "_".join(words[start:])
        if tail in NAMES:
            yield NAMES[tail]
    yield name
    yield ""


def strings_matching(pattern: str, least: int = 0) -> Iterator[str]:
    """Yield some strings in which the regular expression is found, about `least` long; none where it is too clever.

    It knows literals, classes, groups, alternatives and quantifiers, which are what patterns in documents are made of;
    each candidate is matched, so that what it misreads yields nothing.
    """
    try:
        texts = {_Sketch(pattern, more).text() for more in (*range(min(max(least, 2), _MOST_REPEATED) + 1), least)}
    except (re.error, _TooClever, RecursionError, IndexError):
        return
    fitting = [text for text in texts if matches(pattern, text)]
    yield from sorted(fitting, key=lambda text: (len(text) < least, len(text)))


class _TooClever(Exception):
    """Says that a pattern holds something that the sketch does not know."""


_CLASS_ESCAPES = {"d": "1", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_QUANTIFIERS = {"?": (0, 1), "*": (0, 1000), "+": (1, 1000)}
_SAMPLES = "aA1 -_./:@#+b2Bz!~é"


class _Sketch:
    """Reads a pattern once from left to right and writes one text that it may match.

    `more` is how often something that may be repeated is repeated beyond what it must.
    """

    def __init__(self, pattern: str, more: int) -> None:
        self._pattern = pattern
        self._more = more
        self._at = 0

    def text(self) -> str:
        text = self._alternatives()
        if self._at < len(self._pattern):
            raise _TooClever
        return text

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _alternatives(self) -> str:
        first = self._sequence()
        while self._peek() == "|":
            self._take()
            self._sequence()  # read past: the first alternative is as good as any
        return first

    def _sequence(self) -> str:
        parts = []
        while self._peek() not in {"", "|", ")"}:
            atom = self._atom()
            times = self._times()
            if len(atom) * times > _LONGEST:
                raise _TooClever
            parts.append(atom * times)
        return "".join(parts)

    def _atom(self) -> str:
        char = self._take()
        if char in "^$":
            return ""
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escape()
        return "a" if char == "." else char

    def _group(self) -> str:
        if self._peek() == "?":
            head = re.compile(r"\?(:|P?<[A-Za-z_]\w*>)").match(self._pattern, self._at)
            if head is None:
                raise _TooClever
            self._at = head.end()
        inner = self._alternatives()
        self._take()
        return inner

    def _class(self) -> str:
        end = self._at + 1 + (self._peek() == "^")
        while self._pattern[end] != "]":
            end += 2 if self._pattern[end] == "\\" else 1
        member = re.compile(f"[{self._pattern[self._at : end]}]")
        first = self._pattern[self._at]
        self._at = end + 1
        samples: Iterable[str] = (*_SAMPLES, first, *(chr(code) for code in range(33, 0x250)))
        for sample in samples:
            if member.fullmatch(sample):
                return sample
        raise _TooClever

    def _escape(self) -> str:
        char = self._take()
        if char in "bB":
            return ""
        if char in _CLASS_ESCAPES:
            return _CLASS_ESCAPES[char]
        if char.isalnum() and char not in _CONTROLS:
            raise _TooClever
        return _CONTROLS.get(char, char)

    def _times(self) -> int:
        least, most = self._quantifier()
        if self._peek() == "?":
            self._take()
        return next(n for n in count(least) if n >= most or n >= least + self._more)

    def _quantifier(self) -> tuple[int, int]:
        if self._peek() in _QUANTIFIERS:
            return _QUANTIFIERS[self._take()]
        counted = re.compile(r"\{(\d+)(,?)(\d*)\}").match(self._pattern, self._at)
        if counted is None:
            return 1, 1
        self._at = counted.end()
        least = int(counted[1])
        return least, int(counted[3]) if counted[3] else (1000 if counted[2] else least)
