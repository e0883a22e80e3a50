"""Values near an example: what is tried where no schema says which value would show a difference.

Nothing here knows a rule: values are dropped, added, renamed, lengthened, and put in another's place, with the words
that the schemas themselves use, and those just beyond their bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import Any, NamedTuple

from .._document import Document
from .._example_strings import strings_matching
from .._meaning import key_of
from .._pointers import from_fragment

_MOST_NODES = 200  # of schemas that words are taken from
_LONGEST = 300  # characters, items or properties of a value that is made here
_CHANGES = 2  # one upon the other
_MOST_INNER = 40  # changes within one member
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_SIZES = frozenset(
    {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"}
)
_NAMING = ("properties", "required", "dependentRequired", "dependentSchemas")


class Words(NamedTuple):
    """Is what schemas speak of: names of properties, values, and sizes."""

    names: dict[str, None]
    values: list[Any]
    sizes: list[int]


def words_of(places: Iterable[tuple[Document, str]]) -> Words:
    """Return the words of some schemas, and of what they refer to."""
    words = Words({}, [None, True, False, 0, 1, -1, 0.5, "", "a", "A", "0", [], {}], [0, 1, 2, 3])
    for document, pointer in places:
        _read(document, pointer, words)
    unique = {key_of(value): value for value in words.values}
    return Words(words.names, list(unique.values()), sorted(set(words.sizes)))


def _read(document: Document, pointer: str, words: Words) -> None:
    waiting: list[tuple[Any, bool]] = [(document.at(pointer), False)]
    followed = {pointer}
    for node, names in waiting:  # which grows meanwhile
        if len(waiting) > _MOST_NODES:
            return
        if isinstance(node, list):
            waiting += [(part, names) for part in node]
        if not isinstance(node, dict):
            continue
        _add(node, words, names=names)
        target = node.get("$ref")
        if isinstance(target, str) and target not in followed:
            followed.add(target)
            waiting.append((document.at(from_fragment(target)), names))
        waiting += [(part, names or word == "propertyNames") for word, part in node.items() if word != "const"]


def _add(schema: dict[str, Any], words: Words, *, names: bool) -> None:
    """Add the words of one schema; `names` says that it judges names of properties."""
    values = [schema["const"]] if "const" in schema else []
    values += schema["enum"] if isinstance(schema.get("enum"), list) else []
    for word, told in schema.items():
        if word in _BOUNDS and isinstance(told, int | float):
            values += [told, told + 1, told - 1, told + 0.5, told * 3, told * 7]
        elif word in _SIZES and isinstance(told, int):
            words.sizes.extend(size for size in (told - 1, told, told + 1) if 0 <= size <= _LONGEST)
        elif word == "pattern" and isinstance(told, str):
            values += strings_matching(told, 2)
        elif word in _NAMING and isinstance(told, dict | list):
            words.names.update(dict.fromkeys(told))
        elif word == "patternProperties" and isinstance(told, dict):
            words.names.update(dict.fromkeys(text for pattern in told for text in strings_matching(pattern, 1)))
    words.values.extend(values)
    if names:
        words.names.update(dict.fromkeys(value for value in values if isinstance(value, str)))
        words.names.update(dict.fromkeys("a" * size for size in words.sizes))


def nearby(seeds: Iterable[Any], words: Words) -> Iterator[Any]:
    """Yield the seeds, then what one change makes of each, then what a second one does; each value once."""
    seen: set[str] = set()
    level = seeds
    for _ in range(_CHANGES + 1):
        following = []
        for value in level:
            key = key_of(value)
            if key not in seen:
                seen.add(key)
                following.append(value)
                yield value
        level = (changed for value in following for changed in _changed(value, words))


def _changed(value: Any, words: Words) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from _changed_object(value, words)
    elif isinstance(value, list):
        yield from _changed_array(value, words)
    elif isinstance(value, str):
        yield from (_resized(value or "a", size) for size in words.sizes)
    yield from words.values


def _changed_object(value: dict[str, Any], words: Words) -> Iterator[Any]:
    others = [name for name in words.names if name not in value]
    yield from ({key: inner for key, inner in value.items() if key != name} for name in value)
    yield from ({**value, name: "a"} for name in others)
    for name, member in value.items():
        yield from ({**value, name: inner} for inner in islice(_changed(member, words), _MOST_INNER))
    for name, other in product(value, others):
        yield {other if key == name else key: inner for key, inner in value.items()}
    yield from ({**value, name: inner} for name, inner in product(others, words.values))
    yield from ({**value, **{f"name{n}": "a" for n in range(size - len(value))}} for size in words.sizes)


def _changed_array(value: list[Any], words: Words) -> Iterator[Any]:
    if value:
        yield from (_resized(value, size) for size in (len(value) + 1, *words.sizes))
    yield from (value[:number] + value[number + 1 :] for number in range(len(value)))
    yield from ([*value, inner] for inner in words.values)
    for number, item in enumerate(value):
        for inner in islice(_changed(item, words), _MOST_INNER):
            yield [*value[:number], inner, *value[number + 1 :]]


def _resized(value: Any, size: int) -> Any:
    return (value * (size // len(value) + 1))[:size]
