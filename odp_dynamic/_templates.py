"""Templates of paths and of servers' URLs: literal text, with names in braces (OAS 3.1.1, 4.8.5 and 4.8.8)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple


class Template(NamedTuple):
    """Is a template taken apart: the `literals`, of which there is one more, stand around the `names`.

    `mould` is what values are put into, by the fastest way that Python has.
    """

    literals: list[str]
    names: list[str]
    mould: str

    @classmethod
    def of(cls, text: str) -> Template:
        """Take a template apart."""
        pieces = re.split(r"\{([^{}]*)\}", text)
        literals = pieces[::2]
        return cls(literals, pieces[1::2], "%s".join(literal.replace("%", "%%") for literal in literals))

    @property
    def form(self) -> str:
        """Return the template without its names, equal for all that only call them otherwise."""
        return "{}".join(self.literals)

    def filled(self, values: Iterable[str]) -> str:
        """Return the text with the values in the places of the names, in their order."""
        return self.mould % tuple(values)

    def expression(self, value: str) -> str:
        """Return the regular expression of what becomes of it; `value` is the one of what stands for a name."""
        return value.join(map(re.escape, self.literals))
