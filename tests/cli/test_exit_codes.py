"""The shell learns from the exit code who must act, and a person from one plain sentence on stderr."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from odp_dynamic.errors import OdpError

from .conftest import KEYS, Odp, Process

PROFILE = ("identifier_field=email", "identifier_value=ada@example.com")

# Each row: the words after `odp`, the exit code, what stdout says, what stderr says.
TABLE = [
    ("", 2, "", "Commands:"),
    ("--help", 0, "ODP_BASE_URL", ""),
    ("-h", 0, "Exit codes:", ""),
    ("--version", 0, "odp ", ""),
    ("opertions", 2, "", "no command is called 'opertions'; did you mean 'operations'?"),
    ("--nonsense", 2, "", "No such option"),
    ("operations", 0, '"id": "sendEvents"', ""),
    ("operations segments", 0, "listSegments", ""),
    ("operations xyzzy", 0, "[]", ""),
    ("describe getProfile", 0, "identifier_field", ""),
    ("describe Profile", 0, "zip_code", ""),
    ("describe getProfle", 2, "", "did you mean 'getProfile'?"),
    ("describe Segmnt", 2, "", "did you mean 'Segment'?"),
    ("describe zzzzzz", 2, "", "`odp operations` lists"),
    ("--spec nowhere.yaml operations", 2, "", "nowhere.yaml: cannot be read"),
    ("operations --spec nowhere.yaml", 2, "", "nowhere.yaml: cannot be read"),
    ("call", 2, "", "Missing argument 'ID'"),
    ("call getProfle", 2, "", "no operation is called 'getProfle'; did you mean 'getProfile'?"),
    ("call getProfile ada@example.com", 2, "", "argument 1 is not name=value"),
    ("call getProfile fields:=[", 2, "", "the value of fields is not JSON"),
    ("call getProfile body=1", 2, "", "--body"),
    ("call sendEvents --body {", 2, "", "--body cannot be read as a value: line 1"),
    ("call sendEvents --body @nowhere.json", 2, "", "nowhere.json: No such file"),
    ("call getProfile --timeout 0", 2, "", "--timeout"),
    ("call getProfile --responses sometimes", 2, "", "--responses"),
    ("call getProfile", 3, "", "path.identifier_field: is required and missing"),
    ("call listSegments", 3, "", "ODP_PRIVATE_API_KEY"),
    ("call listSegments --dry-run", 3, "", "ODP_PRIVATE_API_KEY"),
    ("call listSegments --base-url 127.0.0.1:9", 2, "", "base_url must be a URL that begins with http:// or https://"),
    ("call listSegments --sandbox --timeout nan", 2, "", "timeout"),
    ("call listSegments --sandbox --drift /nowhere/x.json", 2, "", "there is no folder /nowhere"),
    ("call listSegments --drift /nowhere/x.json", 2, "", "there is no folder /nowhere"),
    ("call listSegments --server 7", 3, "", "no server is called so"),
    ("call listSegments colour=red", 3, "", "arguments /colour"),
    ("call getProfile --sandbox identifier_field=email identifier_value=no@example.com", 4, "", "Profile not found"),
    ("call listSegments --sandbox", 0, "customer_count", "200 OK"),
    ("validate Profile", 2, "", "Missing argument"),
    ("validate Profile nowhere.json", 2, "", "nowhere.json: No such file"),
    ("validate Profil nowhere.json", 2, "", "did you mean 'Profile'?"),
    ("validate getProfile nowhere.json", 2, "", "takes no body"),
    ("validate getProfile --response 404 nowhere.json", 2, "", "declares no body for 404"),
    ("validate getProfile --response 500 nowhere.json", 2, "", "declares no answer 500"),
    ("validate Profile --response 200 nowhere.json", 2, "", "--response goes with an operation's id"),
    ("sandbox --port 70000", 2, "", "--port"),
    ("sandbox --referee never", 2, "", "--referee"),
    ("sandbox --seed nowhere.yaml", 2, "", "nowhere.yaml: No such file"),
    ("sandbox --database /nowhere/odp.db", 2, "", "/nowhere/odp.db"),
    ("doctor", 1, "privateApiKey", ""),
]


@pytest.mark.parametrize(("words", "code", "out", "err"), TABLE, ids=[row[0] or "nothing" for row in TABLE])
def test_each_command_line_ends_with_its_code_and_its_words(
    odp: Odp, words: str, code: int, out: str, err: str
) -> None:
    result = odp(*words.split())
    assert result.exit_code == code, result.output
    assert out in result.stdout
    assert err in result.stderr
    assert "Traceback" not in result.output


def test_a_server_that_cannot_be_reached_is_5(odp: Odp) -> None:
    result = odp("call", "getProfile", *PROFILE, "--base-url", "http://127.0.0.1:1", **KEYS)
    assert result.exit_code == 5
    assert "cannot connect to 127.0.0.1:1" in result.stderr
    assert "Reproduce with: curl" in result.stderr
    assert "ada@example.com" not in result.stderr


def test_a_refusal_is_4_and_tells_status_meaning_and_the_service_s_own_faults(
    odp: Odp, foreign_server: Callable[..., str]
) -> None:
    url = foreign_server(400, b'{"detail": {"invalids": [{"event": 0, "message": "missing it"}]}}')
    result = odp("call", "sendEvents", "--body", '[{"type": "a", "action": "b"}]', "--base-url", url, **KEYS)
    assert result.exit_code == 4
    assert "400 Bad Request; Invalid event data" in result.stderr
    assert "the service: /0: missing it" in result.stderr


def test_an_answer_against_the_document_is_6(odp: Odp, foreign_server: Callable[..., str]) -> None:
    url = foreign_server(200, b'{"email": 5}')
    result = odp("call", "getProfile", *PROFILE, "--base-url", url, **KEYS)
    assert result.exit_code == 6
    assert result.stdout == ""
    assert "response /email: must be a string, not an integer" in result.stderr
    assert "--responses warn" in result.stderr


def test_only_odp_debug_shows_a_traceback(odp: Odp) -> None:
    assert "Traceback" not in odp("call", "nothing").stderr
    debugged = odp("call", "nothing", ODP_DEBUG="1")
    assert "Traceback" in debugged.stderr
    assert debugged.exit_code == 2


def test_a_fault_of_our_own_is_no_check_that_failed(odp: Odp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It has a code of its own, and its words, which could hold a payload's values, are not shown."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("ada@example.com")

    monkeypatch.setattr("odp_dynamic.cli._payloads.content_of", broken)
    file = tmp_path / "profile.json"
    result = odp("validate", "Profile", str(file))
    assert result.exit_code == 70
    assert "RuntimeError" in result.stderr
    assert "ada@example.com" not in result.output


def test_every_error_has_a_code_of_the_table() -> None:
    from odp_dynamic.cli._exits import _CODES, ExitCode

    def leaves(kind: type[OdpError]) -> list[type[OdpError]]:
        return [kind, *(leaf for child in kind.__subclasses__() for leaf in leaves(child))]

    codes = {kind.__name__: next(code for base, code in _CODES if issubclass(kind, base)) for kind in leaves(OdpError)}
    assert codes["SpecError"] == codes["UnknownOperation"] == codes["UnknownSchema"] == ExitCode.USAGE
    assert codes["InvalidRequest"] == ExitCode.INVALID_REQUEST
    assert codes["InvalidResponse"] == ExitCode.INVALID_RESPONSE
    assert codes["TimedOut"] == codes["TransportError"] == ExitCode.NETWORK
    assert codes["RateLimited"] == codes["ServerError"] == codes["NotFound"] == ExitCode.REFUSED
    assert set(codes.values()) <= set(range(2, 7))


@pytest.mark.parametrize(
    ("words", "code"),
    [("operations", 0), ("call getProfle", 2), ("call listSegments", 3), ("doctor", 1), ("call listSegments -h", 0)],
)
def test_a_real_process_ends_with_the_same_codes(process: Process, words: str, code: int) -> None:
    done = process(*words.split())
    assert done.returncode == code
    assert "Traceback" not in done.stderr
