"""Mappings: what goes where, told by the user, for every form of input.

A mapping is told in directives, on the command line or in a file::

    identifiers.email=E-Mail       the column, or the member at a path, goes there
    data.order.total:number=Total  the same, and its text is a number
    type:="order"                 there stands this JSON in every row
    -internal_note                 this one is left out

or in YAML, whose form `FORM` shows. Columns that no mapping names stay where they are.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, pairwise
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import orjson

from .._document import load
from .._document._yaml import build
from .._schema import Schema
from ..errors import SpecError, closest
from ._paths import Path, checked_path, join_path, split_path, typed_path
from ._rows import MAX_ROW, InputError, Outcome, Row, Unreadable, text_of

FORM = """\
columns:                     # place in the row: column
  identifiers.email: E-Mail
  data.order.total:number: Total
constants:                   # place in the row: value
  type: order
drop: [internal_note]
"""
_WINDOW = 1000  # rows of a file without a header in which each mapped member must have been seen


class Move(NamedTuple):
    """Is one column and where it goes; `kind` is the type that its text was said to have."""

    target: Path
    column: str
    kind: str | None = None


class FieldMapping(NamedTuple):
    """Is what a user says of places: moves, constants and columns to leave out."""

    moves: tuple[Move, ...] = ()
    constants: tuple[tuple[Path, Any], ...] = ()
    drops: tuple[str, ...] = ()

    @property
    def columns(self) -> set[str]:
        """Return the columns that do not stay where they are."""
        return {*self.drops, *(move.column for move in self.moves)}


def field_mapping(told: Iterable[str]) -> FieldMapping:
    """Return the mapping that directives and YAML files tell together; raise InputError for what is neither."""
    parts = [_directive(words) if "=" in words or words.startswith("-") else _file(words) for words in told]
    mapping = FieldMapping(
        tuple(chain.from_iterable(part.moves for part in parts)),
        tuple(chain.from_iterable(part.constants for part in parts)),
        tuple(chain.from_iterable(part.drops for part in parts)),
    )
    targets = sorted([*(move.target for move in mapping.moves), *(path for path, _ in mapping.constants)])
    clash = clash_of(targets)
    if clash is not None:
        raise InputError(f"two values would go to {join_path(clash)!r}", "the mapping")
    return mapping


def clash_of(paths: Sequence[Path]) -> Path | None:
    """Return a path that another of the sorted `paths` equals or leads through, None where they all go together."""
    return next((path for path, following in pairwise(paths) if following[: len(path)] == path), None)


def unknown_column(column: str, known: Iterable[str], source: str, more: str = "") -> InputError:
    """Return the error for a mapped column that is not there, with the closest that is."""
    near = closest(column, known)
    hint = f"; did you mean {near!r}?" if near else ""
    return InputError(f"there is no column {column!r}, which the mapping names{more}{hint}", source)


def _directive(words: str) -> FieldMapping:
    target, equals, column = words.partition("=")
    if not equals:
        return FieldMapping(drops=(words[1:],))
    if target.endswith(":"):
        return FieldMapping(constants=((checked_path(target[:-1], "the mapping"), _constant(words, column)),))
    return FieldMapping(moves=(_move(target, column),))


def _move(target: str, column: str) -> Move:
    name, kind = typed_path(target)
    return Move(checked_path(name, "the mapping"), column, kind)


def _constant(words: str, text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        message = f"what follows ':=' in {words!r} is not JSON; text stands in quotes, or say '=' for a column"
        raise InputError(message, "the mapping") from None


def _file(path: str) -> FieldMapping:
    told = yaml_of(path, "Mapping", "a mapping")
    columns, constants, drops = (told.get(key) or () for key in ("columns", "constants", "drop"))
    return FieldMapping(
        tuple(_move(target, columns[target]) for target in columns),
        tuple((checked_path(target, path), constants[target]) for target in constants),
        tuple(drops),
    )


def yaml_of(path: str, form: str, noun: str) -> Any:
    """Return the value of a YAML file that has one of the forms of ``forms.yaml``; raise InputError otherwise."""
    try:
        told = build(FilePath(path).read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise InputError(f"{noun} cannot be read: {reason}; check the path", path) from None
    except SpecError as error:
        raise InputError(error.message, path, error.line) from None
    problems = _form(form).problems(told, noun)
    if problems:
        raise InputError("; ".join(map(str, problems)), path)
    return told


@cache
def _form(name: str) -> Schema:
    return Schema(load(FilePath(__file__).with_name("forms.yaml")), f"/components/schemas/{name}")


def mapped(outcomes: Iterator[Outcome], mapping: FieldMapping, source: str, *, whole: bool) -> Iterator[Outcome]:
    """Yield rows of nested values with their members moved, dropped and filled.

    A member that a row lacks is left out. One that no row has, of the first `_WINDOW`, is a mistake: InputError names
    it before any of them is given; `whole` says that the file is read from its beginning, for else it may have been.
    """
    steps = _Steps(
        [(move.target, split_path(move.column)) for move in mapping.moves],
        [split_path(column) for column in mapping.columns],
        mapping.constants,
    )
    unseen = {split_path(column) for column in mapping.columns} if whole else set()
    held: list[Outcome] = []
    size = 0
    for outcome in outcomes:
        held.append(outcome)
        if unseen and isinstance(outcome, Row):
            unseen -= {path for path in unseen if _found(outcome.value, path)}
            size += len(outcome.raw)
        if unseen and size:
            if len(held) < _WINDOW and size < MAX_ROW:
                continue
            break
        yield from (_mapped(each, steps) for each in held)
        held.clear()
    if held:
        known = {join_path(path) for each in held if isinstance(each, Row) for path in _members(each.value)}
        raise unknown_column(join_path(min(unseen)), known, source, f", in the first {len(held)} rows")


class _Steps(NamedTuple):
    """Is a mapping made ready for many rows: what goes where, what is taken out, what is put in."""

    moves: Sequence[tuple[Path, Path]]
    taken: Sequence[Path]
    constants: Sequence[tuple[Path, Any]]


def _mapped(outcome: Outcome, steps: _Steps) -> Outcome:
    if isinstance(outcome, Unreadable):
        return outcome
    value = outcome.value
    if not isinstance(value, dict):
        return _refused(outcome, "is no object, so that the mapping has nothing to move")
    moved = [(target, member) for target, path in steps.moves for member in _found(value, path)]
    for path in steps.taken:
        _remove(value, path)
    for path, member in (*moved, *steps.constants):
        if not _put(value, path, copy.deepcopy(member)):
            return _refused(outcome, f"has another value at {join_path(path)!r}, where the mapping puts one")
    return outcome


def _refused(row: Row, why: str) -> Unreadable:
    return Unreadable(why, row.source, row.number, row.line, text_of(row.raw))


def _found(value: Any, path: Path) -> list[Any]:
    """Return the member at a path, alone in a list; an empty one where there is none."""
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return []
        value = value[name]
    return [value]


def _remove(value: Any, path: Path) -> None:
    """Take the member at a path out, and each object on the way that is empty then."""
    ways = [holder for end in range(len(path)) for holder in _found(value, path[:end])]
    if len(ways) == len(path) and _found(value, path):
        for holder, name in zip(reversed(ways), reversed(path), strict=True):
            del holder[name]
            if holder:
                return


def _put(value: dict[str, Any], path: Path, member: Any) -> bool:
    """Put a member at a path, and objects on the way to it; return whether the place was free."""
    for name in path[:-1]:
        value = value.setdefault(name, {})
        if not isinstance(value, dict):
            return False
    if path[-1] in value:
        return False
    value[path[-1]] = member
    return True


def _members(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of each member of an object, and of the objects in it."""
    for name, member in value.items() if isinstance(value, dict) else ():
        yield (*path, name)
        yield from _members(member, (*path, name))
