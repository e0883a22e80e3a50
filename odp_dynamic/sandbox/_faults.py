"""What the referee found, in the service's words (facts §7). No sentence holds a value that was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from ._answers import Answer, Fault, field_fault, item_fault, message, refusal

UNREADABLE = "Unable to parse request body."  # facts §6
UNPRIVILEGED = "Insufficient privileges to access this resource."  # to a key that is known, facts §1
_MISSING = "is missing"

Place = tuple[str | int, ...]


def refusal_of(errors: Sequence[BaseException], *, batch: bool) -> Answer:
    """Return the answer that tells all of openapi-core's errors."""
    faults = faults_of(errors, batch=batch)
    return refusal(faults) if faults else message(HTTPStatus.BAD_REQUEST, _whole(errors[0]))


def faults_of(errors: Iterable[BaseException], *, batch: bool) -> list[Fault]:
    """Return openapi-core's errors by item for a batch, by field for a definition; none where no body can be read."""
    return [_of_item(*departure) if batch else _of_field(*departure) for departure in departures(errors)]


def departures(errors: Iterable[BaseException]) -> list[tuple[Place, str]]:
    """Return where a schema is broken, each place with a phrase that says what of it is; each once, items in order."""
    return list(dict.fromkeys(departure for error in errors for departure in _departures(error)))


def dotted(place: Place) -> str:
    """Return a place as the service writes it: ``fields[0].name``."""
    return "".join(f"[{token}]" if isinstance(token, int) else f".{token}" for token in place).removeprefix(".")


def _departures(error: BaseException) -> Iterator[tuple[Place, str]]:
    parameter = (error.name,) if hasattr(error, "name") else ()
    rules = getattr(error.__cause__, "schema_errors", ())
    for rule in rules:
        place = (*parameter, *rule.absolute_path)
        if rule.validator == "required":
            yield from (((*place, name), _MISSING) for name in rule.validator_value if name not in rule.instance)
        else:
            yield place, _PHRASES.get(rule.validator, _any_rule)(rule)
    if parameter and not rules:
        yield parameter, _MISSING if "Missing" in type(error).__name__ else "cannot be read"


def _of_item(place: Place, phrase: str) -> Fault:
    index, inner = (place[0], place[1:]) if place and isinstance(place[0], int) else (0, place)
    name = dotted(inner)
    if phrase == _MISSING:
        return item_fault(index, f"missing '{name}' field")  # the service's words, facts §2
    return item_fault(index, f"'{name}' {phrase}" if name else phrase)


def _of_field(place: Place, phrase: str) -> Fault:
    return field_fault(dotted(place) or "body", phrase)


def _whole(error: BaseException) -> str:
    """Return what is wrong with a body as a whole."""
    available = getattr(error.__cause__, "availableMimetypes", None)
    return f"Content-Type must be {' or '.join(available)}" if available else UNREADABLE


def _type(rule: Any) -> str:
    kinds = rule.validator_value if isinstance(rule.validator_value, list) else [rule.validator_value]
    return f"must be of type {' or '.join(kinds)}"


def _any_rule(rule: Any) -> str:
    if rule.validator is None:
        return "is not allowed"  # by the schema `false`
    limit = f" {rule.validator_value}" if isinstance(rule.validator_value, (str, int, float)) else ""
    return f"breaks the rule {rule.validator}{limit}"


_PHRASES: Mapping[str, Callable[[Any], str]] = {
    "type": _type,
    "enum": lambda rule: f"must be one of {', '.join(map(str, rule.validator_value))}",
    "const": lambda rule: f"must be {rule.validator_value}",
    "anyOf": lambda _: "fits none of its alternatives",
    "oneOf": lambda _: "fits none or several of its alternatives",
}
