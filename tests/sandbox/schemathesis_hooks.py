"""What schemathesis is told of the service beside its document; it loads this file into a process of its own.

All of its checks stay on, with their own expectations. A failure does not count in two cases only: a valid request was
refused, and each reason given is a rule that the service has and the document leaves out; or an address that was
accepted comes back, and is no address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import JsonSchemaError, RejectedPositiveData

RULES = [
    r"Unknown object type `.*`",  # facts §11.8: of the document's statuses, 400 is left for it
    r"Missing required field `object_id`",  # facts §2: an object bears its primary key
    r"missing identifier: at least one is needed, such as '\w+'",  # facts §11.6: a profile of nobody
    r"name must be 2 to 62 characters of lower snake case, and start with a letter",  # facts §3
    r"display_name must not be blank",
    r"(name|display_name) already used by another (object|field)",  # facts §5
]
# An annotation (JSON Schema 2020-12, validation, 7.2.1), and of answers only: the document lets any text in.
ANNOTATION = ["properties", "email", "format"]

# What is made is found: where, the parameters by which the operations to the right find it, and these.
LINKS: list[tuple[tuple[str, str, str], dict[str, str], list[str]]] = [
    (
        ("/profiles", "post", "200"),
        {"identifier_field": "email", "identifier_value": "$request.body#/identifiers/email"},
        ["getProfile"],
    ),
    (
        ("/objects/{object_type}", "post", "202"),
        {"object_type": "$request.path.object_type", "object_id": "$request.body#/0/object_id"},
        ["getObject"],
    ),
    (
        ("/schema/objects/{object_type}", "post", "201"),
        {"object_type": "$request.path.object_type"},
        ["getSchemaObject", "createSchemaObject", "createSchemaField", "upsertObjects"],
    ),
]


@schemathesis.hook
def before_load_schema(_: HookContext, raw_schema: dict[str, Any]) -> None:
    """Add the links; and say that an address is worth trying, which changes nothing of what is valid."""
    for (path, method, status), parameters, names in LINKS:
        raw_schema["paths"][path][method]["responses"][status]["links"] = {
            name: {"operationId": name, "parameters": parameters} for name in names
        }
    identifiers = raw_schema["components"]["schemas"]["ProfileInput"]["properties"]["identifiers"]
    identifiers["properties"] = {"email": identifiers["additionalProperties"]}


@schemathesis.hook
def map_body(context: HookContext, body: Any) -> Any:
    """Return the objects of a batch with their keys, without which all of them would be refused."""
    if context.operation and context.operation.path == "/objects/{object_type}" and isinstance(body, list):
        return [{"object_id": "a", **item} if isinstance(item, dict) else item for item in body]
    return body


@schemathesis.hook
def filter_failure(_: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Tell whether a failure counts."""
    del case
    if isinstance(failure, JsonSchemaError):
        return list(failure.schema_path) != ANNOTATION
    return not isinstance(failure, RejectedPositiveData) or not all(map(_is_known, _reasons(response)))


def _reasons(response: Response) -> Iterator[str]:
    detail = json.loads(response.content)["detail"]
    for told in detail.get("invalids", [detail]):
        yield f"{told['field']} {told['reason']}" if "field" in told else told["message"]


def _is_known(reason: str) -> bool:
    return any(re.fullmatch(rule, reason, re.DOTALL) for rule in RULES)
