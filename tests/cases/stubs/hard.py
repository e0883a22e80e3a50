"""Calls of the operations of hard.yaml; both checkers must refuse the lines that say so, and no other."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hard_api import Api

if TYPE_CHECKING:
    from hard_api import (
        Circle,
        Figure,
        GetItem,
        GetItemArguments,
        Item,
        ItemRequest,
        Job,
        Json2,
        Loose,
        OddArguments,
        Owner,
        StartBody,
        Tree,
    )

api = Api("hard.yaml")
id = UUID(int=1)
now = datetime(2026, 1, 1, tzinfo=UTC)

# Ids and names that are not Python's; one name in two places. Behind ** goes a mapping that has its type.
where: GetItemArguments = {"path.id": id, "query.id": 7, "X-Trace": "t"}
item: Item = api.call("get-item", **where)
api.call("get-item", since=now, fields=["name"], **where)
api.call("get-item", since="2026-01-01T00:00:00Z", fields=("name", "tags"), **where)
untyped: dict[str, Any] = {"path.id": "1"}
api.call("get-item", **untyped)
api.call("get-item")  # wrong
api.call("get-item", id="1")  # wrong
api.call("get-item", fields=["names"], **where)  # wrong
api.call("get-item", fields="name", **where)  # wrong
api.call("get-item", since=1, **where)  # wrong
nowhere: GetItemArguments = {"query.id": 7}  # wrong
misspelt: GetItemArguments = {"path.id": id, "X-trace": "t"}  # wrong
api.call("DELETE /items/{id}", id=id)
api.call("DELETE /items/{id}")  # wrong
api.call("DELETE /item/{id}", id=id)  # wrong
text: str = api.call("class")
api.call("clas")  # wrong
items: list[Item] = api.list()
items_by_id: list[Item] = api.call("list")
bytes_of_it: bytes = api.Literal(level="x")
api.Literal(level=None)  # wrong
api.Literal(level=True)
api.Literal(level=3)  # wrong
api.Literal()  # wrong
anything: Any = api.call("call")
api.call("_hidden")
api._hidden()  # wrong

# What is sent is another thing than what comes.
identity: str = item["id"]
secret = item["secret"]  # wrong
put: ItemRequest = {"name": "n", "secret": "s", "note": None, "tags": {"a": "b"}, "list": [1]}
api.replaceItem(put, id="1")
api.replaceItem(id="1", name="n", secret="s", list=[1], owner={"name": "o", "since": 1, "class": "c"})
api.replaceItem({"name": "n", "secret": "s", "id": "1"}, id="1")  # wrong
api.replaceItem(id="1", name="n")  # wrong
api.replaceItem(id="1", name=None, secret="s")  # wrong
api.replaceItem(id="1", name="n", secret="s", tags={"a": 1})  # wrong
api.replaceItem(id="1", name="n", secret="s", owner={"name": "o"})  # wrong
owner: Owner = {"name": "o", "since": 1, "friend": {"name": "f", "friend": {"name": "g"}}}
lonely: Owner = {"name": "o", "since": 1, "friend": {"name": "f", "friend": {}}}  # wrong

# Values within values without end.
tree: Tree | None = api.plant({"value": 1, "children": [{"value": 2, "children": [None]}]})
api.plant()
api.plant(None)
api.plant(value=1, children=[{"value": 2}])
api.plant({"value": 1, "children": [{"children": []}]})  # wrong
api.plant(value="1")  # wrong
unsure: Tree = api.plant()  # wrong
told: Json2 = api.Json({"a": [1, None, {"b": "c"}]})
api.Json({"a": now})  # wrong to checkers

# Bodies that are no JSON.
form: dict[str, Any] = api.sign({"name": "n", "age": 3})
api.sign({"age": 3})  # wrong
api.sign(name="n")  # wrong
api.upload({"file": b"x", "size": 1})
api.upload({"file": BytesIO(b"x")})
api.upload({"file": "x"})
api.upload({"file": 1})  # wrong
api.upload({"size": 1})  # wrong
note: str = api.note("x")
api.note(b"x")
api.note(1)  # wrong
api.note()  # wrong

# Several answers; dates and Decimals where arguments are; objects within objects.
started: Job | str | None = api.start(at=now, how={"fast": True, "inner": {"x-y": 1.5}}, price=Decimal(1))
api.start({"at": "2026-01-01T00:00:00Z", "class": "c", "point": [1.5, "x"]})
rest: dict[str, Any] = {"class": "c"}
api.start(at="2026-01-01T00:00:00Z", **rest)
body: StartBody = {"at": "2026-01-01T00:00:00Z", "how": {"inner": {"xy": 1.5}}}  # wrong
job: Job = api.start(at=now)  # wrong
api.start(at=date(2026, 1, 1))  # wrong to checkers
api.start(how={"fast": True}, price=1)  # wrong
api.start(at=now, how={"slow": True})  # wrong to checkers

# Alternatives.
figure: Figure = api.draw({"kind": "circle", "radius": 1})
circle: Circle = {"kind": "circle", "radius": 1.5}
api.draw(circle)
api.draw({"kind": "square", "side": 2})
api.draw({"kind": "circle", "side": 2})  # wrong
api.draw({"kind": "triangle"})  # wrong
if figure["kind"] == "circle":
    radius: float = figure["radius"]
else:
    radius = figure["radius"]  # wrong

# Parameters with names that others have.
odd: OddArguments = {"query.body": "b", "from": "f", "__dunder": "d", "quote\"'\\": "q"}
api.odd(self="s", operation_id="o", arguments="a", **odd)
api.call("odd", self="s", **odd)
api.call("odd")  # wrong
api.call("odd", self="s", body="b")  # wrong
api.both({"kind": "k"}, kind=1)
api.both(kind="k")  # wrong

# Names that are invited.
loose: Loose | dict[str, Any] = api.free(a="a", b=1, c=2)
api.free({"a": "a", "b": 1})
api.free(a="a", b="b")  # wrong
api.free(b=1)  # wrong

# Schemas whose names are nearly the same.
same: GetItem = {"b": "x"}
other: GetItem = {"a": "x"}  # wrong

# Members of an object that the query has exploded, or the object whole.
api.find(kind="a", limit=3)
api.find(filter={"kind": "b"})
api.find(kind="c")  # wrong
api.find(limt=3)  # wrong
api.find(filter={"kind": "c"})  # wrong
api.findBy(email="a@b.c")
api.findBy(identifier={"email": "a@b.c"})
api.findBy(email=5)  # wrong
