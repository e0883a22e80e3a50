# Types of Optimizely Data Platform REST API 3.0 (sha256 of its content: 831d8168dce5d1b7),
# made by `odp spec stubs`: not to be edited, but made anew when the document has changed.
# mypy: disable-error-code="override"
# pyright: reportIncompatibleMethodOverride=false
# ruff: noqa
# fmt: off
from typing import Any, Literal, NotRequired, TypedDict, overload

import odp_dynamic as _odp

# An event to send to ODP
EventInput = TypedDict('EventInput', {
    'type': str,
    'action': str,
    'identifiers': NotRequired[dict[str, str]],
    'data': NotRequired[dict[str, Any]],
})

class Profile(TypedDict):
    """A customer profile in ODP"""
    email: NotRequired[str]
    customer_id: NotRequired[str]
    vuid: NotRequired[str]
    first_name: NotRequired[str]
    last_name: NotRequired[str]
    city: NotRequired[str]
    state: NotRequired[str]
    country: NotRequired[str]
    zip_code: NotRequired[str]
    insights: NotRequired[dict[str, Any]]
    segments: NotRequired[list[str]]

class ProfileInput(TypedDict):
    """Input for creating or updating a customer profile"""
    identifiers: NotRequired[dict[str, str]]
    attributes: NotRequired[dict[str, Any]]

class ObjectInput(TypedDict):
    """Input for creating or updating an object in ODP"""
    object_id: NotRequired[str]
    fields: NotRequired[dict[str, Any]]

# An object in ODP (product, order, etc.)
OdpObject = TypedDict('OdpObject', {
    'object_id': NotRequired[str],
    'type': NotRequired[str],
    'fields': NotRequired[dict[str, Any]],
    'created': NotRequired[str],
    'updated': NotRequired[str],
})

class SchemaObject(TypedDict):
    """A domain object type definition in the ODP schema"""
    name: NotRequired[str]
    display_name: NotRequired[str]
    description: NotRequired[str]
    fields: NotRequired[list[SchemaField]]

class SchemaObjectInput(TypedDict):
    """Input for creating a domain object type"""
    display_name: str
    description: NotRequired[str]

# A field definition within a domain object type
SchemaField = TypedDict('SchemaField', {
    'name': NotRequired[str],
    'display_name': NotRequired[str],
    'type': NotRequired[Literal['string', 'number', 'boolean', 'timestamp']],
    'description': NotRequired[str],
})

# Input for creating a schema field
SchemaFieldInput = TypedDict('SchemaFieldInput', {
    'name': str,
    'display_name': str,
    'type': Literal['string', 'number', 'boolean', 'timestamp'],
    'description': NotRequired[str],
})

class Segment(TypedDict):
    """A customer segment definition"""
    name: NotRequired[str]
    description: NotRequired[str]
    customer_count: NotRequired[int]

class Api(_odp.Api):
    __getattr__: None  # type: ignore[assignment, misc]  # no operation is there but these
    @overload
    def call(self, operation_id: Literal['sendEvents'], /, body: list[EventInput] | tuple[EventInput, ...]) -> None: ...
    @overload
    def call(self, operation_id: Literal['upsertProfile'], /, body: ProfileInput) -> None: ...
    @overload
    def call(
        self,
        operation_id: Literal['upsertProfile'],
        /,
        *,
        identifiers: dict[str, str] = ...,
        attributes: dict[str, Any] = ...,
    ) -> None: ...
    @overload
    def call(
        self,
        operation_id: Literal['getProfile'],
        /,
        *,
        identifier_field: str,
        identifier_value: str,
        fields: str | None = ...,
    ) -> Profile: ...
    @overload
    def call(
        self,
        operation_id: Literal['upsertObjects'],
        /,
        body: list[ObjectInput] | tuple[ObjectInput, ...],
        *,
        object_type: str,
    ) -> None: ...
    @overload
    def call(self, operation_id: Literal['getObject'], /, *, object_type: str, object_id: str) -> OdpObject: ...
    @overload
    def call(self, operation_id: Literal['listSchemaObjects'], /) -> list[SchemaObject]: ...
    @overload
    def call(self, operation_id: Literal['getSchemaObject'], /, *, object_type: str) -> SchemaObject: ...
    @overload
    def call(
        self,
        operation_id: Literal['createSchemaObject'],
        /,
        body: SchemaObjectInput,
        *,
        object_type: str,
    ) -> None: ...
    @overload
    def call(
        self,
        operation_id: Literal['createSchemaObject'],
        /,
        *,
        object_type: str,
        display_name: str,
        description: str = ...,
    ) -> None: ...
    @overload
    def call(
        self,
        operation_id: Literal['createSchemaField'],
        /,
        body: SchemaFieldInput,
        *,
        object_type: str,
    ) -> None: ...
    @overload
    def call(
        self,
        operation_id: Literal['createSchemaField'],
        /,
        *,
        object_type: str,
        name: str,
        display_name: str,
        type: Literal['string', 'number', 'boolean', 'timestamp'],
        description: str = ...,
    ) -> None: ...
    @overload
    def call(self, operation_id: Literal['listSegments'], /) -> list[Segment]: ...
    @overload
    def request(
        self,
        operation_id: Literal['sendEvents'],
        /,
        body: list[EventInput] | tuple[EventInput, ...],
    ) -> _odp.Response: ...
    @overload
    def request(self, operation_id: Literal['upsertProfile'], /, body: ProfileInput) -> _odp.Response: ...
    @overload
    def request(
        self,
        operation_id: Literal['upsertProfile'],
        /,
        *,
        identifiers: dict[str, str] = ...,
        attributes: dict[str, Any] = ...,
    ) -> _odp.Response: ...
    @overload
    def request(
        self,
        operation_id: Literal['getProfile'],
        /,
        *,
        identifier_field: str,
        identifier_value: str,
        fields: str | None = ...,
    ) -> _odp.Response: ...
    @overload
    def request(
        self,
        operation_id: Literal['upsertObjects'],
        /,
        body: list[ObjectInput] | tuple[ObjectInput, ...],
        *,
        object_type: str,
    ) -> _odp.Response: ...
    @overload
    def request(self, operation_id: Literal['getObject'], /, *, object_type: str, object_id: str) -> _odp.Response: ...
    @overload
    def request(self, operation_id: Literal['listSchemaObjects'], /) -> _odp.Response: ...
    @overload
    def request(self, operation_id: Literal['getSchemaObject'], /, *, object_type: str) -> _odp.Response: ...
    @overload
    def request(
        self,
        operation_id: Literal['createSchemaObject'],
        /,
        body: SchemaObjectInput,
        *,
        object_type: str,
    ) -> _odp.Response: ...
    @overload
    def request(
        self,
        operation_id: Literal['createSchemaObject'],
        /,
        *,
        object_type: str,
        display_name: str,
        description: str = ...,
    ) -> _odp.Response: ...
    @overload
    def request(
        self,
        operation_id: Literal['createSchemaField'],
        /,
        body: SchemaFieldInput,
        *,
        object_type: str,
    ) -> _odp.Response: ...
    @overload
    def request(
        self,
        operation_id: Literal['createSchemaField'],
        /,
        *,
        object_type: str,
        name: str,
        display_name: str,
        type: Literal['string', 'number', 'boolean', 'timestamp'],
        description: str = ...,
    ) -> _odp.Response: ...
    @overload
    def request(self, operation_id: Literal['listSegments'], /) -> _odp.Response: ...
    @overload
    def prepare(
        self,
        operation_id: Literal['sendEvents'],
        /,
        body: list[EventInput] | tuple[EventInput, ...],
    ) -> _odp.Request: ...
    @overload
    def prepare(self, operation_id: Literal['upsertProfile'], /, body: ProfileInput) -> _odp.Request: ...
    @overload
    def prepare(
        self,
        operation_id: Literal['upsertProfile'],
        /,
        *,
        identifiers: dict[str, str] = ...,
        attributes: dict[str, Any] = ...,
    ) -> _odp.Request: ...
    @overload
    def prepare(
        self,
        operation_id: Literal['getProfile'],
        /,
        *,
        identifier_field: str,
        identifier_value: str,
        fields: str | None = ...,
    ) -> _odp.Request: ...
    @overload
    def prepare(
        self,
        operation_id: Literal['upsertObjects'],
        /,
        body: list[ObjectInput] | tuple[ObjectInput, ...],
        *,
        object_type: str,
    ) -> _odp.Request: ...
    @overload
    def prepare(self, operation_id: Literal['getObject'], /, *, object_type: str, object_id: str) -> _odp.Request: ...
    @overload
    def prepare(self, operation_id: Literal['listSchemaObjects'], /) -> _odp.Request: ...
    @overload
    def prepare(self, operation_id: Literal['getSchemaObject'], /, *, object_type: str) -> _odp.Request: ...
    @overload
    def prepare(
        self,
        operation_id: Literal['createSchemaObject'],
        /,
        body: SchemaObjectInput,
        *,
        object_type: str,
    ) -> _odp.Request: ...
    @overload
    def prepare(
        self,
        operation_id: Literal['createSchemaObject'],
        /,
        *,
        object_type: str,
        display_name: str,
        description: str = ...,
    ) -> _odp.Request: ...
    @overload
    def prepare(
        self,
        operation_id: Literal['createSchemaField'],
        /,
        body: SchemaFieldInput,
        *,
        object_type: str,
    ) -> _odp.Request: ...
    @overload
    def prepare(
        self,
        operation_id: Literal['createSchemaField'],
        /,
        *,
        object_type: str,
        name: str,
        display_name: str,
        type: Literal['string', 'number', 'boolean', 'timestamp'],
        description: str = ...,
    ) -> _odp.Request: ...
    @overload
    def prepare(self, operation_id: Literal['listSegments'], /) -> _odp.Request: ...
    def sendEvents(self, body: list[EventInput] | tuple[EventInput, ...]) -> None:
        """Send events"""
    @overload
    def upsertProfile(self, body: ProfileInput) -> None:
        """Create or update a profile"""
    @overload
    def upsertProfile(self, *, identifiers: dict[str, str] = ..., attributes: dict[str, Any] = ...) -> None:
        """Create or update a profile"""
    def getProfile(self, *, identifier_field: str, identifier_value: str, fields: str | None = ...) -> Profile:
        """Get a profile"""
    def upsertObjects(self, body: list[ObjectInput] | tuple[ObjectInput, ...], *, object_type: str) -> None:
        """Create or update objects"""
    def getObject(self, *, object_type: str, object_id: str) -> OdpObject:
        """Get an object"""
    def listSchemaObjects(self) -> list[SchemaObject]:
        """List schema objects"""
    def getSchemaObject(self, *, object_type: str) -> SchemaObject:
        """Get a schema object"""
    @overload
    def createSchemaObject(self, body: SchemaObjectInput, *, object_type: str) -> None:
        """Create a schema object"""
    @overload
    def createSchemaObject(self, *, object_type: str, display_name: str, description: str = ...) -> None:
        """Create a schema object"""
    @overload
    def createSchemaField(self, body: SchemaFieldInput, *, object_type: str) -> None:
        """Create a schema field"""
    @overload
    def createSchemaField(
        self,
        *,
        object_type: str,
        name: str,
        display_name: str,
        type: Literal['string', 'number', 'boolean', 'timestamp'],
        description: str = ...,
    ) -> None:
        """Create a schema field"""
    def listSegments(self) -> list[Segment]:
        """List segments"""
