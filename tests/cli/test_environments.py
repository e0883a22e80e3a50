"""Environments and servers, as the command line takes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.servers import Server, http

from .conftest import KEYS, Odp, Process

CONFIG = """
[env.staging]
document = "d.json"
server = { region = "eu1" }
responses = "warn"
[env.staging.credentials]
key = { env = "STAGING_KEY" }
[env.wrong]
sever = "eu1"
credentials = { key = "canary" }
"""
LOOK = ["call", "look", "--dry-run"]


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "D", "version": "7"},
        "servers": [
            {"url": "https://{region}.a.test", "variables": {"region": {"default": "us1", "enum": ["us1", "eu1"]}}}
        ],
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
        "security": [{"key": []}],
        "paths": {"/a": {"get": {"operationId": "look", "responses": {"200": {"description": "seen"}}}}},
    }
    (tmp_path / "d.json").write_text(json.dumps(document))
    (tmp_path / "odp.toml").write_text(CONFIG)
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    monkeypatch.setenv("STAGING_KEY", "canary")


@pytest.mark.parametrize("words", [["--env", "staging", *LOOK], [*LOOK, "--env", "staging"]], ids=["before", "after"])
def test_an_environment_is_named_before_or_after_the_command(words: list[str], odp: Odp) -> None:
    assert "'https://eu1.a.test/a'" in odp(*words).stdout


@pytest.mark.parametrize("command", ["operations", "describe look"])
def test_what_needs_only_a_document_has_it_from_an_environment_too(command: str, odp: Odp) -> None:
    result = odp("--env", "staging", *command.split())
    assert (result.exit_code, "look" in result.stdout) == (0, True)


def test_an_option_wins_over_the_environment_and_that_over_a_variable(odp: Odp) -> None:
    shell = {"ODP_ENV": "staging", "ODP_SERVER": "us1", "ODP_BASE_URL": "https://live.test", "ODP_KEY": "live"}
    assert "'https://eu1.a.test/a'" in odp(*LOOK, **shell).stdout
    assert "'https://us1.a.test/a'" in odp(*LOOK, "--server", "region=us1", **shell).stdout
    assert "'https://b.test/a'" in odp(*LOOK, "--base-url", "https://b.test", **shell).stdout
    with Server(http(200)) as server:
        assert odp("call", "look", "--base-url", server.url, **shell).exit_code == 0
    assert server.heard[0].headers["x-key"] == "canary"


def test_what_is_wrong_with_it_is_a_usage_error_that_tells_all(odp: Odp) -> None:
    result = odp("--env", "wrong", "operations")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "odp.toml: 2 problems" in result.stderr
    assert "env.wrong.sever is no setting; did you mean 'server'?" in result.stderr
    assert "env.wrong.credentials.key must not be the key itself, for files get committed" in result.stderr
    assert "canary" not in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--env", "stagin", "operations"],
        ["--base-url", "https://a:canary@b.test", "doctor"],
        ["--env", "wrong", "doctor"],
    ],
    ids=" ".join,
)
def test_a_setting_that_makes_no_sense_is_a_usage_error(words: list[str], odp: Odp) -> None:
    result = odp(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "canary" not in result.stderr


def test_a_server_that_is_not_there_is_an_invalid_request(odp: Odp) -> None:
    result = odp("--env", "staging", *LOOK, "--server", "eu2")
    assert result.exit_code == 3
    assert "server: no server is called so; did you mean 'eu1'?" in result.stderr


def test_its_responses_count_where_no_option_says_otherwise(odp: Odp) -> None:
    with Server(http(206)) as server:
        words = ["--env", "staging", "call", "look", "--base-url", server.url]
        warned, refused = odp(*words), odp(*words, "--responses", "raise")
        plain = odp("--spec", "../d.json", *words[2:], ODP_KEY="k")
    assert (warned.exit_code, refused.exit_code, plain.exit_code) == (0, 6, 6)
    assert "Warning: response: " in warned.stderr


def test_a_sandbox_is_called_with_its_own_keys_whatever_the_environment(odp: Odp) -> None:
    result = odp("call", "look", "--sandbox", "--env", "staging")
    assert result.exit_code == 0


def test_the_demo_needs_no_environment(process: Process) -> None:
    assert process("demo", ODP_ENV="no-such", **KEYS).returncode == 0


def test_completion_survives_an_environment_that_is_wrong(process: Process) -> None:
    done = process("call", ODP_ENV="wrong", _ODP_COMPLETE="bash_complete", COMP_WORDS="odp call l", COMP_CWORD="2")
    assert (done.returncode, done.stderr) == (0, "")
