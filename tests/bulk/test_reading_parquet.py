"""Parquet: tables whose cells have types of their own."""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic.bulk._reading import read_rows
from odp_dynamic.bulk._rows import InputError, Unreadable
from tests.bulk.reading import parquet, read, read_on, values

UTC = dt.UTC
ROWS = [{"a": number, "b": {"c": f"t-{number}"}} for number in range(25)]


def table(**settings: Any) -> bytes:
    columns = {"a": [row["a"] for row in ROWS], "b.c": [f"t-{number}" for number in range(25)]}
    return parquet(columns, **settings)


def test_columns_go_where_their_names_say() -> None:
    found = read(table(), "parquet")
    assert [outcome[0] for outcome in found] == ROWS
    assert [(outcome.number, outcome.line) for outcome in found] == [(number, number + 1) for number in range(25)]
    assert found[3][4] == b'[3,"t-3"]'


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (True, True),
        (0, 0),
        ("", ""),
        (1.5, 1.5),
        (decimal.Decimal("12.50"), 12.5),
        (decimal.Decimal(10**25), 10**25),
        (dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        ({"x": [1, None], "y": {"z": None}}, {"x": [1, None], "y": {"z": None}}),
        ([], []),
    ],
    ids=str,
)
def test_values_become_those_of_json(value: Any, told: Any) -> None:
    [row] = values(parquet({"a": [value]}), "parquet")
    assert row == {"a": told}
    assert json.loads(json.dumps(row)) == row


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (float("nan"), "column 'a' is NaN, which JSON cannot write"),
        (float("inf"), "column 'a' is infinite, which JSON cannot write"),
        (b"x", "column 'a' is of the type bytes, which JSON cannot write"),
        ({"b": [1.0, float("nan")]}, "column 'a', at /b/1, is NaN, which JSON cannot write"),
    ],
    ids=str,
)
def test_a_value_that_json_has_not_makes_its_row_unreadable(value: Any, why: str) -> None:
    [bad, good] = read(parquet({"a": [value, None], "b": ["x", "y"]}), "parquet")
    assert isinstance(bad, Unreadable)
    assert (bad.why, bad.line) == (why, 1)
    assert "'b': 'x'" in bad.text
    assert good[0] == {"b": "y"}


def test_null_is_left_out_unless_it_is_asked_for() -> None:
    content = parquet({"a": [None], "b": [1]})
    assert values(content, "parquet") == [{"b": 1}]
    assert values(content, "parquet", blank="null") == [{"a": None, "b": 1}]


@pytest.mark.parametrize("skip", [0, 1, 9, 10, 11, 20, 24, 25, 30])
def test_skipping_is_reading_without_the_first(skip: int) -> None:
    content = table(row_group_size=10)
    assert read(content, "parquet", skip) == read(content, "parquet")[skip:]


def test_layouts_take_parquet_and_skip_by_their_rows() -> None:
    orders = [number // 3 for number in range(12)]
    columns = {"action": ["purchase"] * 12, "order_id": [f"o-{order}" for order in orders], "ts": orders}
    content = parquet({**columns, "item_price": [1.5] * 12}, row_group_size=4)
    found = read(content, "parquet", layout="zaius_orders")
    assert [len(outcome[0]["data"]["order"]["items"]) for outcome in found if not isinstance(outcome, Unreadable)] == [
        3
    ] * 4
    assert read(content, "parquet", 2, layout="zaius_orders") == found[2:]


def test_it_is_read_from_a_pipe_and_compressed_too(tmp_path: Path) -> None:
    assert values(gzip.compress(table())) == ROWS
    reading, writing = os.pipe()
    with ThreadPoolExecutor(1) as pool, os.fdopen(writing, "wb") as end:
        rows = pool.submit(lambda: [row[0] for row in read_rows(["-"], open_stdin=lambda: os.fdopen(reading, "rb"))])
        end.write(table())
        end.close()
        assert rows.result() == ROWS
    (tmp_path / "a.parquet").write_bytes(table())
    assert [row[0] for row in read_rows([str(tmp_path / "a.parquet")])] == ROWS


@pytest.mark.parametrize("cut", [0, 3, 100, -1])
def test_a_file_that_is_cut_off_is_told(cut: int) -> None:
    _, ends = read_on(table()[:cut], "parquet")
    assert ends.startswith("<stdin>: is no Parquet file, or a broken one (")
    assert ends.endswith("write or fetch it again")


def test_the_same_column_twice_is_refused() -> None:
    import pyarrow as pa
    from pyarrow import parquet as files

    file = io.BytesIO()
    files.write_table(pa.table([[1], [2]], names=["a", "a"]), file)
    with pytest.raises(InputError, match="columns 1 and 2 have the same name"):
        read(file.getvalue(), "parquet")
