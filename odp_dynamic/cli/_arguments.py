"""Words of the command line as arguments of a call.

A word is text unless the schema refuses text in its place and takes what the text means as JSON: ``limit=5`` is a
number where the document wants one, ``zip=02101`` stays text. So no rule about types stands here; the document's own
judge decides. ``name:=JSON`` is a value as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from .._bind import UNSET, Binder
from .._operations import Operation
from .._pointers import join
from ._exits import Mistake
from ._payloads import Unreadable, parsed

_MOST_ROUNDS = 4  # text, a list of texts, a list of numbers


class _Leaf(NamedTuple):
    """Is a text that may have to be read as something else: where it is kept, and how problems name its place."""

    holder: Any
    key: Any
    where: str
    pointer: str

    @property
    def place(self) -> tuple[str, str]:
        return self.where, self.pointer


def arguments_of(operation: Operation, words: Sequence[str], body: Any = UNSET) -> dict[str, Any]:
    """Return the arguments that words such as ``name=value`` ask for, typed by the operation's schemas.

    A name that comes several times is a list; ``a.b=value`` is a property inside the body's property ``a``. Raises a
    usage error for a word of another form.
    """
    reading = _Reading(Binder(operation), body)
    for number, word in enumerate(words, 1):
        name, equals, value = word.partition("=")
        if not equals or not name.rstrip(":"):
            raise Mistake(f"argument {number} is not name=value (or name:=JSON)")
        if name == "body":
            raise Mistake("the body is given with --body")
        reading.add(name.removesuffix(":"), value, raw=name.endswith(":"))
    reading.settle()
    return reading.arguments


class _Reading:
    """Collects arguments, and settles what their texts mean."""

    def __init__(self, binder: Binder, body: Any) -> None:
        self.arguments: dict[str, Any] = {}
        self._binder = binder
        self._body = body
        self._leaves: list[_Leaf] = []
        places = zip(binder.names, binder.operation.parameters, strict=True)
        self._where = {name: parameter.where for name, parameter in places}
        self._where |= {parameter.where: parameter.where for parameter in binder.operation.parameters}

    def add(self, name: str, text: str, *, raw: bool) -> None:
        """Add one word."""
        value = _raw(name, text) if raw else text
        holder, path = self._home(name)
        key = path[-1]
        where, pointer = self._place(name, path)
        if key not in holder:
            holder[key] = value
            self._leaves += [] if raw else [_Leaf(holder, key, where, pointer)]
            return
        self._listed(holder, key, where, pointer)
        holder[key].append(value)
        if not raw:
            last = len(holder[key]) - 1
            self._leaves.append(_Leaf(holder[key], last, where, join(pointer, last)))

    def settle(self) -> None:
        """Read as JSON, or as a list of one, each text that the document refuses as text and takes so."""
        for _ in range(_MOST_ROUNDS):
            before = self._problems()
            if not any(self._read(leaf, before) for leaf in list(self._leaves) if leaf.place in before):
                return

    def _read(self, leaf: _Leaf, before: dict[tuple[str, str], str]) -> bool:
        text = leaf.holder[leaf.key]
        for candidate in _readings(text):
            leaf.holder[leaf.key] = candidate
            now = self._problems().get(leaf.place)
            if now is None or (before[leaf.place] == "type" and now != "type"):
                self._leaves.remove(leaf)
                if candidate == [text]:
                    self._leaves.append(_Leaf(candidate, 0, leaf.where, join(leaf.pointer, 0)))
                return True
        leaf.holder[leaf.key] = text
        return False

    def _problems(self) -> dict[tuple[str, str], str]:
        bound = self._binder.bind(self._body, self.arguments)
        return {(problem.where, problem.pointer): problem.keyword for problem in self._binder.problems(bound)}

    def _home(self, name: str) -> tuple[dict[str, Any], list[str]]:
        """Return the mapping that a name's value belongs in, and the names that lead to it."""
        head, *inner = name.split(".")
        if not inner or name in self._where or name in self._binder.properties or head not in self._binder.properties:
            return self.arguments, [name]
        holder = self.arguments
        for step in (head, *inner[:-1]):
            holder = holder.setdefault(step, {})
            if not isinstance(holder, dict):
                raise Mistake(f"{name} lies inside {step}, which was given a value of its own")
        return holder, [head, *inner]

    def _place(self, name: str, path: list[str]) -> tuple[str, str]:
        if name in self._where:
            return self._where[name], ""
        parent = self._binder.parent(name)
        return (parent.where, join("", name)) if parent else ("body", join("", *path))

    def _listed(self, holder: dict[str, Any], key: str, where: str, pointer: str) -> None:
        """Make the value of a name that comes once more a list."""
        first = next((leaf for leaf in self._leaves if leaf.holder is holder and leaf.key == key), None)
        if first is not None:
            self._leaves.remove(first)
            holder[key] = [holder[key]]
            self._leaves.append(_Leaf(holder[key], 0, where, join(pointer, 0)))
        elif not isinstance(holder[key], list):
            holder[key] = [holder[key]]


def _raw(name: str, text: str) -> Any:
    try:
        return parsed(text)
    except Unreadable as error:
        raise Mistake(f"the value of {name} {error.reason}") from None


def _readings(text: str) -> Iterator[Any]:
    """Yield what a text may mean, other than itself."""
    try:
        value = parsed(text)
    except Unreadable:
        value = text
    if not isinstance(value, str):
        yield value
    yield [text]
