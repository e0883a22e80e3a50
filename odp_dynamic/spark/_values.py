"""Rows of Spark as JSON values, by writers that are made once of a schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from pyspark.sql import types

from .._plain import NotJSON, convert
from .._pointers import join

Write = Callable[[Any], Any]

_AS_THEY_ARE = (
    types.StringType,
    types.CharType,
    types.VarcharType,
    types.BooleanType,
    types.ByteType,
    types.ShortType,
    types.IntegerType,
    types.LongType,
    types.NullType,
)


def unwritable(kind: types.DataType, place: str = "") -> Iterator[str]:
    """Yield what of a schema JSON cannot write, a sentence each."""
    if isinstance(kind, types.StructType):
        names = kind.fieldNames()
        yield from (
            f"the column {_within(place, name)} is there {names.count(name)} times"
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        )
        for field in kind.fields:
            yield from unwritable(field.dataType, _within(place, field.name))
    elif isinstance(kind, types.ArrayType):
        yield from unwritable(kind.elementType, f"{place}[]")
    elif isinstance(kind, types.MapType):
        if not isinstance(kind.keyType, types.StringType):
            told = kind.keyType.simpleString()
            yield f"the map {place} has keys of the type {told}; JSON's are strings, so cast them"
        yield from unwritable(kind.valueType, f"{place}{{}}")
    elif not isinstance(kind, (*_AS_THEY_ARE, *_WRITERS)):
        yield f"the column {place} is of the type {kind.simpleString()}, which JSON cannot write; cast it, or drop it"


def writer_of(kind: types.DataType, *, nulls: bool) -> Write | None:
    """Return what writes the values of a type, None where they are written as they are.

    Null columns, and nulls inside structs and maps, are left out unless `nulls`. It raises NotJSON for a value that
    has no JSON form.
    """
    if isinstance(kind, types.StructType):
        return _struct(kind, nulls=nulls)
    if isinstance(kind, types.ArrayType):
        return _array(writer_of(kind.elementType, nulls=nulls))
    if isinstance(kind, types.MapType):
        return _map(writer_of(kind.valueType, nulls=nulls), nulls=nulls)
    return next((write for known, write in _WRITERS.items() if isinstance(kind, known)), None)


def _struct(kind: types.StructType, *, nulls: bool) -> Write:
    fields = [(field.name, writer_of(field.dataType, nulls=nulls)) for field in kind.fields]

    def write(row: Sequence[Any]) -> dict[str, Any]:
        written: dict[str, Any] = {}
        for (name, write_one), value in zip(fields, row, strict=True):
            if value is None:
                if nulls:
                    written[name] = None
            elif write_one is None:
                written[name] = value
            else:
                written[name] = _at(name, write_one, value)
        return written

    return write


def _array(write_one: Write | None) -> Write:
    def write(items: Sequence[Any]) -> list[Any]:
        if write_one is None:
            return list(items)
        return [None if item is None else _at(place, write_one, item) for place, item in enumerate(items)]

    return write


def _map(write_one: Write | None, *, nulls: bool) -> Write:
    def write(items: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value if value is None or write_one is None else _at(name, write_one, value)
            for name, value in items.items()
            if nulls or value is not None
        }

    return write


def _at(token: str | int, write: Write, value: Any) -> Any:
    """Write a value inside another; say where it stands when it cannot be."""
    try:
        return write(value)
    except NotJSON as error:
        raise NotJSON(join("", token) + error.pointer, error.reason) from None


def _float(value: float) -> float:
    if not isfinite(value):
        raise NotJSON("", "is NaN or infinite, which JSON cannot write")
    return value


def _decimal(value: Decimal) -> Any:
    number = convert(value)
    if isinstance(number, int) and not -(1 << 63) <= number < 1 << 64:
        raise NotJSON("", "has more digits than can be sent as a number; cast it to a string")
    return number


def _moment(value: datetime) -> Any:
    """Return a moment in UTC; Spark gives it in the zone of the machine, and says so by leaving it out."""
    return convert(value.astimezone(UTC))


_WRITERS: dict[type[types.DataType], Write] = {
    types.FloatType: _float,
    types.DoubleType: _float,
    types.DecimalType: _decimal,
    types.DateType: convert,
    types.TimestampNTZType: convert,
    types.TimestampType: _moment,
}


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
