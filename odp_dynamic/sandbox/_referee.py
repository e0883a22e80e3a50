"""The referee: openapi-core judges each request that arrives and each answer that leaves.

It is no code of ours on purpose: where our client and our handlers agree on a mistake, it does not. Only what would
make it judge something else than the document's schemas is set aside: it looks no path up (any host will do, and
`_routes` has found the operation), asks for no key (`_keys` has), and asserts no `format`, which is an annotation
(JSON Schema 2020-12, validation, 7.2.1).

Importing this module takes a third of a second, all of it openapi-core's: only who makes a sandbox does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import FormatChecker
from jsonschema.validators import extend
from jsonschema_path import SchemaPath
from jsonschema_path.accessors import SchemaAccessor
from openapi_core import V31RequestValidator, V31ResponseValidator
from openapi_core.casting.schemas import oas31_types_caster
from openapi_core.casting.schemas.factories import SchemaCastersFactory
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.styles.exceptions import EmptyQueryParameterValue
from openapi_core.security.factories import SecurityProviderFactory
from openapi_core.security.providers import BaseProvider
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.finders import BasePathFinder
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
from openapi_core.validation.schemas.validators import SchemaValidator
from openapi_schema_validator import OAS31Validator
from werkzeug.datastructures import Headers, ImmutableMultiDict

from .._document import Document
from .._operations import Operation, Parameter
from ._faults import departures, dotted
from ._requests import Arrived


class Referee:
    """Judges by one document; it is made once, and threads may share it."""

    def __init__(self, document: Document) -> None:
        spec = SchemaPath(_Remembered.from_schema(_without_notices(document.root)), separator="#")
        self._of_requests = V31RequestValidator(
            spec, security_provider_factory=_NoSecurity(), **_how_to_judge(hidden="readOnly")
        )
        self._of_answers = V31ResponseValidator(spec, **_how_to_judge(hidden="writeOnly"))

    def request_errors(self, operation: Operation, path: Mapping[str, str], arrived: Arrived) -> list[Exception]:
        """Return openapi-core's errors for a request, in its order."""
        errors = self._of_requests.iter_errors(_Asked(operation, path, arrived))
        return [error for error in errors if not _is_overruled(error, operation)]

    def answer_faults(self, operation: Operation, status: int, media_type: str, content: bytes) -> list[str]:
        """Return sentences that say where an answer of ours departs from the document; without its values."""
        asked, answered = _Asked(operation, {}, _NOTHING), _Answered(status, media_type, content)
        errors = list(self._of_answers.iter_errors(asked, answered))
        return [f"{dotted(place)} {phrase}" for place, phrase in departures(errors)] or [str(error) for error in errors]


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


_NOTHING = Arrived("", "", "", {}, b"")


class _Asked:
    """Is a request in the form that openapi-core reads."""

    def __init__(self, operation: Operation, path: Mapping[str, str], arrived: Arrived) -> None:
        self.host_url = ""
        self.path = self.path_pattern = operation.path
        self.method = operation.method.lower()
        self.body = arrived.body
        self.content_type = arrived.media_type
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(arrived.query, keep_blank_values=True)),
            header=Headers(dict(arrived.headers)),
            cookie=ImmutableMultiDict(arrived.cookies()),
            path=path,
        )


class _Answered:
    """Is an answer in the form that openapi-core reads."""

    def __init__(self, status: int, media_type: str, content: bytes) -> None:
        self.status_code = status
        self.content_type = media_type
        self.headers = Headers({"Content-Type": media_type})
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


class _NoSecurity(SecurityProviderFactory):
    """Is content with any request: keys were checked before."""

    def create(self, scheme: SchemaPath) -> BaseProvider:
        return _Contented(scheme)


class _Contented(BaseProvider):
    """Finds a credential in every request."""

    def __call__(self, parameters: RequestParameters) -> str:
        del parameters
        return ""


class _Remembered(SchemaAccessor):
    """Walks each way into the document once, the ways that end nowhere too: openapi-core asks anew each time."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._known: dict[Any, Any] = {}

    def get_resolved(self, parts: Any) -> Any:
        if parts not in self._known:
            try:
                self._known[parts] = super().get_resolved(parts)
            except KeyError:
                self._known[parts] = None
        found = self._known[parts]
        if found is None:
            raise KeyError(parts[-1])
        return found


class _OnceEach(SchemaValidatorsFactory):
    """Makes the validator of each schema once: to make one costs as much as a small request."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._made: dict[SchemaPath, SchemaValidator] = {}

    def create(self, spec: SchemaPath, schema: SchemaPath, *args: Any, **options: Any) -> SchemaValidator:
        if schema not in self._made:
            self._made[schema] = super().create(spec, schema, *args, **options)
        return self._made[schema]


def _without_notices(node: Any) -> Any:
    """Return a document whose parameters and headers say nothing of deprecation.

    openapi-core would warn where the sandbox runs, and not those who call it.
    """
    if isinstance(node, list):
        return [_without_notices(child) for child in node]
    if not isinstance(node, dict):
        return node
    hidden = {"deprecated", "allowEmptyValue"} if isinstance(node.get("schema"), dict) else set()
    return {name: _without_notices(child) for name, child in node.items() if name not in hidden}
