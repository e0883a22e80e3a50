"""Layouts: files of flat columns whose rows are not the service's, told in YAML.

A layout says how the columns of a table become a row::

    description: Orders, one row of the table per line item
    columns:                               # the place of each column; names first, then patterns in this order
      action: action
      ts: data.ts
      email: identifiers.email
      "item_*": "data.order.items[].*"     # the * is what the pattern's * stands for
      "*": "data.order.*"                  # all others
    fill: {type: order}                    # where a row has nothing there
    types: {total: number, ts: [integer, string]}  # what texts are; else the schema says it
    required: [action, order_id, ts]       # columns, or something mapped to their places
    group: [action, order_id, ts]          # rows that are equal in these and have items are one row

``[]`` makes an array with one item per row of the table; the rows of one `group` must stand together in the file.
Those that come with the package are named without a path: ``spec/layouts/NAME.yaml`` in a checkout.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._document import bundled
from ..errors import closest
from ._mapping import yaml_of
from ._paths import Path, checked_path
from ._rows import InputError

_SUFFIX = ".yaml"
_ITEM = "[]"


class Place(NamedTuple):
    """Is where a column goes: `path` in the row, or in an item of the array at `array`."""

    path: Path
    array: Path | None = None


class Layout(NamedTuple):
    """Is how a table's columns become rows; the docstring of this module says what each part is."""

    name: str
    columns: Mapping[str, str]
    fill: tuple[tuple[Path, Any], ...] = ()
    types: Mapping[str, Sequence[str]] = {}
    required: tuple[str, ...] = ()
    group: tuple[str, ...] = ()

    def place(self, column: str) -> Place | None:
        """Return where a column goes; None where the layout has no place for it."""
        if column in self.columns:
            return _place(self.columns[column], "", self.name)
        for pattern, place in self.columns.items():
            matched = _matched(pattern, column)
            if matched is not None:
                return _place(place, matched, self.name)
        return None

    def types_of(self, column: str) -> Sequence[str] | None:
        """Return what the text of a column is, None where the layout does not say."""
        return self.types.get(column)


def layouts() -> list[str]:
    """Return the names of the layouts that come with the package."""
    folder = bundled("layouts")
    return sorted(file.removesuffix(_SUFFIX) for file in os.listdir(folder) if file.endswith(_SUFFIX))  # noqa: PTH208  # names only


def layout_of(name: str) -> Layout:
    """Return the layout of a name, or of a YAML file; raise InputError where there is none, or it has another form."""
    is_path = os.sep in name or name.endswith((_SUFFIX, ".yml"))
    known = [] if is_path else layouts()
    if not is_path and name not in known:
        near = closest(name, known)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(known)}, or give the path of a YAML file"
        raise InputError(f"there is no layout {name!r}; {hint}")
    path = name if is_path else str(bundled(f"layouts/{name}{_SUFFIX}"))
    told = yaml_of(path, "Layout", "a layout")
    types = told.get("types") or {}
    layout = Layout(
        name,
        told["columns"],
        tuple((checked_path(place, path), value) for place, value in (told.get("fill") or {}).items()),
        {column: [kinds] if isinstance(kinds, str) else kinds for column, kinds in types.items()},
        tuple(told.get("required") or ()),
        tuple(told.get("group") or ()),
    )
    _check(layout, path)
    return layout


def _check(layout: Layout, path: str) -> None:
    arrays = {place.array for place in (_place(text, "x", path) for text in layout.columns.values())} - {None}
    if len(arrays) > 1:
        raise InputError("columns go to several arrays; a row of the table can be an item of one only", path)
    if bool(arrays) != bool(layout.group):
        raise InputError(f"an array ({_ITEM}) and 'group' go together: which rows are items of the same?", path)
    homeless = [column for column in (*layout.required, *layout.group) if layout.place(column) is None]
    if homeless:
        raise InputError(f"'columns' has no place for {homeless[0]!r}", path)


def _matched(pattern: str, column: str) -> str | None:
    start, star, end = pattern.partition("*")
    fits = star and len(column) > len(start) + len(end) and column.startswith(start) and column.endswith(end)
    return column[len(start) : len(column) - len(end)] if fits else None


def _place(text: str, matched: str, source: str) -> Place:
    """Return the place that a text tells; what the star stands for is one name, whatever it holds."""
    array, item, path = text.rpartition(f"{_ITEM}.")
    names = tuple(name.replace("*", matched) for name in checked_path(path, source))
    return Place(names, checked_path(array, source)) if item else Place(names)
