"""Documents and notebooks in few words, for the tests of calls in sources: an operation is what it takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from odp_dynamic._document import Document, load

JSON = "application/json"


def document(operations: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a document with operations by id, each a POST at a path of its own unless it says otherwise.

    An operation has `parameters` by name (``in`` is ``query``), `body` and `answer`, which are schemas, `body_required`
    and `media`; all else stands in it as it is.
    """
    paths: dict[str, Any] = {}
    for name, described in operations.items():
        rest = {"operationId": name, **described}
        path, method = rest.pop("path", f"/{name}"), rest.pop("method", "post")
        parameters, required = rest.pop("parameters", {}), rest.pop("body_required", False)
        rest["parameters"] = [_parameter(key, given) for key, given in parameters.items()]
        answer, media = rest.pop("answer", None), rest.pop("media", JSON)
        if "body" in rest:
            rest["requestBody"] = {"content": {media: {"schema": rest.pop("body")}}, "required": required}
        content = {} if answer is None else {"content": {JSON: {"schema": answer}}}
        rest.setdefault("responses", {"200": {"description": "done", **content}})
        paths.setdefault(path, {})[method] = rest
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths, **(more or {})}


def _parameter(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in given.items() if key not in ("in", "required", "name", "default")}
    place = given.get("in", "query")
    schema = rest | ({"default": given["default"]} if "default" in given else {})
    told = {"name": given.get("name", name), "in": place, "schema": schema}
    return {**told, "required": True} if given.get("required") or place == "path" else told


def loaded(operations: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> Document:
    return load(document(operations, more))


def notebook(cells: list[Any]) -> dict[str, Any]:
    """Return a notebook of code cells; what is no text is a cell as it is."""
    code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    whole = [{**code, "source": cell.splitlines(keepends=True)} if isinstance(cell, str) else cell for cell in cells]
    return {"cells": whole, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
