"""Cells into rows: a plan, made once of the header, says where each column goes and what its text is.

A column goes where the mapping says, else where the layout says, else where its own name, a dotted path, says.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from .._schema import Schema
from ..errors import closest
from ._layouts import Layout, Place
from ._mapping import FieldMapping, clash_of, unknown_column
from ._paths import checked_path, join_path, typed_path
from ._rows import InputError
from ._types import ALL, Convert, converter, kinds_at, strict_converter

Blank = Literal["omit", "null"]


class Shape(NamedTuple):
    """Is what a caller says of rows: their schema, where things go, and what becomes of blank cells.

    `blank` is ``"omit"`` or ``"null"``, which is sent where the schema allows it.
    """

    schema: Schema | None = None
    mapping: FieldMapping = FieldMapping()
    layout: Layout | None = None
    blank: Blank = "omit"


class Header(NamedTuple):
    """Is the header of a table: `typed` says that its cells have types of their own, and are no text."""

    names: Sequence[str]
    source: str
    typed: bool = False


class _Field(NamedTuple):
    """Is one column on its way: where from, where to, and what its text was said to be."""

    at: int
    name: str
    place: Place
    types: Sequence[str] | None


class Branch:
    """Makes one object of a row of cells; what is blank is left out, and so is an object of which nothing is left."""

    def __init__(self, blank: str | None) -> None:
        self._blank = blank
        self.leaves: list[tuple[str, int, Convert | None, bool]] = []
        self.branches: dict[str, Branch] = {}
        self.fills: list[tuple[str, Any]] = []

    def made(self, cells: Sequence[Any]) -> dict[str, Any]:
        """Return the object; raise Misfit for a text that is not of the type it was said to have."""
        value = {}
        for key, index, convert, nullable in self.leaves:
            cell = cells[index]
            if cell != self._blank:
                value[key] = cell if convert is None else convert(cell)
            elif nullable:
                value[key] = None
        for key, branch in self.branches.items():
            inner = branch.made(cells)
            if inner:
                value[key] = inner
        for key, fill in self.fills:
            if key not in value:
                value[key] = copy.deepcopy(fill) if isinstance(fill, dict | list) else fill
        return value

    def add(self, path: Sequence[str], index: int, convert: Convert | None, *, nullable: bool) -> None:
        """Let a column go to a path."""
        self._at(path).leaves.append((path[-1], index, convert, nullable))

    def fill(self, path: Sequence[str], value: Any) -> None:
        """Let a value stand at a path where a row has none."""
        self._at(path).fills.append((path[-1], value))

    def _at(self, path: Sequence[str]) -> Branch:
        branch = self
        for name in path[:-1]:
            branch = branch.branches.setdefault(name, Branch(self._blank))
        return branch


class Plan(NamedTuple):
    """Is how rows are made of a table's cells; `array`, `items` and `group` only where a layout makes arrays.

    `group` has the cells in which the rows of one array are equal.
    """

    row: Branch
    array: tuple[str, ...] | None = None
    items: Branch | None = None
    group: tuple[int, ...] = ()


def plan_of(header: Header, shape: Shape) -> Plan:
    """Return the plan for a table; raise InputError, with all that is wrong with its header."""
    names = [(name, None) if header.typed else typed_path(name) for name in header.names]
    _check_names([name for name, _ in names], header.source)
    fields = [*_moved(names, header, shape), *_staying(names, header, shape)]
    _check_places(fields, header, shape)
    blank = None if header.typed else ""
    row, items = Branch(blank), Branch(blank)
    for field in fields:
        path, array = field.place
        kinds = kinds_at(shape.schema, path) if array is None else ALL
        convert = strict_converter(field.types, field.name) if field.types else converter(kinds)
        nullable = shape.blank == "null" and array is None and "null" in kinds
        branch = row if array is None else items
        branch.add(path, field.at, None if header.typed else convert, nullable=nullable)
    for path, value in (*shape.mapping.constants, *(shape.layout.fill if shape.layout else ())):
        row.fill(path, value)
    array = next((field.place.array for field in fields if field.place.array is not None), None)
    if shape.layout is None or array is None:
        return Plan(row)
    group = {_required(column, shape.layout) for column in shape.layout.group}
    return Plan(row, array, items, tuple(field.at for field in fields if field.place in group))


def _check_names(names: Sequence[str], source: str) -> None:
    faults = [f"column {index} has no name" for index, name in enumerate(names, 1) if not name.strip()]
    twice = sorted({name for name in names if name.strip() and names.count(name) > 1})
    faults += [
        f"column {index} has spaces around its name"
        for index, name in enumerate(names, 1)
        if name.strip() not in {"", name}
    ]
    faults += [f"columns {_places(name, names)} have the same name" for name in twice]
    if faults:
        raise InputError(f"the header cannot be used: {'; '.join(faults)}", source, 1)


def _places(name: str, names: Sequence[str]) -> str:
    return " and ".join(str(index) for index, other in enumerate(names, 1) if other == name)


def _moved(names: Sequence[tuple[str, str | None]], header: Header, shape: Shape) -> Iterator[_Field]:
    index_of = {name: index for index, (name, _) in enumerate(names)}
    index_of |= {name: index for index, name in enumerate(header.names)}
    for column in sorted(shape.mapping.columns):
        if column not in index_of:
            raise unknown_column(column, index_of, header.source)
    for target, column, kind in shape.mapping.moves:
        index = index_of[column]
        types = [kind] if kind else _types(*names[index], shape)
        yield _Field(index, column, Place(target), types)


def _types(name: str, kind: str | None, shape: Shape) -> Sequence[str] | None:
    return [kind] if kind else shape.layout.types_of(name) if shape.layout else None


def _staying(names: Sequence[tuple[str, str | None]], header: Header, shape: Shape) -> Iterator[_Field]:
    mapped = shape.mapping.columns
    for index, (name, kind) in enumerate(names):
        if name in mapped or header.names[index] in mapped:
            continue
        place = shape.layout.place(name) if shape.layout else Place(checked_path(name, header.source))
        if place is None:
            raise _homeless(name, header.source, shape)
        yield _Field(index, name, place, _types(name, kind, shape))


def _homeless(name: str, source: str, shape: Shape) -> InputError:
    near = closest(name, shape.layout.columns if shape.layout else ())
    hint = f"did you mean {near!r}? else " if near else ""
    return InputError(f"the layout has no place for column {name!r}; {hint}say where it goes, or drop it", source, 1)


def _required(column: str, layout: Layout) -> Place:
    return layout.place(column) or Place((column,))  # a layout without that place was refused when it was read


def _check_places(fields: Sequence[_Field], header: Header, shape: Shape) -> None:
    """Refuse two columns for one place, and a file that lacks what its layout needs."""
    constants = [Place(path) for path, _ in shape.mapping.constants]
    by_array: dict[Any, list[Any]] = {}
    for place in (*(field.place for field in fields), *constants):
        by_array.setdefault(place.array, []).append(place.path)
    clashes = [clash_of(sorted(paths)) for paths in by_array.values()]
    arrays = [place for place in by_array if place is not None]
    clashes += [clash_of(sorted([*by_array.get(None, ()), array])) for array in arrays]
    found = next((path for path in clashes if path is not None), None)
    if found is not None:
        at = join_path(found)
        message = f"two columns or constants go to {at!r}, or one to it and one into it; drop or map one of them"
        raise InputError(message, header.source, 1)
    there = {*(field.place for field in fields), *constants}
    missing = [column for column in _needed(shape.layout) if _required(column, shape.layout) not in there]  # type: ignore[arg-type]  # it needs something
    if missing:
        near = closest(missing[0], header.names)
        hint = f"; is it {near!r}? map it" if near else ""
        raise InputError(f"the layout needs {_listed(missing)}{hint}", header.source, 1)


def _needed(layout: Layout | None) -> Iterable[str]:
    return dict.fromkeys((*layout.required, *layout.group)) if layout else ()


def _listed(columns: Sequence[str]) -> str:
    return f"the column{'s'[: len(columns) != 1]} {', '.join(map(repr, columns))}"
