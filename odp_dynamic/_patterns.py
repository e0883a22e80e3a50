"""Patterns of documents, matched by the engine that judges calls: its work is bounded by the length of the text.

Python's own `re` goes back and forth, and with a pattern such as ``^(a+)+$`` thirty letters keep it busy for hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

_SHORT = 20  # letters of a name that `re` may be given: a million steps at most


@lru_cache(1000)
def _judge(pattern: str) -> Any:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator({"pattern": pattern}).is_valid


def matches(pattern: str, text: str) -> bool:
    """Return whether a pattern is found in a text; one that cannot be compiled is not."""
    try:
        return bool(_judge(pattern)(text))
    except ValueError:  # calls say so
        return False


def bounded(are_there: Callable[[], bool], *, doubtful: bool) -> Any:
    """Return a class of `jsonschema` validators that match patterns so.

    Which properties are evaluated it works out with `re` all the same: of long names that is too much to ask where
    `are_there` says that there are patterns of names at all, and then `doubtful` says whether they fit.
    """
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.validators import extend

    original = Draft202012Validator.VALIDATORS["unevaluatedProperties"]

    def unevaluated_properties(judge: Any, rule: Any, value: Any, schema: Any) -> Iterator[Any]:
        if not isinstance(value, dict) or all(len(name) <= _SHORT for name in value) or not are_there():
            yield from original(judge, rule, value, schema)
        elif not doubtful:
            yield ValidationError("unevaluatedProperties")

    keywords: dict[str, Any] = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "unevaluatedProperties": unevaluated_properties,
    }
    return extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]


def _pattern(_judge: Any, rule: str, value: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(value, str) and not matches(rule, value):
        yield ValidationError("pattern")


def _pattern_properties(judge: Any, rules: Mapping[str, Any], value: Any, _schema: Any) -> Iterator[Any]:
    for rule, schema in rules.items() if isinstance(value, dict) else ():
        for name, inner in value.items():
            if matches(rule, name):
                yield from judge.descend(inner, schema, path=name, schema_path=rule)


def _additional_properties(judge: Any, rule: Any, value: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    declared, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    names = [name for name in value if name not in declared] if isinstance(value, dict) else []
    others = [name for name in names if not any(matches(each, name) for each in patterns)]
    if isinstance(rule, dict):
        for name in others:
            yield from judge.descend(value[name], rule, path=name)
    elif rule is False and others:
        yield ValidationError("additionalProperties")


def has_patterns(root: Any) -> bool:
    """Return whether names of properties are described by patterns anywhere in a document."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "patternProperties" in node:
                return True
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return False
