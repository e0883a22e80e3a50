"""What exactly is wrong with a value that the gate has refused, from jsonschema, the reference.

Only the gate calls this, and only with a refused value, so nothing here has to be fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from jsonschema.exceptions import relevance
from referencing import Registry

from .._patterns import bounded, has_patterns, matches
from .._pointers import from_fragment, join, split
from .._values import Problem
from ._sentences import Error, marker_of, sentence

MOST = 1000
# Keywords that lead from a value into its members; each takes one token of the value's pointer.
_INTO_MEMBERS = frozenset(
    {"additionalProperties", "contains", "items", "patternProperties", "prefixItems", "properties"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
_OF_NAMES = "propertyNames"
_BEHIND_DECLARED = 1 << 30
_Rank = tuple[tuple[int, int], ...]


class _Place(NamedTuple):
    """Is where a rule stands: its schema's pointer in the document, and its rank among the places of the value.

    `of_name` says that it judges the name of a property, by propertyNames; `forbidden` has the properties of the
    value whose schema is false, where the rule is that.
    """

    schema: str
    rank: _Rank
    of_name: bool
    forbidden: list[str]


def explain(value: Any, schema: dict[str, Any], where: str) -> tuple[Problem, ...]:
    """Return all that is wrong with `value`, in the order of the document; at least one, for the gate refused it."""
    reference = _reference(are_there=has_patterns(schema))(schema, registry=Registry())
    try:
        found = _ranked(reference.iter_errors(value), value, schema, where)
        ranked = [(rank, problem) for problem, rank in _first(found, MOST).items()]
    except Exception:  # noqa: BLE001  # such as a value that is too deep for it: the gate's own words must do
        ranked = []
    if not ranked:
        return _from_gate(value, schema, where)
    ranked.sort(key=lambda pair: pair[0])
    return tuple(problem for _, problem in ranked)


@cache
def _reference(*, are_there: bool) -> Any:
    """Return the reference's class; to make one takes as long as to explain a value."""
    return bounded(lambda: are_there, doubtful=True)


def _first(found: Iterator[tuple[_Rank, Problem]], most: int) -> dict[Problem, _Rank]:
    """Return the first `most` problems, each once: the reference tells each missing property of an object anew."""
    problems: dict[Problem, _Rank] = {}
    for rank, problem in found:
        problems.setdefault(problem, rank)
        if len(problems) == most:
            break
    return problems


def _ranked(errors: Iterator[Error], value: Any, schema: dict[str, Any], where: str) -> Iterator[tuple[_Rank, Problem]]:
    for error in errors:
        steps: list[str | int] = list(error.absolute_path)
        place = _place(error, value, schema)
        for name in place.forbidden or ([error.instance] if place.of_name else _names_at_fault(error)):
            pointer = join("", *steps) if name is None else join("", *steps, name)
            rank = place.rank if name is None else (*place.rank, _rank_of(name, error.schema, error.instance))
            words = f"{'is a name that ' * place.of_name}{sentence(error, name, _closest_branch)}"
            keyword, rule = _rule(error, place, name)
            yield rank, Problem(where, pointer, keyword, words, rule)


def _rule(error: Error, place: _Place, name: Any) -> tuple[str, str]:
    """Return the keyword of the broken rule, and where the document has it."""
    marker = marker_of(error)
    if marker is not None:  # the "not" is ours; the document has the property
        return marker, place.schema.rpartition("/")[0]
    keyword = str(error.validator or "false")
    if place.forbidden:
        return keyword, join(place.schema, name)
    if keyword in {"minContains", "maxContains"}:  # which jsonschema tells of the "contains" beside them
        return keyword, join(place.schema.rpartition("/")[0], keyword)
    return keyword, place.schema


def _names_at_fault(error: Error) -> list[Any]:
    """Return the properties that an error of an object is about, or [None] when it is about the value itself."""
    if error.validator == "required":
        return [name for name in error.validator_value if name not in error.instance]
    if error.validator == "additionalProperties" and error.validator_value is False:
        declared, patterns = error.schema.get("properties", {}), error.schema.get("patternProperties", {})
        extra = [name for name in error.instance if name not in declared]
        return [name for name in extra if not any(matches(pattern, name) for pattern in patterns)]
    return [None]


def _rank_of(name: str, schema: Any, instance: Any) -> tuple[int, int]:
    """Rank a property: declared ones as the document lists them, then the others as the value has them."""
    declared = schema.get("properties") if isinstance(schema, dict) else None
    if isinstance(declared, dict) and name in declared:
        return 0, list(declared).index(name)
    position = list(instance).index(name) if isinstance(instance, dict) and name in instance else _BEHIND_DECLARED
    return 1, position


def _place(error: Error, value: Any, root: dict[str, Any]) -> _Place:
    """Follow an error's path of keywords through the references, beside the value's own path."""
    node: Any = root
    pointer = ""
    rank: list[tuple[int, int]] = []
    of_name = False
    path = list(error.absolute_schema_path)
    tokens = iter(path)
    members = iter(error.absolute_path)
    for token in tokens:
        node, pointer = _followed(root, node, pointer, token)
        of_name = of_name or token == _OF_NAMES
        if token in _INTO_MEMBERS and (step := next(members, None)) is not None:
            rank.append((0, step) if isinstance(step, int) else _rank_of(step, node, value))
            value = value[step]
            if token in {"properties", "patternProperties", "prefixItems"}:
                pointer, node = join(pointer, token), _member(node, token)
                token = next(tokens)  # noqa: PLW2901  # these keywords hold schemas by name or position
        pointer, node = join(pointer, token), _member(node, token)
    if error.validator is None:  # a schema that is false, and may stand behind a reference
        node, pointer = _followed(root, node, pointer, "")
    return _Place(pointer, tuple(rank), of_name, _forbidden(path, node, value))


def _forbidden(path: list[Any], schemas: Any, value: Any) -> list[str]:
    """Return the properties whose schema is false, where a path ends at "properties": jsonschema names none."""
    if path[-1:] != ["properties"] or not isinstance(schemas, dict) or not isinstance(value, dict):
        return []
    return [name for name in value if schemas.get(name) is False]


def _followed(root: dict[str, Any], node: Any, pointer: str, keyword: str | int) -> tuple[Any, str]:
    """Follow references, which jsonschema leaves out of its paths, to where a keyword stands."""
    while isinstance(node, dict) and keyword not in node and isinstance(node.get("$ref"), str):
        pointer = from_fragment(node["$ref"])
        node = root
        for token in split(pointer):
            node = _member(node, token)
    return node, pointer


def _member(node: Any, token: str | int) -> Any:
    if isinstance(node, list):
        return node[int(token)]
    return node.get(str(token)) if isinstance(node, dict) else None


def _closest_branch(error: Error) -> str:
    """Say what keeps a value from the alternative that it comes closest to."""
    if not error.context:
        return ""
    best = min(error.context, key=relevance)
    names = _names_at_fault(best)
    steps = [*best.relative_path, *names[:1]] if names[0] is not None else list(best.relative_path)
    place = join("", *steps)
    return f"; the closest fails{f' at {place}' if place else ''}: {sentence(best, names[0], _closest_branch)}"


def _from_gate(value: Any, schema: dict[str, Any], where: str) -> tuple[Problem, ...]:
    """Fall back on the gate's own places where the reference cannot judge, or is more lenient than the standard."""
    from jsonschema_rs import Draft202012Validator as Gate

    return tuple(
        Problem(
            where,
            join("", *error.instance_path),
            str(error.schema_path[-1]) if error.schema_path else "false",
            f"breaks the rule {error.schema_path[-1] if error.schema_path else 'false'!r}",
            join("", *error.schema_path),
        )
        for error in islice(Gate(schema).iter_errors(value), MOST)
    )
