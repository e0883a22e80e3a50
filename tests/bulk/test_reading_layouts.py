"""Layouts: the vendor's files, and any whose columns are not the service's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from odp_dynamic import Api
from odp_dynamic.bulk._layouts import layout_of, layouts
from odp_dynamic.bulk._mapping import field_mapping
from odp_dynamic.bulk._rows import MAX_ROW, InputError, Row, Unreadable
from tests.bulk.reading import read, read_on

CASES = yaml.safe_load(Path(__file__).with_name("cases").joinpath("layouts.yaml").read_text(encoding="utf-8"))
SCHEMAS = Api().schemas
LIVE = Api(overlays=["odp-live-v3"]).schemas


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "-"))
def test_the_vendors_files_become_what_the_service_takes(case: dict[str, Any]) -> None:
    schemas = LIVE if case.get("live") else SCHEMAS
    schema = schemas[case["schema"]] if "schema" in case else None
    mapping = field_mapping(case.get("map", ()))
    found, ends = read_on(case["table"].encode(), "csv", layout=case["layout"], mapping=mapping, schema=schema)
    assert [outcome[0] for outcome in found] == case["rows"]
    assert ends == case.get("ends", "")
    assert [outcome.number for outcome in found] == list(range(len(found)))
    assert [outcome.line for outcome in found] == case.get("lines", list(range(2, 2 + len(found))))
    if schema is not None:
        assert [schema.problems(outcome[0]) for outcome in found] == [()] * len(found)


def test_each_layout_of_the_package_has_a_case() -> None:
    assert {case["layout"] for case in CASES} == set(layouts())


def test_rows_of_a_group_are_skipped_as_they_are_counted() -> None:
    [table] = [case["table"].encode() for case in CASES if case["name"] == "orders that are not whole"]
    found = read(table, "csv", layout="zaius_orders")
    for skip in range(len(found) + 2):
        assert read(table, "csv", skip, layout="zaius_orders") == found[skip:]


def test_the_raw_bytes_of_a_group_are_all_its_rows() -> None:
    table = b"action,order_id,ts,item_sku\npurchase,o-1,1,s-1\npurchase,o-1,1,s-2\n"
    [row] = read(table, "csv", layout="zaius_orders")
    assert isinstance(row, Row)
    assert json.loads(row.raw) == [["purchase", "o-1", "1", "s-1"], ["purchase", "o-1", "1", "s-2"]]


def test_an_order_in_a_file_that_is_cut_off_is_not_given() -> None:
    """Its other items may be in what is missing."""
    import gzip

    rows = "".join(f"purchase,o-{number // 2},1,s-{number}\n" for number in range(9))
    packed = gzip.compress(b"action,order_id,ts,item_sku\n" + rows.encode())
    found, ends = read_on(packed[:-1], "csv", layout="zaius_orders")
    assert "ends too early" in ends
    assert len(found) == 4


def test_a_group_has_a_bound() -> None:
    row = b"purchase,o-1,1," + b"x" * 2**20 + b"\n"
    table = b"action,order_id,ts,item_sku\n" + row * 12 + b"purchase,o-2,1,s\n"
    [long, short] = read(table, "csv", layout="zaius_orders")
    assert isinstance(long, Unreadable)
    assert long.why == f"has more than {MAX_ROW >> 20} MiB of items"
    assert isinstance(short, Row)


def own(folder: Path, **told: Any) -> str:
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    return str(path)


def test_a_layout_of_ones_own_is_a_file(tmp_path: Path) -> None:
    columns = {"x_*_y": "it.*.z", "*": "rest.*", "id": "key"}
    layout = own(tmp_path, columns=columns, fill={"kind": [1]}, types={"n": ["integer", "string"]})
    rows = read(b"id,x_a.b_y,n,x_y\n1,2,3,\n1,2,x,4\n", "csv", layout=layout)
    assert [row[0] for row in rows] == [
        {"key": "1", "it": {"a.b": {"z": "2"}}, "rest": {"n": 3}, "kind": [1]},
        {"key": "1", "it": {"a.b": {"z": "2"}}, "rest": {"n": "x", "x_y": "4"}, "kind": [1]},
    ]
    kinds: list[Any] = [row[0] for row in rows]
    assert kinds[0]["kind"] is not kinds[1]["kind"]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"columns": {"a": "b"}, "fil": {}}, "/fil: is no property of this object; did you mean 'fill'?"),
        ({"columns": {}}, "must have at least 1"),
        ({"columns": {"a*b*": "c"}}, "/columns"),
        ({"columns": {"a": "x[].a", "b": "y[].b"}, "group": ["a"]}, "columns go to several arrays"),
        ({"columns": {"a": "x[].a"}}, "an array ([]) and 'group' go together"),
        ({"columns": {"a": "a"}, "group": ["a"]}, "an array ([]) and 'group' go together"),
        ({"columns": {"a": "a"}, "required": ["b"]}, "'columns' has no place for 'b'"),
        ({"columns": {"a": "a"}, "types": {"a": "text"}}, "/types/a"),
        ({"columns": {"a": "a..b"}}, "is no path: a name is empty"),
    ],
)
def test_a_layout_of_another_form_is_refused_with_its_file(tmp_path: Path, told: Any, message: str) -> None:
    path = own(tmp_path, **told)
    with pytest.raises(InputError) as caught:
        layout_of(path)
    assert str(caught.value).startswith(path)
    assert message in str(caught.value)


def test_a_layout_that_is_not_there_is_told_with_the_closest() -> None:
    with pytest.raises(InputError, match=r"there is no layout 'zaius_order'; did you mean 'zaius_orders'\?"):
        layout_of("zaius_order")
    with pytest.raises(InputError, match=r"there are live_customers, .*, or give the path of a YAML file"):
        layout_of("xyz")
    with pytest.raises(InputError, match=r"xyz\.yaml: a layout cannot be read: No such file or directory"):
        layout_of("xyz.yaml")


def test_a_column_without_a_place_is_told_with_the_closest(tmp_path: Path) -> None:
    layout = own(tmp_path, columns={"email": "email"})
    with pytest.raises(InputError) as caught:
        read(b"emial\nx\n", "csv", layout=layout)
    told = "<stdin>:1: the layout has no place for column 'emial'; did you mean 'email'? else "
    assert str(caught.value) == f"{told}say where it goes, or drop it"


def test_layouts_are_for_tables() -> None:
    with pytest.raises(InputError, match="layouts are for tables"):
        read(b"{}\n", "jsonl", layout="zaius_events")
