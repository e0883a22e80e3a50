"""Calls of the bundled document's operations; both checkers must refuse the lines that say so, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from odp_dynamic import Request, Response
from odp_dynamic.typed import Api

if TYPE_CHECKING:
    from odp_dynamic.typed import EventInput, Profile, SchemaObject, Segment

api = Api()

# By id, with the parameters by name.
ada: Profile = api.call("getProfile", identifier_field="email", identifier_value="ada@example.com")
city: str | None = ada.get("city")
segments: list[str] = ada.get("segments", [])
api.call("getProfile", identifier_field="email", identifier_value="a", fields="email,city")
api.call("getProfile", identifier_field="email", identifier_value="a", fields=None)
wrong_type: int = api.call("getProfile", identifier_field="email", identifier_value="a")  # wrong
wrong_answer: int | None = ada.get("city")  # wrong
wrong_name = ada["town"]  # wrong
api.call("getProfil", identifier_field="email", identifier_value="a")  # wrong
api.call("getProfile", identifier_field="email")  # wrong
api.call("getProfile", identifier_field="email", identifier_value="a", field="email")  # wrong
api.call("getProfile", identifier_field="email", identifier_value=1)  # wrong
api.call("getProfile", identifier_field="email", identifier_value="a", fields=["email"])  # wrong
api.call("getProfile", {"x": 1}, identifier_field="email", identifier_value="a")  # wrong
api.call("getProfile", "email", "a")  # wrong

# A body, whole.
api.call("sendEvents", [{"type": "order", "action": "purchase"}])
api.call("sendEvents", body=[{"type": "order", "action": "purchase", "identifiers": {"email": "a"}, "data": {"n": 1}}])
api.call("sendEvents", ({"type": "order", "action": "purchase"},))
event: EventInput = {"type": "order", "action": "purchase"}
events = [event]
api.call("sendEvents", events)
api.call("sendEvents")  # wrong
api.call("sendEvents", {"type": "order", "action": "purchase"})  # wrong
api.call("sendEvents", [{"type": "order"}])  # wrong
api.call("sendEvents", [{"type": "order", "action": "purchase", "identifers": {"email": "a"}}])  # wrong to checkers
api.call("sendEvents", [{"type": "order", "action": "purchase", "identifiers": {"email": 1}}])  # wrong
api.call("sendEvents", type="order", action="purchase")  # wrong
bad_event: EventInput = {"type": "order", "action": 1}  # wrong

# A body, whole or by the names of its properties.
api.call("upsertProfile", {"identifiers": {"email": "a"}, "attributes": {"age": 36, "tags": ["x"]}})
api.call("upsertProfile", identifiers={"email": "a"}, attributes={"age": 36})
api.call("createSchemaObject", object_type="tickets", display_name="Tickets")
api.call("createSchemaObject", {"display_name": "Tickets"}, object_type="tickets")
api.call("createSchemaField", object_type="tickets", name="due", display_name="Due", type="timestamp")
api.call("createSchemaField", object_type="tickets", name="due", display_name="Due", type="date")  # wrong
api.call("createSchemaField", object_type="tickets", name="due", type="string")  # wrong
api.call("createSchemaObject", {"display_name": "Tickets"}, object_type="tickets", description="x")  # wrong
api.call("createSchemaObject", display_name="Tickets")  # wrong
api.call("upsertProfile", identifiers="email")  # wrong

# Answers.
found: list[SchemaObject] = api.call("listSchemaObjects")
counted: list[Segment] = api.listSegments()
for field in found[0].get("fields", []):
    kind = field.get("type", "string")
    upper: str = kind.upper()
    never: int = kind  # wrong
api.call("listSegments", limit=1)  # wrong

# The other methods, and the operations' own.
response: Response = api.request("getObject", object_type="products", object_id="1")
data: Any = response.data
request: Request = api.prepare("getObject", object_type="products", object_id="1")
api.send(request)
api.request("getObject", object_type="products")  # wrong
api.prepare("getObject", object_type="products", id="1")  # wrong
also_ada: Profile = api.getProfile(identifier_field="email", identifier_value="a")
api.sendEvents([{"type": "order", "action": "purchase"}])
api.upsertObjects([{"object_id": "1"}], object_type="products")
api.createSchemaObject(object_type="tickets", display_name="Tickets")
api.getProfil(identifier_field="email", identifier_value="a")  # wrong
api.getProfile(identifer_field="email", identifier_value="a")  # wrong
api.sendEvents([{"type": "order", "action": 1}])  # wrong
api.upsertObjects([{"object_id": "1"}])  # wrong

# What is no operation is as it was.
with api.using(timeout=3) as other:
    other.call("getObject", object_type="products", object_id="1")
    other.call("getObject", object_type="products", object_id=1)  # wrong
known: list[str] = list(api.operations)
