"""The errors of jsonschema-rs in this library's words, each with its place.

jsonschema would explain better, and is no choice here: it takes a hundred times as long, and a pattern of a hostile
document can keep Python's regular expressions busy for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from .._pointers import join, lookup
from .._schema._sentences import sentence

_CHOICES = frozenset({"enum", "const"})  # what tells alternatives apart
_UNKNOWN = frozenset({"additionalProperties", "unevaluatedProperties"})
# jsonschema_rs.ValidationError, whose attributes differ from kind to kind.
Error = Any


def told_of(error: Error, schema: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield the places and the sentences of an error, or of the errors in the alternative that was meant.

    With each comes whether it is that nothing describes a property.
    """
    branches = _alternatives(error)
    if branches:
        closest = f"in the closest of {len(branches)} alternatives, " if len(branches) > 1 else ""
        for inner in min(branches, key=_distance):
            for pointer, words, is_unknown in told_of(inner, schema):
                yield pointer, f"{closest}{words}", is_unknown
        return
    keyword = str(error.schema_path[-1]) if error.schema_path else "false"
    pointer = join("", *error.instance_path)
    about = SimpleNamespace(
        validator="additionalProperties" if keyword in _UNKNOWN else keyword,
        validator_value=_at(schema, error.schema_path, getattr(error.kind, "value", None)),
        instance=error.instance,
        schema=_at(schema, error.schema_path[:-1], {}),
        context=(),
    )
    if keyword in _UNKNOWN and hasattr(error.kind, "unexpected"):
        for name in error.kind.unexpected:
            yield join(pointer, name), f"{name!r} {sentence(about, name, _nothing)}", True
    elif error.kind.name == "propertyNames":
        for _, words, _ in told_of(error.kind.error, schema):
            yield join(pointer, error.kind.error.instance), f"the name {words}", False
    elif error.kind.name == "required":
        name = error.kind.property
        yield pointer, f"{name!r} {sentence(about, name, _nothing)}", False
    elif error.kind.name == "format":
        yield pointer, f"must be of the format {error.kind.format}", False
    else:
        yield pointer, sentence(about, None, _nothing), False


def _alternatives(error: Error) -> list[Sequence[Error]]:
    """Return the errors in each alternative, but for a reference that is none."""
    branches = getattr(error.kind, "context", None) or ()
    return [branch for branch in branches if branch and not any(map(_asks_for_reference, branch))]


def _distance(branch: Sequence[Error]) -> tuple[int, int]:
    """Return how far an alternative is from what was meant: farthest where a word that tells it apart is another."""
    return sum(error.kind.name in _CHOICES for error in branch), len(branch)


def _asks_for_reference(error: Error) -> bool:
    return getattr(error.kind, "property", None) in ("$ref", '"$ref"')


def _at(schema: Mapping[str, Any], path: Sequence[str | int], otherwise: Any) -> Any:
    try:
        return lookup(schema, join("", *path))
    except (LookupError, ValueError):
        return otherwise


def _nothing(_: Error) -> str:
    return ""
