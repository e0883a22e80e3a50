"""Rows of Spark are written as the JSON that who made them would expect; Spark only parses their types here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

pytest.importorskip("pyspark.sql.datasource", reason="PySpark 4 is not installed: pip install 'odp-dynamic[spark]'")

from pyspark.sql import Row as SparkRow
from pyspark.sql import types

from odp_dynamic._plain import NotJSON
from odp_dynamic.spark._values import unwritable, writer_of

pytestmark = pytest.mark.usefixtures("spark")  # which parses types
Row: Any = SparkRow  # its annotations say that all values are strings
MOMENT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def schema(ddl: str) -> types.StructType:
    parsed = types.StructType.fromDDL(ddl)
    assert isinstance(parsed, types.StructType)
    return parsed


def written(ddl: str, *values: Any, nulls: bool = False) -> Any:
    write = writer_of(schema(ddl), nulls=nulls)
    assert write is not None
    return write(Row(*values))


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "é", "é"),
        ("boolean", True, True),
        ("bigint", 2**62, 2**62),
        ("double", 0.5, 0.5),
        ("decimal(10,2)", Decimal("19.90"), 19.9),
        ("decimal(10,0)", Decimal(7), 7),
        ("date", date(2026, 3, 29), "2026-03-29"),
        ("timestamp_ntz", MOMENT.replace(tzinfo=None), "2026-03-29T01:30:00"),
        ("timestamp", MOMENT.astimezone().replace(tzinfo=None), "2026-03-29T01:30:00Z"),
        ("timestamp", MOMENT + timedelta(microseconds=5), "2026-03-29T01:30:00.000005Z"),
        ("array<date>", [date(2026, 1, 1), None], ["2026-01-01", None]),
        ("map<string,decimal(3,1)>", {"a": Decimal("1.5"), "b": None}, {"a": 1.5}),
        ("struct<a:date,b:string>", Row(date(2026, 1, 1), None), {"a": "2026-01-01"}),
        ("array<struct<a:int>>", [Row(1), Row(None)], [{"a": 1}, {}]),
        ("map<string,struct<a:array<int>>>", {"k": Row([1, 2])}, {"k": {"a": [1, 2]}}),
    ],
    ids=str,
)
def test_a_value_is_written_as(kind: str, value: Any, expected: Any) -> None:
    assert written(f"it {kind}", value) == {"it": expected}


def test_nulls_are_left_out_or_sent() -> None:
    ddl = "a int, b struct<c:int>, m map<string,int>"
    row = (None, Row(None), {"k": None})
    assert written(ddl, *row) == {"b": {}, "m": {}}
    assert written(ddl, *row, nulls=True) == {"a": None, "b": {"c": None}, "m": {"k": None}}


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("double", float("nan"), "/it is NaN or infinite, which JSON cannot write"),
        (
            "array<struct<x:float>>",
            [Row(1.0), Row(float("inf"))],
            "/it/1/x is NaN or infinite, which JSON cannot write",
        ),
        ("map<string,decimal(38,0)>", {"k": Decimal(10) ** 30}, "/it/k has more digits than can be sent as a number"),
        ("decimal(38,20)", Decimal("0.12345678901234567891"), "/it has more digits than a JSON number keeps"),
    ],
    ids=str,
)
def test_a_value_without_a_form_is_told_by_its_place(kind: str, value: Any, sentence: str) -> None:
    with pytest.raises(NotJSON) as caught:
        written(f"it {kind}", value)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("ddl", "sentences"),
    [
        ("a int, b struct<c:array<map<string,date>>>", []),
        ("a binary", ["the column a is of the type binary, which JSON cannot write; cast it, or drop it"]),
        (
            "s struct<l:array<interval day to second>, m:map<int,binary>>",
            [
                "the column s.l[] is of the type interval day to second, which JSON cannot write; cast it, or drop it",
                "the map s.m has keys of the type int; JSON's are strings, so cast them",
                "the column s.m{} is of the type binary, which JSON cannot write; cast it, or drop it",
            ],
        ),
        ("a int, a string", ["the column a is there 2 times"]),
    ],
    ids=str,
)
def test_what_of_a_schema_cannot_be_written_is_told_all_at_once(ddl: str, sentences: list[str]) -> None:
    assert list(unwritable(schema(ddl))) == sentences
