"""Names in a stub file: which are Python's, which are taken, and how text stands in Python's source."""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from keyword import iskeyword
from textwrap import fill
from typing import Any
from unicodedata import normalize

# What a stub file imports, and from where; the builtins that it writes too.
IMPORTS = {
    "typing": ("IO", "Any", "Literal", "Never", "NotRequired", "TypeAlias", "TypedDict", "Unpack", "overload"),
    "datetime": ("date", "datetime", "time"),
    "decimal": ("Decimal",),
    "uuid": ("UUID",),
}
_BUILTINS = ("bool", "bytes", "dict", "float", "int", "list", "str", "tuple")
_HOMES = {name: home for home, names in {**IMPORTS, "builtins": _BUILTINS}.items() for name in names}
WIDTH = 120


def is_name(name: str) -> bool:
    """Return whether a name can be written as Python writes one, and is read as it is written.

    Python folds some letters into others (PEP 3131), and checkers take two underscores for a positional argument.
    """
    plain = name.isascii() or normalize("NFKC", name) == name
    return plain and name.isidentifier() and not iskeyword(name) and not name.startswith("__")


class Names:
    """Gives each type a name of its own, that no method hides in the class where it is written."""

    def __init__(self, hidden: Iterable[str]) -> None:
        self._hidden = frozenset(hidden)
        modules = {f"_{home}" for home in _HOMES.values()}
        self.taken = {"Api", "_odp", *modules, *_HOMES, *dir(builtins)}

    def new(self, wanted: str) -> str:
        """Return the wanted name where it is free, else the next one that is; it is taken then."""
        letters = normalize("NFKC", wanted)  # as Python reads names (PEP 3131)
        words = "".join(letter if f"a{letter}".isidentifier() else " " for letter in letters).split()
        base = "".join(word[:1].upper() + word[1:] for word in words) if len(words) > 1 else "".join(words)
        base = base.strip("_") or "Value"
        base = base if base.isidentifier() else f"T{base}"
        base = f"{base}_" if iskeyword(base) else base
        name, number = base, 1
        while name in self.taken or name in self._hidden:
            number += 1
            name = f"{base}{number}" if not base[-1].isdigit() else f"{base}_{number}"
        self.taken.add(name)
        return name

    def known(self, name: str) -> str:
        """Return an imported name as it is written: by its module where a method hides it."""
        return f"_{_HOMES[name]}.{name}" if name in self._hidden else name


def literal(value: Any) -> str | None:
    """Return a value as ``Literal`` takes it, None where it takes none such."""
    if isinstance(value, str):
        return repr(value) if value.isprintable() else None if _has_surrogates(value) else ascii(value)
    return repr(value) if isinstance(value, bool | int) else None


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def key(name: str) -> str:
    """Return the name of a property as a string of Python's source."""
    return repr(name) if name.isprintable() else ascii(name)


def docstring(text: str, indent: str) -> list[str]:
    """Return a text as the lines of a docstring, none where it says nothing."""
    words = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''").rstrip('"')
    words = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in words)
    if not words:
        return []
    whole = fill(words, WIDTH - 6, initial_indent=f'{indent}"""', subsequent_indent=indent, break_long_words=False)
    return f'{whole}"""'.split("\n")
