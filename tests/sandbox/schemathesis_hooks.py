"""What schemathesis is told of the service beside its document; it loads this file into a process of its own.

Nothing here turns a check off. What was asked for is linked to what was made, for checks that follow a resource, and a
failure is dropped in one case: a valid request was refused, and every reason is a rule that the document leaves out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

RULES = [
    r"Unknown object type `.*`",  # facts §11.8: 400 is what the document has for it
    r"Missing required field `object_id`",  # facts §2, 4: an object carries its primary key
    r"missing identifier: at least one is needed, such as '\w+'",  # facts §11.6
    r"name must be 2 to 62 characters of lower snake case, and start with a letter",  # facts §3
    r"display_name must not be blank",
    r"(name|display_name) already used by another (object|field)",  # facts §5
    r"'(fields|attributes|data)\.\w+' (is not a \w+|must be .*)",  # facts §11.7: a value fits the type of its field
]

# Who made something finds it: operation, status, then for each operation that reads it the parameters.
LINKS: list[tuple[str, str, str, dict[str, dict[str, str]]]] = [
    (
        "/profiles",
        "post",
        "200",
        {"getProfile": {"identifier_field": "email", "identifier_value": "$request.body#/identifiers/email"}},
    ),
    (
        "/objects/{object_type}",
        "post",
        "202",
        {"getObject": {"object_type": "$request.path.object_type", "object_id": "$request.body#/0/object_id"}},
    ),
    (
        "/schema/objects/{object_type}",
        "post",
        "201",
        {
            name: {"object_type": "$request.path.object_type"}
            for name in ("getSchemaObject", "createSchemaField", "upsertObjects", "createSchemaObject")
        },
    ),
]


@schemathesis.hook
def before_load_schema(_: HookContext, raw_schema: dict[str, Any]) -> None:
    for path, method, status, targets in LINKS:
        raw_schema["paths"][path][method]["responses"][status]["links"] = {
            name: {"operationId": name, "parameters": parameters} for name, parameters in targets.items()
        }
    # Says nothing new of what is valid, but that it is worth trying.
    identifiers = raw_schema["components"]["schemas"]["ProfileInput"]["properties"]["identifiers"]
    identifiers["properties"] = {"email": identifiers["additionalProperties"]}


@schemathesis.hook
def filter_failure(_: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Tell whether a failure counts."""
    del case
    if not isinstance(failure, RejectedPositiveData):
        return True
    reasons = list(_reasons(json.loads(response.content)["detail"]))
    return not reasons or not all(any(re.fullmatch(rule, reason, re.DOTALL) for rule in RULES) for reason in reasons)


def _reasons(detail: dict[str, Any]) -> Iterator[str]:
    for told in detail.get("invalids", [detail]):
        yield f"{told['field']} {told['reason']}" if "field" in told else told["message"]
