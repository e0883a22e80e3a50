"""What `odp doctor` finds out, as plain data. No secret is in it, but at most the last four characters of one."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._api import _server_url
from .._document import Document
from .._operations import Operation
from .._pointers import join
from .._settings import BASE_URL, SERVER, SPEC, setting, variable_of
from ..errors import ContractError, OdpError

if TYPE_CHECKING:
    from .._api import Api
    from ._options import Settings

_LIBRARIES = (
    "odp-dynamic",
    "click",
    "jsonschema",
    "jsonschema-rs",
    "openapi-core",
    "PyYAML",
    "requests",
    "rich",
    "werkzeug",
)
_LONG_ENOUGH = 20  # of a shorter secret, four characters would be too much


def find(settings: Settings) -> dict[str, Any]:
    """Return all that is to be known before the first call."""
    api = settings.api()
    operations = {name: _operation(api, name) for name in api.operations}
    documents = _documents(api)
    keys = [_key(*scheme) for scheme in _schemes(documents)]
    ok = bool(operations) and all(told["ok"] for told in operations.values())
    return {
        "ok": ok,
        "documents": [_document(document, settings, names) for document, names in documents],
        "base_urls": sorted({_base_url(settings, api.operations[name]) for name in operations}),
        "keys": keys,
        "operations": list(operations.values()),
        "advice": [] if ok else list(_advice(keys, list(operations.values()))),
        "versions": {"Python": platform.python_version(), **dict(_versions())},
    }


def _documents(api: Api) -> list[tuple[Document, list[str]]]:
    found: dict[int, tuple[Document, list[str]]] = {}
    for name in api.operations:
        document = api.operations[name].document
        found.setdefault(id(document), (document, []))[1].append(name)
    return list(found.values())


def _document(document: Document, settings: Settings, names: list[str]) -> dict[str, Any]:
    info = document.root.get("info") or {}
    return {
        "source": document.source,
        "origin": "--spec" if settings.specs else f"${SPEC}" if setting(SPEC) else "the package",
        "title": info.get("title", ""),
        "version": info.get("version", ""),
        "openapi": document.version,
        "sha256": _digest(document.source),
        "operations": len(names),
    }


def _digest(source: str) -> str | None:
    """Return the first characters of a file's hash, None where there is no file."""
    file = Path(source)
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else None


def _operation(api: Api, name: str) -> dict[str, Any]:
    """Tell whether a call would be sent, by preparing one: what is wrong beside its arguments is what is in the way."""
    try:
        api.prepare(name)
    except ContractError as error:
        reasons = [str(problem) for problem in error.problems if problem.where in {"security", "server"}]
    except OdpError as error:
        reasons = [str(error)]
    else:
        reasons = []
    return {"id": name, "ok": not reasons, "reasons": reasons}


def _schemes(documents: list[tuple[Document, list[str]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    seen = set()
    for document, _ in documents:
        for name in (document.root.get("components") or {}).get("securitySchemes") or {}:
            if name not in seen:
                seen.add(name)
                yield name, document.resolve(join("", "components", "securitySchemes", name))[0]


def _key(name: str, scheme: dict[str, Any]) -> dict[str, Any]:
    variable = variable_of(name)
    secret = setting(variable)
    return {
        "scheme": name,
        "kind": f"{scheme.get('in')} {scheme.get('name')}" if scheme.get("type") == "apiKey" else scheme.get("type"),
        "variable": variable,
        "present": None if scheme.get("type") == "mutualTLS" else secret is not None,
        "ends_in": secret[-4:] if secret and len(secret) >= _LONG_ENOUGH else None,
    }


def _base_url(settings: Settings, operation: Operation) -> str:
    given = settings.base_url or setting(BASE_URL)
    return given or _server_url(operation, setting(SERVER) if settings.server is None else settings.server)


def _advice(keys: list[dict[str, Any]], operations: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what to do, the simplest first."""
    if not operations:
        yield "the document has no operation; name another with --spec"
    reasons = {reason.partition(":")[0] for operation in operations for reason in operation["reasons"]}
    missing = [key["variable"] for key in keys if key["present"] is False]
    if "security" in reasons and missing:
        yield f"set {' and '.join(missing)}"
    if "server" in reasons:
        yield "name a server with --base-url or --server, or set ODP_BASE_URL"
    if reasons:
        yield "or try the calls without a key: odp call --sandbox, odp sandbox"


def _versions() -> Iterator[tuple[str, str]]:
    for name in _LIBRARIES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
