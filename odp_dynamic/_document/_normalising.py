"""A document as it is written into the one model that the rest of the package knows."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Any

from .._pointers import join
from ..errors import SpecError, closest
from ._files import Files
from ._places import pointer_of
from ._references import References
from ._sources import Fetch, Origin
from ._structure import rules
from ._walk import File, Misfit, Noted, Walk
from ._yaml import line_of

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
        of_30 = _is_of_30(raw, origin)
        main = File(origin.name, origin.uri, origin.text, raw, rules=rules(of_30=of_30))
        return _normalised(main, Files(main, fetch, allow_hosts), of_30=of_30)
    except Misfit as misfit:
        raise _located(misfit) from None
    except SpecError as error:
        if error.line is None and error.source == origin.name and origin.text is not None:
            line = line_of(origin.text, error.pointer)
            raise SpecError(error.message, error.pointer, error.source, line) from None
        raise


def _normalised(main: File, files: Files, *, of_30: bool) -> dict[str, Any]:
    walk = Walk()
    walk.visit(main.root, main.rules["document"], main.scope)
    references = References(walk, files)
    references.resolve()
    _check_ids(walk.operations)
    _check_requirements(walk.requirements, main.root)
    root: dict[str, Any] = main.root
    if of_30:
        root["openapi"] = "3.1.0"
    return root


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


def _check_ids(operations: list[Noted]) -> None:
    first: dict[str, Noted] = {}
    for node, rule, scope in operations:
        name = node.get("operationId")
        if name in first:
            other, _, others = first[name]
            place = pointer_of(others.file.root, other)
            where = place if others.file is scope.file else f"{others.file.name} at {place}"
            raise Misfit(f"the operationId {name!r} is taken by {where}; rename one", scope.file, node, "operationId")
        if name is not None:
            first[name] = (node, rule, scope)


def _check_requirements(requirements: list[Noted], root: dict[str, Any]) -> None:
    schemes = root.get("components", {}).get("securitySchemes", {})
    for node, _, scope in requirements:
        for name in node:
            if name not in schemes:
                near = closest(name, schemes)
                remedy = f"did you mean {near!r}?" if near else "define it"
                raise Misfit(f"components/securitySchemes has no {name!r}; {remedy}", scope.file, node, name)


def _located(misfit: Misfit) -> SpecError:
    file = misfit.file
    pointer = pointer_of(file.root, misfit.node)
    if misfit.key is not None:
        pointer = join(pointer, misfit.key)
    line = line_of(file.text, pointer) if file.text is not None else None
    return SpecError(misfit.message, pointer, file.name, line)
