"""What the rules of two forms differ in: what it takes for one to imply another, and which values show otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .._meaning import Form, Node, Side, key_of
from ._differences import Difference
from ._places import Place

# Texts of many kinds: one of them is likely to fit one pattern and not another.
_TEXTS = (
    *("", "a", "A", "0", "-", "_", ".", " ", "é", "aa", "Aa", "a0", "a-b", "a_b", "a.b", "a b", "0a", "-a", "abc123"),
    *("a" * 40, "A" * 3, "AAA-000", "0" * 10, "a@b.c", "2024-01-01", "https://a.example/b", "$", "a" * 300),
)
_LONGEST = 20_000  # characters or items of a value that is made to show something


class RuleKind(NamedTuple):
    """Is how the rules of one keyword compare.

    `implies` says whether a value that keeps the first rule, of a form that has it, keeps the second one too; `tries`
    gives schemas, for values of a form, to break a rule.
    """

    keyword: str
    implies: Callable[[Form, Any], bool]
    tries: Callable[[Form, Any], Iterator[Any]]


def _at_least(keyword: str) -> Callable[[Form, Any], bool]:
    return lambda form, value: form.value(keyword) is not None and form.value(keyword) >= value


def _at_most(keyword: str) -> Callable[[Form, Any], bool]:
    return lambda form, value: form.value(keyword) is not None and form.value(keyword) <= value


def _upper_implies(form: Form, value: Any) -> bool:
    mine = form.value("upper")
    return mine is not None and (mine[0] < value[0] or (mine[0] == value[0] and (mine[1] or not value[1])))


def _all_of(keyword: str) -> Callable[[Form, Any], bool]:
    return lambda form, value: value <= (form.value(keyword) or frozenset())


def _is_whole(form: Form, _: Any) -> bool:
    return bool(form.value("integer")) or any(_divides(1, number) for number in form.value("multipleOf") or ())


def _divides(divisor: float, number: float) -> bool:
    try:
        return bool(number % divisor == 0)
    except (ZeroDivisionError, TypeError):
        return False


def _multiples(form: Form, value: Any) -> bool:
    mine = [*(form.value("multipleOf") or ()), *([1] if form.value("integer") else [])]
    return all(any(_divides(number, own) for own in mine) for number in value)


def _is_unique(form: Form, _: Any) -> bool:
    return bool(form.value("uniqueItems")) or form.value("maxItems") in (0, 1)


def _constants(values: Any) -> Iterator[Any]:
    return ({"const": value} for value in values)


def _fewer(keyword: str) -> Callable[[Form, Any], Iterator[Any]]:
    return lambda _, value: iter([{keyword: value - 1}] if value >= 1 else [])


def _more(keyword: str) -> Callable[[Form, Any], Iterator[Any]]:
    return lambda _, value: iter([{keyword: value + 1}] if value < _LONGEST else [])


def _below(_: Form, value: Any) -> Iterator[Any]:
    number, exclusive = value
    yield from _constants([number, number - 1] if exclusive else [number - 1])
    yield {"maximum" if exclusive else "exclusiveMaximum": number}


def _above(_: Form, value: Any) -> Iterator[Any]:
    number, exclusive = value
    yield from _constants([number, number + 1] if exclusive else [number + 1])
    yield {"minimum" if exclusive else "exclusiveMinimum": number}


def _near(form: Form) -> list[float]:
    """Return numbers about where a form's bounds are."""
    lower, upper = form.value("lower") or (0, False), form.value("upper")
    return [lower[0], *([upper[0] - 2] if upper else [])]


def _between(form: Form, _: Any) -> Iterator[Any]:
    yield from _constants(start + step for start in _near(form) for step in (0.5, 1.5, 0.25))
    yield from _constants(own * step for own in form.value("multipleOf") or () for step in range(1, 12))


def _off(form: Form, value: Any) -> Iterator[Any]:
    yield from _constants(own * step for own in form.value("multipleOf") or () for step in range(1, 12))
    yield from _constants(start + step for start in _near(form) for step in range(1, 12))
    yield from _between(form, value)


def _texts(form: Form, _: Any) -> Iterator[Any]:
    shortest, longest = form.value("minLength") or 0, form.value("maxLength")
    fitting = (text for text in _TEXTS if shortest <= len(text) and (longest is None or len(text) <= longest))
    yield {}
    yield from _constants(fitting)


def _twice(_: Form, __: Any) -> Iterator[Any]:
    yield from ({"minItems": 2, "items": {"const": value}} for value in ("a", 1, True, None))
    yield {"minItems": 2, "items": {"const": {}}}


def _nothing(_: Form, __: Any) -> Iterator[Any]:
    return iter(())


# `format` is an annotation (JSON Schema 2020-12, 7.2.1): no value can show that it changed.
RULES: tuple[RuleKind, ...] = (
    RuleKind("integer", _is_whole, _between),
    RuleKind("lower", _at_least("lower"), _below),
    RuleKind("upper", _upper_implies, _above),
    RuleKind("multipleOf", _multiples, _off),
    RuleKind("minLength", _at_least("minLength"), _fewer("maxLength")),
    RuleKind("maxLength", _at_most("maxLength"), _more("minLength")),
    RuleKind("pattern", _all_of("pattern"), _texts),
    RuleKind("format", _all_of("format"), _nothing),
    RuleKind("minItems", _at_least("minItems"), _fewer("maxItems")),
    RuleKind("maxItems", _at_most("maxItems"), _more("minItems")),
    RuleKind("uniqueItems", _is_unique, _twice),
    RuleKind("minProperties", _at_least("minProperties"), _fewer("maxProperties")),
    RuleKind("maxProperties", _at_most("maxProperties"), _more("minProperties")),
)

_KEYWORDS: Mapping[str, str] = {"integer": "type", "lower": "minimum", "upper": "maximum"}
_LIMITS = ("lower", "upper", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_SHOWN = 6  # values in one sentence


def ruled_differences(place: Place, old: Form, new: Form) -> Iterator[Difference]:
    """Yield which rules on single keywords are tighter, looser or others now."""
    for rule in RULES:
        before, after = old.value(rule.keyword), new.value(rule.keyword)
        narrows = after is not None and "enum" not in old.rules and not rule.implies(old, after)
        widens = before is not None and "enum" not in new.rules and not rule.implies(new, before)
        if before == after or not (narrows or widens):
            continue
        keyword = _KEYWORDS.get(rule.keyword, rule.keyword)
        yield place.difference(
            f"{keyword}-{'changed' if narrows and widens else 'narrowed' if narrows else 'widened'}",
            f"{keyword} is {_told(rule.keyword, after)}, was {_told(rule.keyword, before)}",
            narrows=narrows,
            widens=widens,
            lost=tuple(rule.tries(old, after)) if narrows else (),
            gained=tuple(rule.tries(new, before)) if widens else (),
            old=old.pointer(rule.keyword),
            new=new.pointer(rule.keyword),
        )


def _told(keyword: str, value: Any) -> str:
    """Return in words what a rule says, or what it is to have none."""
    if keyword == "integer":
        return "integer" if value else "number"
    if value is None:
        return "unlimited" if keyword in _LIMITS else "none"
    if keyword in ("lower", "upper"):
        return f"{value[0]}{' (exclusive)' if value[1] else ''}"
    if isinstance(value, frozenset):
        return " and ".join(sorted(map(str, value)))
    return str(value).lower() if isinstance(value, bool) else str(value)


def listed_differences(place: Place, old: Form, new: Form) -> Iterator[Difference]:
    """Yield which values are listed no longer, or listed now, and whether only listed ones are allowed."""
    before, after = old.value("enum"), new.value("enum")
    places = {"old": old.pointer("enum"), "new": new.pointer("enum")}
    if before is None and after is not None:
        told = f"only {_few(after.values())} allowed now"
        yield place.narrowed("enum-narrowed", told, *_not_listed(old, after), **places)
    if after is None and before is not None:
        told = f"not only {_few(before.values())} allowed now"
        yield place.widened("enum-widened", told, *_not_listed(new, before), **places)
    olds, news = (place.old_side, place.old), (place.new_side, place.new)
    gone = _only_in(olds, before or {}, news, new)
    come = _only_in(news, after or {}, olds, old)
    if gone:
        yield place.narrowed("enum-narrowed", f"{_few(gone)} no longer allowed", *_constants(gone), **places)
    if come:
        yield place.widened("enum-widened", f"{_few(come)} allowed now", *_constants(come), **places)


def _only_in(giver: tuple[Side, Node], values: Mapping[str, Any], other: tuple[Side, Node], form: Form) -> list[Any]:
    """Return which listed values of a giver the other refuses: by the list of its form, or else each by trying it."""
    if form.is_free:
        return []
    if form.is_a_list:
        return [value for key, value in values.items() if key not in form.value("enum")]
    (mine, node), (others, refusing) = giver, other
    return [v for v in values.values() if not others.accepts(refusing, v) and mine.accepts(node, v)]


def _few(values: Iterable[Any]) -> str:
    texts = list(map(key_of, values))
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return f"{', '.join(texts[:_SHOWN])}{more} {'is' if len(texts) == 1 else 'are'}"


def _not_listed(form: Form, values: Mapping[str, Any]) -> Iterator[Any]:
    """Yield schemas for values of a form's kind that are none of `values`."""
    listed = list(values.values())
    if form.kind == "string":
        yield {"minLength": max((len(text) for text in listed), default=0) + 1}
        yield from _texts(form, None)
    elif form.kind == "number":
        yield {"minimum": max(listed, default=0) + 1}
        yield from _off(form, None)
    elif form.kind == "boolean":
        yield from _constants([True, False])
    yield {}
