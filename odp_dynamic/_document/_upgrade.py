"""Schemas of OpenAPI 3.0 into JSON Schema 2020-12, in place: one model everywhere else.

Source: OpenAPI 3.0.4, 4.7.24, with the clarification of ``nullable`` in 3.0.3, 4.7.24.1; OpenAPI 3.1.1, 4.8.24.
"""

from __future__ import annotations

from typing import Any

_LIMITS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))


def upgrade(schema: dict[str, Any]) -> None:
    """Rewrite the keywords of one schema, not of those within it, that 2020-12 reads differently.

    Doing it again changes nothing.
    """
    if "nullable" in schema:
        _allow_null(schema)
    for exclusive, limit in _LIMITS:
        if exclusive in schema:
            _move_limit(schema, exclusive, limit)


def _allow_null(schema: dict[str, Any]) -> None:
    # "A true value adds "null" to the allowed type specified by the type keyword, only if type is explicitly defined
    # within the same Schema Object." A list of values that leaves null out was meant to be joined by it.
    if not schema.pop("nullable"):
        return
    kind = schema.get("type")
    if kind is None:
        return
    if isinstance(kind, str):
        schema["type"] = kind if kind == "null" else [kind, "null"]
    elif "null" not in kind:
        kind.append("null")
    values = schema.get("enum")
    if isinstance(values, list) and None not in values:
        schema["enum"] = [*values, None]


def _move_limit(schema: dict[str, Any], exclusive: str, limit: str) -> None:
    flag = schema[exclusive]
    if not isinstance(flag, bool):
        return
    del schema[exclusive]
    if flag and limit in schema:
        schema[exclusive] = schema.pop(limit)
