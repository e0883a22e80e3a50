"""Overlays: what the specification's text says, for any document; and what is no overlay is refused."""

from __future__ import annotations

import copy
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic.errors import SpecError
from odp_dynamic.overlay import Applied, apply_overlay

SECONDS = 20 if sys.gettrace() is None else 60  # measuring coverage takes its time
FOLDER = Path(__file__).parent / "cases" / "overlays"
HEAD = {"overlay": "1.1.0", "info": {"title": "t", "version": "v"}}


def cases(*names: str) -> list[dict[str, Any]]:
    texts = ((FOLDER / f"{name}.yaml").read_text(encoding="utf-8") for name in names)
    return [case for text in texts for case in yaml.safe_load(text)]


def applied(document: Any, actions: Any, version: str = "1.1.0") -> Applied:
    return apply_overlay(document, {**HEAD, "overlay": version, "actions": actions})


@pytest.mark.parametrize("case", cases("update", "remove_and_copy", "examples"), ids=lambda case: case["name"])
def test_each_sentence_of_the_specification(case: dict[str, Any]) -> None:
    """The document is as expected, neither side was changed, and what was done is told; or the action is refused."""
    before = copy.deepcopy(case)
    words = (case["document"], case["actions"], case.get("version", "1.1.0"))
    if "error" in case:
        with pytest.raises(SpecError, match=case["error"]) as caught:
            applied(*words)
        assert caught.value.source == "<overlay>"
    else:
        done = applied(*words)
        assert json.dumps(done.document) == json.dumps(case["expected"])  # 1 is not True, and the order counts
        assert done.idle == tuple(case.get("idle", ()))
        assert "touched" not in case or [str(touch) for touch in done.touched] == case["touched"]
    assert case == before


@pytest.mark.parametrize("case", cases("none"), ids=lambda case: case["name"])
def test_what_is_no_overlay_is_refused_with_its_line_and_all_that_is_wrong(case: dict[str, Any]) -> None:
    text = case["text"].replace("{head}", "overlay: 1.1.0\ninfo: {title: t, version: v}")
    with pytest.raises(SpecError, match=case["error"]) as caught:
        apply_overlay({}, io.StringIO(text))
    assert caught.value.source == "<file>"


def test_strict_refuses_an_action_that_selects_nothing() -> None:
    overlay = {**HEAD, "actions": [{"target": "$.a", "update": 2}, {"target": "$.b", "remove": True}]}
    assert apply_overlay({"a": 1}, overlay).idle == ("action 2 ($.b) selects nothing",)
    with pytest.raises(SpecError, match=r"<overlay>, at /actions: action 2 \(\$\.b\) selects nothing"):
        apply_overlay({"a": 1}, overlay, strict=True)
    assert apply_overlay({"a": 1, "b": 2}, overlay, strict=True).document == {"a": 2}


def test_both_may_be_files(tmp_path: Path) -> None:
    (tmp_path / "d.yaml").write_text("a: {200: ok}\n")
    (tmp_path / "o.json").write_text(json.dumps({**HEAD, "actions": [{"target": "$.a['200']", "update": "fine"}]}))
    assert apply_overlay(tmp_path / "d.yaml", tmp_path / "o.json").document == {"a": {"200": "fine"}}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)
objects = st.dictionaries(st.text("abc", min_size=1, max_size=2), json_values, max_size=3)


@given(objects)
def test_an_update_of_an_empty_document_makes_the_update(value: dict[str, Any]) -> None:
    assert applied({}, [{"target": "$", "update": value}]).document == value


@given(objects, objects)
def test_an_update_that_is_no_error_keeps_every_name_of_both(before: dict[str, Any], value: dict[str, Any]) -> None:
    try:
        after = applied(before, [{"target": "$", "update": value}]).document
    except SpecError:
        return
    assert list(after) == [*before, *(name for name in value if name not in before)]
    assert all(after[name] == value[name] for name in value.keys() - before.keys())
    assert all(after[name] == before[name] for name in before.keys() - value.keys())


@given(objects)
def test_what_is_removed_is_not_there_and_all_else_is_as_it_was(document: dict[str, Any]) -> None:
    for name in document:
        after = applied(document, [{"target": f"$['{name}']", "remove": True}]).document
        assert after == {other: value for other, value in document.items() if other != name}


def chain(depth: int, width: int = 1) -> Any:
    node: Any = {}
    for _ in range(depth):
        node = {"a": node, **{str(n): {} for n in range(width - 1)}}
    return node


def cyclic() -> Any:
    node: dict[str, Any] = {}
    node["a"] = node
    return node


LARGE: Any = {
    "paths": {f"/{n}": {"get": {"responses": {str(c): {"a": {"b": {}}} for c in range(20)}}} for n in range(1000)}
}
HOSTILE: dict[str, tuple[Callable[[], Any], list[Any], str]] = {
    "a path that explodes": (lambda: LARGE, ["$..*..*..*..*..*"], "visits more than"),
    "one that explodes in a filter": (lambda: chain(60), ["$..*[?@..*..*..*..*[?@.nothing]]"], "visits more than"),
    "one that explodes and finds nothing": (lambda: LARGE, ["$..*..*..*..*..*.nothing"], "visits more than"),
    "one that doubles at each step": (lambda: chain(40), ["$" + "['a','a']" * 40], "visits more than"),
    "many that are much together": (lambda: LARGE, ["$..nothing"] * 9_000, "visits more than"),
    "one that is very long": (dict, ["$" + "[?@" * 5_000], "is no JSONPath|too deep"),
    "very many actions": (lambda: {"a": {}}, ["$.a"] * 100_000, "/actions must have at most 10000 items"),
    "a document that holds itself": (cyclic, ["$.a"], "holds itself"),
    "a deep document": (lambda: chain(300), ["$..a"], "more than 250 levels deep"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_refused_in_bounded_time(name: str) -> None:
    make, targets, words = HOSTILE[name]
    document = make()
    begun = time.monotonic()
    with pytest.raises(SpecError, match=words):
        applied(document, [{"target": target, "update": {}} for target in targets])
    assert time.monotonic() - begun < SECONDS


GROWING = {
    "copies that double": ({"a": {"b": {}}}, [{"target": "$.a.b", "copy": "$"}] * 200, "levels deep"),
    "lists that double": ({"a": [1]}, [{"target": "$.a", "copy": "$.a"}] * 40, "writes more than"),
    "a large update of many places": (
        {str(n): {} for n in range(3_000)},
        [{"target": "$.*", "update": {"x": [0] * 1_000}}],
        "writes more than",
    ),
    "a document that comes to be deep": (
        chain(200),
        [{"target": "$" + ".a" * 199, "update": chain(200)}],
        "250 levels",
    ),
}


@pytest.mark.parametrize("name", GROWING)
def test_an_overlay_that_makes_much_of_little_is_refused_in_bounded_time(name: str) -> None:
    document, actions, words = GROWING[name]
    begun = time.monotonic()
    with pytest.raises(SpecError, match=words):
        applied(document, actions)
    assert time.monotonic() - begun < SECONDS


def test_an_overlay_that_holds_itself_is_refused() -> None:
    with pytest.raises(SpecError, match="holds itself"):
        applied({}, [{"target": "$", "update": cyclic()}])


def test_deep_documents_that_may_be_read_may_be_searched() -> None:
    assert len(applied(chain(240), [{"target": "$..a", "update": {"x": 1}}]).touched) == 240


def test_thousands_of_actions_are_a_matter_of_seconds() -> None:
    document: dict[str, Any] = {str(n): {} for n in range(1000)}
    begun = time.monotonic()
    done = applied(document, [{"target": f"$['{n % 1000}']", "update": {f"x{n}": 1}} for n in range(10_000)])
    assert (len(done.touched), time.monotonic() - begun < SECONDS) == (10_000, True)
