"""What there is to tell of an operation and of a schema, as plain data: `odp describe --json` is this."""

from __future__ import annotations

from typing import Any

from .._bind import UNSET, Binder
from .._examples import example
from .._operations import Content, Operation, Parameter
from .._pointers import join
from .._schema import Schema
from .._settings import variable_of
from ._sample import sample_of
from ._shape import shape_of


def tell_operation(operation: Operation) -> dict[str, Any]:
    """Return all that the document says of an operation, and an example of a call."""
    names = Binder(operation).names
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "summary": operation.summary,
        "description": operation.description,
        "deprecated": operation.deprecated,
        "parameters": [
            _parameter(operation, name, parameter) for name, parameter in zip(names, operation.parameters, strict=True)
        ],
        "body": _body(operation),
        "answers": [_answer(operation, status) for status in operation.responses],
        "security": [[_scheme(operation, name) for name in names] for names in operation.security],
        "example": _example(operation),
    }


def tell_schema(schema: Schema) -> dict[str, Any]:
    """Return all that the document says of a component schema, and an example of its values."""
    document = schema.document
    told = {"name": schema.name, "schema": shape_of(document, schema.pointer).as_json()}
    try:
        return {**told, "example": example(document.root, schema.pointer)}
    except ValueError:
        return told


def _parameter(operation: Operation, name: str, parameter: Parameter) -> dict[str, Any]:
    schema = shape_of(operation.document, parameter.schema.pointer).as_json() if parameter.schema else {}
    return {
        "name": name,
        "in": parameter.location,
        "required": parameter.required,
        "type": schema.get("type", "anything"),
        "description": parameter.description or schema.get("description", ""),
        "deprecated": parameter.deprecated,
        "schema": schema,
    }


def _body(operation: Operation) -> dict[str, Any] | None:
    body = operation.request_body
    if body is None:
        return None
    content = _content(operation, body, "request")
    return {"required": body.required, "description": body.description, "content": content}


def _answer(operation: Operation, status: str) -> dict[str, Any]:
    declared = operation.responses[status]
    content = _content(operation, declared, "response")
    return {"status": status, "description": declared.description, "content": content}


def _content(operation: Operation, declared: Content, direction: str) -> dict[str, Any]:
    return {
        name: shape_of(operation.document, media.schema.pointer, direction=direction).as_json() if media.schema else {}
        for name, media in declared.content.items()
    }


def _scheme(operation: Operation, name: str) -> dict[str, Any]:
    node, _ = operation.document.resolve(join("", "components", "securitySchemes", name))
    told = {key: node[key] for key in ("type", "scheme", "in", "description") if key in node}
    field = {"field": node["name"]} if "name" in node else {}
    return {"name": name, **told, **field, "variable": variable_of(name)}


def _example(operation: Operation) -> dict[str, Any] | None:
    sample = sample_of(operation)
    if sample is None:
        return None
    body = {} if sample.body is UNSET else {"body": sample.body}
    return {"arguments": sample.arguments, **body, "python": sample.python(), "shell": sample.shell()}
