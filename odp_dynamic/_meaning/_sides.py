"""The schemas of one document, for values that go one way, read into shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal

from .._document import Document
from .._pointers import from_fragment, join, to_fragment
from .._schema import Schema
from ..errors import SpecError
from ._forms import (
    ANY,
    KINDS,
    NOTHING,
    Form,
    Node,
    Opaque,
    Rule,
    Shape,
    are_apart,
    intersection,
    key_of,
    settled,
    tighter_upper,
    union,
    view,
)

HIDDEN_IN: Mapping[str, str] = {"request": "readOnly", "response": "writeOnly"}
_KIND_OF = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_ALL: Shape = {kind: (Form(kind, ANY),) for kind in KINDS}
_DEEPEST = 150  # applicators within one another, before Python's own stack ends
MOST_SHAPES = 400_000
_JUDGED = "value"  # where a schema that is made here stands in a copy of the document's root

# Keywords whose value is the rule, by the kind of value that they judge.
_PLAIN = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems", "uniqueItems"),
    "object": ("minProperties", "maxProperties"),
}
_DEPENDING = ("anyOf", "oneOf", "if", "dependentSchemas")  # what these evaluate depends on the value


class Side:
    """Is one document, old or new, for values that go one way."""

    def __init__(self, document: Document, direction: Literal["request", "response", ""]) -> None:
        self.document = document
        self.direction = direction
        self._shapes: dict[Node, Shape] = {}
        self._open: list[str] = []

    def shape(self, node: Node) -> Shape:
        """Return what the schemas of a node together allow.

        Raises SpecError where a schema refers to itself only, and for a document that is too large to compare.
        """
        found = self._shapes.get(node)
        if found is None:
            found = self._shapes[node] = self._read(node)
            if len(self._shapes) > MOST_SHAPES:
                raise SpecError("there are too many schemas to compare", "", self.document.source)
        return found

    def _read(self, node: Node) -> Shape:
        if node == NOTHING:
            return {}
        if len(node) == 1:
            return self._read_one(node[0])
        shape = _ALL
        for pointer in node:
            shape = self._and(shape, self.shape((pointer,)), "allOf", (node,), pointer)
        return shape

    def _read_one(self, pointer: str) -> Shape:
        schema = self.document.at(pointer)
        if not isinstance(schema, dict):
            return {} if schema is False else _ALL
        if pointer in self._open:
            raise SpecError("this schema only refers to itself; give it a type", pointer, self.document.source)
        if len(self._open) > _DEEPEST:
            raise SpecError("the schemas are nested too deeply to compare", pointer, self.document.source)
        self._open.append(pointer)
        try:
            return self._combined(schema, pointer)
        finally:
            self._open.pop()

    def _combined(self, schema: Mapping[str, Any], pointer: str) -> Shape:
        shape = self._own(schema, pointer)
        target = schema.get("$ref")
        if isinstance(target, str):
            node = self.node(from_fragment(target))
            shape = self._and(shape, self.shape(node), "$ref", (node,), pointer)
        for number in range(len(schema.get("allOf") or ())):
            node = self.node(join(pointer, "allOf", number))
            shape = self._and(shape, self.shape(node), "allOf", (node,), pointer)
        for keyword in ("anyOf", "oneOf"):
            if schema.get(keyword):
                nodes = tuple(self.node(join(pointer, keyword, n)) for n in range(len(schema[keyword])))
                shape = self._and(shape, self._alternatives(keyword, nodes, pointer), keyword, nodes, pointer)
        if schema.get("not") in (True, {}):
            return {}
        if "if" in schema:
            shape = self._conditional(shape, schema, pointer)
        for opaque in self._conditions(schema, pointer):
            shape = _with(shape, opaque)
        return self._unevaluated(shape, schema, pointer)

    def _conditional(self, shape: Shape, schema: Mapping[str, Any], pointer: str) -> Shape:
        """Read an ``if``: one that asks for kinds of values alone decides kind by kind."""
        parts = tuple(self.node(join(pointer, part)) if part in schema else ANY for part in ("if", "then", "else"))
        asked, *others = map(self.shape, parts)
        if not all(form.is_free for forms in asked.values() for form in forms):
            return _with(shape, Opaque("if", "", parts, pointer))
        chosen = {kind: others[kind not in asked] for kind in KINDS}
        decided = {kind: answer[kind] for kind, answer in chosen.items() if kind in answer}
        return self._and(shape, decided, "if", parts, pointer)

    def _and(self, shape: Shape, other: Shape, keyword: str, nodes: tuple[Node, ...], pointer: str) -> Shape:
        if other is _ALL or shape is _ALL:
            return shape if other is _ALL else other
        found = intersection(shape, other)
        return _with(shape, Opaque(keyword, "", nodes, pointer)) if found is None else found

    def _alternatives(self, keyword: str, nodes: tuple[Node, ...], pointer: str) -> Shape:
        shapes = [self.shape(node) for node in nodes]
        if keyword == "anyOf" or self._exclude_each_other(shapes):
            return union(shapes)
        return _with(union(shapes), Opaque("oneOf", "", nodes, pointer))

    def _exclude_each_other(self, shapes: list[Shape]) -> bool:
        forms = [(number, form) for number, shape in enumerate(shapes) for kind in shape for form in shape[kind]]
        if len(forms) > 2 * len(KINDS) * len(shapes):
            return False
        return all(a.kind != b.kind or self._are_apart(a, b) for n, a in forms for m, b in forms if n < m)

    def _are_apart(self, one: Form, other: Form) -> bool:
        """Return whether no value fits both forms: by their rules, or by a property that both require."""
        if are_apart(one, other):
            return True
        required = (one.value("required") or frozenset()) & (other.value("required") or frozenset())
        return any(self._share_nothing(view(one, name), view(other, name)) for name in sorted(required))

    def _share_nothing(self, one: Node, other: Node) -> bool:
        mine, others = self.shape(one), self.shape(other)
        return all(are_apart(a, b) for kind in mine.keys() & others.keys() for a in mine[kind] for b in others[kind])

    def _own(self, schema: Mapping[str, Any], pointer: str) -> Shape:
        """Read what a schema says itself, without its combinators."""
        listed = schema.get("type", list(KINDS))
        names = [listed] if isinstance(listed, str) else listed
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        found = {}
        for kind in KINDS:
            if kind in names or (kind == "number" and "integer" in names):
                form = self._form(kind, schema, pointer)
                if kind == "number" and "number" not in names:
                    form = settled(form._replace(rules={**form.rules, "integer": Rule(True, pointer)}))  # noqa: FBT003
                if values is not None:
                    mine = {key_of(value): value for value in values if _KIND_OF.get(type(value)) == kind}
                    form = settled(form._replace(rules={**form.rules, "enum": Rule(mine, pointer)}))
                if form.value("enum") == {}:
                    continue
                found[kind] = (form,)
        return _ALL if all(kind in found and found[kind][0].is_free for kind in KINDS) else found

    def _form(self, kind: str, schema: Mapping[str, Any], pointer: str) -> Form:
        rules = {name: Rule(schema[name], pointer) for name in _PLAIN.get(kind, ()) if name in schema}
        form = Form(kind, (pointer,), rules)
        if kind == "number":
            # Formats of numbers need a type to be told from those of strings.
            texts = _texts(schema, pointer, "format") if "type" in schema else {}
            form = form._replace(rules={**dict(_bounds(schema, pointer)), **texts})
        elif kind == "string":
            form = form._replace(rules=rules | _texts(schema, pointer, "pattern", "format"))
        elif kind == "array":
            prefix = tuple(
                self.node(join(pointer, "prefixItems", n)) for n in range(len(schema.get("prefixItems") or ()))
            )
            form = form._replace(prefix=prefix, items=self._child(schema, pointer, "items"))
        elif kind == "object":
            form = self._object(form, schema, pointer)
        return settled(form)

    def _object(self, form: Form, schema: Mapping[str, Any], pointer: str) -> Form:
        properties = {
            name: self._property(join(pointer, "properties", name)) for name in schema.get("properties") or ()
        }
        patterns = {
            name: self.node(join(pointer, "patternProperties", name)) for name in schema.get("patternProperties") or ()
        }
        rules = dict(form.rules)
        if schema.get("required"):
            rules["required"] = Rule(frozenset(schema["required"]), pointer)
        additional = self._child(schema, pointer, "additionalProperties")
        return form._replace(rules=rules, properties=properties, patterns=patterns, additional=additional)

    def _child(self, schema: Mapping[str, Any], pointer: str, keyword: str) -> Node:
        return self.node(join(pointer, keyword)) if schema.get(keyword, True) not in (True, {}) else ANY

    def node(self, pointer: str) -> Node:
        """Return the node of one schema; one that is but a reference is what it refers to."""
        schema = self.document.at(pointer)
        if isinstance(schema, dict) and schema.keys() == {"$ref"}:
            schema, pointer = self.document.resolve(pointer)
        return ANY if schema in (True, {}) else (pointer,)

    def _property(self, pointer: str) -> Node:
        return NOTHING if self._is_hidden(pointer) else self.node(pointer)

    def _is_hidden(self, pointer: str) -> bool:
        marker = HIDDEN_IN.get(self.direction)
        seen: set[str] = set()
        while marker and pointer not in seen:
            seen.add(pointer)
            schema = self.document.at(pointer)
            if not isinstance(schema, dict):
                return False
            if schema.get(marker) is True:
                return True
            if not isinstance(schema.get("$ref"), str):
                return False
            pointer = from_fragment(schema["$ref"])
        return False

    def _conditions(self, schema: Mapping[str, Any], pointer: str) -> Iterator[Opaque]:
        """Yield the rules that are compared for being the same only."""
        if "not" in schema and self.shape(self.node(join(pointer, "not"))):
            yield Opaque("not", "", (self.node(join(pointer, "not")),), pointer)
        if "contains" in schema:
            detail = key_of([schema.get("minContains", 1), schema.get("maxContains")])
            yield Opaque("contains", detail, (self.node(join(pointer, "contains")),), pointer)
        if "propertyNames" in schema:
            yield Opaque("propertyNames", "", (self.node(join(pointer, "propertyNames")),), pointer)
        for name in schema.get("dependentSchemas") or ():
            yield Opaque("dependentSchemas", name, (self.node(join(pointer, "dependentSchemas", name)),), pointer)
        for name, names in (schema.get("dependentRequired") or {}).items():
            yield Opaque("dependentRequired", key_of([name, sorted(names)]), (), pointer)

    def _unevaluated(self, shape: Shape, schema: Mapping[str, Any], pointer: str) -> Shape:
        """Read what is left for names and items that no other keyword evaluates.

        That is `additionalProperties` for all that stands in ``allOf``, unless what is evaluated depends on the value.
        """
        found = dict(shape)
        for keyword, kind in (("unevaluatedProperties", "object"), ("unevaluatedItems", "array")):
            if schema.get(keyword, True) in (True, {}) or kind not in found:
                continue
            node = self.node(join(pointer, keyword))
            if any(form.opaque for form in found[kind]) or self._depends(pointer) or len(found[kind]) > 1:
                found[kind] = tuple(_added(form, Opaque(keyword, "", (node,), pointer)) for form in found[kind])
            elif kind == "object":
                found[kind] = tuple(f if f.additional else f._replace(additional=node) for f in found[kind])
            else:
                found[kind] = tuple(f if f.items else f._replace(items=node) for f in found[kind])
        return found

    def _depends(self, pointer: str) -> bool:
        """Return whether what a schema evaluates depends on the value; it has been read, so that this ends."""
        schema = self.document.at(pointer)
        if not isinstance(schema, dict):
            return False
        if any(keyword in schema for keyword in _DEPENDING):
            return True
        inner = [join(pointer, "allOf", number) for number in range(len(schema.get("allOf") or ()))]
        if isinstance(schema.get("$ref"), str):
            inner.append(from_fragment(schema["$ref"]))
        return any(self._depends(place) for place in inner)

    def with_schema(self, schema: Any) -> tuple[dict[str, Any], str]:
        """Return the document's root with one more schema, and where that stands."""
        return {**self.document.root, _JUDGED: schema}, f"/{_JUDGED}"

    def accepts(self, node: Node, value: Any) -> bool:
        """Return whether a value fits all schemas of a node, by the judge that calls have."""
        return node != NOTHING and all(self._judge(pointer).is_valid(value) for pointer in node)

    @cache  # noqa: B019  # as long as the side itself
    def _judge(self, pointer: str) -> Schema:
        return Schema(self.document, pointer, self.direction or None)


def referring(node: Node) -> dict[str, Any]:
    """Return a schema of a node, to stand anywhere in its document."""
    if node == NOTHING:
        return {"not": {}}
    return {"allOf": [{"$ref": to_fragment(pointer)} for pointer in node]} if node else {}


def _texts(schema: Mapping[str, Any], pointer: str, *keywords: str) -> dict[str, Rule]:
    """Read keywords of which several may hold at once."""
    return {name: Rule(frozenset([schema[name]]), pointer) for name in keywords if isinstance(schema.get(name), str)}


def _bounds(schema: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Rule]]:
    """Read the bounds of a number; of an inclusive and an exclusive one the tighter counts."""
    for name, inclusive, exclusive, tighter in (
        ("lower", "minimum", "exclusiveMinimum", max),
        ("upper", "maximum", "exclusiveMaximum", tighter_upper),
    ):
        found = [(schema[keyword], keyword == exclusive) for keyword in (inclusive, exclusive) if keyword in schema]
        if found:
            yield name, Rule(tighter(*found) if len(found) > 1 else found[0], pointer)
    if "multipleOf" in schema:
        yield "multipleOf", Rule(frozenset([schema["multipleOf"]]), pointer)


def _with(shape: Shape, opaque: Opaque) -> Shape:
    """Add a rule to the forms of all kinds that it can concern."""
    kind = _CONCERNS.get(opaque.keyword)
    return {k: tuple(_added(form, opaque) if kind in (None, k) else form for form in shape[k]) for k in shape}


_CONCERNS = {
    "contains": "array",
    "propertyNames": "object",
    "dependentSchemas": "object",
    "dependentRequired": "object",
}


def _added(form: Form, opaque: Opaque) -> Form:
    return form._replace(opaque=(*form.opaque, opaque))
