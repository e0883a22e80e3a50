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
    found = [
        Finding("error", "openapi", pointer, f"{told}, says OpenAPI {version}; correct it")
        for error in islice(errors, MAX_FAULTS)
        for pointer, told in _told(error, schema)
    ]
    return _without_echoes(found)


def _schema_of(version: str) -> dict[str, Any] | None:
    from openapi_spec_validator import schemas

    known = getattr(schemas, f"schema_v{version.replace('.', '')}", None) if version in {"3.0", "3.1", "3.2"} else None
    return None if known is None else dict(known)


def of_schemas(census: Census) -> Iterator[Finding]:
    """Yield where the schemas of a document are none of JSON Schema 2020-12, or have patterns that do not compile."""
    for place in census.of("schema"):
        if place.outer == "schema" and "$ref" not in place.node:
            continue  # what it stands in tells of it
        if _dialect().is_valid(place.node):
            continue
        for error in islice(_dialect().iter_errors(place.node), MAX_FAULTS):
            for pointer, told in _told(error, {}):
                keyword = str(error.schema_path[-1]) if error.schema_path else ""
                rule = "pattern" if keyword == "format" else "json-schema"
                words = f"this is no regular expression of ECMA-262 (JSON Schema 2020-12, core 6.4): {told}"
                yield Finding(
                    "error",
                    rule,
                    place.pointer + pointer,
                    f"{words if rule == 'pattern' else f'{told}, says JSON Schema 2020-12'}; correct it",
                )


@cache
def _dialect() -> Any:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator({"$ref": _DIALECT}, validate_formats=True)


def _told(error: Error, schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the places and the sentences of an error, or of the errors in the alternative that was meant."""
    branch = _meant(getattr(error.kind, "context", None) or ())
    if branch is not None:
        for inner in branch:
            yield from _told(inner, schema)
        return
    keyword = str(error.schema_path[-1]) if error.schema_path else "false"
    pointer = join("", *error.instance_path)
    about = SimpleNamespace(
        validator="additionalProperties" if keyword in _UNKNOWN else keyword,
        validator_value=getattr(error.kind, "value", None),
        instance=error.instance,
        schema=_around(schema, error.schema_path),
        context=(),
    )
    unexpected = getattr(error.kind, "unexpected", None)
    if keyword in _UNKNOWN and unexpected:
        yield from ((join(pointer, name), f"{name!r} {sentence(about, name, _nothing)}") for name in unexpected)
    elif keyword == "required":
        name = error.kind.property
        yield pointer, f"{name!r} {sentence(about, name, _nothing)}"
    elif keyword == "format":
        yield pointer, "the gate that judges values cannot compile it"
    else:
        yield pointer, sentence(about, None, _nothing)


def _meant(branches: Sequence[Sequence[Error]]) -> Sequence[Error] | None:
    """Return the alternative that an object was most likely meant to be: no reference, and chosen by its own words."""
    own = [branch for branch in branches if not any(_asks_for_reference(error) for error in branch)]
    if not own:
        return None
    return min(
        own, key=lambda branch: (sum(e.schema_path[-1:][0] in _CHOICES for e in branch if e.schema_path), len(branch))
    )


def _asks_for_reference(error: Error) -> bool:
    return getattr(error.kind, "property", None) in ("$ref", '"$ref"')


def _around(schema: Mapping[str, Any], path: Sequence[str | int]) -> Any:
    try:
        return lookup(schema, join("", *path[:-1]))
    except (LookupError, ValueError):
        return {}


def _nothing(_: Error) -> str:
    return ""


def _without_echoes(found: Sequence[Finding]) -> list[Finding]:
    """Leave out what is told twice: a property whose value is wrong also counts as one that nothing describes."""
    kept = {finding.pointer: finding for finding in reversed(found)}
    return list(reversed(kept.values()))
