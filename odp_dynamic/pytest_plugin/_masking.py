"""What a recording hides, and how: values become placeholders, the same value always the same one.

| where                                            | recorded                                                        |
|--------------------------------------------------|-----------------------------------------------------------------|
| credentials                                      | never: neither URLs nor request headers are recorded, and where |
|                                                  | an answer repeats a secret, in whatever text, it is ``***``     |
| arguments: text and numbers                      | a placeholder such as ``<query.id:1>``                          |
| bodies: text, whether its property is declared   | a placeholder such as ``<response.name:1>``                     |
| or an entry of a free-form map                   |                                                                 |
| bodies: words that the schema lists (`enum`,     | as they are                                                     |
| `const`), times (``format: date-time``)          |                                                                 |
| bodies: numbers, true, false, null, all keys     | as they are                                                     |
| an answer's headers                              | Content-Type, Retry-After and numbers as they are, a            |
|                                                  | placeholder for another that is declared, no more               |
| what `keep` names, or ``x-personal: false``      | as it is                                                        |

A number that is personal, or a key, is therefore not hidden: the document cannot tell it from any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .._operations import Operation
from .._tape import is_placeholder
from .._values import MASK, Request
from ._shapes import NOTHING, Shape, inside, shape_of

_TELLING_HEADERS = frozenset({"content-type", "retry-after"})
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?")


class Masker:
    """Hides the values of one recording; `keep` are patterns of places that stay, such as ``"body.type"``.

    A place is the parameter, as in ``"path.id"``, or ``body`` or ``response`` with the names that lead to the value;
    items of lists are not counted. ``*`` stands for any text (`fnmatch`).
    """

    def __init__(self, keep: Iterable[str] = ()) -> None:
        self._keep = tuple(keep)
        self._placeholders: dict[str | int | float, str] = {}
        self._counts: dict[str, int] = {}

    def arguments(self, operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call, by their places, without what is personal."""
        return {
            parameter.where: self._argument(given[parameter.where], parameter.where)
            for parameter in operation.parameters
            if parameter.where in given
        }

    def body(self, operation: Operation, value: Any) -> Any:
        """Return the body of a request without what is personal."""
        shape = shape_of([operation.request_body]) if operation.request_body else NOTHING
        return self._masked(value, shape, "body", ())

    def answer(self, operation: Operation, status: int, value: Any, secrets: Sequence[str]) -> Any:
        """Return the body of an answer without what is personal."""
        declared = operation.response(status)
        return self._masked(value, shape_of([declared]) if declared else NOTHING, "response", secrets)

    def header(self, name: str, value: str, secrets: Sequence[str]) -> str:
        """Return a header of an answer without what is personal; its place is ``header.`` and its name."""
        place = f"header.{name.lower()}"
        plain = value.isdigit() or name.lower() in _TELLING_HEADERS or self.keeps(place)
        return without(secrets, value) if plain else self._placeholder(value, place)

    def keeps(self, place: str) -> bool:
        """Tell whether what stands at a place is to stay as it is."""
        return any(fnmatchcase(place, pattern) for pattern in self._keep)

    def _argument(self, value: Any, place: str) -> Any:
        if isinstance(value, dict):
            return {name: self._argument(child, place) for name, child in value.items()}
        if isinstance(value, list):
            return [self._argument(child, place) for child in value]
        return self._placeholder(value, place) if is_maskable(value) and not self.keeps(place) else value

    def _masked(self, value: Any, shape: Shape, place: str, secrets: Sequence[str]) -> Any:
        if isinstance(value, dict):
            return {
                name: self._masked(child, inside(shape, name), f"{place}.{name}", secrets)
                for name, child in value.items()
            }
        if isinstance(value, list):
            return [self._masked(child, inside(shape, index), place, secrets) for index, child in enumerate(value)]
        if not isinstance(value, str):
            return value
        return without(secrets, value) if self._stays(value, shape, place) else self._placeholder(value, place)

    def _stays(self, value: str, shape: Shape, place: str) -> bool:
        if self.keeps(place) or shape.personal is False or not value or value in shape.words:
            return True
        return "date-time" in shape.formats and _TIME.fullmatch(value) is not None

    def _placeholder(self, value: str | float, place: str) -> str:
        if value not in self._placeholders:
            name = place.replace("<", "").replace(">", "")
            self._counts[name] = self._counts.get(name, 0) + 1
            self._placeholders[value] = f"<{name}:{self._counts[name]}>"
        return self._placeholders[value]


def is_maskable(value: Any) -> bool:
    """Tell whether a placeholder can stand for a value: a text or a number."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def without(secrets: Sequence[str], text: str) -> str:
    """Return a text in which no secret stands."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def secrets_of(request: Request) -> list[str]:
    """Return the credentials that a request carries, where the document's security schemes put them."""
    found = [secret for place, name in request.secrets for secret in _readings(request, place, name)]
    return sorted({secret for secret in found if secret}, key=len, reverse=True)


def _readings(request: Request, place: str, name: str) -> Iterator[str]:
    if place == "header":
        value = request.headers.get(name, "")
        yield from (value, value.partition(" ")[2])
    elif place == "query":
        yield from (value for key, value in parse_qsl(urlsplit(request.url).query) if key == name)
    else:
        crumbs = (crumb.partition("=") for crumb in request.headers.get("Cookie", "").split("; "))
        yield from (value for key, _, value in crumbs if key == name)


class Bindings:
    """Is which placeholder stands for which value in a replay: one for one, in both directions."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._names: dict[Any, str] = {}

    def matches(self, recorded: Any, live: Any) -> bool:
        """Tell whether a live value is what was recorded; placeholders are bound only when all of it is."""
        values, names = dict(self._values), dict(self._names)
        if not self._fits(recorded, live):
            self._values, self._names = values, names
            return False
        return True

    def filled(self, recorded: Any, unknown: Any = None) -> Any:
        """Return a recorded value with its placeholders replaced: those that stand for nothing yet by `unknown`.

        None leaves these as they are.
        """
        if isinstance(recorded, dict):
            return {name: self.filled(child, unknown) for name, child in recorded.items()}
        if isinstance(recorded, list):
            return [self.filled(child, unknown) for child in recorded]
        if not is_placeholder(recorded):
            return recorded
        return self._values.get(recorded, recorded if unknown is None else unknown)

    def _fits(self, recorded: Any, live: Any) -> bool:
        if isinstance(recorded, dict) and isinstance(live, dict):
            return recorded.keys() == live.keys() and all(self._fits(recorded[name], live[name]) for name in recorded)
        if isinstance(recorded, list) and isinstance(live, list):
            return len(recorded) == len(live) and all(map(self._fits, recorded, live))
        if is_placeholder(recorded) and is_maskable(live):
            return self._bound(recorded, live)
        return bool(recorded == live) and isinstance(recorded, bool) == isinstance(live, bool)

    def _bound(self, placeholder: str, live: Any) -> bool:
        known, named = self._values.setdefault(placeholder, live), self._names.setdefault(live, placeholder)
        return bool(known == live) and named == placeholder
