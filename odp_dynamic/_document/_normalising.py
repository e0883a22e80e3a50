"""A document as it is written into the one model that the rest of the package knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from .._pointers import join
from ..errors import SpecError, closest
from ._files import Files
from ._limits import MAX_FAULTS
from ._places import pointer_of, pointers_of
from ._references import References
from ._sources import Fetch, Origin
from ._structure import rules
from ._walk import File, Misfit, Noted, Refuse, Walk, refuse_at_once
from ._yaml import lines_of

_VERSION = re.compile(r"3\.([0-9]+)(?:\.[0-9]+)?(?:-.+)?")
_NEWEST = 2
_SWAGGER = "Swagger {} is not OpenAPI 3; convert it first: npx swagger2openapi --outfile openapi.json {}"
_IN_3 = "give a document of OpenAPI 3.0 or 3.1"


def normalised(
    raw: dict[str, Any], origin: Origin, fetch: Fetch | None, allow_hosts: AbstractSet[str]
) -> dict[str, Any]:
    """Turn `raw` itself into a document of OpenAPI 3.1 in which every ``$ref`` is a pointer; return it.

    Raises SpecError with the place of whatever calls could not rely on.
    """
    try:
        _normalise(raw, origin, fetch, allow_hosts, refuse_at_once)
    except (Misfit, SpecError) as fault:
        raise _located([fault], origin)[0] from None
    return raw


def faults_of(
    raw: dict[str, Any], origin: Origin, fetch: Fetch | None, allow_hosts: AbstractSet[str]
) -> list[SpecError]:
    """Do what `normalised` does to `raw`, and return all that it would refuse, up to a bound; then `raw` is of no use.

    What is wrong because something else is may be among it.
    """
    found: list[Misfit | SpecError] = []

    def collect(fault: Misfit | SpecError) -> None:
        found.append(fault)
        if len(found) == MAX_FAULTS:
            raise _Enough

    try:
        _normalise(raw, origin, fetch, allow_hosts, collect)
    except _Enough:
        pass
    except SpecError as fault:
        found.append(fault)
    return _located(found, origin)


class _Enough(Exception):  # never leaves this module
    """Says that no more faults are wanted."""


def _normalise(
    raw: dict[str, Any], origin: Origin, fetch: Fetch | None, allow_hosts: AbstractSet[str], refuse: Refuse
) -> None:
    of_30 = _is_of_30(raw, origin)
    main = File(origin.name, origin.uri, origin.text, raw, rules=rules(of_30=of_30))
    told: list[Misfit | SpecError] = []

    def tell(fault: Misfit | SpecError) -> None:
        told.append(fault)
        refuse(fault)

    walk = Walk(tell)
    walk.visit(main.root, main.rules["document"], main.scope)
    references = References(walk, Files(main, fetch, allow_hosts))
    references.resolve()
    _check_ids(walk)
    _check_requirements(walk, main.root)
    if told:
        return
    references.rewrite()
    if of_30:
        raw["openapi"] = "3.1.0"


def _is_of_30(raw: dict[str, Any], origin: Origin) -> bool:
    """Return whether this is OpenAPI 3.0; raise SpecError for what is neither that nor a later version."""
    version = raw.get("openapi")
    if version is None and "swagger" in raw:
        raise SpecError(_SWAGGER.format(raw["swagger"], origin.name), "/swagger", origin.name)
    if version is None:
        raise SpecError(f"the key 'openapi' is missing; {_IN_3}", "", origin.name)
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if found is None or int(found[1]) > _NEWEST:
        quoted = " as a string, in quotes" if isinstance(version, float) else ""
        raise SpecError(f"the version of OpenAPI is not supported; {_IN_3}{quoted}", "/openapi", origin.name)
    of_30 = found[1] == "0"
    if of_30 and "paths" not in raw:
        raise SpecError("'paths' is missing; add it", "", origin.name)
    if not {"paths", "webhooks", "components"} & raw.keys():
        raise SpecError("there are no 'paths', 'webhooks' or 'components'; add one of them", "", origin.name)
    return of_30


def _check_ids(walk: Walk) -> None:
    first: dict[str, Noted] = {}
    for noted in walk.operations:
        node, _, scope = noted
        name = node.get("operationId")
        if not isinstance(name, str):
            continue
        if name in first:
            other, _, others = first[name]
            place = pointer_of(others.file.root, other)
            where = place if others.file is scope.file else f"{others.file.name} at {place}"
            told = f"the operationId {name!r} is taken by {where}; rename one"
            walk.refuse(Misfit(told, scope.file, node, "operationId"))
        else:
            first[name] = noted


def _check_requirements(walk: Walk, root: dict[str, Any]) -> None:
    components = root.get("components", {})
    schemes = components.get("securitySchemes", {}) if isinstance(components, dict) else None
    if not isinstance(schemes, dict):
        return  # which was told
    for node, _, scope in walk.requirements:
        for name in node:
            if name not in schemes:
                near = closest(name, schemes)
                remedy = f"did you mean {near!r}?" if near else "define it"
                walk.refuse(Misfit(f"components/securitySchemes has no {name!r}; {remedy}", scope.file, node, name))


def _located(faults: Sequence[Misfit | SpecError], origin: Origin) -> list[SpecError]:
    """Return faults with their places: each document is searched once, however many it has."""
    nodes: dict[File, list[Any]] = {}
    for fault in faults:
        if isinstance(fault, Misfit):
            nodes.setdefault(fault.file, []).append(fault.node)
    pointers = {file: pointers_of(file.root, inside) for file, inside in nodes.items()}
    found = [_error(fault, pointers) for fault in faults]
    texts = {origin.name: origin.text, **{file.name: file.text for file in nodes}}
    without = [error for error in found if error.line is None]
    lines = {
        name: lines_of(text, {error.pointer for error in without if error.source == name})
        for name, text in texts.items()
        if text is not None and any(error.source == name for error in without)
    }
    for error in without:
        error.line = lines.get(error.source, {}).get(error.pointer)
    return [SpecError(error.message, error.pointer, error.source, error.line) for error in found]


def _error(fault: Misfit | SpecError, pointers: Mapping[File, Mapping[int, str]]) -> SpecError:
    if isinstance(fault, SpecError):
        return fault
    pointer = pointers[fault.file].get(id(fault.node), "")
    return SpecError(fault.message, pointer if fault.key is None else join(pointer, fault.key), fault.file.name)
