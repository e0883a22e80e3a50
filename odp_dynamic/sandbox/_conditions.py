"""Conditions over what is stored of a profile, as a segment's definition writes them, and as SQL.

A condition is a mapping of one entry:

- ``{identifier: email}``: has a value of that identifier; ``{identifier: {email: {ends_with: .org}}}``: one that fits
- ``{attribute: {country: [DE, FR], age: {at_least: 18}}}``: each of these attributes fits
- ``{event: {type: order, action: purchase, data: {order.total: {more_than: 99}}, within_days: 30, at_least: 2}}``: did
  this so often, once where nothing is said; ``at_most`` alone means also never. All parts may be left out
- ``{all: […]}``, ``{any: […]}``, ``{not: …}``: of conditions

What a value fits, a rule says: see `_comparisons`. An event's time is its `ts`, or when it arrived (facts §4).
``seeds.yaml`` has the form as JSON Schema, and here it is taken to be kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from ._comparisons import written

# A condition on the profile `p`, with the values of its question marks.
Clause = tuple[str, list[Any]]

_NOW = "strftime('%s', 'now')"
_DAY = 86_400


@lru_cache(1000)
def clause_of(condition: str) -> Clause:
    """Return a condition that is written as JSON as SQL."""
    return clause(json.loads(condition))


def clause(condition: Mapping[str, Any]) -> Clause:
    """Return a condition as SQL; all that comes from the condition is among the values.

    Raises ValueError for a number or a time to compare with that is none.
    """
    [(word, rule)] = condition.items()
    return _CLAUSES[word](rule)


def attributes_in(condition: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the attributes that a condition asks for."""
    [(word, rule)] = condition.items()
    if word == "attribute":
        yield from rule
    for inner in {"all": rule, "any": rule, "not": [rule]}.get(word, ()):
        yield from attributes_in(inner)


def event_clause(rule: Mapping[str, Any]) -> Clause:
    """Return what is said of an event of the profile `p` as SQL; how often it was done is not looked at."""
    pieces = [("profile = p.id", []), *(_OF_EVENTS[name](value) for name, value in rule.items())]
    return _joined(" AND ", [piece for piece in pieces if piece[0]])


def _identifier(rule: Any) -> Clause:
    if isinstance(rule, str):
        return "EXISTS (SELECT 1 FROM identifiers WHERE profile = p.id AND field = ?)", [rule]
    return _joined(" AND ", [_one_identifier(field, wanted) for field, wanted in rule.items()])


def _one_identifier(field: str, wanted: Any) -> Clause:
    sql = "EXISTS (SELECT 1 FROM identifiers WHERE profile = p.id AND field = ? AND fits(json_quote(value), '', ?))"
    return sql, [field, written(wanted)]


def _attribute(rule: Mapping[str, Any]) -> Clause:
    return _joined(" AND ", [_one_attribute(name, wanted) for name, wanted in rule.items()])


def _one_attribute(name: str, wanted: Any) -> Clause:
    value = "coalesce((SELECT value FROM attributes WHERE profile = p.id AND name = ?), 'null')"
    return f"fits({value}, '', ?)", [name, written(wanted)]


def _event(rule: Mapping[str, Any]) -> Clause:
    where, values = event_clause(rule)
    least = rule.get("at_least", 0 if "at_most" in rule else 1)
    most = rule.get("at_most", -1)
    # The limit ends the count when it is enough: some customers have many events.
    count = f"(SELECT count(*) FROM (SELECT 1 FROM events WHERE {where} LIMIT ?))"  # noqa: S608  # our own names
    if most < 0:
        return f"{count} >= ?", [*values, least, least]
    return f"{count} BETWEEN ? AND ?", [*values, most + 1, least, most]


def _column(name: str) -> Callable[[Any], Clause]:
    def equal(wanted: Any) -> Clause:
        values = wanted if isinstance(wanted, list) else [wanted]
        return f"{name} IN ({', '.join('?' * len(values))})", list(values)

    return equal


def _data(rules: Mapping[str, Any]) -> Clause:
    return _joined(" AND ", [("fits(data, ?, ?)", [path, written(rule)]) for path, rule in rules.items()])


def _not(condition: Mapping[str, Any]) -> Clause:
    sql, values = clause(condition)
    return f"NOT ({sql})", values


def _joined(word: str, clauses: list[Clause]) -> Clause:
    return f"({word.join(sql for sql, _ in clauses)})", list(_values(clauses))


def _values(clauses: list[Clause]) -> Iterator[Any]:
    return (value for _, values in clauses for value in values)


_CLAUSES: Mapping[str, Callable[[Any], Clause]] = {
    "identifier": _identifier,
    "attribute": _attribute,
    "event": _event,
    "not": _not,
    "all": lambda rules: _joined(" AND ", [clause(rule) for rule in rules]),
    "any": lambda rules: _joined(" OR ", [clause(rule) for rule in rules]),
}
_OF_EVENTS: Mapping[str, Callable[[Any], Clause]] = {
    "type": _column("type"),
    "action": _column("action"),
    "data": _data,
    "within_days": lambda days: (f"at >= {_NOW} - ?", [days * _DAY]),
    "at_least": lambda _: ("", []),  # of all events, not of one
    "at_most": lambda _: ("", []),
}
