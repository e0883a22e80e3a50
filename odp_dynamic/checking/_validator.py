"""What the schemas of OpenAPI and JSON Schema say of a document: errors of others' rules, in this library's words.

For OpenAPI the schema is openapi-spec-validator's, the one that openapi-core checks documents with; both are asked
through jsonschema-rs, which takes a hundredth of jsonschema's time. What openapi-spec-validator looks for beyond its
schema (ids, parameters, tags, defaults) it tells without a place, and fetches what references lead to; other modules
here look for the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from types import SimpleNamespace
from typing import Any

from .._document._limits import MAX_FAULTS
from .._pointers import join, lookup
from .._schema._sentences import sentence
from ._census import Census
from ._findings import Finding

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CHOICES = frozenset({"enum", "const"})  # what tells alternatives apart
_UNKNOWN = frozenset({"additionalProperties", "unevaluatedProperties"})
_NO_PATTERN = "does not compile: JSON Schema 2020-12 takes regular expressions of ECMA-262 (core 6.4); correct it"
# jsonschema_rs.ValidationError, whose attributes differ from kind to kind.
Error = Any


def of_openapi(raw: Mapping[str, Any]) -> list[Finding]:
    """Return where a document, as it is written, breaks the schema of its version of OpenAPI."""
    version = str(raw.get("openapi"))[:3]
    schema = _schema_of(version)
    if schema is None:
        return []
    import jsonschema_rs

    errors = jsonschema_rs.validator_cls_for(schema)(schema).iter_errors(raw)
    told = [told for error in islice(errors, MAX_FAULTS) for told in _told(error, schema)]
    return [
        Finding("error", "openapi", pointer, f"{words}, says OpenAPI {version}; correct it")
        for pointer, words in _without_echoes(told)
    ]


def _schema_of(version: str) -> dict[str, Any] | None:
    from openapi_spec_validator import schemas

    known = getattr(schemas, f"schema_v{version.replace('.', '')}", None) if version in {"3.0", "3.1", "3.2"} else None
    return None if known is None else dict(known)


def of_schemas(census: Census) -> Iterator[Finding]:
    """Yield where the schemas of a document are none of JSON Schema 2020-12, or have patterns that do not compile."""
    for place in census.of("schema"):
        if place.outer == "schema" or _dialect().is_valid(place.node):  # of one in another, that tells
            continue
        errors = list(islice(_dialect().iter_errors(place.node), MAX_FAULTS))
        for error in errors:
            yield from _of_schema(error, place.pointer)


def _of_schema(error: Error, place: str) -> Iterator[Finding]:
    for pointer, words, _ in _told(error, {}):
        is_pattern = _format_of(error) == "regex"
        told = _NO_PATTERN if is_pattern else f"{words}, says JSON Schema 2020-12; correct it"
        yield Finding("error", "pattern" if is_pattern else "json-schema", place + pointer, told)


def _format_of(error: Error) -> Any:
    """Return the format that a value lacks, or a name of patternProperties."""
    inner: Error = getattr(error.kind, "error", error)
    return getattr(inner.kind, "format", None)


@cache
def _dialect() -> Any:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator({"$ref": _DIALECT}, validate_formats=True)


def _told(error: Error, schema: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Yield the places and the sentences of an error, or of the errors in the alternative that was meant.

    With each comes whether it is that nothing describes a property.
    """
    branch = _meant(getattr(error.kind, "context", None) or ())
    if branch is not None:
        for inner in branch:
            yield from _told(inner, schema)
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
        for _, words, _ in _told(error.kind.error, schema):
            yield join(pointer, error.kind.error.instance), f"the name {words}", False
    elif error.kind.name == "required":
        name = error.kind.property
        yield pointer, f"{name!r} {sentence(about, name, _nothing)}", False
    elif error.kind.name == "format":
        yield pointer, f"must be of the format {error.kind.format}", False
    else:
        yield pointer, sentence(about, None, _nothing), False


def _meant(branches: Sequence[Sequence[Error]]) -> Sequence[Error] | None:
    """Return the alternative that an object was most likely meant to be: no reference, and chosen by its own words."""
    own = [branch for branch in branches if branch and not any(_asks_for_reference(error) for error in branch)]
    if not own:
        return None
    return min(
        own, key=lambda branch: (sum(e.schema_path[-1:][0] in _CHOICES for e in branch if e.schema_path), len(branch))
    )


def _asks_for_reference(error: Error) -> bool:
    return getattr(error.kind, "property", None) in ("$ref", '"$ref"')


def _at(schema: Mapping[str, Any], path: Sequence[str | int], otherwise: Any) -> Any:
    try:
        return lookup(schema, join("", *path))
    except (LookupError, ValueError):
        return otherwise


def _nothing(_: Error) -> str:
    return ""


def _without_echoes(told: Sequence[tuple[str, str, bool]]) -> Iterator[tuple[str, str]]:
    """Leave out that nothing describes a property within which something is wrong: it is counted as unknown then."""
    wrong = {""}
    for pointer, _, is_unknown in told:
        while not is_unknown and pointer not in wrong:
            wrong.add(pointer)
            pointer = pointer.rpartition("/")[0]  # noqa: PLW2901  # what is around it is wrong, too
    yield from ((pointer, words) for pointer, words, is_unknown in told if not is_unknown or pointer not in wrong)
