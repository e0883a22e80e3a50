"""The objects of OpenAPI, as a table: which key of which object holds what.

``"kind"`` is an object or a scalar of that kind, ``"[kind]"`` a list and ``"{kind}"`` a map of them. Keys that are not
in the table hold data: ``example``, ``default``, ``enum``, ``const``, ``x-…``. A ``$ref`` in data is data, and so is
what looks like a schema.

Sources: OpenAPI 3.0.4 and 3.1.1, section 4; JSON Schema 2020-12, core 10 and 11 and validation 6.
"""

from __future__ import annotations

from functools import cache

from ._checks import CHECKS, CHECKS_OF_30
from ._rules import Reference, Rule

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PARAMETER = {
    "description": "text",
    "required": "flag",
    "deprecated": "flag",
    "allowEmptyValue": "flag",
    "style": "string",
    "explode": "flag",
    "allowReserved": "flag",
    "schema": "schema",
    "examples": "{example}",
    "content": "{media type}",
}
_OBJECTS: dict[str, dict[str, str]] = {
    "document": {
        "openapi": "string",
        "info": "info",
        "servers": "[server]",
        "paths": "paths",
        "webhooks": "{path item}",
        "components": "components",
        "security": "[requirement]",
        "tags": "[tag]",
    },
    "info": {"title": "text", "description": "text", "version": "text"},
    "tag": {"name": "string", "description": "text"},
    "server": {"url": "string", "description": "text", "variables": "{server variable}"},
    "server variable": {"enum": "[string]", "default": "string", "description": "text"},
    "components": {
        "schemas": "{schema}",
        "responses": "{response}",
        "parameters": "{parameter}",
        "examples": "{example}",
        "requestBodies": "{request body}",
        "headers": "{header}",
        "securitySchemes": "{security scheme}",
        "links": "{link}",
        "callbacks": "{callback}",
        "pathItems": "{path item}",
        "mediaTypes": "{media type}",
    },
    "path item": {
        "summary": "text",
        "description": "text",
        "servers": "[server]",
        "parameters": "[parameter]",
        "query": "operation",
        "additionalOperations": "{operation}",
        **dict.fromkeys(METHODS, "operation"),
    },
    "operation": {
        "operationId": "string",
        "tags": "[string]",
        "summary": "text",
        "description": "text",
        "parameters": "[parameter]",
        "requestBody": "request body",
        "responses": "responses",
        "callbacks": "{callback}",
        "deprecated": "flag",
        "security": "[requirement]",
        "servers": "[server]",
    },
    "parameter": {"name": "string", "in": "string", **_PARAMETER},
    "header": _PARAMETER,
    "request body": {"description": "text", "content": "{media type}", "required": "flag"},
    "media type": {
        "schema": "schema",
        "itemSchema": "schema",
        "examples": "{example}",
        "encoding": "{encoding}",
        "itemEncoding": "encoding",
        "prefixEncoding": "[encoding]",
    },
    "encoding": {
        "contentType": "string",
        "headers": "{header}",
        "style": "string",
        "explode": "flag",
        "allowReserved": "flag",
        "encoding": "{encoding}",
        "itemEncoding": "encoding",
        "prefixEncoding": "[encoding]",
    },
    "response": {
        "description": "text",
        "headers": "{header}",
        "content": "{media type}",
        "links": "{link}",
    },
    "example": {"summary": "text", "description": "text", "externalValue": "string"},
    "link": {"operationRef": "string", "operationId": "string", "description": "text", "server": "server"},
    "security scheme": {
        "type": "string",
        "description": "text",
        "name": "string",
        "in": "string",
        "scheme": "string",
        "bearerFormat": "text",
        "flows": "{data}",
        "openIdConnectUrl": "string",
    },
    "schema": {
        **dict.fromkeys(
            (
                *("additionalProperties", "propertyNames", "unevaluatedProperties", "items", "contains"),
                *("unevaluatedItems", "additionalItems", "not", "if", "then", "else", "contentSchema"),
            ),
            "schema",
        ),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), "[schema]"),
        **dict.fromkeys(("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"), "{schema}"),
        "type": "type",
        "required": "[string]",
        "enum": "list",
        "pattern": "string",
        "format": "string",
        "dependentRequired": "{[string]}",
        "discriminator": "discriminator",
        **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), "number"),
        **dict.fromkeys(("minProperties", "maxProperties", "minContains", "maxContains"), "number"),
        **dict.fromkeys(("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"), "number"),
        **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), "flag"),
        **dict.fromkeys(("$id", "$anchor", "$dynamicAnchor", "$dynamicRef"), "string"),
    },
    "discriminator": {"propertyName": "string", "mapping": "{string}"},
}
_MAPS = {"paths": "path item", "responses": "response", "callback": "path item", "requirement": "[string]"}
_EXTENSIBLE = {"paths", "responses", "callback"}  # x- keys stand among the names
_NOTED = {"operation", "requirement"}
_IDENTIFIERS = frozenset(("$id", "$anchor", "$dynamicAnchor", "$dynamicRef"))
_REFERABLE = {
    **dict.fromkeys(("parameter", "header", "request body", "response", "callback"), Reference.ALONE),
    **dict.fromkeys(("example", "link", "security scheme", "media type"), Reference.ALONE),
    **dict.fromkeys(("path item", "schema"), Reference.BESIDE),
}
_TYPES = frozenset(("null", "boolean", "object", "array", "number", "string", "integer"))
_SCALARS: dict[str, set[type]] = {
    "string": {str},
    "text": {str, type(None)},  # an empty one in YAML is null, and harms nobody
    "flag": {bool},
    "number": {int, float},
    "number or flag": {int, float, bool},
    "list": {list},
    "data": {dict, list, str, int, float, bool, type(None)},
}


@cache
def rules(*, of_30: bool) -> dict[str, Rule]:
    """Return the rules of all kinds by name, for a document of OpenAPI 3.0 or of a later version."""
    made = {name: Rule(name, types) for name, types in _SCALARS.items()}
    made["type name"] = Rule("type name", {str}, _TYPES)
    made["type"] = Rule("type", {str, list}, _TYPES)
    made["type"].each = made["type name"]
    made["type"].deep = True
    for name in (*_OBJECTS, *_MAPS):
        rule = made[name] = Rule(name, {dict, bool} if name == "schema" else {dict})
        rule.deep = True
        rule.extensible = name in _EXTENSIBLE
        rule.noted = name in _NOTED
        rule.reference = _REFERABLE.get(name, Reference.NONE)
        rule.check = (CHECKS_OF_30 if of_30 else CHECKS).get(name)
    made["schema"].marks = _IDENTIFIERS
    for name, kinds in _OBJECTS.items():
        made[name].fields = {key: _rule(made, kind) for key, kind in kinds.items()}
    for name, kind in _MAPS.items():
        made[name].each = made[kind]
    if of_30:
        # OAS 3.0.4, 4.7.24: a Schema Object with a $ref is a Reference Object; 4.7.24.1: the limits' booleans.
        made["schema"].reference = Reference.ALONE
        limits = dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), made["number or flag"])
        made["schema"].fields |= {**limits, "nullable": made["flag"]}
    return made


def _rule(made: dict[str, Rule], kind: str) -> Rule:
    if kind not in made:
        rule = made[kind] = Rule(kind, {list} if kind[0] == "[" else {dict})
        rule.each = _rule(made, kind[1:-1])
        rule.deep = True
    return made[kind]
