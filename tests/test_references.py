"""References are followed wherever they may lead, and nowhere else; afterwards everything is one tree."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

import pytest

from odp_dynamic._document import load
from odp_dynamic._pointers import from_fragment, join, to_fragment
from odp_dynamic._schema import Schema
from odp_dynamic.errors import SpecError
from tests.documents import document, references, schema, with_schemas, write


def test_data_that_looks_like_a_reference_is_data() -> None:
    data = {"$ref": "#/nowhere"}
    keys = {"example": data, "examples": [data], "default": data, "enum": [data], "const": data, "x-a": data}
    loaded = load(with_schemas(A=keys))
    assert schema(loaded, "A") == keys
    content = {"a/b": {"example": data, "examples": {"e": {"value": data}}, "x-a": data}}
    body = load(document(components={"requestBodies": {"B": {"content": content}}}))
    assert body.root["components"]["requestBodies"]["B"]["content"] == content


def test_a_property_called_ref_is_no_reference() -> None:
    properties = {"$ref": {"type": "string"}}
    assert schema(load(with_schemas(A={"properties": properties})), "A") == {"properties": properties}


@pytest.mark.parametrize("target", [True, False])
def test_a_reference_may_lead_to_a_schema_that_is_true_or_false(*, target: bool) -> None:
    loaded = load(with_schemas(S=target, A={"$ref": "#/components/schemas/S"}))
    assert loaded.resolve("/components/schemas/A")[0] is target
    assert Schema(loaded, "/components/schemas/A").is_valid({}) is target


@pytest.mark.parametrize("name", ["a b", "a/b", "a~b", "a%b", "a%20b", "é", "{id}", '"', "a?b#c", "~1", "%7E1"])
def test_a_reference_reaches_any_name_and_is_written_one_way(name: str) -> None:
    pointer = join("", "components", "schemas", name)
    loaded = load(with_schemas(**{name: {"type": "string"}, "A": {"$ref": to_fragment(pointer)}}))
    assert loaded.resolve("/components/schemas/A") == ({"type": "string"}, pointer)
    assert schema(loaded, "A")["$ref"] == to_fragment(pointer)


@pytest.mark.parametrize(
    "written", ["#/components/schemas/B", "#/components/schemas/%42", "#/components%2Fschemas%2FB"]
)
def test_percent_encoding_is_decoded(written: str) -> None:
    assert schema(load(with_schemas(A={"$ref": written}, B={})), "A") == {"$ref": "#/components/schemas/B"}


def test_recursive_schemas_are_fine() -> None:
    tree = {"properties": {"left": {"$ref": "#/components/schemas/Tree"}, "top": {"$ref": "#"}}}
    with pytest.raises(SpecError, match="type"):
        load({**with_schemas(Tree=tree), "type": "nonsense"})
    del tree["properties"]["top"]
    assert schema(load(with_schemas(Tree=tree)), "Tree") == tree


def test_a_document_over_several_files_becomes_one_tree(tmp_path: Path) -> None:
    pet = {"type": "object", "properties": {"owner": {"$ref": "../people.yaml#/Person"}, "self": {"$ref": "#"}}}
    person = {
        "Person": {"properties": {"pets": {"items": {"$ref": "schemas/pet.yaml"}}}},
        "Unused": {"$ref": "none.yaml"},
    }
    operation = {
        "responses": {"200": {"description": "d", "content": {"a/b": {"schema": {"$ref": "schemas/pet.yaml"}}}}}
    }
    main = document(paths={"/pets": {"$ref": "paths.yaml#/pets"}})
    path = write(tmp_path, main=main, paths={"pets": {"get": operation}}, people=person, schemas__pet=pet)
    loaded = load(path)
    assert sorted(loaded.root["x-documents"]) == ["paths.yaml", "people.yaml", "schemas/pet.yaml"]
    assert "Unused" not in loaded.root["x-documents"]["people.yaml"]
    item, place = loaded.resolve("/paths/~1pets")
    assert place == "/x-documents/paths.yaml/pets"
    found, place = loaded.resolve(f"{place}/get/responses/200/content/a~1b/schema")
    assert (found["type"], place) == ("object", "/x-documents/schemas~1pet.yaml")
    assert loaded.resolve(f"{place}/properties/owner")[1] == "/x-documents/people.yaml/Person"
    assert loaded.resolve(f"{place}/properties/self")[1] == place
    assert "get" in item
    for reference in references(loaded.root):
        loaded.at(from_fragment(reference))


def test_another_file_may_refer_back(tmp_path: Path) -> None:
    main = with_schemas(A={"$ref": "b.yaml#/x"}, C={"type": "string"})
    loaded = load(write(tmp_path, main=main, b={"x": {"items": {"$ref": "./main.yaml#/components/schemas/C"}}}))
    assert loaded.at("/x-documents/b.yaml/x/items") == {"$ref": "#/components/schemas/C"}


def test_a_whole_document_may_be_referred_to(tmp_path: Path) -> None:
    other = with_schemas(
        "3.0.3", B={"type": "string", "nullable": True, "items": {"$ref": "#/components/schemas/C"}}, C={}
    )
    loaded = load(write(tmp_path, main=with_schemas(A={"$ref": "other.yaml#/components/schemas/B"}), other=other))
    found, _ = loaded.resolve("/components/schemas/A")
    assert found["type"] == ["string", "null"]
    assert loaded.resolve("/x-documents/other.yaml/components/schemas/B/items")[0] == {}


def test_a_fragment_is_of_the_version_of_what_refers_to_it(tmp_path: Path) -> None:
    fragment = {"parameter": {"name": "p", "in": "query", "schema": {"type": "string", "nullable": True}}}
    main = document("3.0.3", components={"parameters": {"P": {"$ref": "f.yaml#/parameter"}}})
    found, _ = load(write(tmp_path, main=main, f=fragment)).resolve("/components/parameters/P")
    assert found["schema"] == {"type": ["string", "null"]}


def test_what_stands_within_another_target_is_there_once(tmp_path: Path) -> None:
    main = with_schemas(A={"$ref": "f.yaml#/x"}, B={"$ref": "f.yaml#/x/items"}, C={"$ref": "f.yaml#/xy"})
    loaded = load(write(tmp_path, main=main, f={"x": {"items": {"title": "t"}}, "xy": {}}))
    assert loaded.root["x-documents"] == {"f.yaml": {"x": {"items": {"title": "t"}}, "xy": {}}}
    assert loaded.resolve("/components/schemas/B")[0] is loaded.at("/x-documents/f.yaml/x/items")


def test_the_key_for_other_documents_must_be_free(tmp_path: Path) -> None:
    main = {**with_schemas(A={"$ref": "f.yaml"}), "x-documents": {}}
    with pytest.raises(SpecError, match="taken; rename it") as caught:
        load(write(tmp_path, main=main, f={}))
    assert caught.value.pointer == "/x-documents"


def test_a_fault_in_another_file_has_its_place_there(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="not YAML") as caught:
        load(write(tmp_path, main=with_schemas(A={"$ref": "f.yaml"}), f="a: 1\nb: ]\n"))
    assert (Path(caught.value.source).name, caught.value.line) == ("f.yaml", 2)


def test_an_id_taken_in_another_file_names_both_places(tmp_path: Path) -> None:
    operation = {"operationId": "x", "responses": {}}
    main = document(paths={"/a": {"get": operation}, "/b": {"$ref": "f.yaml#/b"}})
    with pytest.raises(SpecError, match=r"main\.yaml at /paths/~1a/get") as caught:
        load(write(tmp_path, main=main, f={"b": {"get": operation}}))
    assert (Path(caught.value.source).name, caught.value.pointer) == ("f.yaml", "/b/get/operationId")


def test_an_entry_of_a_list_in_another_file(tmp_path: Path) -> None:
    main = with_schemas(A={"$ref": "f.yaml#/all/1"})
    assert load(write(tmp_path, main=main, f={"all": [{}, {"title": "x"}]})).resolve("/components/schemas/A")[0] == {
        "title": "x"
    }


def test_the_kind_of_what_stands_elsewhere_is_checked(tmp_path: Path) -> None:
    main = document(components={"parameters": {"P": {"$ref": "f.yaml#/p"}}})
    with pytest.raises(SpecError, match="needs 'in'") as caught:
        load(write(tmp_path, main=main, f="a: 1\np:\n  name: x\n"))
    assert (Path(caught.value.source).name, caught.value.pointer, caught.value.line) == ("f.yaml", "/p", 2)


def test_a_reference_beside_other_keywords_keeps_them_in_31() -> None:
    loaded = load(
        with_schemas(A={"$ref": "#/components/schemas/B", "items": {"$ref": "#/components/schemas/%42"}}, B={})
    )
    assert schema(loaded, "A")["items"] == {"$ref": "#/components/schemas/B"}


def test_names_of_schemas_become_pointers() -> None:
    loaded = load(
        with_schemas(
            A={"$id": "https://example.com/schemas/a", "$defs": {"x": {"$anchor": "x"}}, "items": {"$ref": "#x"}},
            B={"$ref": "https://example.com/schemas/a"},
            C={
                "$id": "https://example.com/schemas/c",
                "items": {"$ref": "a#/$defs/x"},
                "contains": {"$ref": "#/items"},
            },
            D={"$dynamicAnchor": "d", "items": {"$dynamicRef": "#d"}},
            E={"$id": "https://example.com/e", "items": {"$ref": "#/components/schemas/D"}},
            F={"$ref": "#/components/schemas/D", "$dynamicRef": "#d"},
        )
    )
    at = "#/components/schemas"
    assert schema(loaded, "A") == {"$defs": {"x": {}}, "items": {"$ref": f"{at}/A/$defs/x"}}
    assert schema(loaded, "B") == {"$ref": f"{at}/A"}
    assert schema(loaded, "C") == {"items": {"$ref": f"{at}/A/$defs/x"}, "contains": {"$ref": f"{at}/C/items"}}
    assert schema(loaded, "D") == {"items": {"$ref": f"{at}/D"}}
    assert schema(loaded, "E") == {"items": {"$ref": f"{at}/D"}}
    assert schema(loaded, "F") == {"$ref": f"{at}/D", "allOf": [{"$ref": f"{at}/D"}]}


def test_an_anchor_in_another_file(tmp_path: Path) -> None:
    main = with_schemas(A={"$ref": "f.yaml#here"})
    found, _ = load(write(tmp_path, main=main, f={"$defs": {"x": {"$anchor": "here", "title": "t"}}})).resolve(
        "/components/schemas/A"
    )
    assert found == {"title": "t"}


def test_a_reference_may_not_leave_the_folder(tmp_path: Path) -> None:
    write(tmp_path, secret={"a": 1}, inner__main=with_schemas(A={"$ref": "../secret.yaml"}))
    for reference in (
        "../secret.yaml",
        "%2e%2e/secret.yaml",
        "x/../../secret.yaml",
        str(tmp_path / "secret.yaml"),
        "//etc/passwd",
    ):
        write(tmp_path, inner__main=with_schemas(A={"$ref": reference}))
        with pytest.raises(SpecError, match=r"out of the document's folder|no file") as caught:
            load(tmp_path / "inner" / "main.yaml")
        assert (caught.value.pointer, caught.value.line) == ("/components/schemas/A/$ref", 4)


def test_a_link_may_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, secret={"a": 1}, inner__main=with_schemas(A={"$ref": "link.yaml"}))
    (tmp_path / "inner" / "link.yaml").symlink_to("../secret.yaml")
    with pytest.raises(SpecError, match="out of the document's folder; move"):
        load(tmp_path / "inner" / "main.yaml")


def test_a_link_within_the_folder_is_fine_and_read_once(tmp_path: Path) -> None:
    main = with_schemas(A={"$ref": "link.yaml"}, B={"$ref": "real.yaml"})
    path = write(tmp_path, main=main, real={"title": "x"})
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    assert len(load(path).root["x-documents"]) == 1


@pytest.mark.parametrize(
    "reference", ["folder", "none.yaml", "a%00b", "loop.yaml", "ftp://x/y", "file:///etc/passwd", "http://[x"]
)
def test_a_reference_to_what_is_no_readable_file_is_refused(tmp_path: Path, reference: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    with pytest.raises(SpecError) as caught:
        load(write(tmp_path, main=with_schemas(A={"$ref": reference})))
    assert caught.value.pointer == "/components/schemas/A/$ref"


def test_a_mapping_has_no_folder_to_refer_to() -> None:
    with pytest.raises(SpecError, match="load it from a path or a URL"):
        load(with_schemas(A={"$ref": "other.yaml"}))


def test_another_host_must_be_allowed(tmp_path: Path) -> None:
    path = write(tmp_path, main=with_schemas(A={"$ref": "https://example.com/a.yaml#/x"}))
    with pytest.raises(SpecError, match=r"set ODP_ALLOW_REF_HOSTS=example\.com"):
        load(path, fetch=lambda _: b"x: {title: t}")
    loaded = load(path, fetch=lambda _: b"x: {title: t}", allow_hosts={"example.com"})
    assert loaded.resolve("/components/schemas/A")[0] == {"title": "t"}


@pytest.mark.parametrize(
    "url", ["https://example.com@evil.com/a", "https://evil.com/example.com", "http://example.com.evil.com/"]
)
def test_a_host_cannot_pass_for_another(tmp_path: Path, url: str) -> None:
    with pytest.raises(SpecError, match="another host"):
        load(write(tmp_path, main=with_schemas(A={"$ref": url})), fetch=lambda _: b"{}", allow_hosts={"example.com"})


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Serve the folder `tmp_path`."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def fetch_it(url: str) -> bytes:
    with urlopen(url, timeout=5) as answer:  # noqa: S310  # our own loopback server
        content: bytes = answer.read()
    return content


def test_a_document_from_a_url_may_refer_below_its_folder(tmp_path: Path, server: str) -> None:
    write(
        tmp_path, api__main=with_schemas(A={"$ref": "s/a.yaml"}), api__s__a={"items": {"$ref": "../b.yaml"}}, api__b={}
    )
    loaded = load(f"{server}/api/main.yaml", fetch=fetch_it)
    assert sorted(loaded.root["x-documents"]) == ["b.yaml", "s/a.yaml"]


@pytest.mark.parametrize(
    "reference", ["../b.yaml", "/b.yaml", "%2e%2e/b.yaml", "x/%252e%252e/%252e%252e/b.yaml", "file:///etc/passwd"]
)
def test_a_document_from_a_url_may_not_refer_elsewhere(tmp_path: Path, server: str, reference: str) -> None:
    write(tmp_path, api__main=with_schemas(A={"$ref": reference}), b={})
    with pytest.raises(SpecError, match=r"out of the document's folder|local file"):
        load(f"{server}/api/main.yaml", fetch=fetch_it)
