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
from typing import Any

from .._document._limits import MAX_FAULTS
from ._census import Census
from ._findings import Finding
from ._words import Error, told_of

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NO_PATTERN = "does not compile: JSON Schema 2020-12 takes regular expressions of ECMA-262 (core 6.4); correct it"


def of_openapi(raw: Mapping[str, Any]) -> list[Finding]:
    """Return where a document, as it is written, breaks the schema of its version of OpenAPI."""
    version = str(raw.get("openapi"))[:3]
    schema = _schema_of(version)
    if schema is None:
        return []
    import jsonschema_rs

    errors = jsonschema_rs.validator_cls_for(schema)(schema).iter_errors(raw)
    told = list(islice((told for error in errors for told in told_of(error, schema)), MAX_FAULTS))
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
    for pointer, words, _ in told_of(error, {}):
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


def _without_echoes(told: Sequence[tuple[str, str, bool]]) -> Iterator[tuple[str, str]]:
    """Leave out that nothing describes a property within which something is wrong: it is counted as unknown then."""
    wrong = {""}
    for pointer, _, is_unknown in told:
        while not is_unknown and pointer not in wrong:
            wrong.add(pointer)
            pointer = pointer.rpartition("/")[0]  # noqa: PLW2901  # what is around it is wrong, too
    yield from ((pointer, words) for pointer, words, is_unknown in told if not is_unknown or pointer not in wrong)
