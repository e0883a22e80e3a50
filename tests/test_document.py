"""A document is read from anywhere, and turned into a value that does not change."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import pickle
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic._document import Document, load, normalise, read
from odp_dynamic._pointers import from_fragment
from odp_dynamic.errors import SpecError
from tests.documents import document, references, schema, with_schemas, write

HERE = Path(__file__).parent
UPGRADES = yaml.safe_load((HERE / "cases" / "upgrades.yaml").read_text(encoding="utf-8"))
VENDOR = sorted((HERE.parent.parent / "shared" / "specs" / "vendor").glob("*.json"))


def test_a_path_a_file_and_a_mapping_give_the_same(tmp_path: Path) -> None:
    content = with_schemas(A={"type": "string"})
    path = write(tmp_path, main=content)
    with path.open("rb") as binary, path.open(encoding="utf-8") as text:
        loaded = [load(str(path)), load(path), load(content), load(binary), load(text)]
    assert [one.root for one in loaded] == [content] * 5
    assert [one.source for one in loaded] == [str(path), str(path), "<dict>", str(path), str(path)]


def test_a_file_without_a_name_has_one_for_messages() -> None:
    assert load(io.BytesIO(b"openapi: 3.1.0\npaths: {}\n")).source == "<file>"
    with pytest.raises(SpecError, match=r"^<file>"):
        load(io.StringIO("a: ["))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("dump", [yaml.safe_dump, json.dumps])
def test_a_byte_order_mark_is_understood(encoding: str, dump: Any) -> None:
    content = with_schemas(Ä={"title": "é😀"})
    assert load(io.BytesIO(dump(content).encode(encoding))).root == content


def test_a_url_is_fetched_by_what_the_caller_gives() -> None:
    loaded = load("https://user:pw@example.com/a.yaml?token=x", fetch=lambda _: b"openapi: 3.1.0\npaths: {}\n")
    assert loaded.source == "https://example.com/a.yaml"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: \xff")
    with (tmp_path / "a.yaml").open(encoding="utf-8") as file, pytest.raises(SpecError, match="open it as bytes"):
        load(file)
    with (tmp_path / "b.yaml").open("wb") as file, pytest.raises(SpecError, match="cannot be read"):
        load(file)


def test_a_huge_document_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.yaml").open("wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(SpecError, match="more than 64 MiB"):
        load(tmp_path / "a.yaml")


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(SpecError, match="<URL>"):
        load("http://[x")


def test_a_url_without_a_network_is_refused() -> None:
    with pytest.raises(SpecError, match="without a network; download it"):
        load("https://example.com/a.yaml")


def test_a_url_that_cannot_be_fetched_is_named() -> None:
    def fetch(_: str) -> bytes:
        raise TimeoutError

    with pytest.raises(SpecError, match=r"^https://example\.com/a: cannot be fetched: TimeoutError"):
        load("https://example.com/a", fetch=fetch)


@pytest.mark.parametrize("source", ["none.yaml", "\0", "a" * 9000, "openapi: 3.1.0\npaths: {}\n", ".", b"x", 12, None])
def test_what_cannot_be_read_is_refused(source: Any) -> None:
    with pytest.raises(SpecError):
        load(source)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text() | st.integers(), inner),
    )
)
def test_the_callers_mapping_is_never_changed(data: Any) -> None:
    given_document = with_schemas("3.0.3", A={"type": "string", "nullable": True, "enum": ("a",), "x-data": data})
    before = copy.deepcopy(given_document)
    with contextlib.suppress(SpecError):  # two keys may be one as strings
        load(given_document)
    assert given_document == before


def test_a_mapping_is_copied_as_json_would_have_it() -> None:
    class Word(StrEnum):
        ONE = "one"

    given_data = {2: (1, 2), True: Word.ONE, None: date(2024, 1, 2), Word.ONE: Decimal("1.5")}
    copied = load(document(**{"x-data": given_data})).root["x-data"]
    assert repr(copied) == repr({"2": [1, 2], "true": "one", "null": "2024-01-02", "one": 1.5})


def test_what_has_no_form_in_json_is_refused_with_its_place() -> None:
    with pytest.raises(SpecError, match="a set has no form") as caught:
        load(document(**{"x-data": [{"a": {1}}]}))
    assert caught.value.pointer == "/x-data/0/a"


def test_two_keys_may_not_be_one_as_strings() -> None:
    with pytest.raises(SpecError, match="two keys are '1' as strings") as caught:
        load(document(**{"x-data": {1: 1, "1": 2}}))
    assert caught.value.pointer == "/x-data/1"


def test_a_deep_mapping_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(300):
        deep = {"x-a": deep}
    with pytest.raises(SpecError, match="levels deep"):
        load(document(**deep))


def test_a_mapping_that_holds_itself_is_refused() -> None:
    circle = document()
    circle["x-data"] = [circle, circle]
    with pytest.raises(SpecError, match="holds itself"):
        load(circle)


def test_a_document_does_not_change() -> None:
    loaded = load(document())
    with pytest.raises(AttributeError, match="does not change"):
        loaded.root = {}
    with pytest.raises(AttributeError, match="does not change"):
        del loaded.source
    assert loaded == loaded  # noqa: PLR0124  # the identity is the point
    assert loaded != load(document())
    assert repr(loaded) == "<Document <dict>>"
    assert len({loaded, loaded}) == 1


def test_a_document_pickles_with_its_content(tmp_path: Path) -> None:
    path = write(tmp_path, main=document("3.0.3"))
    loaded = load(path)
    path.unlink()
    again = pickle.loads(pickle.dumps(loaded))  # noqa: S301  # our own
    assert (again.root, again.source, again.version) == (loaded.root, str(path), "3.0.3")


def test_resolve_follows_references_to_what_is_none() -> None:
    loaded = load(with_schemas(A={"$ref": "#/components/schemas/B"}, B={"$ref": "#/components/schemas/C"}, C={}))
    assert loaded.resolve("/components/schemas/A") == ({}, "/components/schemas/C")
    assert loaded.resolve("/components/schemas/C") == ({}, "/components/schemas/C")
    assert loaded.resolve("/info/title") == ("t", "/info/title")


def test_resolve_refuses_a_circle_that_came_about_later() -> None:
    circle = Document({"a": {"$ref": "#/a"}}, "x", "3.1.0")
    with pytest.raises(SpecError, match="circle"):
        circle.resolve("/a")


def test_a_pointer_to_nothing_is_refused() -> None:
    with pytest.raises(SpecError, match="nothing stands there") as caught:
        load(document()).at("/paths/none")
    assert (caught.value.pointer, caught.value.source) == ("/paths/none", "<dict>")


def test_an_overlay_may_stand_between_the_two_steps() -> None:
    raw, origin = read(document())
    raw["components"] = {"schemas": {"A": {}}}
    assert schema(normalise(raw, origin), "A") == {}


@pytest.mark.parametrize("case", UPGRADES, ids=lambda case: case["name"])
def test_schemas_of_30_become_those_of_31(case: dict[str, Any]) -> None:
    loaded = load(with_schemas("3.0.3", A=case["before"], Other={}))
    assert schema(loaded, "A") == case["after"]
    assert (loaded.version, loaded.root["openapi"]) == ("3.0.3", "3.1.0")


@pytest.mark.parametrize("case", UPGRADES, ids=lambda case: case["name"])
def test_upgrading_twice_changes_nothing_more(case: dict[str, Any]) -> None:
    once = load(with_schemas("3.0.3", A=case["before"], Other={})).root
    assert load({**once, "openapi": "3.0.3"}).root == once


def test_a_document_of_31_keeps_nullable_which_has_no_meaning_there() -> None:
    assert schema(load(with_schemas(A={"type": "string", "nullable": True})), "A") == {
        "type": "string",
        "nullable": True,
    }


def test_schemas_are_upgraded_wherever_they_stand() -> None:
    old, new = {"type": "string", "nullable": True}, {"type": ["string", "null"]}

    def everywhere(one: Any) -> dict[str, Any]:
        content = {"a/b": {"schema": one, "encoding": {"x": {"headers": {"H": {"schema": one}}}}}}
        parameter = {"name": "p", "in": "query", "schema": one}
        response = {"200": {"description": "d", "content": content, "headers": {"H": {"schema": one}}}}
        plain = {"requestBody": {"content": content}, "parameters": [parameter], "responses": response}
        item = {"parameters": [parameter], "post": {**plain, "callbacks": {"c": {"{$url}": {"post": plain}}}}}
        return {
            "paths": {"/a": item},
            "components": {"parameters": {"P": parameter}, "responses": {"R": response["200"]}},
        }

    loaded = load({**document("3.0.3"), **copy.deepcopy(everywhere(old))})
    assert {key: loaded.root[key] for key in ("paths", "components")} == everywhere(new)


@pytest.mark.parametrize("version", ["3.0.0", "3.0.4", "3.1.0", "3.1.1", "3.2.0", "3.1.0-rc1"])
def test_versions_that_are_understood(version: str) -> None:
    assert load(document(version)).version == version


def test_a_document_of_31_needs_no_paths() -> None:
    assert load({"openapi": "3.1.0", "webhooks": {"a": {"post": {}}}}).root["webhooks"] == {
        "a": {"post": {"responses": {}}}
    }


@pytest.mark.parametrize("path", VENDOR, ids=lambda path: path.stem)
def test_the_vendors_documents_load(path: Path) -> None:
    loaded = load(path)
    for reference in references(loaded.root):
        loaded.at(from_fragment(reference))
