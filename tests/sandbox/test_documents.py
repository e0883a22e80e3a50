"""Other documents than the bundled one: their paths, their keys, and examples where there is no handler."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._requests import Arrived

TEXT = {"type": "string"}
OWNER = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "properties": {"id": {**TEXT, "readOnly": True}, "name": TEXT, "secret": {**TEXT, "writeOnly": True}},
}


def operation(name: str, **more: Any) -> dict[str, Any]:
    return {"operationId": name, "responses": {"200": {"description": "", **answer({"const": name})}}, **more}


def answer(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def parameter(name: str, schema: Any = TEXT, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema, **more}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://{region}.example.com/api/v1/", "variables": {"region": {"default": "eu"}}}],
    "paths": {
        "/pets/{id}": {"get": operation("pet", parameters=[parameter("id")])},
        "/pets/mine": {"get": operation("mine")},
        "/pets/{id}:feed": {"get": operation("feed", parameters=[parameter("id")])},
        "/pets/{id}/owner": {
            "get": {
                "parameters": [parameter("id", {"type": "integer"}, deprecated=True)],
                "responses": {"2XX": {"description": "", **answer({"$ref": "#/components/schemas/Owner"})}},
            },
            "put": {
                "operationId": "give",
                "parameters": [parameter("id")],
                "requestBody": answer({"$ref": "#/components/schemas/Owner"}),
                "responses": {"204": {"description": "done"}},
            },
        },
        "/note": {
            "get": {
                "operationId": "note",
                "responses": {"200": {"description": "", "content": {"text/plain": {"schema": {"const": "hello"}}}}},
            }
        },
        "/impossible": {
            "get": {"operationId": "never", "responses": {"200": {"description": "", **answer({"not": {}})}}}
        },
        "/bearer": {"get": operation("bearer", security=[{"token": []}])},
        "/basic": {"get": operation("basic", security=[{"login": []}])},
        "/either": {"get": operation("either", security=[{"token": [], "query": []}, {"crumb": []}])},
        "/certified": {"get": operation("certified", security=[{"certificate": []}])},
        "/free": {
            "get": operation(
                "free",
                parameters=[parameter("any", {"type": "object", "additionalProperties": TEXT}, **{"in": "query"})],
            )
        },
        "/anything": {"get": {"responses": {"200": {"description": "", "content": {"application/json": {}}}}}},
        "/choice": {
            "post": {
                "operationId": "choice",
                "requestBody": answer(
                    {
                        "properties": {
                            "one": {"const": 1},
                            "two": {"anyOf": [TEXT]},
                            "three": {"minLength": 3},
                            "four": False,
                        }
                    }
                ),
                "responses": {"200": {"description": ""}},
            }
        },
        "/optional": {"get": operation("optional", security=[{"token": []}, {}])},
    },
    "components": {
        "schemas": {"Owner": OWNER},
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "login": {"type": "http", "scheme": "basic"},
            "query": {"type": "apiKey", "in": "query", "name": "key"},
            "certificate": {"type": "mutualTLS"},
            "crumb": {"type": "apiKey", "in": "cookie", "name": "crumb"},
        },
    },
}


@pytest.fixture(scope="module")
def pets() -> Sandbox:
    return Sandbox(document=DOCUMENT)


def ask(sandbox: Sandbox, target: str, method: str = "GET", body: bytes = b"", **headers: str) -> Any:
    path, _, query = f"/api/v1{target}".partition("?")
    given = {"content-type": "application/json", **headers}
    return sandbox.answer(Arrived(method, path, query, given, body))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/pets/7", "pet"),
        ("/pets/mine", "mine"),
        ("/pets/7:feed", "feed"),
        ("/pets/7%3Afeed", "pet"),
        ("/pets/MINE", "pet"),
    ],
)
def test_literal_paths_win_over_templates(pets: Sandbox, path: str, name: str) -> None:
    assert ask(pets, path)[:2] == (200, name)


def test_an_operation_without_a_handler_answers_with_an_example(pets: Sandbox) -> None:
    """Also where it has no id, and without what is `writeOnly`; where there is nothing to say, with nothing."""
    assert ask(pets, "/pets/7/owner")[:2] == (200, {"id": "id", "name": "name"})
    assert ask(pets, "/pets/7/owner", "PUT", b'{"name": "Ada", "secret": "x"}') == (204, None, "application/json")
    assert ask(pets, "/note") == (200, "hello", "text/plain")
    assert ask(pets, "/anything")[:2] == (200, {})


def test_an_example_that_cannot_be_made_is_a_failure(pets: Sandbox) -> None:
    assert ask(pets, "/impossible")[:1] == (500,)


def test_a_query_object_may_have_any_property(pets: Sandbox) -> None:
    """As in the vendor's own document, where it is the identifier: ``?email=…``."""
    assert ask(pets, "/free?email=ada")[:2] == (200, "free")


def test_parameters_and_bodies_are_judged(pets: Sandbox) -> None:
    assert ask(pets, "/pets/seven/owner").data["detail"]["invalids"] == [{"field": "id", "reason": "cannot be read"}]
    refused = ask(pets, "/pets/7/owner", "PUT", b'{"name": 5}')
    assert refused.data["detail"]["invalids"] == [
        {"field": "secret", "reason": "is missing"},
        {"field": "name", "reason": "must be of type string"},
    ]


def test_every_kind_of_rule_is_told_in_words(pets: Sandbox) -> None:
    refused = ask(pets, "/choice", "POST", b'{"one": 2, "two": 2, "three": "ab", "four": 4}')
    assert refused.data["detail"]["invalids"] == [
        {"field": "one", "reason": "must be 1"},
        {"field": "two", "reason": "fits none of its alternatives"},
        {"field": "three", "reason": "breaks the rule minLength 3"},
        {"field": "body", "reason": "is not allowed"},  # jsonschema does not tell which property is false
    ]


def test_paths_outside_the_base_path_are_forbidden(pets: Sandbox) -> None:
    assert [pets.answer(Arrived("GET", path, "", {}, b"")).status for path in ("/pets/7", "/api/v1", "/")] == [403] * 3


KEYS: list[tuple[str, dict[str, str], int]] = [
    ("/bearer", {}, 403),
    ("/bearer", {"authorization": "Bearer sandbox-public"}, 200),
    ("/bearer", {"authorization": "bearer sandbox-private"}, 200),
    ("/bearer", {"authorization": "Basic sandbox-private"}, 403),
    ("/basic", {"authorization": "Basic " + b64encode(b"me:sandbox-private").decode()}, 200),
    ("/basic", {"authorization": "Basic " + b64encode(b"sandbox-private").decode()}, 200),
    ("/basic", {"authorization": "Basic " + b64encode(b"me:nonsense").decode()}, 403),
    ("/basic", {"authorization": "Basic ###"}, 403),
    ("/either?key=sandbox-private", {}, 403),
    ("/either?key=sandbox-private", {"authorization": "Bearer sandbox-private"}, 200),
    ("/either", {"cookie": "a=b; crumb=sandbox-public"}, 200),
    ("/either", {"cookie": "a@b=c"}, 403),
    ("/certified", {}, 200),
    ("/optional", {}, 200),
    ("/optional", {"authorization": "Bearer nonsense"}, 200),
]


@pytest.mark.parametrize(("path", "headers", "status"), KEYS)
def test_other_schemes_take_either_key(pets: Sandbox, path: str, headers: dict[str, str], status: int) -> None:
    """And where the document declares no 401, the refusal is the service's own 403."""
    assert ask(pets, path, "GET", b"", **headers).status == status


def test_an_api_of_another_document_has_its_keys(pets: Sandbox) -> None:
    assert pets.credentials == dict.fromkeys(["token", "login", "query", "certificate", "crumb"], "sandbox-private")
    with pets.api() as api:
        assert api.call("bearer") == "bearer"
        assert api.call("basic") == "basic"
        assert api.call("pet", id="a/b") == "pet"


def test_a_document_without_servers_stands_at_the_root() -> None:
    document = {**DOCUMENT, "servers": []}
    with Sandbox(document=document) as sandbox:
        assert sandbox.answer(Arrived("GET", "/pets/7", "", {}, b"")).status == 200


def test_a_document_of_3_0_is_judged_by_its_own_rules() -> None:
    nullable = {"type": "object", "properties": {"name": {"type": "string", "nullable": True}}}
    document = {
        "openapi": "3.0.1",
        "info": {"title": "Old", "version": "1"},
        "paths": {
            "/it": {
                "post": {
                    "operationId": "it",
                    "requestBody": answer(nullable),
                    "responses": {"200": {"description": ""}},
                }
            }
        },
    }
    with Sandbox(document=document) as sandbox:
        headers = {"content-type": "application/json"}
        statuses = [
            sandbox.answer(Arrived("POST", "/it", "", headers, body)).status
            for body in (b'{"name": null}', b'{"name": 1}')
        ]
        assert statuses == [200, 400]
