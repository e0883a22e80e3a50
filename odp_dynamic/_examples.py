"""An example of a schema: a value that validates, and that a person can read.

Every candidate is judged by `jsonschema` before it is given away, at each level; so the builders below may guess, and
the promise holds all the same: what `example` returns validates, or it raises ValueError.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, islice, product, zip_longest
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

from . import _pointers
from ._example_strings import NAMES, plausible_strings, strings_matching
from ._patterns import bounded, has_patterns, matches

Direction = Literal["request", "response"]

_HIDDEN_IN: Mapping[str, str] = {"request": "readOnly", "response": "writeOnly"}
_LEVELS = 2  # objects nested in the value that show their optional properties too: its own, and those right inside
_MOST_VARIANTS = 64  # combinations of alternatives tried at one place
_MOST_STEPS = 20_000  # places visited in all: beyond, the schema counts as impossible
_SETTING_UP = 100  # places that could be visited in the time that it takes to begin
_MOST_ITEMS = 10_000  # items of an array, properties of an object: beyond, likewise


class Effort:
    """Is what may still be spent on searching values, counted in places visited, by all that share it."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left


def example(
    root: Mapping[str, Any],
    pointer: str,
    direction: Direction | None = None,
    *,
    levels: int = _LEVELS,
    effort: Effort | None = None,
) -> Any:
    """Return a JSON value that validates against the schema at `pointer` in the document `root`.

    Values that the document gives (`const`, `examples`, `example`, `default`, `enum`, also those beside the schema in a
    media type or parameter) come first, as far as they validate. Optional properties are shown down to one nested
    object; a schema that contains itself ends at an optional property or an empty array. `direction` leaves out
    what is `readOnly` in a request or `writeOnly` in a response. `format` is an annotation, and is followed. With fewer
    `levels` than the usual 2 the optional properties of fewer objects are shown.

    Raises LookupError where nothing stands at `pointer`, and ValueError where no example was found.
    """
    schema = _pointers.lookup(root, pointer)
    name, given = _told_beside(root, pointer)
    maker, place = _Maker(root, direction, effort.left if effort else _MOST_STEPS), _Place(name, levels)
    if given and isinstance(schema, dict):
        values = [*_given_values(given), *schema.get("examples", ())]
        schema = {"description": given.get("description", ""), **schema, "examples": values}
    try:
        return next(chain(maker.values(schema, place), maker.deeper_values(schema, place)))
    except (StopIteration, RecursionError):
        raise ValueError(f"no example was found for the schema at {pointer or 'the root'}") from None
    finally:
        if effort is not None:
            effort.left -= maker.steps + _SETTING_UP


def _told_beside(root: Mapping[str, Any], pointer: str) -> tuple[str, Mapping[str, Any]]:
    """Return the name for the value, and the media type or parameter that the schema belongs to."""
    *above, last = _pointers.split(pointer) or [""]
    if last != "schema":
        return "value" if last.isdigit() else last or "value", {}
    owner = _pointers.lookup(root, _pointers.join("", *above))
    return owner.get("name", "value"), owner


def _given_values(owner: Mapping[str, Any]) -> list[Any]:
    named = owner.get("examples", {})
    values = [entry["value"] for entry in named.values() if "value" in entry] if isinstance(named, dict) else []
    return [owner["example"], *values] if "example" in owner else values


_Active = frozenset[tuple[str, int]]


class _Place(NamedTuple):
    """Is where in the value a schema is met: its property's name, the levels left, the `$ref`s being followed.

    Of each `$ref` it is told for the how manyeth time, from 0.
    """

    name: str
    levels: int = _LEVELS
    active: _Active = frozenset()


class _Maker:
    """Makes the values of one document's schemas for one direction."""

    def __init__(self, root: Mapping[str, Any], direction: Direction | None, most: int) -> None:
        from jsonschema.validators import extend  # heavy, and only examples need it

        self._root = root
        self._hides = _HIDDEN_IN.get(direction or "")
        self._hidden: set[str] = set()
        self._most = min(most, _MOST_STEPS)
        self.steps = 0
        self._rounds = 1  # how often a `$ref` is followed within itself
        self._was_cut = False
        # What is hidden from a request cannot be required of it, whichever branch of an allOf says so.
        lenient = extend(bounded(partial(has_patterns, root), doubtful=False), {"required": self._required})  # type: ignore[no-untyped-call]
        self._judge = lenient(root)

    def _required(self, _judge: Any, names: list[str], value: Any, _schema: Any) -> Iterator[Any]:
        from jsonschema import ValidationError

        if isinstance(value, dict):
            yield from (ValidationError(name) for name in names if name not in value and name not in self._hidden)

    def values(self, schema: Any, place: _Place) -> Iterator[Any]:
        """Yield values that validate against `schema`, the most telling first; none where none was found."""
        self.steps += 1
        if self.steps > self._most:
            return
        for flat, active in self._first_variants(schema, place.active):
            inside = place._replace(active=active)
            for value in self._candidates(flat, inside):
                if self._judge.evolve(schema=schema).is_valid(value):
                    yield value

    def deeper_values(self, schema: Any, place: _Place) -> Iterator[Any]:
        """Yield values in which a schema that contains itself stands within itself, where that was left out before."""
        if self._was_cut:
            self._rounds += 1
            yield from self.values(schema, place)

    def _first_variants(self, schema: Any, active: _Active) -> list[tuple[dict[str, Any], _Active]]:
        return list(islice(self._variants(schema, active), _MOST_VARIANTS))

    def _variants(self, schema: Any, active: _Active) -> Iterator[tuple[dict[str, Any], _Active]]:
        """Yield the schema without `$ref` and combinators: once for each combination of its alternatives."""
        if not isinstance(schema, dict):
            yield from [({}, active)] if schema is True else []
            return
        parts: list[list[Any]] = [[part] for part in schema.get("allOf", [])]
        parts += [schema[keyword] for keyword in ("oneOf", "anyOf") if schema.get(keyword)]
        if "if" in schema:
            chosen = {"allOf": [schema["if"], schema.get("then", True)]}
            parts.append([schema.get("else", True), chosen])
        if ref := schema.get("$ref"):
            times = sum((ref, n) in active for n in range(self._rounds))
            if times == self._rounds:
                self._was_cut = True
                return
            active |= {(ref, times)}
            parts.insert(0, [_pointers.lookup(self._root, unquote(ref.removeprefix("#")))])
        own = {keyword: rule for keyword, rule in schema.items() if keyword not in _COMBINATORS}
        for choice in product(*parts):
            for flats in product(*(self._first_variants(part, active) for part in choice)):
                merged: dict[str, Any] = {}
                for flat in (*(flat for flat, _ in flats), own):
                    merged = _merged(merged, flat)
                yield merged, active.union(*(inner for _, inner in flats))

    def _candidates(self, flat: dict[str, Any], place: _Place) -> Iterator[Any]:
        for value in _stated_values(flat):
            yield self._shown(flat, value)
        if place.name in _KNOWN_OBJECTS:
            yield _KNOWN_OBJECTS[place.name]
        for kind in _types(flat):
            yield from _BUILDERS[kind](self, flat, place)

    def shows(self, name: str, rule: Any) -> bool:
        """Tell whether a property is part of this direction, and remember those that are not."""
        if self._hides is None:
            return True
        parts = [rule, *(rule.get("allOf", ()) if isinstance(rule, dict) else ())]  # which may allow nothing together
        if not any(flat.get(self._hides) for part in parts for flat, _ in self._variants(part, frozenset())):
            return True
        self._hidden.add(name)
        return False

    def _shown(self, flat: Mapping[str, Any], value: Any) -> Any:
        """Return a value that the document states, without what this direction hides at its top."""
        if not isinstance(value, dict):
            return value
        properties = flat.get("properties", {})
        return {name: inner for name, inner in value.items() if self.shows(name, properties.get(name, True))}

    def first(self, schema: Any, place: _Place) -> Iterator[Any]:
        """Yield the best value of a schema, or nothing."""
        return islice(self.values(schema, place), 1)


_COMBINATORS = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if", "then", "else"})

# An object that may hold anything reads best with something in it.
_KNOWN_OBJECTS: Mapping[str, Any] = {"identifiers": {"email": NAMES["email"]}}


def _merge_type(one: Any, other: Any) -> Any:
    ones, others = ([kind] if isinstance(kind, str) else kind for kind in (one, other))
    common = [kind for kind in ones if kind in others or (kind == "integer" and "number" in others)]
    return common + [kind for kind in others if kind == "integer" and "number" in ones and kind not in common]


def _merge_each(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {**one, **{name: _merge_schema(one[name], rule) if name in one else rule for name, rule in other.items()}}


def _merge_schema(one: Any, other: Any) -> Any:
    return one if one == other else {"allOf": [one, other]}


# What two schemas that must both hold say together; a keyword that is not here keeps what the later one says.
_MERGE: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    **dict.fromkeys(("properties", "patternProperties"), _merge_each),
    "prefixItems": lambda one, other: [_merge_schema(*both) for both in zip_longest(one, other, fillvalue=True)],
    **dict.fromkeys(("items", "additionalProperties", "propertyNames", "contains"), _merge_schema),
    "enum": lambda one, other: [value for value in one if value in other],
    "examples": lambda one, other: [*other, *one],
    "required": lambda one, other: [*one, *(name for name in other if name not in one)],
    "type": _merge_type,
    "uniqueItems": lambda one, other: one or other,
}


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        keyword: _MERGE[keyword](one[keyword], other[keyword]) for keyword in other if keyword in one.keys() & _MERGE
    }
    return {**one, **other, **both}


def _stated_values(flat: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the values that the schema itself names."""
    yield from [flat["const"]] if "const" in flat else []
    yield from flat.get("examples", [])
    yield from [flat[keyword] for keyword in ("example", "default") if keyword in flat]
    yield from flat.get("enum", [])


# Which type the keywords of a schema without `type` speak of.
_TYPE_OF_KEYWORD: Mapping[str, str] = {
    **dict.fromkeys(("properties", "required", "additionalProperties", "patternProperties", "minProperties"), "object"),
    **dict.fromkeys(("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"), "array"),
    **dict.fromkeys(("pattern", "format", "minLength", "maxLength"), "string"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
}


def _types(flat: Mapping[str, Any]) -> list[str]:
    """Return the types to try, best first: null only where nothing else will do."""
    stated = flat.get("type")
    if stated is None:
        hinted = [_TYPE_OF_KEYWORD[keyword] for keyword in flat if keyword in _TYPE_OF_KEYWORD]
        return list(dict.fromkeys([*hinted, "string", "number", "boolean", "object", "array", "null"]))
    return sorted([stated] if isinstance(stated, str) else stated, key=lambda kind: kind == "null")


def _objects(maker: _Maker, flat: dict[str, Any], place: _Place) -> Iterator[Any]:
    """Yield an object with its optional properties, where levels are left, and one with as few as it may have."""
    inside = place._replace(levels=place.levels - 1)
    required = flat.get("required", [])
    for names in [[*flat.get("properties", {}), *required], required] if place.levels > 0 else [required]:
        made: dict[str, Any] = {}
        _add(maker, flat, made, names, inside)
        _add(maker, flat, made, _names_that_follow(flat, made), inside)
        _add(maker, flat, made, _names_to_spare(maker, flat, inside), inside, enough=flat.get("minProperties", 0))
        yield made


def _add(
    maker: _Maker,
    flat: Mapping[str, Any],
    made: dict[str, Any],
    names: Iterable[str],
    inside: _Place,
    *,
    enough: float = math.inf,
) -> None:
    """Put a value under each of `names` that belongs to the direction and has one, until there are `enough`."""
    for name in names:
        if len(made) >= enough:
            return
        rule = _rule_of(flat, name)
        if name not in made and maker.shows(name, rule):
            made.update((name, value) for value in maker.first(rule, inside._replace(name=name)))


def _rule_of(flat: Mapping[str, Any], name: str) -> Any:
    if name in flat.get("properties", {}):
        return flat["properties"][name]
    matching = [rule for pattern, rule in flat.get("patternProperties", {}).items() if matches(pattern, name)]
    return matching[0] if matching else flat.get("additionalProperties", True)


def _names_that_follow(flat: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    return [name for key, names in flat.get("dependentRequired", {}).items() if key in made for name in names]


def _names_to_spare(maker: _Maker, flat: Mapping[str, Any], inside: _Place) -> Iterator[str]:
    """Yield names for an object that has too few properties."""
    yield from flat.get("properties", {})
    for pattern in flat.get("patternProperties", {}):
        yield from strings_matching(pattern, 1)
    if "propertyNames" in flat:
        yield from (str(name) for name in maker.values(flat["propertyNames"], inside._replace(name="name")))
    yield from (f"name{n}" for n in range(_MOST_ITEMS))


def _arrays(maker: _Maker, flat: dict[str, Any], place: _Place) -> Iterator[Any]:
    """Yield an array of one item, or of as many as it must have, and an empty one."""
    unique, least = flat.get("uniqueItems", False), min(flat.get("minItems", 0), _MOST_ITEMS)
    items = [value for rule in flat.get("prefixItems", []) for value in maker.first(rule, place)]
    if "contains" in flat:
        found = list(maker.first(flat["contains"], place))
        items += _repeated(found, min(flat.get("minContains", 1), _MOST_ITEMS), unique=unique)
    seeds = list(islice(maker.values(flat.get("items", True), place), least if unique else 1)) or list(
        maker.first(flat.get("items", True), place)
    )
    wanted = max(least, 1 if place.levels > 0 else 0) - len(items)
    yield (items + _repeated(seeds, wanted, unique=unique))[: flat.get("maxItems")]
    yield _repeated(seeds, least, unique=unique)
    yield []


def _repeated(seeds: list[Any], times: int, *, unique: bool) -> list[Any]:
    """Return as many values as wanted, made from `seeds`: all different where they must be."""
    if not unique:
        return [seeds[0]] * max(times, 0) if seeds else []
    distinct = [seed for position, seed in enumerate(seeds) if seed not in seeds[:position]]
    made = [_another(distinct[0], n) for n in range(1, times - len(distinct) + 1)] if distinct else []
    return (distinct + made)[: max(times, 0)]


def _another(value: Any, n: int) -> Any:
    """Return a value of the same form that differs from its likes: the `n`-th."""
    if isinstance(value, str):
        return f"{value}{n}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value + n
    if isinstance(value, dict):
        varied = next((name for name, inner in value.items() if isinstance(inner, (str, int, float, dict))), None)
        return value if varied is None else {**value, varied: _another(value[varied], n)}
    return [*value, *([_another(value[0], n)] if value else [])] if isinstance(value, list) else value


def _strings(_maker: _Maker, flat: dict[str, Any], place: _Place) -> Iterator[Any]:
    return plausible_strings(flat, place.name)


def _numbers(_maker: _Maker, flat: dict[str, Any], _place: _Place) -> Iterator[Any]:
    """Yield numbers inside the bounds, and multiples of what they must be multiples of."""
    low = max((flat[key] for key in ("minimum", "exclusiveMinimum") if key in flat), default=None)
    high = min((flat[key] for key in ("maximum", "exclusiveMaximum") if key in flat), default=None)
    step = flat.get("multipleOf", 1)
    yield from (1, 0)
    for bound in (low, high):
        if bound is not None:
            nearest = (bound // step) * step
            yield from (bound, nearest, nearest + step, nearest - step)
    yield from (step, (((low or 0) + (0 if high is None else high)) / 2))


def _integers(maker: _Maker, flat: dict[str, Any], place: _Place) -> Iterator[Any]:
    for value in _numbers(maker, flat, place):
        yield int(value)
        yield int(value) + 1


def _booleans(_maker: _Maker, _flat: dict[str, Any], _place: _Place) -> Iterator[Any]:
    yield from (True, False)


def _nulls(_maker: _Maker, _flat: dict[str, Any], _place: _Place) -> Iterator[Any]:
    yield None


_BUILDERS: Mapping[str, Callable[[_Maker, dict[str, Any], _Place], Iterator[Any]]] = {
    "object": _objects,
    "array": _arrays,
    "string": _strings,
    "number": _numbers,
    "integer": _integers,
    "boolean": _booleans,
    "null": _nulls,
}
