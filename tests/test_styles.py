"""Parameters are written as OAS 3.1.1 and RFC 6570 say, and read back by independent readers."""

# ruff: noqa: FBT001, FBT003  # style and explode are a cell of the table
from __future__ import annotations

import string
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote
from uuid import UUID

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from openapi_core import OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from odp_dynamic._wire._styles import STYLES, expand, expand_cookie, expand_header, raw_pairs, text_of

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "styles.yaml").read_text(encoding="utf-8"))
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
WORD = st.text(string.ascii_letters + string.digits, min_size=1)
_OPERATORS = {".": "label", ";": "matrix", "?": "form"}


def _write(case: dict[str, Any]) -> str:
    name, value, explode = case.get("name", "color"), case["value"], case["explode"]
    if case.get("in") == "header":
        return expand_header(value, explode)
    if case.get("in") == "cookie":
        return expand_cookie(name, value, explode)
    return expand(name, value, case["style"], explode, allow_reserved=case.get("allow_reserved", False))


def _check(case: dict[str, Any]) -> None:
    if case["text"] is None:
        with pytest.raises(ValueError, match=r"\w"):
            _write(case)
    else:
        assert _write(case) == case["text"]


def _table() -> list[Any]:
    """Return the cells of the table, those of the empty column twice: for the empty string and for null."""
    cells = []
    for row in CASES["table"]:
        values = {"empty": ["", None], **{kind: [value] for kind, value in CASES["values"].items()}}
        for kind, choices in values.items():
            for value in choices:
                case = {"style": row["style"], "explode": row["explode"], "value": value, "text": row[kind]}
                cells.append(pytest.param(case, id=f"{row['style']}-{row['explode']}-{kind}-{value is None}"))
    return cells


@pytest.mark.parametrize("case", _table())
def test_every_cell_of_the_style_table_is_written_as_the_standard_shows_it(case: dict[str, Any]) -> None:
    _check(case)


@pytest.mark.parametrize("template", CASES["rfc6570"])
def test_the_examples_of_rfc_6570_come_out_as_printed_there(template: str) -> None:
    inside = template[1:-1]
    style = _OPERATORS.get(inside[0], "simple")
    name = inside.strip(".;?*")
    value = CASES["variables"][name]
    assert expand(name, value, style, inside.endswith("*")) == CASES["rfc6570"][template]


@pytest.mark.parametrize(("value", "text"), CASES["hostile"], ids=[str(n) for n in range(len(CASES["hostile"]))])
def test_no_text_can_leave_its_place(value: str, text: str) -> None:
    assert expand("q", value, "simple", False) == text
    assert expand("q", value, "form", True) == f"q={text}"
    assert expand("q", [value], "simple", False) == text


@pytest.mark.parametrize(
    "case", CASES["cases"], ids=lambda case: f"{case['why']}: {case.get('style', case.get('in'))} {case['value']!r}"
)
def test_values_that_the_table_does_not_show(case: dict[str, Any]) -> None:
    _check(case)


class Colour(Enum):
    BLUE = "blue"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "2024-01-02T03%3A04%3A05Z"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.50"), "1.5"),
        (Colour.BLUE, "blue"),
        ((1, Colour.BLUE), "1,blue"),
        (MappingProxyType({"a": Decimal(2)}), "a,2"),
        (range(3), "0,1,2"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_python_values_are_written_as_the_json_they_stand_for(value: object, text: str) -> None:
    assert expand("q", value, "simple", False) == text


@pytest.mark.parametrize("value", [b"secret", {"secret"}, {1: "secret"}, {"a": {"secret"}}, float("inf"), [["secret"]]])
def test_what_has_no_text_is_refused_without_being_repeated(value: object) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        expand("q", value, "form", True)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("style", ["form", "simple", "matrix"])
@pytest.mark.parametrize("value", ["secret\ud800", ["secret\ud800"], {"secret\ud800": 1}])
@pytest.mark.parametrize("allow_reserved", [True, False])
def test_a_lone_surrogate_is_refused_and_no_error_keeps_the_text(style: str, value: Any, allow_reserved: bool) -> None:
    with pytest.raises(ValueError, match="surrogate") as caught:
        expand("q", value, style, False, allow_reserved=allow_reserved)
    assert not isinstance(caught.value, UnicodeEncodeError)
    assert not isinstance(caught.value.__context__, UnicodeEncodeError)


def test_text_of_refuses_arrays_and_objects() -> None:
    with pytest.raises(ValueError, match="array or object"):
        text_of([1])


def test_a_multipart_form_takes_the_styles_of_queries_and_no_others() -> None:
    assert raw_pairs("c", ["a b", "ü"], "form", True) == [("c", "a b"), ("c", "ü")]
    assert raw_pairs("c", ["a", "b"], "spaceDelimited", False) == [("c", "a b")]
    assert raw_pairs("c", {"R": 1}, "deepObject", True) == [("c[R]", "1")]
    with pytest.raises(ValueError, match="simple"):
        raw_pairs("c", "a", "simple", False)


@given(TEXT)
def test_any_text_survives_a_path(text: str) -> None:
    assert unquote(expand("q", text, "simple", False), errors="strict") == text


@given(TEXT, TEXT)
def test_any_name_and_text_survive_a_query(name: str, text: str) -> None:
    assert parse_qsl(expand(name, text, "form", True), keep_blank_values=True) == [(name, text)]


@given(st.lists(TEXT, min_size=1))
def test_any_array_survives_an_exploded_query(items: list[str]) -> None:
    assert parse_qs(expand("q", items, "form", True), keep_blank_values=True) == {"q": items}


@given(st.lists(TEXT, min_size=1), st.sampled_from(["form", "simple", "label", "matrix"]))
def test_any_array_survives_being_one_value(items: list[str], style: str) -> None:
    text = expand("q", items, style, False)
    packed = text.removeprefix(".") if style in {"simple", "label"} else text.partition("=")[2]
    if style == "simple" and text.startswith("."):
        packed = text
    assert [unquote(item) for item in packed.split(",")] == items


@given(st.dictionaries(TEXT, TEXT, min_size=1))
def test_any_object_survives_an_exploded_query(value: dict[str, str]) -> None:
    assert dict(parse_qsl(expand("q", value, "form", True), keep_blank_values=True)) == value


@given(TEXT)
def test_reserved_characters_that_are_let_through_never_change_what_a_reader_gets(text: str) -> None:
    """Only triples differ: they are read as what they stand for, which is what allowReserved is for."""
    written = expand("q", text, "form", True, allow_reserved=True)
    assert written.isascii()
    assert not set("#[] &+=") & set(written.removeprefix("q="))
    assert parse_qsl(written, keep_blank_values=True) == [("q", unquote(text))]


@given(TEXT, st.sampled_from(sorted(STYLES)))
def test_what_is_written_is_ascii_that_needs_no_more_encoding(text: str, style: tuple[str, bool]) -> None:
    for value in (text, [text], {text: text}):
        try:
            written = expand("q", value, *style)
        except ValueError:
            continue
        assert set(written) <= set(string.ascii_letters + string.digits + "-._~%;,=&")


def _read(place: str, style: str, explode: bool, schema: dict[str, Any], text: str) -> Any:
    """Return what openapi-core reads from a request that carries `text` in `place`."""
    parameter = {"name": "color", "in": place, "required": True, "style": style, "explode": explode, "schema": schema}
    path = "/x/{color}" if place == "path" else "/x"
    document = {
        "openapi": "3.1.0",
        "info": {"title": "styles", "version": "1"},
        "servers": [{"url": "http://localhost"}],
        "paths": {path: {"get": {"parameters": [parameter], "responses": {"200": {"description": "ok"}}}}},
    }
    target = {"path": f"/x/{text}", "query": f"/x?{text}"}.get(place, "/x")
    headers = {"header": {"color": text}, "cookie": {"Cookie": text}}.get(place, {})
    environ = EnvironBuilder(target, base_url="http://localhost", headers=list(headers.items())).get_environ()
    result = OpenAPI.from_dict(document).unmarshal_request(WerkzeugOpenAPIRequest(Request(environ)))
    assert not result.errors
    return getattr(result.parameters, place)["color"]


# What openapi-core 0.23 reads: not matrix and label, not spaceDelimited, not exploded objects of forms.
_READ = [
    ("path", "simple", False, "string array object"),
    ("path", "simple", True, "string array object"),
    ("query", "form", False, "string array object"),
    ("query", "form", True, "string array"),
    ("query", "pipeDelimited", False, "array object"),
    ("query", "deepObject", True, "object"),
    ("header", "simple", False, "string array object"),
    ("header", "simple", True, "string array object"),
    ("cookie", "form", False, "string array object"),
    ("cookie", "form", True, "string array"),
]
_SCHEMAS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "array": {"type": "array", "items": {"type": "string"}},
    "object": {"type": "object", "properties": {key: {"type": "integer"} for key in "RGB"}},
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # openapi-core's own
@pytest.mark.parametrize(
    ("place", "style", "explode", "kind"),
    [pytest.param(*row[:3], kind, id=f"{row[:3]}-{kind}") for row in _READ for kind in row[3].split()],
)
def test_openapi_core_reads_what_was_written(place: str, style: str, explode: bool, kind: str) -> None:
    value = CASES["values"][kind]
    case = {"in": place, "style": style, "explode": explode, "value": value}
    assert _read(place, style, explode, _SCHEMAS[kind], _write(case)) == value


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # openapi-core's own
@given(WORD, st.lists(TEXT.filter(lambda text: "|" not in text), min_size=2))
def test_openapi_core_reads_any_array_between_pipes(word: str, items: list[str]) -> None:
    written = expand("color", [word, *items], "pipeDelimited", False)
    assert _read("query", "pipeDelimited", False, _SCHEMAS["array"], written) == [word, *items]
