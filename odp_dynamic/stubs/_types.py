"""Types: what a schema allows, as Python's type expressions write it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from .._document import Document
from .._meaning import KINDS, NOTHING, Form, Node, Shape, Side, view
from .._pointers import from_fragment, join, split
from ..errors import SpecError
from ._marks import Marks
from ._names import Names, is_name, literal

# A multipart body is a request of its own kind: bytes and files may stand where a schema has text.
Way = Literal["request", "response", "multipart"]
Variant = Literal["", "request", "multipart"]
_SUFFIXES: dict[Variant, str] = {"": "", "request": "Request", "multipart": "Form"}
_ORDER = (*KINDS[1:], KINDS[0])  # as people write it: null comes last
# How the client writes what stands for text of a format, where an argument is (OpenAPI's registry of formats).
_FORMATS = {"date-time": "datetime", "date": "date", "time": "time", "uuid": "UUID"}

# Beyond, a type is Any: lists within one another, and letters, which can be many where parts are used again and again.
_DEEPEST = 20
_LONGEST = 20_000


class Class(NamedTuple):
    """Is a TypedDict to be written: its name, what describes it, and each property's type, and whether it must be."""

    name: str
    description: str
    properties: dict[str, tuple[str, bool]]


class Alias(NamedTuple):
    """Is another name for a type."""

    name: str
    type: str


class _Waiting(NamedTuple):
    name: str
    form: Form
    types: Types


class Declared:
    """Is the types that a stub file declares, by what they are made of; each is written once, when it is asked for."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.written: list[Class | Alias] = []
        self._classes: dict[Any, str] = {}
        self._waiting: deque[_Waiting] = deque()

    def class_of(self, types: Types, form: Form, wanted: str) -> str:
        """Return the name of the TypedDict of a form; one that has none gets one, and is declared."""
        whole = _whole(types, form)
        name = self._classes.get(whole)
        if name is None:
            name = self._classes[whole] = self.names.new(wanted)
            self.declare(types, form, name)
        return name

    def name(self, types: Types, form: Form, name: str) -> None:
        """Give the TypedDict of a form a name, unless it has one."""
        self._classes.setdefault(_whole(types, form), name)

    def declare(self, types: Types, form: Form, name: str) -> None:
        """Declare a TypedDict by its name."""
        self._waiting.append(_Waiting(name, form, types))

    def write(self) -> None:
        """Write what was asked for, and what that asks for."""
        while self._waiting:
            name, form, types = self._waiting.popleft()
            self.written.append(types.class_from(name, form))


def _whole(types: Types, form: Form) -> tuple[Any, ...]:
    """Return all that makes a TypedDict what it is."""
    return types.place, form.sources, tuple(form.properties.items()), form.additional, form.value("required")


class Schemas:
    """Is the schemas of one document, each with a type for each way that its values go."""

    def __init__(self, document: Document, declared: Declared) -> None:
        self.document = document
        self.declared = declared
        self.components: dict[tuple[str, Variant], str] = {}
        self._marks = Marks(document)
        self._types: dict[Variant, Types] = {}

    def types(self, node: Node, way: Way) -> Types:
        """Return what writes the types of a node for values that go this way."""
        variant: Variant = way if way == "multipart" else ""
        if way == "request" and self._marks.differ(node):
            variant = "request"
        return self._of(variant, "response" if way == "response" or variant == "" else "request")

    def _of(self, variant: Variant, way: Literal["request", "response"]) -> Types:
        found = self._types.get(variant)
        if found is None:
            found = self._types[variant] = Types(self, variant, Side(self.document, way))
        return found

    def node(self, pointer: str) -> Node:
        """Return the node of the schema at a pointer."""
        return self._of("", "response").side.node(pointer)

    def declare(self) -> None:
        """Declare the component schemas, in the order of the document."""
        pointers = [
            join("", "components", "schemas", name)
            for name in (self.document.root.get("components") or {}).get("schemas") or {}
        ]
        ways: tuple[Way, ...] = ("response", "request")
        found = {}
        for pointer in pointers:
            for way in ways:
                types = self.types((pointer,), way)
                found[pointer, types.variant] = types
        # Those whose names can stay come first, or another might have taken such a name.
        for pointer, variant in sorted(found, key=lambda place: not is_name(split(place[0])[-1])):
            self.components[pointer, variant] = self.declared.names.new(split(pointer)[-1] + _SUFFIXES[variant])
        forms = {place: types.class_form((place[0],)) for place, types in found.items()}
        # Of two components that are the same, one merely refers to the other.
        for place in sorted(found, key=lambda place: (form := forms[place]) is None or place[0] not in form.sources):
            if (form := forms[place]) is not None:
                self.declared.name(found[place], form, self.components[place])
        for (pointer, _), types in found.items():
            types.declare(pointer)
            self.declared.write()


class Types:
    """Writes the types of one document's schemas, for values that go one way."""

    def __init__(self, schemas: Schemas, variant: Variant, side: Side) -> None:
        self.schemas = schemas
        self.variant = variant
        self.side = side
        self.place = id(schemas.document), variant
        self._open: list[Node] = []
        self._told: dict[tuple[Node, bool], str] = {}

    def declare(self, pointer: str) -> None:
        """Declare a component: its class where it is an object with properties, else another name for its type."""
        name = self.schemas.components[pointer, self.variant]
        node = self.side.node(pointer)
        form = self.class_form(node)
        if node == (pointer,) and form is not None:
            self.schemas.declared.declare(self, form, name)
            return
        told = self.of(node, name) if node != (pointer,) else self._expression(node, name)
        self.schemas.declared.written.append(Alias(name, told))

    def of(self, node: Node, wanted: str) -> str:
        """Return the type of a node; `wanted` names what is to be declared for that."""
        types = self._for(node)
        if types is not self:
            return types.of(node, wanted)
        name = self._component(node)
        if name is not None and self.class_form(node) is None:
            return name
        if node in self._open or len(self._open) > _DEEPEST:
            return self._known("Any")  # it contains itself, and has no name by which to say so
        return self._expression(node, name or wanted)

    def argument(self, node: Node, wanted: str) -> str:
        """Return the type of what may be given as an argument: also what the client writes as such a value."""
        types = self._for(node)
        if types is not self:
            return types.argument(node, wanted)
        return self._expression(node, self._component(node) or wanted, loose=True)

    def class_from(self, name: str, form: Form) -> Class:
        """Return the TypedDict of a form; what can never be there is left out."""
        required = form.value("required") or frozenset()
        properties = {}
        for key in dict.fromkeys([*form.properties, *sorted(required)]):
            told = self.of(view(form, key), f"{name} {key}")
            if told != self._known("Never") or key in required:
                properties[key] = told, key in required
        return Class(name, self._description(form), properties)

    def shape(self, node: Node) -> Shape | None:
        """Return what a node allows; None where nothing can be told, or all is allowed.

        A schema without a type that has rules for one kind of value only, such as ``properties``, is taken to be of
        that kind.
        """
        try:
            shape = self.side.shape(node)
        except SpecError:  # it refers to itself only, or is too deep; its own call says so
            return None
        ruled = [kind for kind in shape if not shape[kind][0].is_free]
        if len(shape) < len(KINDS) or len(ruled) > 1:
            return shape
        if not ruled:
            return None
        return shape if self._has_alternatives(node) else {ruled[0]: shape[ruled[0]]}

    def _has_alternatives(self, node: Node) -> bool:
        """Return whether a value may fit one of several schemas; the node has been read, so that this ends."""
        waiting = list(node)
        while waiting:
            pointer = waiting.pop()
            schema = self.side.document.at(pointer)
            if isinstance(schema, dict):
                if "anyOf" in schema or "oneOf" in schema:
                    return True
                waiting += [join(pointer, "allOf", number) for number in range(len(schema.get("allOf") or ()))]
                waiting += [from_fragment(schema["$ref"])] if isinstance(schema.get("$ref"), str) else []
        return False

    def object_forms(self, node: Node) -> tuple[Form, ...]:
        """Return what objects that fit a node may be."""
        return (self.shape(node) or {}).get("object", ())

    def _for(self, node: Node) -> Types:
        """Return who writes a part: its type is the same for all ways where it does not differ."""
        if node == NOTHING or self.variant != "request":
            return self
        return self.schemas.types(node, "request")

    def _known(self, name: str) -> str:
        return self.schemas.declared.names.known(name)

    def _component(self, node: Node) -> str | None:
        return self.schemas.components.get((node[0], self.variant)) if len(node) == 1 else None

    def class_form(self, node: Node) -> Form | None:
        """Return the one form of what is an object with properties, or null, and nothing else."""
        shape = self.shape(node) or {}
        forms = shape.get("object", ())
        alone = len(forms) == 1 and shape.keys() <= {"object", "null"}
        return forms[0] if alone and _has_names(forms[0]) else None

    def _expression(self, node: Node, wanted: str, *, loose: bool = False) -> str:
        told = self._told.get((node, loose))
        if told is not None:
            return told
        shape = self.shape(node)
        if shape is None:
            return self._known("Any")
        self._open.append(node)
        try:
            told = self.union(self._parts(node, shape, wanted, loose=loose))
        finally:
            self._open.pop()
        told = self._told[node, loose] = told if len(told) <= _LONGEST else self._known("Any")
        return told

    def union(self, parts: Iterable[str]) -> str:
        """Return the type of what is of one of these types."""
        unique = list(dict.fromkeys(parts))
        if self._known("Any") in unique:
            return self._known("Any")
        never = self._known("Never")
        unique = [part for part in unique if part != never]
        whole, fractions = self._known("int"), self._known("float")
        if fractions in unique and whole in unique:
            unique.remove(whole)
        return " | ".join(unique) or never

    def _parts(self, node: Node, shape: Shape, wanted: str, *, loose: bool) -> Iterator[str]:
        listed: dict[str, None] = {}
        inside: list[str] = []
        for kind in _ORDER:
            forms = shape.get(kind, ())
            for number, form in enumerate(forms, 1):
                values = self._literals(form)
                listed |= dict.fromkeys(values or ())
                if values is None:
                    name = wanted if len(forms) == 1 else f"{wanted} {number}"
                    inside += self._kind(node, form, name, loose=loose)
        if listed:
            yield f"{self._known('Literal')}[{', '.join(listed)}]"
        yield from inside

    @staticmethod
    def _literals(form: Form) -> list[str] | None:
        """Return the values of a form that lists them, as they stand in a Literal; None where it does not."""
        values = form.value("enum")
        if values is None or form.kind in {"null", "array", "object"}:
            return None
        told = [literal(value) for value in values.values()]
        return None if None in told else [text for text in told if text is not None]

    def _kind(self, node: Node, form: Form, wanted: str, *, loose: bool) -> Iterator[str]:
        known = self._known
        if form.kind == "null":
            yield "None"
        elif form.kind == "boolean":
            yield known("bool")
        elif form.kind == "number":
            yield known("int" if form.value("integer") else "float")
            if loose and not form.value("integer"):
                yield known("Decimal")
        elif form.kind == "string":
            yield from self._text(form, loose=loose)
        elif form.kind == "array":
            item = self._item(form, wanted)
            yield f"{known('list')}[{item}]"
            if loose:
                yield f"{known('tuple')}[{item}, ...]"
        else:
            yield from self._object(node, form, wanted)

    def _text(self, form: Form, *, loose: bool) -> Iterator[str]:
        yield self._known("str")
        if self.variant == "multipart":
            yield from self.binary()
        if loose:
            yield from (self._known(_FORMATS[name]) for name in form.value("format") or () if name in _FORMATS)

    def binary(self) -> list[str]:
        """Return the types of content that is sent as it is."""
        return [self._known("bytes"), f"{self._known('IO')}[{self._known('bytes')}]"]

    def _item(self, form: Form, wanted: str) -> str:
        items = [self.of(node, f"{wanted} item") for node in (*form.prefix, form.items)]
        return self.union(items)

    def _object(self, node: Node, form: Form, wanted: str) -> Iterator[str]:
        declared = self.schemas.declared
        if _has_names(form):
            yield declared.class_of(self, form, f"{wanted} object" if self._component(node) else wanted)
            if not self.invites(form):
                return
            value = self._known("Any")
        else:
            others = [*form.patterns.values(), *form.properties.values()]
            others += [form.additional] if self.invites(form) or not others else []
            value = self.union(self.of(other, f"{wanted} value") for other in others)
        yield f"{self._known('dict')}[{self._known('str')}, {value}]"

    def invites(self, form: Form) -> bool:
        """Return whether other names than those of its properties are asked for, rather than merely not refused."""
        said = (self.side.document.at(pointer) for pointer in form.sources)
        explicit = any(schema.get("additionalProperties") not in (None, False) for schema in said)
        return bool(form.patterns) or (explicit and self.shape(form.additional) != {})

    def _description(self, form: Form) -> str:
        said = (self.side.document.at(pointer) for pointer in form.sources)
        return next((text for schema in said if isinstance(text := schema.get("description"), str)), "")


def _has_names(form: Form) -> bool:
    """Return whether a TypedDict can say what a form is; it cannot have an empty name."""
    names = {name for name, node in form.properties.items() if node != NOTHING}
    names |= form.value("required") or frozenset()
    return bool(names) and "" not in names
