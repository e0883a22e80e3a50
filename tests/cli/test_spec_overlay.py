"""`odp spec overlay`: a document as overlays make it, or which action touched which place; and --overlay everywhere."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic._document import load, read
from odp_dynamic._layers import bundled_document
from odp_dynamic.cli.spec._writing import yaml_of
from tests.apis import one
from tests.documents import write

from .conftest import Odp

HEAD = {"overlay": "1.1.0", "info": {"title": "t", "version": "v"}}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def overlay(*actions: Any) -> dict[str, Any]:
        return {**HEAD, "actions": list(actions)}

    write(
        tmp_path,
        main=one(),
        first=overlay(
            {"target": "$.paths.*.*", "update": {"summary": "1"}}, {"target": "$.info.title", "remove": True}
        ),
        second=overlay({"target": "$..[?@.summary]", "update": {"summary": "2"}}),
        lost=overlay({"target": "$.paths", "update": {}}, {"target": "$.nope", "remove": True}),
        bad=overlay({"target": "nope", "remove": True}),
    )
    monkeypatch.chdir(tmp_path)


def test_it_prints_the_document_that_a_client_would_have(odp: Odp) -> None:
    """Of ODP's own, the one that is the default: YAML even in a pipe, JSON when that is asked for."""
    for words, parse in (
        (("spec", "overlay", "odp-limits"), io.StringIO),
        (("spec", "overlay", "odp-limits", "--json"), json.loads),
    ):
        ran = odp(*words)
        assert (ran.exit_code, ran.stderr) == (0, "")
        assert load(parse(ran.stdout)).root == bundled_document().root


def test_overlays_go_upon_the_document_that_is_named_in_order(odp: Odp) -> None:
    ran = odp("spec", "overlay", "first.yaml", "second.yaml", "--spec", "main.yaml")
    document = yaml.safe_load(ran.stdout)
    assert (document["paths"]["/things"]["post"]["summary"], document["info"]) == ("2", {"version": "1"})
    assert odp("--overlay", "first.yaml", "spec", "overlay", "second.yaml", "--spec", "main.yaml").stdout == ran.stdout
    assert odp("spec", "overlay", "first.yaml", "second.yaml", ODP_SPEC="main.yaml").stdout == ran.stdout


def test_it_tells_which_action_touched_which_place(odp: Odp) -> None:
    words = ("spec", "overlay", "first.yaml", "second.yaml", "--explain", "--spec", "main.yaml")
    assert odp(*words, "--text").stdout.splitlines() == [
        "first.yaml, action 1: $.paths.*.*",
        "  update  /paths/~1things/post",
        "first.yaml, action 2: $.info.title",
        "  remove  /info/title",
        "second.yaml, action 1: $..[?@.summary]",
        "  update  /paths/~1things/post",
    ]
    told = json.loads(odp(*words).stdout)
    assert told[1] == {
        "overlay": "first.yaml",
        "action": 2,
        "target": "$.info.title",
        "verb": "remove",
        "pointer": "/info/title",
    }


def test_what_is_not_found_is_a_warning_or_with_strict_an_error(odp: Odp) -> None:
    words = ("spec", "overlay", "lost.yaml", "--spec", "main.yaml")
    ran = odp(*words)
    assert (ran.exit_code, ran.stderr) == (0, "Warning: lost.yaml: action 2 ($.nope) selects nothing\n")
    ran = odp(*words, "--strict")
    assert (ran.exit_code, ran.stderr) == (1, "Error: lost.yaml: action 2 ($.nope) selects nothing\n")


def test_a_file_gets_it(odp: Odp) -> None:
    ran = odp("spec", "overlay", "first.yaml", "-o", "out.yaml", "--spec", "main.yaml")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert load("out.yaml").root["paths"]["/things"]["post"]["summary"] == "1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("bad.yaml",),
            "bad.yaml, line 3, at /actions/0/target: this is no overlay of version 1.0 or 1.1: /actions/0/target is no",
        ),
        (("main.yaml",), "this is no overlay of version 1.0 or 1.1"),
        (("nope.yaml",), "nope.yaml: cannot be read"),
        (("odp-limit",), "no overlay is called 'odp-limit'; did you mean 'odp-limits'?"),
        (("first.yaml", "--spec", "main.yaml"), "give one --spec"),
        ((), "Missing argument 'OVERLAY...'"),
    ],
)
def test_a_mistake_ends_with_a_sentence(odp: Odp, words: tuple[str, ...], said: str) -> None:
    ran = odp("spec", "overlay", *words, "--spec", "main.yaml")
    assert (ran.exit_code, said in ran.stderr) == (2, True), ran.stderr


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]))
        | st.from_regex(r"[-+.0-9eExo_:~]{1,6}|NO|on|y|null|<<|=|0o17|1e3|\.inf|2024-01-01", fullmatch=True),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("ab1.<", min_size=1), inner),
        max_leaves=8,
    )
)
def test_the_yaml_means_what_the_document_meant(value: Any) -> None:
    assert read(io.StringIO(yaml_of({"x": value})))[0] == {"x": value}


class TestTheOption:
    """--overlay stands with every command, before or after its name."""

    @pytest.mark.parametrize("before", [True, False])
    def test_where_it_stands(self, odp: Odp, before: bool) -> None:  # noqa: FBT001  # a parameter
        option, command = ("--overlay", "first.yaml", "--spec", "main.yaml"), ("operations", "--json")
        ran = odp(*((*option, *command) if before else (*command, *option)))
        assert [row["summary"] for row in json.loads(ran.stdout)] == ["1"]

    def test_several_are_laid_in_order_and_win_over_the_variable(self, odp: Odp) -> None:
        words = ("--spec", "main.yaml", "--overlay", "first.yaml", "--overlay", "second.yaml", "operations", "--json")
        assert json.loads(odp(*words, ODP_OVERLAYS="bad.yaml").stdout)[0]["summary"] == "2"
        assert odp("operations", ODP_OVERLAYS="bad.yaml").exit_code == 2

    def test_none_leaves_out_the_packages_own(self, odp: Odp) -> None:
        for words, wanted in (((), True), (("--overlay", "none"), False)):
            assert ("at most 500 items" in odp("describe", "sendEvents", "--text", *words).stdout) is wanted

    def test_what_is_not_found_is_told_once(self, odp: Odp) -> None:
        ran = odp("operations", "--spec", "main.yaml", "--overlay", "lost.yaml")
        assert (ran.exit_code, ran.stderr) == (0, "Warning: lost.yaml: action 2 ($.nope) selects nothing\n")

    def test_a_sandbox_serves_the_document_with_them(self, odp: Odp) -> None:
        write(
            Path(),
            moved={
                **HEAD,
                "actions": [
                    {"target": "$.paths", "update": {"/moved": {}}},
                    {"target": "$.paths['/moved']", "copy": "$.paths['/segments']"},
                    {"target": "$.paths['/segments']", "remove": True},
                ],
            },
        )
        ran = odp("call", "listSegments", "--sandbox", "--overlay", "moved.yaml")
        assert ran.exit_code == 0, ran.stderr
