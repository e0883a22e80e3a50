"""Operations: what a document says can be called, read from it and kept as JSON pointers into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from math import inf
from types import MappingProxyType
from typing import Any, NamedTuple

from ._document import Document
from ._pointers import join
from ._schema import Direction, Schema
from ._values import LazyMapping, Problem, RateLimit
from .errors import SpecError, UnknownOperation, UnknownSchema, closest

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# RFC 9110, 9.2.2: repeating these does no more than doing them once.
_IDEMPOTENT = frozenset({"get", "put", "delete", "options", "head", "trace"})
# OAS 3.1.1, 4.8.12.2: parameters of these names say nothing; the media types and the security schemes do.
_NOT_HEADERS = frozenset({"accept", "content-type", "authorization"})
# OAS 3.1.1, 4.8.1: what a document without servers means; of use where it came from a URL.
_HERE = ({"url": "/"},)
_RATE_LIMIT = "x-rate-limit"
_IDEMPOTENCY = "x-idempotency-pointer"
_DEFAULT_STYLE = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


class MediaType(NamedTuple):
    """Is one representation of a body: `name` as declared, its `schema` (None: anything), its `encoding` rules."""

    name: str
    schema: Schema | None
    encoding: Mapping[str, Any]
    pointer: str


class Parameter(NamedTuple):
    """Is one parameter of an operation.

    `location` is the document's ``in``: path, query, header or cookie. `media_type` is set for a parameter described
    by ``content``, which is written as that media type and not by `style`.
    """

    name: str
    location: str
    required: bool
    description: str
    schema: Schema | None
    style: str
    explode: bool
    allow_reserved: bool
    media_type: str | None
    deprecated: bool
    pointer: str

    @property
    def where(self) -> str:
        """Return how problems and callers name the parameter without doubt: ``"query.fields"``."""
        return f"{self.location}.{self.name}"

    def problems(self, value: Any) -> tuple[Problem, ...]:
        """Return all departures of `value` from the parameter's schema."""
        return self.schema.problems(value, self.where) if self.schema else ()


class Content:
    """Is what a request or a response carries: `content` maps each declared media type to what it must be."""

    __slots__ = ("content", "description", "pointer")

    def __init__(self, document: Document, pointer: str, node: Mapping[str, Any], direction: Direction) -> None:
        self.description: str = node.get("description", "")
        self.pointer = pointer
        declared = node.get("content") or {}
        self.content: Mapping[str, MediaType] = MappingProxyType(
            {name: _media_type(document, join(pointer, "content", name), name, direction) for name in declared}
        )

    def problems(self, value: Any, media_type: str | None = None) -> tuple[Problem, ...]:
        """Return all departures of a decoded body from its schema; `media_type` None is the first one declared."""
        chosen = self.content.get(media_type) if media_type else next(iter(self.content.values()), None)
        return chosen.schema.problems(value, self._where) if chosen and chosen.schema else ()

    _where = "body"


class RequestBody(Content):
    """Is the body that an operation takes; `required` says whether it must."""

    __slots__ = ("required",)

    def __init__(self, document: Document, pointer: str, node: Mapping[str, Any]) -> None:
        super().__init__(document, pointer, node, "request")
        self.required: bool = node.get("required") is True

    def __repr__(self) -> str:
        return f"<RequestBody {', '.join(self.content)}>"


class DeclaredResponse(Content):
    """Is an answer that the document declares: `status` is its key, such as ``"200"``, ``"4XX"`` or ``"default"``."""

    __slots__ = ("headers", "status")
    _where = "response"

    def __init__(self, document: Document, pointer: str, status: str, node: Mapping[str, Any]) -> None:
        super().__init__(document, pointer, node, "response")
        self.status = status
        self.headers = tuple(_headers(document, join(pointer, "headers"), node.get("headers") or {}))

    def __repr__(self) -> str:
        return f"<DeclaredResponse {self.status} {', '.join(self.content)}>"


class Operation(NamedTuple):
    """Is one operation of a document.

    `id` is its operationId (``"GET /path"`` where it has none), `security` its alternatives, each a mapping of a
    security scheme's name to scopes; `servers` the places it lives at; `replayable` says that sending it twice does no
    more than sending it once; `rate_limits` are its own and those of its tags (``x-rate-limit``);
    `idempotency_pointer` is the place in an item of its body where an id lets the service know one that is sent again
    (``x-idempotency-pointer``), None where it has none.
    """

    id: str
    method: str
    path: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    request_body: RequestBody | None
    responses: Mapping[str, DeclaredResponse]
    security: tuple[Mapping[str, tuple[str, ...]], ...]
    deprecated: bool
    replayable: bool
    rate_limits: tuple[RateLimit, ...]
    idempotency_pointer: str | None
    servers: tuple[Server, ...]
    pointer: str
    document: Document

    def __repr__(self) -> str:
        return f"<Operation {self.id} {self.method} {self.path}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.document, self.id)  # read-only mappings cannot travel; the document can

    def response(self, status: int) -> DeclaredResponse | None:
        """Return what the document declares for a status: the code before its class, the class before the default."""
        responses = self.responses
        return responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")


class ServerVariable(NamedTuple):
    """Is one variable of a server's URL; `enum` is empty where any value will do.

    `from_credential` is the extension ``x-from-credential``: a regular expression whose one group is the variable's
    value in the credential that signs a request, "" where the document has none.
    """

    default: str
    enum: tuple[str, ...]
    description: str
    from_credential: str


class Server(NamedTuple):
    """Is a place where operations live: `url` as declared, with its variables in braces."""

    url: str
    description: str
    variables: Mapping[str, ServerVariable]


def operations_of(documents: Sequence[Document]) -> LazyMapping[Operation]:
    """Return all operations of the documents by id; each is read when it is first asked for.

    Raises SpecError where two documents give the same id.
    """
    places: dict[str, tuple[Document, str, str]] = {}
    for document in documents:
        for name, path, method in _ids(document):
            if name in places:
                pointer = join("", "paths", path, method)
                other = places[name][0].source
                raise SpecError(f"operationId {name!r} is also in {other}; rename one", pointer, document.source)
            places[name] = (document, path, method)
    return LazyMapping(places, partial(_operation, places), _unknown_operation)


def _again(document: Document, name: str) -> Operation:
    return operations_of([document])[name]


def schemas_of(documents: Sequence[Document]) -> LazyMapping[Schema]:
    """Return all component schemas by name.

    A name that several documents define differently is kept apart as ``"SOURCE#NAME"``, for none of them is the one.
    """
    found: dict[str, list[Document]] = {}
    for document in documents:
        for name in (document.root.get("components") or {}).get("schemas") or {}:
            found.setdefault(name, []).append(document)
    places: dict[str, tuple[Document, str]] = {}
    for name, owners in found.items():
        pointer = join("", "components", "schemas", name)
        if all(owner.at(pointer) == owners[0].at(pointer) for owner in owners[1:]):
            places[name] = owners[0], pointer
        else:
            places |= {f"{owner.source}#{name}": (owner, pointer) for owner in owners}
    return LazyMapping(places, partial(_schema, places), _unknown_schema)


def _unknown_operation(name: str, names: Iterable[str]) -> UnknownOperation:
    return UnknownOperation(name, closest(name, names))


def _unknown_schema(name: str, names: Iterable[str]) -> UnknownSchema:
    return UnknownSchema(name, closest(name, names))


def _schema(places: Mapping[str, tuple[Document, str]], name: str) -> Schema:
    return Schema(*places[name])


def _ids(document: Document) -> Iterator[tuple[str, str, str]]:
    for path, item in (document.root.get("paths") or {}).items():
        if not path.startswith("/"):
            continue  # an extension
        pointer = join("", "paths", path)
        for method, node in _resolved_item(document, pointer, item).items():
            if method in METHODS:
                yield node.get("operationId") or f"{method.upper()} {path}", path, method


def _resolved_item(document: Document, pointer: str, item: Mapping[str, Any]) -> Mapping[str, Any]:
    return document.resolve(pointer)[0] if "$ref" in item else item


def _operation(places: Mapping[str, tuple[Document, str, str]], name: str) -> Operation:
    document, path, method = places[name]
    return operation_at(document, join("", "paths", path), method, name, path)


def operation_at(document: Document, place: str, method: str, name: str, path: str) -> Operation:
    """Return what the path item at a pointer says of a method; `name` and `path` are what it is to be known by."""
    item, item_pointer = document.resolve(place)
    node, pointer = item[method], join(item_pointer, method)
    root = document.root
    body = document.resolve(join(pointer, "requestBody")) if "requestBody" in node else None
    return Operation(
        id=name,
        method=method.upper(),
        path=path,
        summary=node.get("summary") or item.get("summary") or "",
        description=node.get("description") or item.get("description") or "",
        tags=tuple(node.get("tags") or ()),
        parameters=_parameters(document, item, item_pointer, node, pointer),
        request_body=RequestBody(document, body[1], body[0]) if body else None,
        responses=_responses(document, pointer, node),
        security=_security(document, node),
        deprecated=node.get("deprecated") is True,
        replayable=bool(node.get("x-idempotent", method in _IDEMPOTENT)),
        rate_limits=tuple(_rate_limits(document, name, node, pointer)),
        idempotency_pointer=_idempotency_pointer(document, node, pointer),
        servers=tuple(map(_server, node.get("servers") or item.get("servers") or root.get("servers") or _HERE)),
        pointer=pointer,
        document=document,
    )


def _parameters(
    document: Document, item: Mapping[str, Any], item_pointer: str, node: Mapping[str, Any], pointer: str
) -> tuple[Parameter, ...]:
    """Read the parameters of the path and of the operation; the operation's win (OAS 3.1.1, 4.8.10)."""
    places = [join(item_pointer, "parameters", n) for n in range(len(item.get("parameters") or ()))]
    places += [join(pointer, "parameters", n) for n in range(len(node.get("parameters") or ()))]
    read = (_parameter(document, *document.resolve(place)) for place in places)
    return tuple({(p.location, p.name): p for p in read if not _is_silent(p)}.values())


def _is_silent(parameter: Parameter) -> bool:
    return parameter.location == "header" and parameter.name.lower() in _NOT_HEADERS


def _parameter(document: Document, node: Mapping[str, Any], pointer: str) -> Parameter:
    location = node["in"]
    if location not in _DEFAULT_STYLE:
        raise SpecError(f"'in' must be one of {', '.join(_DEFAULT_STYLE)}", join(pointer, "in"), document.source)
    return _described(document, node, pointer, name=node["name"], location=location)


def _headers(document: Document, pointer: str, declared: Mapping[str, Any]) -> Iterator[Parameter]:
    for name in declared:
        node, place = document.resolve(join(pointer, name))
        if name.lower() != "content-type":  # OAS 3.1.1, 4.8.17: the content says it
            yield _described(document, node, place, name=name, location="header")


def _described(document: Document, node: Mapping[str, Any], pointer: str, *, name: str, location: str) -> Parameter:
    media_type = next(iter(node.get("content") or ()), None)
    style = node.get("style") or _DEFAULT_STYLE[location]
    place = join(pointer, "schema") if media_type is None else join(pointer, "content", media_type, "schema")
    described = "schema" in (node if media_type is None else node["content"][media_type])
    return Parameter(
        name=name,
        location=location,
        required=node.get("required") is True or location == "path",
        description=node.get("description") or "",
        schema=Schema(document, place) if described else None,
        style=style,
        explode=bool(node.get("explode", style == "form")),
        allow_reserved=node.get("allowReserved") is True,
        media_type=media_type,
        deprecated=node.get("deprecated") is True,
        pointer=pointer,
    )


def _media_type(document: Document, pointer: str, name: str, direction: Direction) -> MediaType:
    node = document.at(pointer) or {}
    schema = Schema(document, join(pointer, "schema"), direction) if "schema" in node else None
    return MediaType(name, schema, node.get("encoding") or {}, pointer)


def _responses(document: Document, pointer: str, node: Mapping[str, Any]) -> Mapping[str, DeclaredResponse]:
    declared = {}
    for status in node.get("responses") or {}:
        if not str(status).startswith("x-"):
            found, place = document.resolve(join(pointer, "responses", status))
            declared[status] = DeclaredResponse(document, place, status, found)
    return MappingProxyType(declared)


def _security(document: Document, node: Mapping[str, Any]) -> tuple[Mapping[str, tuple[str, ...]], ...]:
    """Read the alternatives of an operation, or of the document; load has seen that their schemes are declared."""
    requirements = node["security"] if "security" in node else document.root.get("security") or []
    return tuple(MappingProxyType({name: tuple(scopes or ()) for name, scopes in r.items()}) for r in requirements)


def _idempotency_pointer(document: Document, node: Mapping[str, Any], pointer: str) -> str | None:
    told = node.get(_IDEMPOTENCY)
    if told is None or (isinstance(told, str) and told.startswith("/")):
        return told
    place = join(pointer, _IDEMPOTENCY)
    raise SpecError("is a JSON pointer into an item of the body, such as /data/id", place, document.source)


def _rate_limits(document: Document, name: str, node: Mapping[str, Any], pointer: str) -> Iterator[RateLimit]:
    """Read what says how often an operation may be called: it, or a tag, then for all operations that bear it."""
    if _RATE_LIMIT in node:
        yield _rate_limit(document, name, node[_RATE_LIMIT], join(pointer, _RATE_LIMIT))
    for number, tag in enumerate(document.root.get("tags") or ()):
        if _RATE_LIMIT in tag and tag.get("name") in (node.get("tags") or ()):
            yield _rate_limit(document, f"tag {tag['name']}", tag[_RATE_LIMIT], join("", "tags", number, _RATE_LIMIT))


def _rate_limit(document: Document, name: str, told: Any, pointer: str) -> RateLimit:
    """Read a rate limit: requests per second, or a mapping of `requests`, and where they differ `seconds`, `burst`."""
    words = told if isinstance(told, dict) else {"requests": told}
    numbers = [value for value in words.values() if isinstance(value, int | float) and not isinstance(value, bool)]
    is_one = "requests" in words and words.keys() <= {"requests", "seconds", "burst"} and len(numbers) == len(words)
    if not is_one or not all(0 < number < inf for number in numbers) or words.get("burst", 1) < 1:
        known = "requests per second, or a mapping of requests, seconds and burst: numbers above 0, burst at least 1"
        raise SpecError(f"a rate limit is {known}", pointer, document.source)
    return RateLimit(name, **words)


def _server(node: Mapping[str, Any]) -> Server:
    variables = {name: _variable(variable) for name, variable in (node.get("variables") or {}).items()}
    return Server(node.get("url") or "/", node.get("description") or "", MappingProxyType(variables))


def _variable(node: Mapping[str, Any]) -> ServerVariable:
    return ServerVariable(
        default=node.get("default", ""),
        enum=tuple(node.get("enum") or ()),
        description=node.get("description") or "",
        from_credential=node.get("x-from-credential", ""),
    )
