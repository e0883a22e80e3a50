"""The referee: openapi-core judges each request that arrives and each answer that leaves.

It is no code of ours on purpose: where our client and our handlers agree on a mistake, it does not. Only what would
make it judge something else than the document's schemas is set aside: it looks no path up (any host will do, and
`_routes` has found the operation), asks for no key (`_keys` has), and asserts no `format`, which is an annotation
(JSON Schema 2020-12, validation, 7.2.1). And what it looks up in the document is kept: that took four fifths of its
time.

Importing this module takes a third of a second, all of it openapi-core's: only who makes a sandbox does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
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
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.styles.exceptions import EmptyQueryParameterValue
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.finders import BasePathFinder
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
from openapi_core.validation.schemas.validators import SchemaValidator
from openapi_schema_validator import OAS31Validator
from werkzeug.datastructures import Headers, ImmutableMultiDict

from .._document import Document
from .._operations import Operation, Parameter
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
        spec = _Place.from_dict(_judged(document.root))
        self._of_requests = V31RequestValidator(spec, **_how_to_judge(hidden="readOnly"))
        self._of_answers = V31ResponseValidator(spec, **_how_to_judge(hidden="writeOnly"))

    def request_errors(self, operation: Operation, path: Mapping[str, str], arrived: Arrived) -> list[Exception]:
        """Return openapi-core's errors for a request, in its order."""
        if not self._is_due(self._asked[operation.id]) and _is_right(operation, arrived):
            return []
        errors = self._of_requests.iter_errors(_Sent(operation, path, arrived))
        return [error for error in errors if not _is_overruled(error, operation)]

    def answer_faults(self, operation: Operation, status: int, media_type: str, content: bytes) -> list[str]:
        """Return sentences that say where an answer of ours departs from the document; without its values."""
        if not self._is_due(self._answered[operation.id]):
            return []
        asked: Any = _Asked(operation)  # it needs no more of the request
        errors = list(self._of_answers.iter_errors(asked, _Answered(status, media_type, content)))
        return [f"{dotted(place)} {phrase}" for place, phrase in departures(errors)] or [str(error) for error in errors]

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
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(arrived.query, keep_blank_values=True)),
            header=Headers(dict(arrived.headers)),
            cookie=ImmutableMultiDict(arrived.cookies()),
            path=path,
        )


class _Answered:
    """Is an answer in the form that openapi-core reads; of header fields it has none that a document may declare."""

    headers = Headers()

    def __init__(self, status: int, media_type: str, content: bytes) -> None:
        self.status_code = status
        self.content_type = media_type
        self.data = content


def _how_to_judge(hidden: str) -> dict[str, Any]:
    """Return openapi-core's options; `hidden` is the keyword of properties that do not travel this way."""
    validators = _OnceEach(_not_requiring(hidden), FormatChecker(()))
    return {
        "path_finder_cls": _Finder,
        "schema_validators_factory": validators,
        "schema_casters_factory": SchemaCastersFactory(validators, oas31_types_caster),
    }


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
    """Finds an operation by the path template that the request names; each once."""

    def __init__(self, spec: SchemaPath, base_url: str | None = None) -> None:
        super().__init__(spec, base_url)
        self._found: dict[tuple[str, str], PathOperationServer] = {}

    def find(self, method: str, name: str) -> PathOperationServer:
        if (method, name) not in self._found:
            item = self.spec / "paths" / name
            nothing = SimpleNamespace(variables={})
            self._found[method, name] = PathOperationServer(item, item / method, None, nothing, nothing)
        return self._found[method, name]


_NOTHING = object()


class _Place(SchemaPath):
    """Is a place in the document. That does not change: what openapi-core asks of it, for every request, is kept.

    It asks for the document's words and for some of its own; only `in` is asked of words that were sent.
    """

    def __truediv__(self, key: Any) -> Any:
        return self._below[key]

    def __getitem__(self, key: Any) -> Any:
        return self._inside[key]

    def __contains__(self, key: Any) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._children)

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401  # it is what would call itself

    def read_value(self) -> Any:
        if self._value is _NOTHING:
            raise KeyError(self.parts[-1])
        return self._value

    @cached_property
    def _below(self) -> _Kept:
        return _Kept(super().__truediv__)

    @cached_property
    def _inside(self) -> _Kept:
        return _Kept(super().__getitem__)

    @cached_property
    def _keys(self) -> frozenset[Any]:
        try:
            return frozenset(self.keys())
        except KeyError:
            return frozenset()

    @cached_property
    def _children(self) -> tuple[Any, ...]:
        return tuple(super().__iter__())

    @cached_property
    def _value(self) -> Any:
        try:
            return super().read_value()
        except KeyError:
            return _NOTHING


class _Kept(dict[Any, Any]):
    """Is the answers to a question, each of which is asked once."""

    def __init__(self, ask: Callable[[Any], Any]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, key: Any) -> Any:
        return self.setdefault(key, self._ask(key))


class _OnceEach(SchemaValidatorsFactory):
    """Makes the validator of each schema once: to make one costs as much as a small request."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._made: dict[SchemaPath, SchemaValidator] = {}

    def create(self, spec: SchemaPath, schema: SchemaPath, *args: Any, **options: Any) -> SchemaValidator:
        made = self._made.get(schema)
        if made is None:
            made = self._made[schema] = super().create(spec, schema, *args, **options)
        return made


_VALUES = frozenset({"const", "default", "enum", "example", "examples"})


def _judged(node: Any) -> Any:
    """Return of a document what requests and answers are judged by.

    Keys are left out, for they were checked, and so is what is deprecated: openapi-core would warn where the sandbox
    runs, and not those who call it.
    """
    if isinstance(node, list):
        return [_judged(child) for child in node]
    if not isinstance(node, dict):
        return node
    hidden = {"deprecated", "allowEmptyValue"} if isinstance(node.get("schema"), dict) else set()
    if isinstance(node.get("security"), list):
        hidden.add("security")
    return {name: child if name in _VALUES else _judged(child) for name, child in node.items() if name not in hidden}
