"""`odp call`: words become typed arguments, the answer's data goes to stdout, everything else to stderr."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic import Api
from odp_dynamic._bind import UNSET
from odp_dynamic.cli._arguments import arguments_of

from .conftest import KEYS, Odp

PROFILE = ("identifier_field=email", "identifier_value=ada@example.com")

INTEGER, STRING, BOOLEAN = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Types", "version": "1"},
    "servers": [{"url": "https://example.com"}],
    "paths": {
        "/things": {
            "post": {
                "operationId": "make",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 10}},
                    {"name": "tags", "in": "query", "schema": {"type": "array", "items": STRING}},
                    {"name": "counts", "in": "query", "schema": {"type": "array", "items": INTEGER}},
                    {"name": "id", "in": "query", "schema": STRING},
                    {"name": "id", "in": "header", "schema": INTEGER},
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"allOf": [{"$ref": "#/components/schemas/Thing"}]}}}
                },
                "responses": {"204": {"description": "made"}},
            }
        },
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "properties": {
                    "zip": STRING,
                    "age": INTEGER,
                    "active": BOOLEAN,
                    "level": {"enum": [1, 2]},
                    "either": {"anyOf": [INTEGER, {"type": "null"}]},
                    "numbers": {"type": "array", "items": {"type": "number"}},
                    "who": {"type": "object", "properties": {"email": STRING, "age": INTEGER}},
                    "a.b": STRING,
                },
            }
        }
    },
}


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        (["limit=5"], {"limit": 5}),
        (["limit=50"], {"limit": 50}),
        (["limit=five"], {"limit": "five"}),
        (["zip=02101"], {"zip": "02101"}),
        (["zip=true"], {"zip": "true"}),
        (["zip="], {"zip": ""}),
        (["zip=a=b"], {"zip": "a=b"}),
        (["zip:=5"], {"zip": 5}),
        (["active=true"], {"active": True}),
        (["active=yes"], {"active": "yes"}),
        (["level=2"], {"level": 2}),
        (["either=7"], {"either": 7}),
        (["either=null"], {"either": None}),
        (["tags=a"], {"tags": ["a"]}),
        (["tags=a", "tags=b,c"], {"tags": ["a", "b,c"]}),
        (['tags=["a","b"]'], {"tags": ["a", "b"]}),
        (["counts=1", "counts=2"], {"counts": [1, 2]}),
        (["counts=1"], {"counts": [1]}),
        (["numbers=1.5", "numbers=2"], {"numbers": [1.5, 2]}),
        (["numbers:=[1]", "numbers:=2"], {"numbers": [1, 2]}),
        (["who.email=a@b.c", "who.age=5"], {"who": {"email": "a@b.c", "age": 5}}),
        (['who={"email": "a@b.c"}'], {"who": {"email": "a@b.c"}}),
        (["a.b=x"], {"a.b": "x"}),
        (["query.id=1", "header.id=1"], {"query.id": "1", "header.id": 1}),
        (["unknown=1"], {"unknown": "1"}),
        (["un.known=1"], {"un.known": "1"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_word_is_text_unless_the_document_wants_what_it_means(words: list[str], arguments: dict[str, Any]) -> None:
    assert arguments_of(Api(DOCUMENT).operations["make"], words, UNSET) == arguments


def test_a_property_can_be_given_whole_or_in_parts_but_not_both(odp: Odp, tmp_path: Path) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(DOCUMENT))
    result = odp("call", "make", "--spec", str(spec), "who=x", "who.email=y")
    assert result.exit_code == 2
    assert "who.email lies inside who" in result.stderr


def test_a_dry_run_prints_the_request_as_curl_and_sends_nothing(odp: Odp) -> None:
    result = odp("call", "getProfile", *PROFILE, "--dry-run", "--base-url", "http://127.0.0.1:1", **KEYS)
    assert result.exit_code == 0
    assert result.stdout.startswith("curl 'http://127.0.0.1:1/profiles/email/ada%40example.com'")
    assert "x-api-key: ***" in result.stdout
    assert "canary" not in result.output


def test_no_key_is_ever_printed(odp: Odp, foreign_server: Callable[..., str]) -> None:
    url = foreign_server(500, b"<html>no</html>", "text/html")
    for words in (
        ("call", "getProfile", *PROFILE, "--base-url", url),
        ("call", "getProfile", *PROFILE, "--base-url", "http://127.0.0.1:1"),
        ("call", "getProfile", *PROFILE, "--base-url", "http://example.com"),
        ("call", "getProfile", "--dry-run"),
        ("doctor",),
        ("doctor", "--json"),
        ("describe", "getProfile"),
    ):
        result = odp(*words, ODP_DEBUG="1", **KEYS)
        assert "canary-p" not in result.output
        assert "vate-key" not in result.output


def test_the_body_comes_from_a_word_a_file_or_stdin(odp: Odp, tmp_path: Path) -> None:
    event = {"type": "order", "action": "purchase"}
    (tmp_path / "e.json").write_text(json.dumps([event]))
    (tmp_path / "e.yaml").write_text("- type: order\n  action: purchase\n")
    for body, stdin in (
        (json.dumps([event]), None),
        (f"@{tmp_path / 'e.json'}", None),
        (f"@{tmp_path / 'e.yaml'}", None),
        ("-", json.dumps([event])),
    ):
        result = odp("call", "sendEvents", "--body", body, "--dry-run", stdin=stdin, **KEYS)
        assert """--data-binary '[{"type":"order","action":"purchase"}]'""" in result.stdout, result.output


def test_data_is_on_stdout_alone_and_parses(odp: Odp) -> None:
    result = odp("call", "listSegments", "--sandbox")
    assert isinstance(json.loads(result.stdout), list)
    assert result.stderr.startswith("200 OK, ")


def test_a_sandbox_in_a_file_remembers(odp: Odp, tmp_path: Path) -> None:
    sandbox = f"--sandbox={tmp_path / 'odp.db'}"
    assert odp("call", sandbox, "upsertProfile", "identifiers.email=ada@example.com").exit_code == 0
    found = odp("call", sandbox, "getProfile", *PROFILE)
    assert json.loads(found.stdout)["email"] == "ada@example.com"


def test_sandbox_without_a_file_does_not_swallow_the_operation(odp: Odp) -> None:
    assert odp("call", "--sandbox", "listSegments").exit_code == 0
    assert odp("call", "listSegments", "--sandbox").exit_code == 0


def test_include_prints_status_and_headers_before_the_data(odp: Odp) -> None:
    head, _, data = odp("call", "listSegments", "--sandbox", "-i").stdout.partition("\n\n")
    assert head.startswith("HTTP 200 OK\n")
    assert "Content-Type: application/json" in head
    assert json.loads(data)


@pytest.mark.parametrize(
    ("mode", "code", "told"),
    [
        ("raise", 6, "must be a string"),
        ("warn", 0, "Warning: response /email"),
        ("record", 0, "1 departure"),
        ("ignore", 0, ""),
    ],
)
def test_an_undocumented_answer_is_what_responses_says(
    odp: Odp, foreign_server: Callable[..., str], mode: str, code: int, told: str
) -> None:
    url = foreign_server(200, b'{"email": 5}')
    result = odp("call", "getProfile", *PROFILE, "--base-url", url, "--responses", mode, **KEYS)
    assert result.exit_code == code
    assert told in result.stderr
    assert result.stdout == ("" if code else '{\n  "email": 5\n}\n')


def test_an_answer_without_a_body_prints_nothing(odp: Odp, foreign_server: Callable[..., str]) -> None:
    url = foreign_server(202)
    result = odp("call", "sendEvents", "--body", "[]", "--base-url", url, **KEYS)
    assert result.exit_code == 0
    assert result.stdout == ""


def test_an_answer_cannot_command_the_terminal(odp: Odp, foreign_server: Callable[..., str]) -> None:
    url = foreign_server(200, '{"email": "\\u001b[2J\u009b2J"}'.encode())
    result = odp("call", "getProfile", *PROFILE, "--base-url", url, **KEYS)
    assert json.loads(result.stdout)["email"] == "\x1b[2J\x9b2J"
    assert not {"\x1b", "\x9b"} & set(result.stdout)


def test_a_refusal_cannot_command_the_terminal(odp: Odp, foreign_server: Callable[..., str]) -> None:
    url = foreign_server(400, b'{"message": "\\u001b[2J"}')
    result = odp("call", "sendEvents", "--body", "[]", "--base-url", url, **KEYS)
    assert result.exit_code == 4
    assert "\x1b" not in result.stderr
