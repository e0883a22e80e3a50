"""What can be wrong with an object beyond the types of its values, one function for each kind of object.

Each returns None, or the key that is wrong (``""`` for the whole object) with a sentence that says what to do. They ask
for what calls rely on; `odp spec check` is the place for everything else that OpenAPI demands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ._rules import Check, Complaint, Node, choice
from ._upgrade import upgrade

_STATUS = re.compile(r"[1-9](?:[0-9]{2}|XX)|default|x-.*", re.DOTALL).fullmatch
_STYLES = {
    "path": ("matrix", "label", "simple"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
    "querystring": (),
}
_SCHEMES: Mapping[str, tuple[str, ...]] = {
    "apiKey": ("name", "in"),
    "http": ("scheme",),
    "oauth2": (),
    "openIdConnect": (),
    "mutualTLS": (),
}


def _missing(kind: str, *keys: str) -> Complaint:
    return "", f"a {kind} needs {' and '.join(map(repr, keys))}; add it"


def _parameter(node: Node) -> Complaint:
    if "name" not in node or "in" not in node:
        return _missing("parameter", *[key for key in ("name", "in") if key not in node])
    if node["in"] not in _STYLES:
        return "in", choice("'in'", node["in"], _STYLES) + _swagger_hint(node["in"])
    styles = _STYLES[node["in"]]
    if "style" in node and node["style"] not in styles:
        return "style", choice(f"the style of a {node['in']} parameter", node["style"], styles)
    return _content(node)


def _swagger_hint(place: str) -> str:
    return "; a body belongs under 'requestBody'" if place in {"body", "formData"} else ""


def _header(node: Node) -> Complaint:
    if node.get("style", "simple") != "simple":
        return "style", "the style of a header must be simple"
    return _content(node)


def _content(node: Node) -> Complaint:
    content = node.get("content")
    if content is None:
        return None
    return None if len(content) == 1 else ("content", "a parameter's content must have exactly one media type")


def _request_body(node: Node) -> Complaint:
    return None if "content" in node else _missing("request body", "content")


def _paths(node: Node) -> Complaint:
    for path in node:
        if not path.startswith(("/", "x-")):
            return path, f"a path must begin with '/'; write '/{path}'"
    return None


def _responses(node: Node) -> Complaint:
    for status in node:
        if not _STATUS(status):
            return status, "a response is keyed by a status such as '200', by '2XX' or by 'default'; rename it"
    return None


def _operation_of_30(node: Node) -> Complaint:
    if "responses" not in node:
        return _missing("operation", "responses")
    return None


def _operation(node: Node) -> Complaint:
    # OAS 3.1.1, 4.8.10.1 no longer asks for responses; one shape for all is what the other floors rely on.
    node.setdefault("responses", {})
    return None


def _server(node: Node) -> Complaint:
    return None if "url" in node else _missing("server", "url")


def _server_variable(node: Node) -> Complaint:
    if "default" not in node:
        return _missing("server variable", "default")
    return _from_credential(node["x-from-credential"]) if "x-from-credential" in node else None


def _from_credential(written: object) -> Complaint:
    """Tell what is wrong with our own extension, which reads a variable's value in a credential."""
    wrong = "x-from-credential", "must be a regular expression with exactly one group, such as '-([a-z]+)$'; correct it"
    try:
        return None if isinstance(written, str) and re.compile(written).groups == 1 else wrong
    except (re.error, RecursionError, OverflowError):
        return wrong


def _security_scheme(node: Node) -> Complaint:
    if "type" not in node:
        return _missing("security scheme", "type")
    if node["type"] not in _SCHEMES:
        return "type", choice("the type of a security scheme", node["type"], _SCHEMES)
    missing = [key for key in _SCHEMES[node["type"]] if key not in node]
    if missing:
        return _missing(f"security scheme of type {node['type']}", *missing)
    if node["type"] == "apiKey" and node["in"] not in {"query", "header", "cookie"}:
        return "in", choice("'in'", node["in"], ("query", "header", "cookie"))
    return None


CHECKS: Mapping[str, Check] = {
    "parameter": _parameter,
    "header": _header,
    "request body": _request_body,
    "paths": _paths,
    "responses": _responses,
    "operation": _operation,
    "server": _server,
    "server variable": _server_variable,
    "security scheme": _security_scheme,
}
CHECKS_OF_30: Mapping[str, Check] = {**CHECKS, "operation": _operation_of_30, "schema": upgrade}
