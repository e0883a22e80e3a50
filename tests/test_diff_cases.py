"""What single changes between two documents mean: the tables of tests/cases/diff, each judged before it was run.

A case of schemas builds a document whose operation takes and answers with them; a case of documents merges fragments
into a minimal one (RFC 7396), in which `operation` is its one operation. `back` is the change the other way round.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from jsonschema import Draft202012Validator

from odp_dynamic._bind import UNSET
from odp_dynamic._pointers import split
from odp_dynamic.diff import Change, compare

FOLDER = Path(__file__).parent / "cases" / "diff"
OPERATION = {"operationId": "op", "responses": {"200": {"description": "ok"}}}
MINIMAL = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/x": {"post": OPERATION}}}
CASES = {
    f"{path.stem}: {case['name']}": case
    for path in sorted(FOLDER.glob("*.yaml"))
    for case in yaml.safe_load(path.read_text(encoding="utf-8"))
}


def merged(target: Any, patch: Any) -> Any:
    """Return what RFC 7396 makes of a target and a patch: null takes away."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    found = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        else:
            found[name] = merged(found.get(name), value)
    return found


def document(fragment: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in fragment.items() if name != "operation"}
    paths = {"paths": {"/x": {"post": fragment["operation"]}}} if "operation" in fragment else {}
    whole: dict[str, Any] = merged(merged(copy.deepcopy(MINIMAL), paths), rest)
    return whole


def of_schema(case: Mapping[str, Any], side: str) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": copy.deepcopy(case[side])}}}
    made = document({})
    operation = made["paths"]["/x"]["post"]  # not merged: null means null in a schema
    operation["requestBody"] = content
    operation["responses"]["200"] |= copy.deepcopy(content)
    made["openapi"] = case.get("openapi", {}).get(side, "3.1.0")
    made["components"] = {"schemas": copy.deepcopy(case.get("schemas", {}).get(side, {}))}
    return made


def documents(case: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    if "expect" in case:
        return document(case["before"]), document(case["after"])
    return of_schema(case, "before"), of_schema(case, "after")


def told(change: Change) -> dict[str, str]:
    """Return a change as the tables of documents write it."""
    names = {"operation": change.operation, "where": change.where, "at": change.pointer}
    usual = {"operation": "op", "at": ""}
    kept = {name: value for name, value in names.items() if value != usual.get(name)}
    return {"level": change.level, "rule": change.rule, "reason": change.reason, **kept}


def in_order(change: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(change.items())


def expected(case: Mapping[str, Any]) -> Iterator[list[dict[str, str]]]:
    """Yield what a case expects there and back."""
    if "expect" in case:
        yield case["expect"]
        yield case["back"]
    else:
        for way in (case, case["back"]):
            request = [{**entry, "where": "body"} for entry in way["request"]]
            yield request + [{**entry, "where": "response 200"} for entry in way["response"]]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_change_is_told_with_its_level_its_place_and_its_reason(case: dict[str, Any]) -> None:
    """All changes of the case and no others are told, there and back, and every witness is one for two validators."""
    before, after = documents(case)
    there, back = expected(case)
    for old, new, changes in ((before, after, there), (after, before, back)):
        found = compare(copy.deepcopy(old), copy.deepcopy(new))
        assert sorted(map(told, found), key=in_order) == sorted(changes, key=in_order)
        for change in found:
            assert_is_written_where_it_says(change, old, new)
            assert_is_shown(change, old, new)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_document_and_itself_differ_in_nothing(case: dict[str, Any]) -> None:
    for one in documents(case):
        assert compare(one, {**copy.deepcopy(one), "x-other": "so that the two are compared at all"}) == []


def assert_is_written_where_it_says(change: Change, old: Any, new: Any) -> None:
    for pointer, root in ((change.old, old), (change.new, new)):
        if pointer is not None:
            assert not pointer or pointer.startswith("/")
            node = root
            for token in split(pointer):
                node = node[int(token)] if isinstance(node, list) else node[token]


def assert_is_shown(change: Change, old: Any, new: Any) -> None:
    """What breaks by its values has a value that shows it, by both validators, and by both documents."""
    judges = [judged(root, change) for root in (old, new)]
    if change.witness is UNSET:
        assert change.level != "breaking" or None in judges or not is_about_values(change)
        return
    giver, refuser = judges if change.direction == "request" else reversed(judges)
    assert giver is not None
    assert refuser is not None
    assert giver(change.witness)
    assert not refuser(change.witness)


STRUCTURAL = ("parameter-", "body-", "media-type-", "status-", "header-")


def is_about_values(change: Change) -> bool:
    return change.direction != "" and not change.rule.startswith(STRUCTURAL)


def judged(root: Any, change: Change) -> Any:
    """Return the validators of the part that a change is about; None where a document has no such part."""
    schema = None
    if change.direction:
        item, operation, where = asked(root, change)
        if operation is None:
            return None
        parameters = [*operation.get("parameters", ()), *item.get("parameters", ())]  # the operation's come first
        schema = schema_of(root, {**operation, "parameters": parameters}, where)
    if schema is None:
        return None
    marker = {"request": "readOnly", "response": "writeOnly"}[change.direction]
    components = {"schemas": root.get("components", {}).get("schemas", {})}
    closure = plain({"allOf": [schema], "components": components}, root, marker)
    slow, fast = Draft202012Validator(closure), jsonschema_rs.Draft202012Validator(closure)

    def accepts(value: Any) -> bool:
        assert slow.is_valid(value) == fast.is_valid(value)
        return bool(fast.is_valid(value))

    return accepts


def asked(root: Any, change: Change) -> tuple[Any, Any, str]:
    """Return the path item and the operation that a change is about, None for none, and the part of it."""
    where, *callbacks = change.where.split(" of callback ")
    if change.operation.startswith("webhook "):
        name, method = change.operation.removeprefix("webhook ").removesuffix(")").split(" (")
        item = resolved(root, root["webhooks"][name])
        operation = item[method.lower()]
    else:
        found = ((item, o) for item in root["paths"].values() for o in item.values() if isinstance(o, dict))
        item, operation = next(pair for pair in found if pair[1].get("operationId") == change.operation)
    for callback in reversed(callbacks):
        name, _, sent = callback.removesuffix(")").partition(" (")
        method, _, expression = sent.partition(" ")
        inner = resolved(root, operation["callbacks"].get(name)) or {}
        item = resolved(root, inner.get(expression)) or {}
        operation = item.get(method.lower())
        if operation is None:
            break
    return item, operation, where


def schema_of(root: Any, operation: Any, where: str) -> Any:
    """Return the schema of a part such as ``body``, ``query.limit`` or ``header X-Id of response 200``."""
    where, _, media_type = where.removesuffix(")").partition(" (")
    header, _, response = where.rpartition(" of ")
    if response.startswith("response "):
        declared = operation["responses"]
        status = response.removeprefix("response ")
        found = declared.get(status) or declared.get(f"{status[0]}XX") or declared.get("default")
        part = resolved(root, found)
        if header:
            named = {name.lower(): each for name, each in (part or {}).get("headers", {}).items()}
            part = resolved(root, named.get(header.removeprefix("header ").lower()))
    elif where == "body":
        part = resolved(root, operation.get("requestBody"))
    else:
        location, _, name = where.partition(".")
        parameters = [resolved(root, each) for each in operation.get("parameters", ())]
        found = (each for each in parameters if each["in"] == location and is_called(each, name))
        part = next(found, None)
    if part is None or "schema" in part:
        return part and part["schema"]
    content = part.get("content", {})
    chosen = content.get(media_type) if media_type else next(iter(content.values()), None)
    return None if chosen is None else chosen.get("schema", {})


def is_called(parameter: Any, name: str) -> bool:
    return bool(parameter["name"] == name or (parameter["in"], parameter["name"].lower()) == ("header", name.lower()))


def resolved(root: Any, node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        place, node = split(node["$ref"].removeprefix("#")), root
        for token in place:
            node = node[token]
    return node


def plain(schema: Any, root: Any, marker: str) -> Any:
    """Return a schema for a JSON Schema validator, with 3.0's own words and what is no part of this way said in it."""
    if isinstance(schema, list):
        return [plain(part, root, marker) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: plain(part, root, marker) for name, part in schema.items()}
    properties = schema.get("properties")
    if isinstance(properties, dict):
        hidden = {name for name, part in properties.items() if is_marked(resolved(root, part), marker)}
        found["properties"] |= dict.fromkeys(hidden, False)
        found["required"] = [name for name in schema.get("required", ()) if name not in hidden]
    if root["openapi"].startswith("3.0"):
        for keyword, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if found.pop(keyword, False) is True:
                found[keyword] = found.pop(inclusive)
        if found.pop("nullable", False) is True and "type" in found:
            found["type"] = [found["type"], "null"]
            found |= {"enum": [*found["enum"], None]} if "enum" in found else {}
    return found


def is_marked(schema: Any, marker: str) -> bool:
    return isinstance(schema, dict) and schema.get(marker) is True


def test_there_are_many_cases_and_none_is_told_twice() -> None:
    pairs = [str(documents(case)) for case in CASES.values()]
    assert len(CASES) >= 200
    assert len(set(pairs)) == len(pairs)
    assert sum(1 for case in CASES.values() if any(expected(case))) >= 150
