"""Documents of any schema, and traffic that breaks it in several ways at once; for the properties of drift."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "c", "ada@example.com"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, "", "x", "xyz"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
ANSWERS = st.lists(VALUES, min_size=1, max_size=3)
_TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def _some(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional={word.rstrip("_"): values for word, values in keywords.items()})


_LEAVES = (
    _some(
        type=_TYPES | st.lists(_TYPES, min_size=1, max_size=3, unique=True),
        enum=st.lists(st.integers(0, 2) | st.just("x"), min_size=1, max_size=2, unique=True),
        const=st.integers(0, 1),
        minimum=st.integers(0, 1),
        maxLength=st.integers(0, 1),
        pattern=st.just("^x"),
        minItems=st.integers(0, 1),
        uniqueItems=st.booleans(),
        writeOnly=st.booleans(),
    )
    | st.sampled_from([{"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Two"}])
    | st.booleans()
)


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    named = st.dictionaries(NAMES, inner, max_size=3)
    required = st.lists(NAMES, max_size=2, unique=True)
    return st.one_of(
        _some(
            type=st.just("object"),
            properties=named,
            required=required,
            additionalProperties=inner,
            patternProperties=st.dictionaries(st.sampled_from(["^[ab]", "@"]), inner, max_size=1),
            maxProperties=st.integers(0, 2),
        ),
        _some(properties=named, anyOf=several, oneOf=several, allOf=several, items=inner),
        *(_some(**{word: several}) for word in ("anyOf", "oneOf", "allOf")),
        _some(type=st.just("array"), items=inner, prefixItems=several),
        _some(items=inner, contains=inner, minContains=st.integers(0, 2), maxContains=st.integers(0, 1)),
        _some(properties=named, unevaluatedProperties=inner, unevaluatedItems=inner, allOf=several, anyOf=several),
        _some(properties=named, not_=inner),
        _some(properties=named, if_=inner, then=inner, else_=inner),
        _some(properties=named, propertyNames=inner, dependentRequired=st.just({"a": ["b"]})),
        _some(properties=named, dependentSchemas=named),
    )


SCHEMAS = st.recursive(_LEAVES, _larger, max_leaves=7)


def cases() -> st.SearchStrategy[dict[str, Any]]:
    """Return the schema of an answer, and two components that it and they themselves may refer to."""
    return st.fixed_dictionaries(
        {"schema": SCHEMAS, "schemas": st.fixed_dictionaries({"One": SCHEMAS, "Two": SCHEMAS})}
    )
