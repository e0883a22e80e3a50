"""What there is to tell of an operation or a schema, laid out for people."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from ._columns import paragraph, table
from ._output import bold, dim, harmless

Row = tuple[str, str, str]


def text_of(told: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of what `_telling` tells."""
    yield from _operation(told) if "method" in told else _schema(told)


def _operation(told: dict[str, Any]) -> Iterator[str]:
    yield f"{bold(harmless(told['id']))}  {told['method']} {harmless(told['path'])}"
    if told["deprecated"]:
        yield "deprecated"
    for text in (told["summary"], told["description"]):
        if text:
            yield ""
            yield from paragraph(text)
    if told["parameters"]:
        yield from _head("Parameters")
        yield from table(_parameter(parameter) for parameter in told["parameters"])
    if told["body"]:
        yield from _body(told["body"])
    yield from _head("Answers")
    yield from _answers(told["answers"])
    yield from _head("Security")
    yield from _security(told["security"])
    yield from _example(told["example"])


def _schema(told: dict[str, Any]) -> Iterator[str]:
    shape = told["schema"]
    yield f"{bold(harmless(told['name']))}  {'' if shape['type'] == told['name'] else shape['type']}".rstrip()
    if _text(shape):
        yield ""
        yield from paragraph(_text(shape))
    if shape.get("properties"):
        yield from _head("Properties")
        yield from table(_rows(shape))
    if "example" in told:
        yield from _head("Example")
        yield textwrap.indent(json.dumps(told["example"], indent=2, ensure_ascii=False), "  ")


def _head(title: str) -> Iterator[str]:
    yield ""
    yield bold(title)


def _parameter(parameter: dict[str, Any]) -> Row:
    words = f"{parameter['in']}, {parameter['type']}{_need(parameter)}"
    texts = [parameter["description"], _facts(parameter["schema"]), "deprecated" * parameter["deprecated"]]
    return parameter["name"], words, "; ".join(text for text in texts if text)


def _body(body: dict[str, Any]) -> Iterator[str]:
    yield from _head("Body")
    if body["description"]:
        yield from paragraph(body["description"], 2)
    for media, shape in body["content"].items():
        facts = _facts(shape)
        yield f"  {harmless(media)}: {shape.get('type', 'anything')}{_need(body)}{'; ' * bool(facts)}{facts}"
        yield from table(_rows(shape), 4)


def _answers(answers: list[dict[str, Any]]) -> Iterator[str]:
    for answer in answers:
        first, *more = paragraph(answer["description"], 6) or [""]
        yield f"  {bold(answer['status']):<3} {first[6:]}".rstrip()
        yield from more
        for media, shape in answer["content"].items():
            yield f"      {harmless(media)}: {shape.get('type', 'anything')}"
            yield from table(_rows(shape), 8)


def _rows(shape: dict[str, Any], depth: int = 0) -> Iterator[Row]:
    for inner in shape.get("properties", ()):
        yield "  " * depth + inner["name"], f"{inner['type']}{_need(inner)}", _text(inner)
        yield from _rows(inner, depth + 1)


def _need(told: dict[str, Any]) -> str:
    return ", required" if told["required"] else ""


def _text(shape: dict[str, Any]) -> str:
    return "; ".join(text for text in (shape.get("description", ""), _facts(shape)) if text)


def _facts(shape: dict[str, Any]) -> str:
    values = ", ".join(value if isinstance(value, str) else json.dumps(value) for value in shape.get("enum", ()))
    return "; ".join([f"one of: {values}"] * bool(values) + shape.get("notes", []))


def _security(alternatives: list[list[dict[str, Any]]]) -> Iterator[str]:
    if not all(alternatives):
        yield "  needs no key"
    for number, schemes in enumerate(filter(None, alternatives)):
        yield from ["  or"] if number else []
        for scheme in schemes:
            yield from table([(scheme["name"], _kind(scheme), scheme.get("description", ""))])
            yield f"    {dim('set')} {scheme['variable']}"
    if not alternatives:
        yield "  needs no key"


def _kind(scheme: dict[str, Any]) -> str:
    if scheme["type"] == "apiKey":
        return f"{scheme['in']} {scheme['field']}"
    return f"{scheme['type']} {scheme.get('scheme', '')}".rstrip()


def _example(example: dict[str, Any] | None) -> Iterator[str]:
    yield from _head("Example")
    if example is None:
        yield "  none could be made from the document"
        return
    yield dim("  in Python")
    yield textwrap.indent(harmless(example["python"]), "    ")
    yield dim("  in a shell")
    yield textwrap.indent(harmless(example["shell"]), "    ")
