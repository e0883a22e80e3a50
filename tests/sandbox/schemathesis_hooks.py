"""What schemathesis is told of the service beside its document; it loads this file into a process of its own.

All of its checks stay on, with their own expectations. A failure does not count in two cases only: a valid request was
refused, and each reason given is a rule that the service has and the document leaves out, and that the request does
break, which is looked up here and not believed; or an address that was accepted comes back, and is no address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import ProxyHandler, build_opener

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import JsonSchemaError, RejectedPositiveData

IDENTIFIERS = {"email", "phone", "vuid", "customer_id", "user_id", "fs_user_id", "web_user_id"}
_open = build_opener(ProxyHandler({})).open


class Sent(NamedTuple):
    """Is a refused request: the object's type in its path, its body, and the objects of the schema by name."""

    kind: str
    body: Any
    schema: Mapping[str, Any]

    @property
    def is_field(self) -> bool:
        return isinstance(self.body, dict) and "type" in self.body and "name" in self.body


def _is_of_no_type(sent: Sent, told: Mapping[str, Any]) -> bool:
    return sent.kind not in sent.schema and f"`{sent.kind}`" in told["message"]


def _lacks_key(sent: Sent, told: Mapping[str, Any]) -> bool:
    key = sent.body[told["event"]].get("object_id")
    return not (isinstance(key, str) and key)


def _is_nobody(sent: Sent, _: Mapping[str, Any]) -> bool:
    given = {**(sent.body.get("attributes") or {}), **(sent.body.get("identifiers") or {})}
    return not any(isinstance(given.get(name), str) and given[name].strip() for name in IDENTIFIERS)


def _is_misnamed(sent: Sent, _: Mapping[str, Any]) -> bool:
    name = sent.body["name"] if sent.is_field else sent.kind
    return not re.fullmatch("[a-z][a-z0-9_]{1,61}", name)


def _is_taken(sent: Sent, told: Mapping[str, Any]) -> bool:
    others = sent.schema[sent.kind]["fields"] if sent.is_field else sent.schema.values()
    own = {"name": sent.kind, **sent.body}
    return own[told["field"]] in {other[told["field"]] for other in others}


RULES: list[tuple[str, Callable[[Sent, Mapping[str, Any]], bool]]] = [
    (r"Unknown object type `.*`", _is_of_no_type),  # facts §11.8: 400 is left for it
    (r"Missing required field `object_id`", _lacks_key),  # facts §2: an object bears its primary key
    (r"missing identifier: at least one is needed, such as '\w+'", _is_nobody),  # facts §11.6: a profile of nobody
    (r"name must be 2 to 62 characters of lower snake case, and start with a letter", _is_misnamed),  # facts §3
    (r"display_name must not be blank", lambda sent, _: not sent.body["display_name"].strip()),
    (r"(name|display_name) already used by another (object|field)", _is_taken),  # facts §5
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
    if not isinstance(failure, RejectedPositiveData):
        return True
    sent = _sent(response.request)
    return not all(_is_meant(reason, told, sent) for reason, told in _reasons(response))


def _sent(request: Any) -> Sent:
    url = urlsplit(request.url)
    with _open(f"{url.scheme}://{url.netloc}/_sandbox/state?limit=0") as answer:
        schema = {told["name"]: told for told in json.load(answer)["schema"]}
    kind = next(iter(re.findall("/objects/([^/]*)", url.path)), "")
    return Sent(unquote(kind), json.loads(request.body), schema)


def _reasons(response: Response) -> Iterator[tuple[str, Mapping[str, Any]]]:
    detail = json.loads(response.content)["detail"]
    for told in detail.get("invalids", [detail]):
        yield f"{told['field']} {told['reason']}" if "field" in told else told["message"], told


def _is_meant(reason: str, told: Mapping[str, Any], sent: Sent) -> bool:
    return any(re.fullmatch(rule, reason, re.DOTALL) and breaks(sent, told) for rule, breaks in RULES)
