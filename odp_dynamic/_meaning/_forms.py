"""What a schema allows, kind by kind of JSON value: the form in which two schemas can be compared by meaning.

A `Shape` maps each kind of value that is allowed to the forms that such a value may take: alternatives, each a
conjunction of rules. Whether a rule stood in ``allOf``, behind a ``$ref`` or beside its neighbours, and whether an
alternative was a list of types, ``nullable`` or ``anyOf``, is gone by then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from math import floor, isfinite
from typing import Any, NamedTuple

from .._patterns import matches

# Pointers of schemas that all judge the same value; without any, every value is allowed.
Node = tuple[str, ...]
ANY: Node = ()
NOTHING: Node = ("(nothing)",)  # no pointer begins so: a value that may not be there at all

KINDS = ("null", "boolean", "number", "string", "array", "object")
MOST_FORMS = 64  # alternatives of one kind that are told apart; beyond, a combinator is compared as it is written


class Rule(NamedTuple):
    """Is what a keyword says, and the pointer of the schema that says it."""

    value: Any
    pointer: str


class Opaque(NamedTuple):
    """Is a rule that is only compared for being the same: `nodes` are its subschemas, `detail` is the rest of it."""

    keyword: str
    detail: str
    nodes: tuple[Node, ...]
    pointer: str


class Form(NamedTuple):
    """Is one alternative that values of a kind may take; `sources` are the schemas that make it."""

    kind: str
    sources: Node
    rules: Mapping[str, Rule] = {}
    properties: Mapping[str, Node] = {}
    patterns: Mapping[str, Node] = {}
    additional: Node = ANY
    prefix: tuple[Node, ...] = ()
    items: Node = ANY
    opaque: tuple[Opaque, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether it allows every value of its kind."""
        return not self.rules and self._is_bare

    @property
    def is_a_list(self) -> bool:
        """Whether it says no more than which values it allows."""
        return self.rules.keys() == {"enum"} and self._is_bare

    @property
    def _is_bare(self) -> bool:
        inner = self.properties or self.patterns or self.additional or self.prefix or self.items
        return not (inner or self.opaque)

    def value(self, keyword: str) -> Any:
        """Return what a rule says, None where there is none."""
        return self.rules[keyword].value if keyword in self.rules else None

    def pointer(self, keyword: str = "") -> str | None:
        """Return the pointer of the schema that a rule stands in, or else of the first that makes the form."""
        if keyword in self.rules:
            return self.rules[keyword].pointer
        return written_at(self.sources)


Shape = Mapping[str, tuple[Form, ...]]


def written_at(node: Node) -> str | None:
    """Return the pointer of the first schema of a node, None where it has none."""
    return node[0] if node and node != NOTHING else None


def both_nodes(one: Node, other: Node) -> Node:
    """Return the node that what is allowed by both fits."""
    if NOTHING in (one, other):
        return NOTHING
    return one if one == other else tuple(dict.fromkeys([*one, *other]))


def key_of(value: Any) -> str:
    """Return a text that is equal for what JSON Schema counts as equal values: 1 and 1.0, members in any order."""
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: Any) -> Any:
    if isinstance(value, float) and isfinite(value) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return {name: _whole(item) for name, item in value.items()} if isinstance(value, dict) else value


def tighter_upper(*bounds: tuple[float, bool]) -> tuple[float, bool]:
    """Return the upper bound that allows the fewest numbers: each is a number, and whether that itself is excluded."""
    return min(bounds, key=lambda bound: (bound[0], not bound[1]))


def _common(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in one.items() if key in other}


# What two rules of the same keyword say together.
_TOGETHER: Mapping[str, Callable[[Any, Any], Any]] = {
    "enum": _common,
    "integer": lambda one, other: one or other,
    "lower": max,
    "upper": tighter_upper,
    "minLength": max,
    "maxLength": min,
    "minItems": max,
    "maxItems": min,
    "minProperties": max,
    "maxProperties": min,
    "uniqueItems": lambda one, other: one or other,
    "multipleOf": frozenset.union,
    "pattern": frozenset.union,
    "format": frozenset.union,
    "required": frozenset.union,
}


def intersection(one: Shape, other: Shape) -> Shape | None:
    """Return what both shapes allow, None where the alternatives become too many to be told apart."""
    found = {}
    for kind in KINDS:
        if kind in one and kind in other:
            forms = [_both(a, b) for a in one[kind] for b in other[kind]]
            forms = [form for form in forms if form.value("enum") != {}]
            if len(forms) > MOST_FORMS:
                return None
            if forms:
                found[kind] = tuple(forms)
    return found


def _both(one: Form, other: Form) -> Form:
    rules = dict(one.rules)
    for keyword, rule in other.rules.items():
        mine = rules.get(keyword)
        if mine is None:
            rules[keyword] = rule
        else:
            value = _TOGETHER[keyword](mine.value, rule.value)
            rules[keyword] = Rule(value, rule.pointer if value == rule.value != mine.value else mine.pointer)
    names = dict.fromkeys([*one.properties, *other.properties])
    longest = max(len(one.prefix), len(other.prefix))
    return settled(
        Form(
            one.kind,
            both_nodes(one.sources, other.sources),
            rules,
            {name: both_nodes(view(one, name), view(other, name)) for name in names},
            _both_patterns(one, other),
            both_nodes(one.additional, other.additional),
            tuple(both_nodes(item_of(one, n), item_of(other, n)) for n in range(longest)),
            both_nodes(one.items, other.items),
            tuple(dict.fromkeys([*one.opaque, *other.opaque, *_entangled(one, other)])),
        )
    )


def _both_patterns(one: Form, other: Form) -> Mapping[str, Node]:
    patterns = dict.fromkeys([*one.patterns, *other.patterns])
    return {
        pattern: both_nodes(one.patterns.get(pattern, one.additional), other.patterns.get(pattern, other.additional))
        for pattern in patterns
    }


def _entangled(one: Form, other: Form) -> list[Opaque]:
    """Return what is left unsaid where names fit patterns of both, and one has a rule for names that fit none."""
    if one.patterns.keys() == other.patterns.keys() or not (one.patterns and other.patterns):
        return []
    if one.additional == other.additional == ANY:
        return []
    detail = key_of([sorted(one.patterns), sorted(other.patterns)])
    return [Opaque("patternProperties", detail, (one.additional, other.additional), (one.sources or ("",))[0])]


def view(form: Form, name: str) -> Node:
    """Return the node that a property of this name must fit."""
    fitting = [node for pattern, node in form.patterns.items() if matches(pattern, name)]
    if name in form.properties:
        fitting.append(form.properties[name])
    if not fitting:
        return form.additional
    node = ANY
    for found in fitting:
        node = both_nodes(node, found)
    return node


def item_of(form: Form, index: int) -> Node:
    """Return the node that an item of an array must fit."""
    return form.prefix[index] if index < len(form.prefix) else form.items


def settled(form: Form) -> Form:
    """Say the same thing in one way only: bounds of integers are inclusive, and what says nothing is left out."""
    rules = dict(form.rules)
    if "integer" in rules:
        if "lower" in rules:
            (value, exclusive), pointer = rules["lower"]
            rules["lower"] = Rule((floor(value) + 1 if exclusive else -floor(-value), False), pointer)
        if "upper" in rules:
            (value, exclusive), pointer = rules["upper"]
            rules["upper"] = Rule((-floor(-value) - 1 if exclusive else floor(value), False), pointer)
    if "required" in rules:
        names = frozenset(name for name in rules["required"].value if form.properties.get(name) != NOTHING)
        rules["required"] = rules["required"]._replace(value=names)
    if "enum" in rules:
        values, pointer = rules["enum"]
        kept = {key: value for key, value in values.items() if all(_fits(value, *rule) for rule in rules.items())}
        rules = {name: rule for name, rule in rules.items() if name not in _FITS} | {"enum": Rule(kept, pointer)}
    for keyword in [keyword for keyword, rule in rules.items() if _says_nothing(form.kind, keyword, rule.value)]:
        del rules[keyword]
    return form._replace(rules=rules)


# Rules that tell of a listed value at once whether it stays; the list says all of it then.
_FITS: Mapping[str, Callable[[Any, Any], bool]] = {
    "integer": lambda value, _: value % 1 == 0,
    "lower": lambda value, bound: value > bound[0] or (value == bound[0] and not bound[1]),
    "upper": lambda value, bound: value < bound[0] or (value == bound[0] and not bound[1]),
    "minLength": lambda value, least: len(value) >= least,
    "maxLength": lambda value, most: len(value) <= most,
}


def _fits(value: Any, keyword: str, rule: Rule) -> bool:
    return keyword not in _FITS or _FITS[keyword](value, rule.value)


def _says_nothing(kind: str, keyword: str, value: Any) -> bool:
    if keyword == "enum":
        return (kind == "null" and bool(value)) or (kind == "boolean" and len(value) == 2)
    if keyword.startswith("min"):
        return bool(value <= 0)
    return value is False or value == frozenset()


def union(shapes: Iterable[Shape]) -> Shape:
    """Return what at least one of the shapes allows."""
    found: dict[str, list[Form]] = {}
    for shape in shapes:
        for kind, forms in shape.items():
            found.setdefault(kind, []).extend(forms)
    return {kind: _merged(forms) for kind, forms in found.items()}


def _merged(forms: list[Form]) -> tuple[Form, ...]:
    """Leave out the alternatives that others cover, and make one of those that only list their values."""
    free = next((form for form in forms if form.is_free), None)
    if free is not None:
        return (free,)
    listing = [form for form in forms if form.is_a_list]
    others = [form for form in forms if form not in listing]
    unique = list({_identity(form): form for form in others}.values())
    if listing:
        values: dict[str, Any] = {}
        sources: Node = ANY
        for form in listing:
            values |= form.value("enum")
            sources = both_nodes(sources, form.sources)
        pointer = listing[0].rules["enum"].pointer
        unique.append(settled(Form(listing[0].kind, sources, {"enum": Rule(values, pointer)})))
    return tuple(unique)


def _identity(form: Form) -> str:
    rules = {name: _comparable(rule.value) for name, rule in form.rules.items()}
    inner = (form.properties, form.patterns, form.additional, form.prefix, form.items)
    return repr(
        (sorted(rules.items()), [sorted(i.items()) if isinstance(i, Mapping) else i for i in inner], form.opaque)
    )


def _comparable(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, frozenset | dict) else value


def are_apart(one: Form, other: Form) -> bool:
    """Return whether no value can fit both, as far as their own rules tell."""
    mine, others = one.value("enum"), other.value("enum")
    if mine is not None and others is not None:
        return not mine.keys() & others.keys()
    lower = max((form.value("lower") for form in (one, other) if form.value("lower")), default=None)
    uppers = [form.value("upper") for form in (one, other) if form.value("upper")]
    return lower is not None and bool(uppers) and bool(lower[0] > tighter_upper(*uppers)[0])
