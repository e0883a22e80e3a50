"""What the walk knows of one kind of value: its type, and the kinds of the values within it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any

from ..errors import closest

Node = dict[str, Any]
Complaint = tuple[str, str] | None  # the key that is wrong, "" for the whole object; and what is wrong with it
_LONGEST_WORD = 50  # longer ones are not meant to be a word, and take long to compare
Check = Callable[[Node], Complaint]


class Reference(IntEnum):
    """Says what a ``$ref`` in an object of some kind means."""

    NONE = 0
    ALONE = 1  # a Reference Object: what stands beside it does not count
    BESIDE = 2  # one keyword among others


class Rule:
    """Is what is known of one kind of value.

    `fields` gives the kinds of the values of an object by key, `each` the kind of every value of a list or of a map;
    a scalar has neither. `words` are the strings that are allowed; `deep` says that there is more within to look at.
    `extensible` maps have ``x-`` keys among the names. `check` says what else is wrong with an object, when all within
    it has the right type. The walk notes objects that are `noted`, and those that have a key among the `marks`.
    """

    __slots__ = (
        "check",
        "deep",
        "each",
        "extensible",
        "fields",
        "marks",
        "name",
        "noted",
        "reference",
        "types",
        "words",
    )

    def __init__(self, name: str, types: set[type], words: frozenset[str] | None = None) -> None:
        self.name = name
        self.types = frozenset(types)
        self.words = words
        self.fields: dict[str, Rule] = {}
        self.each: Rule | None = None
        self.extensible = False
        self.reference = Reference.NONE
        self.check: Check | None = None
        self.deep = False
        self.noted = False
        self.marks: frozenset[str] | None = None


_NAMES = {dict: "a mapping", list: "a list", str: "a string", bool: "true or false", int: "a number", float: "a number"}


def mismatch(key: str | int, value: object, rule: Rule) -> str:
    """Return the sentence for a value that is not of the kind that its place asks for."""
    name = repr(key) if isinstance(key, str) else f"entry {key}"
    if type(value) in rule.types:
        return choice(name, value, rule.words or ())
    wanted = " or ".join(dict.fromkeys(words for kind, words in _NAMES.items() if kind in rule.types))
    found = "null" if value is None else _NAMES[type(value)].replace("true or false", "a boolean")
    return f"{name} must be {wanted}, and is {found}; correct it, or leave it out"


def choice(what: str, value: object, words: Iterable[str]) -> str:
    """Return the sentence for a value that is none of some words."""
    guess = closest(value, words) if isinstance(value, str) and len(value) < _LONGEST_WORD else None
    meant = f"; did you mean {guess!r}?" if guess else ""
    return f"{what} must be one of {', '.join(sorted(words))}{meant}"
