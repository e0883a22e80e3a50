"""What each keyword of JSON Schema says of a value that breaks it; never the value itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..errors import closest

# A jsonschema.exceptions.ValidationError, whose fields are typed for what they are before it is raised.
Error = Any

_ARTICLES = {"array": "an array", "integer": "an integer", "object": "an object", "null": "null"}


def sentence(error: Error, name: Any, closest_branch: Callable[[Error], str]) -> str:
    """Return the sentence for an error, about its property `name` where that is not None."""
    if error.validator == "required":
        return _missing(name, error)
    if error.validator == "additionalProperties" and name is not None:
        near = closest(name, error.schema.get("properties", {}))
        return f"is no property of this object{f'; did you mean {near!r}?' if near else ''}"
    if error.validator in {"anyOf", "oneOf"}:
        return _no_alternative(error) + closest_branch(error)
    say = _SENTENCES.get(error.validator or "false")
    return say(error) if say else f"breaks the rule {error.validator or 'false'!r}"


def type_of(value: Any) -> str:
    """Return the JSON Schema type of a JSON value."""
    for kind, name in ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "null" if value is None else "array"


def _a(kind: str) -> str:
    return _ARTICLES.get(kind, f"a {kind}")


def _missing(name: str, error: Error) -> str:
    declared = error.schema.get("properties", {})
    near = closest(name, [key for key in error.instance if key not in declared])
    return f"is required and missing{f'; is {near!r} meant to be it?' if near else ''}"


def _type(error: Error) -> str:
    allowed = error.validator_value
    kinds = [allowed] if isinstance(allowed, str) else list(allowed)
    return f"must be {' or '.join(_a(kind) for kind in kinds)}, not {_a(type_of(error.instance))}"


def _enum(error: Error) -> str:
    allowed = error.validator_value
    near = (
        closest(error.instance, [v for v in allowed if isinstance(v, str)]) if isinstance(error.instance, str) else None
    )
    shown = ", ".join(json.dumps(v, ensure_ascii=False) for v in allowed)
    return f"must be one of {shown}{f'; did you mean {json.dumps(near)}?' if near else ''}"


def _no_alternative(error: Error) -> str:
    count = len(error.validator_value)
    if error.validator == "oneOf" and not error.context:
        return f"must fit exactly one of the {count} alternatives, and fits several"
    return f"fits none of the {count} alternatives"


def marker_of(error: Error) -> str | None:
    """Return readOnly or writeOnly where that, and no rule of the document, forbids a property."""
    # close_over() turns a property that has no part in this direction into {marker: true, not: {}}.
    if error.validator != "not" or error.validator_value != {}:
        return None
    return next((marker for marker in _OUT_OF_PLACE if error.schema.get(marker) is True), None)


_OUT_OF_PLACE = {
    "readOnly": "is read-only: the service sets it; leave it out of a request",
    "writeOnly": "is write-only: it must not be in an answer",
}


def _not(error: Error) -> str:
    marker = marker_of(error)
    return _OUT_OF_PLACE[marker] if marker else "is what the rule 'not' excludes"


def _count(one: str, several: str, least: bool) -> Callable[[Error], str]:  # noqa: FBT001  # reads well in the table
    def say(error: Error) -> str:
        size, bound = len(error.instance), error.validator_value
        return f"must have at {'least' if least else 'most'} {bound} {one if bound == 1 else several}, and has {size}"

    return say


def _bound(words: str) -> Callable[[Error], str]:
    return lambda error: f"must be {words} {error.validator_value}"


_SENTENCES: dict[str, Callable[[Error], str]] = {
    "type": _type,
    "enum": _enum,
    "const": lambda error: f"must be {json.dumps(error.validator_value, ensure_ascii=False)}",
    "not": _not,
    "false": lambda _: "is not allowed here",
    "minimum": _bound("at least"),
    "maximum": _bound("at most"),
    "exclusiveMinimum": _bound("more than"),
    "exclusiveMaximum": _bound("less than"),
    "multipleOf": _bound("a multiple of"),
    "minLength": _count("character", "characters", least=True),
    "maxLength": _count("character", "characters", least=False),
    "minItems": _count("item", "items", least=True),
    "maxItems": _count("item", "items", least=False),
    "minProperties": _count("property", "properties", least=True),
    "maxProperties": _count("property", "properties", least=False),
    "pattern": lambda error: f"must match the pattern {error.validator_value}",
    "uniqueItems": lambda _: "must not have the same item twice",
    "contains": lambda _: "must have an item of the kind that is asked for",
    "minContains": lambda error: f"must have at least {error.validator_value} items of the kind that is asked for",
    "maxContains": lambda error: f"must have at most {error.validator_value} items of the kind that is asked for",
    "items": lambda _: "has more items than the schema describes",
    "propertyNames": lambda _: "has a property with a name that is not allowed",
    "dependentRequired": lambda _: "lacks a property that another of its properties asks for",
    "unevaluatedProperties": lambda _: "has properties that no part of the schema describes",
    "unevaluatedItems": lambda _: "has items that no part of the schema describes",
    "additionalProperties": lambda _: "has properties that the schema does not describe",
}
