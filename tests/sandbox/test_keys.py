"""Which key opens what, and how the others are refused."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from odp_dynamic.sandbox import Sandbox

from .conftest import Ask, in_process

FORBIDDEN = {"message": "Forbidden"}


class Row(NamedTuple):
    """Is one operation: what it answers to a key that opens it, and whether the document lets the public one."""

    method: str
    path: str
    body: Any
    status: int
    is_public: bool


OPERATIONS = [
    Row("POST", "/events", [], 202, is_public=True),
    Row("POST", "/profiles", {}, 400, is_public=False),
    Row("GET", "/profiles/email/x", None, 404, is_public=False),
    Row("POST", "/objects/products", [], 202, is_public=True),
    Row("GET", "/objects/products/x", None, 404, is_public=True),
    Row("GET", "/schema/objects", None, 200, is_public=False),
    Row("GET", "/schema/objects/x", None, 404, is_public=False),
    Row("POST", "/schema/objects/x", {}, 400, is_public=False),
    Row("POST", "/schema/objects/x/fields", {}, 400, is_public=False),
    Row("GET", "/segments", None, 200, is_public=False),
]


def test_the_table_has_every_operation(sandbox: Sandbox) -> None:
    assert len(OPERATIONS) == len(sandbox.api().operations) == 10


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: f"{row.method} {row.path}")
class TestKeys:
    """A key that will not do is answered as the document says, 401; what else there is to say, the service says."""

    def test_the_private_key_opens_all(self, ask: Ask, row: Row) -> None:
        assert ask(row.method, row.path, row.body, key="sandbox-private").status == row.status

    def test_the_public_key_opens_what_the_document_says(self, ask: Ask, row: Row) -> None:
        reply = ask(row.method, row.path, row.body, key="sandbox-public")
        assert reply.status == (row.status if row.is_public else 401)
        if not row.is_public:
            assert reply.data["detail"] == {"message": "Insufficient privileges to access this resource."}

    @pytest.mark.parametrize("key", ["sandbox", "sandbox-privateX", "sandbox-public ", "", "ü", None])
    def test_no_other_key_opens_anything(self, sandbox: Sandbox, row: Row, key: str | None) -> None:
        reply = in_process(sandbox)(row.method, row.path, row.body, key=key)
        assert (reply.status, reply.data) == (401, FORBIDDEN)

    def test_no_key_opens_nothing_on_loopback_either(self, ask: Ask, row: Row) -> None:
        reply = ask(row.method, row.path, row.body, key=None)
        assert (reply.status, reply.data) == (401, FORBIDDEN)


def test_a_refused_request_leaves_nothing_behind(ask: Ask) -> None:
    ask("POST", "/objects/products", [{"object_id": "p"}], key="nonsense")
    ask("POST", "/schema/objects/tickets", {"display_name": "Tickets"}, key="sandbox-public")
    assert [ask("GET", path).status for path in ("/objects/products/p", "/schema/objects/tickets")] == [404, 404]


def test_a_sandbox_may_have_other_keys() -> None:
    with Sandbox(public_key="p", private_key="p.s") as sandbox:
        ask = in_process(sandbox)
        assert [ask("GET", "/segments", key=key).status for key in ("p", "p.s", "sandbox-private")] == [401, 200, 401]
