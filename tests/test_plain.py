"""`plain` gives the JSON value that is sent, or the place that has none; it never repeats a value."""

from __future__ import annotations

import json
from collections import OrderedDict, UserDict, UserString, deque
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic._plain import MAX_DEPTH, NotJSON, convert, plain
from odp_dynamic._wire._content import json_bytes

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner))
FOREIGN = (
    st.datetimes(timezones=st.just(UTC) | st.none()) | st.dates() | st.times() | st.uuids() | st.integers().map(Decimal)
)
PYTHON = st.recursive(
    SCALARS | FOREIGN,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(TEXT, inner).map(MappingProxyType),
)


class Colour(Enum):
    RED = "red"
    PRICE = Decimal("1.5")
    BOTH = ("red", Decimal(2))


class Brand(Enum):
    FERRARI = Colour.RED


class Name(str, Enum):  # noqa: UP042  # what it was before StrEnum, and still is in most models
    ADA = "ada"


class Level(IntEnum):
    HIGH = 3


class Point(NamedTuple):
    x: int
    y: int


@given(JSON)
def test_json_is_itself_and_a_copy(value: Any) -> None:
    copy = plain(value)
    assert copy == value
    assert json.dumps(copy) == json.dumps(value)
    if isinstance(value, (list, dict)):
        assert copy is not value


@given(PYTHON)
def test_what_is_checked_is_what_is_sent(value: Any) -> None:
    assert json.loads(json_bytes(value)) == json.loads(json.dumps(plain(value)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "2024-01-02T03:04:05Z"),
        (datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=2))), "2024-01-02T03:04:05.000006+02:00"),
        (datetime(2024, 1, 2, 3, 4, 5), "2024-01-02T03:04:05"),  # noqa: DTZ001  # a schema's format may refuse it
        (date(2024, 1, 2), "2024-01-02"),
        (time(3, 4, 5, tzinfo=UTC), "03:04:05Z"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("5.00"), 5),
        (Decimal("-0"), 0),
        (Decimal("1E+20"), 10**20),
        (Decimal("19.90"), 19.9),
        (Colour.RED, "red"),
        (Colour.PRICE, 1.5),
        (Colour.BOTH, ["red", 2]),
        (Name.ADA, "ada"),
        (Brand.FERRARI, "red"),
        (Level.HIGH, 3),
        (Point(1, 2), [1, 2]),
        (range(3), [0, 1, 2]),
        (deque([1, (2,)]), [1, [2]]),
        (UserDict(a=(1,)), {"a": [1]}),
        (OrderedDict(a=1), {"a": 1}),
        (MappingProxyType({"a": MappingProxyType({})}), {"a": {}}),
    ],
    ids=repr,
)
def test_python_values_become_the_obvious_json(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)
    assert json.loads(json_bytes([value])) == [expected]


@pytest.mark.parametrize(
    ("value", "pointer", "reason"),
    [
        ({"a": [1, float("nan")]}, "/a/1", "NaN"),
        ([float("-inf")], "/0", "infinite"),
        ([Decimal("NaN")], "/0", "NaN"),
        ([Decimal("sNaN")], "/0", "NaN"),
        ([Decimal("-Infinity")], "/0", "infinite"),
        ({"price": Decimal("0.1234567890123456789")}, "/price", "more digits"),
        ({"price": Decimal("1E+99999999")}, "/price", "more digits"),
        ({"price": Decimal("1E-400")}, "/price", "more digits"),
        ([10**5000], "/0", "digits"),
        ({"a/b": {"c~": b"secret"}}, "/a~1b/c~0", "bytes"),
        ([bytearray(b"secret")], "/0", "bytearray"),
        ([memoryview(b"secret")], "/0", "memoryview"),
        ([{"secret"}], "/0", "set"),
        ([iter(["secret"])], "/0", "list_iterator"),
        ([object()], "/0", "object"),
        ({"a": {1: "secret"}}, "/a", "key of the type int"),
        (UserDict({None: "secret"}), "", "key of the type NoneType"),
        (["secret\ud800"], "/0", "surrogate"),
        ({"a": {"secret\ud800": 1}}, "/a", "surrogate"),
        (UserString("secret"), "/0" * MAX_DEPTH, "deeper"),
        (b"secret", "", "bytes"),
    ],
    ids=[str(n) for n in range(21)],
)
def test_what_has_no_json_form_is_refused_with_its_place_and_never_repeated(
    value: Any, pointer: str, reason: str
) -> None:
    with pytest.raises(NotJSON, match=reason) as caught:
        plain(value)
    assert caught.value.pointer == pointer
    assert reason in caught.value.reason
    assert "secret" not in str(caught.value)


def test_the_first_refusal_in_reading_order_is_told() -> None:
    with pytest.raises(NotJSON) as caught:
        plain({"a": [1, {"b": {1}}], "c": {2}})
    assert caught.value.pointer == "/a/1/b"


def test_a_value_that_contains_itself_is_told_where() -> None:
    loop: dict[str, Any] = {"a": [1]}
    loop["a"].append({"again": loop["a"]})
    with pytest.raises(NotJSON, match="contains itself") as caught:
        plain(loop)
    assert caught.value.pointer == "/a/1/again"


def test_a_value_may_occur_twice() -> None:
    twice = [1]
    assert plain([twice, twice]) == [[1], [1]]


def test_deep_values_end_in_a_sentence_and_never_in_the_recursion_limit() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(NotJSON, match="deeper than"):
        plain(deep)
    flat: Any = 1
    for _ in range(MAX_DEPTH):
        flat = [flat]
    assert plain(flat) == flat


def test_convert_goes_one_level_deep() -> None:
    inner = (1,)
    assert convert(deque([inner])) == [inner]
