"""What `odp doctor` finds out, as plain data. No secret is in it, but at most the last four characters of one."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._api import settings_in_use
from .._config import Environment, environment
from .._document import Document
from .._layers import OF_THE_BUNDLED, standing_on
from .._pointers import join
from .._secrets import Secrets, Unavailable
from .._security import Keys, Signer
from .._servers import Choice, Servers
from .._settings import (
    BASE_URL,
    ENVIRONMENT,
    OVERLAYS,
    SERVER,
    SPEC,
    listed,
    setting,
    variable_of,
    without_none,
)
from ..errors import ContractError, OdpError
from ._reaching import called, connection, harmless_operation

if TYPE_CHECKING:
    from .._api import Api
    from ._options import Settings

Found = dict[str, Any]
_LIBRARIES = (
    "odp-dynamic",
    "click",
    "jsonpath-rfc9535",
    "jsonschema",
    "jsonschema-rs",
    "openapi-core",
    "PyYAML",
    "requests",
    "rich",
    "werkzeug",
)
_LONG_ENOUGH = 20  # of a shorter secret, four characters would be too much


def find(settings: Settings, *, connect: bool = False, call: str | None = None, words: Sequence[str] = ()) -> Found:
    """Return all that is to be known before the first call, and over the network what `connect` and `call` ask for."""
    with settings.api(retry=None, responses="record") as api:
        named = _environment(settings)
        tested = harmless_operation(api, call) if call is not None else None
        operations = [_operation(api, name) for name in api.operations]
        servers = _servers(api, _where_from(settings, named))
        keys = [_key(*scheme, settings_in_use(api).credentials) for scheme in _schemes(_documents(api))]
        timeout = settings_in_use(api).timeout[0]
        connections = [connection(server["url"], timeout) for server in servers] if connect else None
        outcome = called(api, tested, words) if tested else None
        parts = [*operations, *(connections or ()), *([outcome] if outcome else ())]
        return {
            "ok": bool(operations) and all(part["ok"] for part in parts),
            "documents": [
                _document(document, _spec_from(settings, named), names) for document, names in _documents(api)
            ],
            "overlays": _overlays(settings, named),
            "environment": named and {"name": named.name, "file": str(named.file), "origin": _named_by(settings)},
            "base_urls": [server["url"] for server in servers],
            "servers": servers,
            "keys": keys,
            "operations": operations,
            "connections": connections,
            "call": outcome,
            "advice": list(_advice(keys, operations)),
            "versions": {"Python": platform.python_version(), **dict(_versions())},
        }


def _environment(settings: Settings) -> Environment | None:
    name = setting(ENVIRONMENT) if settings.environment is None else settings.environment
    return environment(name) if name else None


def _named_by(settings: Settings) -> str:
    return f"${ENVIRONMENT}" if settings.environment is None else "--env"


def _spec_from(settings: Settings, named: Environment | None) -> str:
    if settings.specs:
        return "--spec"
    if named and "document" in named.settings:
        return f"environment {named.name}"
    return f"${SPEC}" if setting(SPEC) else "the package"


def _overlays(settings: Settings, named: Environment | None) -> list[dict[str, str]]:
    """Tell which overlays are upon the documents, in order, and who says so."""
    if settings.overlays:
        origin, names = "--overlay", without_none(settings.overlays)
    elif named and "overlays" in named.settings:
        origin, names = f"environment {named.name}", named.settings["overlays"]
    elif setting(OVERLAYS):
        origin, names = f"${OVERLAYS}", without_none(listed(OVERLAYS))
    else:
        origin = _spec_from(settings, named)
        names = list(OF_THE_BUNDLED) if origin == "the package" else []
    told = []
    for name in names:
        told += [{"overlay": below, "origin": name} for below in standing_on(name) if below not in names]
        told.append({"overlay": name, "origin": origin})
    return told


def _where_from(settings: Settings, named: Environment | None) -> str:
    """Tell who says where requests go, in the order in which `Api` asks them."""
    if settings.base_url or settings.server is not None:
        return "--base-url" if settings.base_url else "--server"
    if named and {"base_url", "server"} & named.settings.keys():
        return f"environment {named.name}"
    return next((f"${name}" for name in (BASE_URL, SERVER) if setting(name)), "the document")


def _documents(api: Api) -> list[tuple[Document, list[str]]]:
    found: dict[int, tuple[Document, list[str]]] = {}
    for name in api.operations:
        document = api.operations[name].document
        found.setdefault(id(document), (document, []))[1].append(name)
    return list(found.values())


def _document(document: Document, origin: str, names: list[str]) -> dict[str, Any]:
    file = Path(document.source)
    there = file.is_file()
    info = document.root.get("info") or {}
    return {
        "source": document.source,
        "origin": origin,
        "title": info.get("title", ""),
        "version": info.get("version", ""),
        "openapi": document.version,
        # What came over the network or from a program has neither.
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest()[:12] if there else None,
        "modified": datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds") if there else None,
        "operations": len(names),
    }


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


def _key(name: str, scheme: dict[str, Any], given: Secrets) -> dict[str, Any]:
    """Tell where the secret of a scheme is found, whether it is there, and at most its last four characters."""
    variable, source, problem = variable_of(name), given.source(name), None
    try:
        secret = given.get(name) or (None if source else setting(variable))
    except Unavailable as error:
        secret, problem = None, str(error)
    return {
        "scheme": name,
        "kind": f"{scheme.get('in')} {scheme.get('name')}" if scheme.get("type") == "apiKey" else scheme.get("type"),
        "variable": variable,
        "source": str(source) if source else f"${variable}",
        "present": None if scheme.get("type") == "mutualTLS" else secret is not None,
        "problem": problem,
        "ends_in": _end(secret, scheme) if secret else None,
    }


def _end(secret: str, scheme: dict[str, Any]) -> str | None:
    password = secret.partition(":")[2] if str(scheme.get("scheme")).casefold() == "basic" else secret
    return password[-4:] if len(password) >= _LONG_ENOUGH else None


def _servers(api: Api, origin: str) -> list[dict[str, Any]]:
    """Tell each base URL, who says so, and the variables in it."""
    credentials, server, base_url = (settings := settings_in_use(api)).credentials, settings.server, settings.base_url
    found: dict[str, dict[str, Any]] = {}
    for operation in api.operations.values():
        keys, servers = Signer(operation).keys(credentials), Servers(operation)
        secrets = keys.secrets if isinstance(keys, Keys) else ()
        url = servers.base(base_url, server, secrets)
        if isinstance(url, str):
            choice = None if base_url else servers.choice(server, secrets)
            variables = _variables(choice, origin) if isinstance(choice, Choice) else {}
            told = found.setdefault(url, {"url": url, "origin": origin, "variables": variables, "operations": 0})
            told["operations"] += 1
    return sorted(found.values(), key=lambda told: str(told["url"]))


def _variables(choice: Choice, origin: str) -> dict[str, dict[str, str]]:
    return {
        name: {
            "value": value,
            "origin": origin if name in choice.given else "the key" if name in choice.read else "its default",
        }
        for name, value in choice.values.items()
    }


def _advice(keys: list[dict[str, Any]], operations: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what to do, the simplest first."""
    if not operations:
        yield "the document has no operation; name another with --spec"
    reasons = {reason.partition(":")[0] for operation in operations for reason in operation["reasons"]}
    missing = [key["variable"] for key in keys if key["present"] is False and key["problem"] is None]
    if "security" in reasons and missing:
        yield f"set {' and '.join(missing)}"
    yield from (key["problem"] for key in keys if key["problem"])
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
