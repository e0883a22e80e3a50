"""Patterns of documents, matched by the engine that judges calls: its work is bounded by the length of the text.

Python's own `re` goes back and forth, and with a pattern such as ``^(a+)+$`` thirty letters keep it busy for hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def bounded_keywords(root: Any) -> dict[str, Any]:
    """Return the keywords for a `jsonschema` validator of the document `root` that match patterns so."""
    from jsonschema import Draft202012Validator, ValidationError

    original = Draft202012Validator.VALIDATORS["unevaluatedProperties"]

    def pattern(_judge: Any, rule: str, value: Any, _schema: Any) -> Iterator[Any]:
        if isinstance(value, str) and not matches(rule, value):
            yield ValidationError("pattern")

    def unevaluated_properties(judge: Any, rule: Any, value: Any, schema: Any) -> Iterator[Any]:
        # What is evaluated is worked out with `re`, which must not have its way with a long name.
        if isinstance(value, dict) and any(len(name) > _SHORT for name in value) and _has_patterns(root):
            yield ValidationError("unevaluatedProperties")
        else:
            yield from original(judge, rule, value, schema)

    own = {"patternProperties": _pattern_properties, "additionalProperties": _additional_properties}
    return {"pattern": pattern, **own, "unevaluatedProperties": unevaluated_properties}


def _pattern_properties(judge: Any, rules: Mapping[str, Any], value: Any, _schema: Any) -> Iterator[Any]:
    for name in value if isinstance(value, dict) else ():
        for rule, schema in rules.items():
            if matches(rule, name):
                yield from judge.descend(value[name], schema)


def _additional_properties(judge: Any, rule: Any, value: Any, schema: Any) -> Iterator[Any]:
    declared, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name in value if isinstance(value, dict) else ():
        if name not in declared and not any(matches(each, name) for each in patterns):
            yield from judge.descend(value[name], rule)


def _has_patterns(root: Any) -> bool:
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
