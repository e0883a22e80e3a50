"""The referee: openapi-core judges each request that arrives and each answer that leaves.

It is no code of ours on purpose: where our client and our handlers agree on a mistake, it does not. Only what would
make it judge something else than the document's schemas is set aside: it looks no path up (any host will do, and
`_routes` has found the operation), asks for no key (`_keys` has), and asserts no `format`, which is an annotation
(JSON Schema 2020-12, validation, 7.2.1). What is right is told by `_compiled`, in a fifth of the time.

Importing this module takes a third of a second, all of it openapi-core's: only who makes a sandbox does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import count
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import FormatChecker
from jsonschema.validators import extend
from jsonschema_path import SchemaPath
from openapi_core import V31RequestValidator, V31ResponseValidator
from openapi_core.casting.schemas import oas31_types_caster
from openapi_core.casting.schemas.factories import SchemaCastersFactory
from openapi_core.deserializing.styles import StyleDeserializersFactory, style_deserializers
from openapi_core.deserializing.styles.exceptions import EmptyQueryParameterValue
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.finders import BasePathFinder
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
from openapi_schema_validator import OAS31Validator
from werkzeug.datastructures import Headers, ImmutableMultiDict

from .._document import Document
from .._operations import Operation, Parameter
from ._compiled import Compiled
from ._faults import departures, dotted
from ._requests import Arrived, is_json

_WHEN = ("always", "sample", "off")
_EVERY = 10  # of a sample


class Referee:
    """Judges by one document; it is made once, and threads may share it.

    `when` says what it judges: all, one in ten of each operation, or nothing. A request that is not judged is let pass
    only where it is right at first sight: what is refused, and how, is openapi-core's to say in any case.

    Raises ValueError for another word.
    """

    def __init__(self, document: Document, when: str) -> None:
        if when not in _WHEN:
            raise ValueError(f"referee has no {when!r}: {', '.join(map(repr, _WHEN))}")
        self._when = when
        self._asked: defaultdict[str, count[int]] = defaultdict(count)
        self._answered: defaultdict[str, count[int]] = defaultdict(count)
        spec = SchemaPath.from_dict(_judged(document.root))
        self._of_requests = V31RequestValidator(spec, **_how_to_judge(hidden="readOnly"))
        self._of_answers = V31ResponseValidator(spec, **_how_to_judge(hidden="writeOnly"))
        self._compiled: dict[str, Compiled] = {}

    def request_errors(self, operation: Operation, path: Mapping[str, str], arrived: Arrived) -> list[Exception]:
        """Return openapi-core's errors for a request, in its order."""
        if not self._is_due(self._asked[operation.id]) and _is_right(operation, arrived):
            return []
        sent = _Sent(operation, path, arrived)
        if self._compiled_of(operation).accepts(sent):
            return []
        errors = self._of_requests.iter_errors(sent)
        return [error for error in errors if not _is_overruled(error, operation)]

    def answer_faults(self, operation: Operation, status: int, media_type: str, content: bytes) -> list[str]:
        """Return sentences that say where an answer of ours departs from the document; without its values."""
        if not self._is_due(self._answered[operation.id]):
            return []
        answered = _Answered(status, media_type, content)
        if self._compiled_of(operation).accepts_answer(answered):
            return []
        asked: Any = _Asked(operation)  # it needs no more of the request
        errors = list(self._of_answers.iter_errors(asked, answered))
        return [f"{dotted(place)} {phrase}" for place, phrase in departures(errors)] or [str(error) for error in errors]

    def _compiled_of(self, operation: Operation) -> Compiled:
        compiled = self._compiled.get(operation.id)
        if compiled is None:  # two threads may both make it
            made = Compiled(self._of_requests, self._of_answers, operation.path, operation.method.lower())
            compiled = self._compiled.setdefault(operation.id, made)
        return compiled

    def _is_due(self, turns: count[int]) -> bool:
        return self._when == "always" or (self._when == "sample" and next(turns) % _EVERY == 0)


def _is_right(operation: Operation, arrived: Arrived) -> bool:
    """Tell whether a request is right at first sight: any text will do as a parameter, and its body fits its schema."""
    if not all(map(_takes_any_text, operation.parameters)):
        return False
    body, media_type = operation.request_body, arrived.media_type
    if body is None:
        return True
    is_known = bool(arrived.body) and media_type in body.content and is_json(media_type)
    return is_known and not body.problems(arrived.data(), media_type)


def _takes_any_text(parameter: Parameter) -> bool:
    if not parameter.schema or parameter.style not in {"simple", "form"}:
        return False
    if parameter.required and parameter.location != "path":  # of which there is a value: the path was found by it
        return False
    node, _ = parameter.schema.document.resolve(parameter.schema.pointer)
    return bool(node.get("type") == "string") and node.keys() <= _SAYING_NO_MORE


_SAYING_NO_MORE = frozenset({"type", "title", "description", "example", "examples", "format"})


def _is_overruled(error: Exception, operation: Operation) -> bool:
    """Tell whether openapi-core refuses what the document allows."""
    if isinstance(error.__cause__, EmptyQueryParameterValue):
        return True  # an empty string is a string: the schema decides whether it will do
    # It finds an exploded object by the properties that are declared, and misses one that may have any.
    name = getattr(error, "name", None)
    return any(_is_free_form(parameter) for parameter in operation.parameters if parameter.name == name)


def _is_free_form(parameter: Parameter) -> bool:
    if parameter.location != "query" or parameter.style != "form" or not parameter.explode or not parameter.schema:
        return False
    node, _ = parameter.schema.document.resolve(parameter.schema.pointer)
    return node.get("type") == "object" and not node.get("properties")


class _Asked:
    """Is what was asked for, in the form that openapi-core reads."""

    host_url = ""

    def __init__(self, operation: Operation) -> None:
        self.path = self.path_pattern = operation.path
        self.method = operation.method.lower()


class _Sent(_Asked):
    """Is a request with all that it bears."""

    def __init__(self, operation: Operation, path: Mapping[str, str], arrived: Arrived) -> None:
        super().__init__(operation)
        self.body = arrived.body
        self.content_type = arrived.media_type
        self.parameters: Any = _Parameters(path, arrived)


class _Parameters:
    """Is what a request bears beside its body, by place; each is read when it is asked for."""

    def __init__(self, path: Mapping[str, str], arrived: Arrived) -> None:
        self.path = path
        self._arrived = arrived

    def __getitem__(self, place: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = getattr(self, place)
        return found

    @cached_property
    def query(self) -> ImmutableMultiDict[str, str]:
        return ImmutableMultiDict(parse_qsl(self._arrived.query, keep_blank_values=True))

    @cached_property
    def header(self) -> Headers:
        return Headers(dict(self._arrived.headers))

    @cached_property
    def cookie(self) -> ImmutableMultiDict[str, str]:
        return ImmutableMultiDict(self._arrived.cookies())


class _Answered:
    """Is an answer in the form that openapi-core reads; of header fields it has none that a document may declare."""

    headers = Headers()

    def __init__(self, status: int, media_type: str, content: bytes) -> None:
        self.status_code = status
        self.content_type = media_type
        self.data = content


def _how_to_judge(hidden: str) -> dict[str, Any]:
    """Return openapi-core's options; `hidden` is the keyword of properties that do not travel this way."""
    validators = SchemaValidatorsFactory(_not_requiring(hidden), FormatChecker(()))
    casters = SchemaCastersFactory(validators, oas31_types_caster)
    readers = {**style_deserializers, "deepObject": _deep_object}
    return {
        "path_finder_cls": _Finder,
        "style_deserializers_factory": StyleDeserializersFactory(casters, readers),
        "schema_validators_factory": validators,
        "schema_casters_factory": casters,
    }


def _deep_object(explode: bool, name: str, schema_type: str, location: Mapping[str, Any]) -> Any:  # noqa: FBT001  # its form
    """Read an object of ``name[property]`` pairs; openapi-core falls over a pair that is called `name` alone."""
    pairs = {pair: value for pair, value in location.items() if pair.startswith(f"{name}[")}
    return style_deserializers["deepObject"](explode, name, schema_type, pairs)


def _not_requiring(hidden: str) -> Any:
    """Return the validator of 3.1 in which a hidden property is not required (OAS 3.1.1, 4.8.24)."""
    rule = OAS31Validator.VALIDATORS["required"]

    def required(judge: Any, names: list[str], value: Any, schema: Mapping[str, Any]) -> Iterator[Any]:
        properties = schema.get("properties", {})
        asked = [name for name in names if not _says(properties.get(name), hidden)]
        for error in rule(judge, asked, value, schema):
            error.validator_value = asked
            yield error

    return extend(OAS31Validator, {"required": required})  # type: ignore[no-untyped-call]


def _says(schema: Any, keyword: str) -> bool:
    return isinstance(schema, dict) and schema.get(keyword) is True


class _Finder(BasePathFinder):
    """Finds an operation by the path template that the request names."""

    def find(self, method: str, name: str) -> PathOperationServer:
        item, nothing = self.spec / "paths" / name, SimpleNamespace(variables={})
        return PathOperationServer(item, item / method, None, nothing, nothing)


_VALUES = frozenset({"const", "default", "enum", "example", "examples"})


def _judged(node: Any) -> Any:
    """Return of a document what requests and answers are judged by.

    Keys are left out, for they were checked, and so is what is deprecated: openapi-core would warn where the sandbox
    runs, and not those who call it. Of a parameter's type it reads one word only.
    """
    if isinstance(node, list):
        return [_judged(child) for child in node]
    if not isinstance(node, dict):
        return node
    hidden = {"deprecated", "allowEmptyValue"} if isinstance(node.get("schema"), dict) else set()
    if isinstance(node.get("security"), list):
        hidden.add("security")
    told = {name: child if name in _VALUES else _judged(child) for name, child in node.items() if name not in hidden}
    return {**told, "schema": _of_one_type(told["schema"])} if isinstance(node.get("in"), str) and hidden else told


def _of_one_type(schema: Any) -> Any:
    """Return a parameter's schema without lists of types (JSON Schema 2020-12, validation, 6.1.1).

    Null is left out of them: it has no form in which a parameter could be sent.
    """
    if not isinstance(schema, dict):
        return schema
    simple = {name: child if name in _VALUES else _of_one_type(child) for name, child in schema.items()}
    if not isinstance(simple.get("type"), list):
        return simple
    types = [name for name in simple.pop("type") if name != "null"]
    if len(types) == 1:
        return {**simple, "type": types[0]}
    return {"allOf": [{"anyOf": [{"type": name} for name in types]}, simple]}
