"""A document that cannot be used is refused: with its place, with what to do, and within a second."""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic._document import Origin, faults, load, read
from odp_dynamic.errors import SpecError
from tests.documents import document, schema, with_schemas

SECOND = 1 if sys.gettrace() is None else 5  # measuring coverage takes its time
REFUSALS = yaml.safe_load((Path(__file__).parent / "cases" / "refusals.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case["name"])
def test_a_document_that_cannot_be_used_is_refused_with_place_and_remedy(case: dict[str, Any]) -> None:
    started = time.monotonic()
    with pytest.raises(SpecError, match=case["error"]) as caught:
        load(io.StringIO(case["text"]))
    assert time.monotonic() - started < SECOND
    assert caught.value.source == "<file>"
    assert (caught.value.pointer, caught.value.line) == (case.get("pointer", ""), case.get("line", 1))


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case["name"])
def test_the_first_fault_is_among_all_of_them(case: dict[str, Any]) -> None:
    """In the same words, at the same place and on the same line, for one code looks for both."""
    with contextlib.suppress(SpecError):  # of what is no document there is nothing more to say
        raw, origin = read(io.StringIO(case["text"]))
        with pytest.raises(SpecError) as caught:
            load(io.StringIO(case["text"]))
        found = faults(raw, origin)
        assert caught.value.args in [fault.args for fault in found]
        assert len({fault.args for fault in found}) == len(found)


def test_all_faults_are_told_at_once() -> None:
    """Of every kind: types, what is missing, references, ids, requirements; not those of one fault's making."""
    operation = {"operationId": "a", "responses": {}}
    raw = document(
        paths={"/a": {"get": operation, "put": {**operation}, "post": []}, "b": {}},
        security=[{"none": []}],
        components={"schemas": {"A": {"type": "x", "items": 1}, "B": {"$ref": "#/nowhere"}, "C": {"$ref": 1}}},
    )
    assert sorted(fault.pointer for fault in faults(raw, Origin("x"))) == [
        "/components/schemas/A/items",
        "/components/schemas/A/type",
        "/components/schemas/B/$ref",
        "/components/schemas/C/$ref",
        "/paths/b",
        "/paths/~1a/post",
        "/paths/~1a/put/operationId",
        "/security/0/none",
    ]


def test_a_good_document_has_no_fault() -> None:
    assert faults(with_schemas(A={"items": {"$ref": "#/components/schemas/A"}}), Origin("x")) == []


def bomb(levels: int, width: int) -> str:
    lines = ["x0: &x0 [lol]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


def links(length: int) -> list[tuple[str, Any]]:
    chained = [(f"A{n}", {"$ref": f"#/components/schemas/A{n + 1}"}) for n in range(length)]
    return [*chained, (f"A{length}", {})]


def shared(levels: int) -> dict[str, Any]:
    node: Any = []
    for _ in range(levels):
        node = [node] * 10
    return document(**{"x-data": node})


HOSTILE: dict[str, Callable[[], Any]] = {
    "alias bomb": lambda: io.StringIO(bomb(30, 10)),
    "wide alias bomb": lambda: io.StringIO("a: &a [" + "x, " * 100_000 + "]\nb: [" + "*a, " * 100_000 + "]"),
    "merge bomb": lambda: io.StringIO(bomb(30, 10).replace("[lol]", "{lol: 1}")),
    "deep lists": lambda: io.StringIO("[" * 1_000_000),
    "deep lists in YAML": lambda: io.StringIO("a: " + "[" * 1_000_000),
    "deep mappings": lambda: io.StringIO('{"a":' * 1_000_000),
    "closed deep lists": lambda: io.StringIO("[" * 100_000 + "]" * 100_000),
    "deep block": lambda: io.StringIO("\n".join(" " * n + "a:" for n in range(2000))),
    "moderately deep JSON": lambda: io.StringIO('{"x-a":' + "[" * 600 + "]" * 600 + "}"),
    "deep aliases": lambda: io.StringIO(
        "\n".join(["x0: &x0 [a]", *(f"x{n}: &x{n} [*x{n - 1}]" for n in range(1, 600))])
    ),
    "chain of references": lambda: with_schemas(**dict(links(100_000))),
    "chain of references backwards": lambda: with_schemas(**dict(reversed(links(20_000)))),
    "shared nodes": lambda: shared(30),
    "long number": lambda: io.StringIO("a: " + "1" * 1_000_000),
    "long number in JSON": lambda: io.StringIO('{"a": ' + "1" * 1_000_000 + "}"),
    "not UTF-8": lambda: io.BytesIO(b"openapi: \xff"),
    "cut UTF-16": lambda: io.BytesIO("openapi".encode("utf-16")[:-1]),
    "binary": lambda: io.BytesIO(bytes(range(256)) * 1000),
    "half a surrogate pair": lambda: io.StringIO(
        '{"openapi": "3.1.0", "components": {"schemas": {"A": {"$ref": "#/\\ud800"}}}}'
    ),
    "half a surrogate pair in a name": lambda: with_schemas(
        A={"$ref": "#/components/schemas/\ud800"}, **{"\ud800": {}}
    ),
    "half a surrogate pair in YAML": lambda: io.StringIO("a: \ud800"),
    "long reference": lambda: with_schemas(A={"$ref": "#/" + "a" * 1_000_000}),
    "long index": lambda: with_schemas(A={"$ref": "#/tags/" + "1" * 10_000}) | {"tags": []},
    "reference into many": lambda: with_schemas(
        A={"$ref": "#/components/schemas/B"}, **{f"C{n}": {} for n in range(100_000)}
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_refused_within_a_second(name: str) -> None:
    source = HOSTILE[name]()
    started = time.monotonic()
    with pytest.raises(SpecError) as caught:
        load(source)
    assert time.monotonic() - started < SECOND
    assert len(str(caught.value)) < 1000


def test_references_may_be_many() -> None:
    many = {f"A{n}": {"items": {"$ref": f"#/components/schemas/A{(n * 7) % 10_000}"}} for n in range(10_000)}
    assert len(schema(load(with_schemas(**many)), "A1")) == 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_stands_in_a_document_is_loaded_or_refused(value: Any) -> None:
    names = ("paths", "components", "info", "servers", "security", "tags", "webhooks")
    for content in (
        *({**document(), name: value} for name in names),
        document(paths={"/a": value}),
        with_schemas(A=value),
    ):
        with contextlib.suppress(SpecError):
            load(content)
