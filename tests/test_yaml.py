"""YAML and JSON text become plain objects, by YAML 1.2's rules."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic._document._scalars import resolve
from odp_dynamic._document._text import parse
from odp_dynamic._document._yaml import build, line_of, lines_of
from odp_dynamic._pointers import join
from odp_dynamic.errors import SpecError

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "yaml.yaml").read_text(encoding="utf-8"))
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff\u2028\u2029\x85"))
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_yaml(case: dict[str, Any]) -> None:
    if "json" in case:
        assert repr(parse(case["text"], "x")) == repr(json.loads(case["json"], strict=False))
        return
    with pytest.raises(SpecError, match=case["error"]) as caught:
        parse(case["text"], "x.yaml")
    assert (caught.value.source, caught.value.line) == ("x.yaml", case["line"])


def is_plain_in_12(value: Any) -> bool:
    """Say whether every string that PyYAML, which follows 1.1, may leave unquoted is a string in 1.2 as well."""
    if isinstance(value, dict):
        return all(map(is_plain_in_12, (*value.keys(), *value.values())))
    if isinstance(value, list):
        return all(map(is_plain_in_12, value))
    return not isinstance(value, str) or resolve(value) == value


@given(JSON)
def test_json_reads_as_what_was_written(value: Any) -> None:
    assert parse(json.dumps([value]), "x") == [value]  # a word alone is read as YAML


@given(JSON)
def test_json_means_the_same_as_yaml(value: Any) -> None:
    assert repr(build(json.dumps(value, ensure_ascii=False), "x")) == repr(value)


@given(JSON)
def test_quoted_yaml_reads_as_what_was_written(value: Any) -> None:
    assert parse(yaml.safe_dump(value, default_style='"', allow_unicode=True), "x") == value


@given(JSON.filter(is_plain_in_12))
def test_block_yaml_reads_as_what_was_written(value: Any) -> None:
    assert parse(yaml.safe_dump(value, allow_unicode=True), "x") == value


@given(JSON)
def test_the_pure_parser_reads_the_same(value: Any) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "__with_libyaml__", False)
        pure = build(text, "x")
    assert repr(pure) == repr(build(text, "x"))


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SpecError):
        parse(text, "x")


def test_copies_of_an_alias_are_apart() -> None:
    value = parse("a: &x {b: []}\nc: *x\n", "x")
    value["c"]["b"].append(1)
    assert value["a"] == {"b": []}


@pytest.mark.parametrize(
    ("pointer", "line"),
    [("", 1), ("/a", 1), ("/b/c", 3), ("/b/d/1", 6), ("/b/d/1/e~1f", 7), ("/b/none", 2), ("/b/d/9", 4), ("/a/x", 1)],
)
def test_a_pointer_has_the_line_of_its_key_or_of_the_nearest_above(pointer: str, line: int) -> None:
    assert line_of("a: 1\nb:\n  c: {x: [1]}\n  d:\n    - 1\n    - g: 2\n      e/f: 3\n", pointer) == line


@given(st.dictionaries(TEXT, JSON, max_size=5))
def test_the_lines_of_many_places_are_those_of_each(value: dict[str, Any]) -> None:
    """They are found in one pass, also where one place stands within another."""
    pointers = [join("", name, *inner) for name, inside in value.items() for inner in _ways(inside)]
    for text in (json.dumps(value, indent=1), yaml.safe_dump(value, allow_unicode=True, sort_keys=False)):
        together = lines_of(text, ["", *pointers, "/none"])
        for pointer in ("", *pointers, "/none"):  # none has one where a name is too long for YAML's reader
            assert together.get(pointer) == line_of(text, pointer)
        assert all(1 <= line <= text.count("\n") + 1 for line in together.values())


def _ways(value: Any) -> list[list[str | int]]:
    places: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [[], *([name, *way] for name, inside in places for way in _ways(inside))]


def test_aliases_and_merged_keys_have_the_line_where_they_stand() -> None:
    text = "k: &k key\na: &a {x: 1}\n*k : 2\nb: *a\nc:\n  <<: *a\n  y: 3\n"
    assert lines_of(text, ["/b/x", "/c/x", "/c/y"]) == {"/b/x": 4, "/c/x": 5, "/c/y": 7}


def test_a_text_that_is_no_yaml_has_no_lines() -> None:
    assert line_of("a: [1\nb: 2", "/b") is None
