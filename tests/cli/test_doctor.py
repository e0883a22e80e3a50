"""`odp doctor`: what can be called from here, and what is missing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic import Api
from tests.secure_servers import AUTHORITY, Proxy, SecureServer, certificate
from tests.servers import Heard, Server, Stall, closed_port, http

from .conftest import KEYS, Odp, Process, clean_environment

LONG_KEYS = {name: f"{value}-0123456789-tail" for name, value in KEYS.items()}


def test_it_is_0_only_when_every_operation_can_be_called(odp: Odp) -> None:
    assert odp("--text", "doctor", **KEYS).exit_code == 0
    assert odp("--text", "doctor").exit_code == 1
    assert odp("--text", "doctor", **{**KEYS, "ODP_PRIVATE_API_KEY": " "}).exit_code == 1
    assert odp("--text", "doctor", "--base-url", "http://example.com", **KEYS).exit_code == 1


def test_it_says_what_cannot_be_called_and_what_to_do(odp: Odp) -> None:
    text = odp("--text", "doctor", ODP_PUBLIC_API_KEY="x" * 20).stdout
    assert "✓ sendEvents" in text
    assert "✗ getProfile" in text
    assert "✗ 3 of 10 operations can be called\n  set ODP_PRIVATE_API_KEY\n" in text


def test_it_shows_at_most_the_last_four_characters_of_a_key(odp: Odp) -> None:
    for form in ("--json", "--text"):
        shown = odp("--text", "doctor", form, **LONG_KEYS).stdout
        assert "tail" in shown
        assert "-tail" not in shown
        assert "canary" not in shown
        shown = odp("--text", "doctor", form, **KEYS).stdout
        assert "ends in" not in shown.replace('"ends_in": null', "")
        assert "canary" not in shown


def test_json_tells_all(odp: Odp) -> None:
    told = json.loads(odp("--text", "doctor", "--json", **KEYS).stdout)
    assert told["ok"] is True
    [document] = told["documents"]
    assert document["operations"] == 10
    assert document["openapi"] == "3.1.0"
    assert len(document["sha256"]) == 12
    assert document["origin"] == "the package"
    assert told["base_urls"] == ["https://api.zaius.com/v3"]
    assert [operation["id"] for operation in told["operations"]] == list(Api().operations)
    assert told["environment"] is told["connections"] is told["call"] is None
    assert {"Python", "odp-dynamic", "requests"} <= set(told["versions"])


@pytest.fixture
def document_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    operation = {"operationId": "look", "responses": {"200": {"description": "seen"}}}
    document = {"openapi": "3.1.0", "info": {"title": "D", "version": "7"}, "paths": {"/": {"get": operation}}}
    (tmp_path / "d.json").write_text(json.dumps(document))
    return "d.json"


def test_it_says_where_the_document_is_from(odp: Odp, document_here: str) -> None:
    assert "from --spec, version 7" in odp("--text", "doctor", "--spec", document_here).stdout
    assert "from $ODP_SPEC, version 7" in odp("--text", "doctor", ODP_SPEC=document_here).stdout


def test_it_says_which_overlays_others_stand_on(odp: Odp) -> None:
    for given, told in (
        (["odp-live-v3"], [("odp-limits", "odp-live-v3"), ("odp-live-v3", "--overlay")]),
        (["odp-limits", "odp-live-v3"], [("odp-limits", "--overlay"), ("odp-live-v3", "--overlay")]),
    ):
        ran = odp("doctor", "--json", *(word for name in given for word in ("--overlay", name)))
        assert [(one["overlay"], one["origin"]) for one in json.loads(ran.stdout)["overlays"]] == told


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        ([], {}, [("odp-limits", "the package")]),
        (["--overlay", "none"], {}, []),
        (["--overlay", "odp-limits"], {"ODP_OVERLAYS": "none"}, [("odp-limits", "--overlay")]),
        ([], {"ODP_OVERLAYS": "none"}, []),
        ([], {"ODP_OVERLAYS": "odp-limits,odp-limits"}, [("odp-limits", "$ODP_OVERLAYS")] * 2),
        (["--spec", "HERE"], {}, []),
        (["--spec", "HERE"], {"ODP_OVERLAYS": "ours.json"}, [("ours.json", "$ODP_OVERLAYS")]),
        (["--env", "a"], {"ODP_OVERLAYS": "none"}, [("ours.json", "environment a")]),
    ],
)
def test_it_says_which_overlays_are_upon_the_document_and_who_says_so(
    odp: Odp,
    document_here: str,
    *,
    words: list[str],
    environment: dict[str, str],
    told: Any,
) -> None:
    ours = {"overlay": "1.1.0", "info": {"title": "t", "version": "v"}}
    Path("ours.json").write_text(json.dumps({**ours, "actions": [{"target": "$.info", "update": {"x-a": 1}}]}))
    Path("odp.toml").write_text(f'[env.a]\ndocument = "{document_here}"\noverlays = ["ours.json"]\n')
    ran = odp("doctor", *(document_here if word == "HERE" else word for word in words), **environment)
    found = [(Path(one["overlay"]).name, one["origin"]) for one in json.loads(ran.stdout)["overlays"]]
    assert found == told


def test_it_says_that_there_is_no_server(odp: Odp, document_here: str) -> None:
    result = odp("--text", "doctor", "--spec", document_here)
    assert result.exit_code == 1
    assert "--base-url" in result.stdout
    assert odp("--text", "doctor", "--spec", document_here, "--base-url", "http://127.0.0.1:1").exit_code == 0


def test_it_says_how_old_a_document_is(odp: Odp, document_here: str) -> None:
    then = time.time() - 40 * 86400
    os.utime(document_here, (then, then))
    assert (
        f"of {datetime.fromtimestamp(then, UTC):%Y-%m-%d} (40 days old)"
        in odp("--text", "doctor", "--spec", document_here).stdout
    )


CONFIG = """
[env.staging]
document = "d.json"
server = "eu1"
[env.staging.credentials]
key = { command = [%r, "-c", "print('canary-0123456789-tail')"] }
pair = { env = "THE_PAIR" }
[env.broken.credentials]
publicApiKey = { command = ["false", "canary"] }
privateApiKey = { file = "no-such-file" }
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a document of two schemes and two regions, and an odp.toml."""
    monkeypatch.chdir(tmp_path)
    variable = {"default": "us1", "enum": ["us1", "eu1"], "x-from-credential": "-([a-z]+1)[.]"}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "D", "version": "7"},
        "servers": [{"url": "https://api.{region}.test", "variables": {"region": variable}}],
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "pair": {"type": "http", "scheme": "basic"},
                "mutual": {"type": "mutualTLS"},
            }
        },
        "paths": {
            "/a/{b}": {
                "parameters": [{"name": "b", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {
                    "operationId": "look",
                    "responses": {"200": {"description": "seen"}},
                    "security": [{"key": []}],
                },
                "post": {"operationId": "change", "responses": {}, "security": [{"pair": []}]},
            }
        },
    }
    (tmp_path / "d.json").write_text(json.dumps(document))
    (tmp_path / "odp.toml").write_text(CONFIG.replace("%r", json.dumps(sys.executable)))
    return tmp_path


def test_it_says_where_settings_and_keys_are_from_and_not_what_they_are(odp: Odp, project: Path) -> None:
    result = odp("--text", "doctor", "--env", "staging", THE_PAIR="a-very-long-name-canary:pw12")
    assert result.exit_code == 0
    for line in (
        f"staging, from {project / 'odp.toml'}, named by --env",
        "https://api.eu1.test, from environment staging, region eu1 from environment staging",
        "header X-Key  from a command, ends in tail",
        "from $THE_PAIR\n",
        "no secret: the connection's own business",
        "from environment staging, version 7",
        "✓ all 2 operations can be called",
    ):
        assert line in result.stdout
    assert not [word for word in ("canary", "pw12", "very") if word in result.output]
    told = json.loads(odp("doctor", "--json", ODP_ENV="staging", THE_PAIR="a:b").stdout)
    assert told["environment"] == {"name": "staging", "file": str(project / "odp.toml"), "origin": "$ODP_ENV"}
    [server] = told["servers"]
    assert server["variables"] == {"region": {"value": "eu1", "origin": "environment staging"}}
    assert [key["source"] for key in told["keys"]] == ["a command", "$THE_PAIR", "$ODP_MUTUAL"]


def test_each_region_is_told_with_who_says_so(odp: Odp, project: Path) -> None:
    keys = {"ODP_KEY": "public-eu1.canary", "ODP_PAIR": "ada:canary"}
    told = json.loads(odp("doctor", "--json", "--spec", str(project / "d.json"), **keys).stdout)
    assert [(s["url"], s["variables"]["region"]["origin"], s["operations"]) for s in told["servers"]] == [
        ("https://api.eu1.test", "the key", 1),
        ("https://api.us1.test", "its default", 1),
    ]
    for words, origin in ((["--server", "eu1"], "--server"), (["--base-url", "https://x.test"], "--base-url")):
        [server] = json.loads(odp("doctor", "--json", "--spec", "d.json", *words, **keys).stdout)["servers"]
        assert server["origin"] == origin
    [server] = json.loads(odp("doctor", "--json", "--spec", "d.json", ODP_SERVER="region=eu1", **keys).stdout)[
        "servers"
    ]
    assert (server["url"], server["origin"]) == ("https://api.eu1.test", "$ODP_SERVER")


@pytest.mark.usefixtures("project")
def test_a_key_that_cannot_be_got_is_told_and_what_to_do(odp: Odp) -> None:
    """And a key that the shell has is not taken in its place."""
    result = odp("--text", "doctor", "--env", "broken", **KEYS)
    assert result.exit_code == 1
    text = " ".join(result.stdout.split())  # it is wrapped
    assert "missing: the command for 'publicApiKey' ended with exit code 1; run it by hand" in text
    assert "missing: the file for 'privateApiKey' cannot be read: No such file" in text
    assert "✗ 0 of 10 operations can be called\n  the command for 'publicApiKey' ended" in result.stdout
    assert "canary" not in result.output


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--env", "stagin"], "no environment is called 'stagin'; did you mean 'staging'?"),
        (
            ["--env", "staging", "--call", "change"],
            "change is a POST; only what changes nothing is called: GET or HEAD",
        ),
        (["--env", "staging", "--call", "lok"], "no operation is called 'lok'; did you mean 'look'?"),
        (["--env", "staging", "b=1"], "name its operation with --call"),
        (["--env", "staging", "--call", "look", "b"], "argument 1 is not name=value"),
    ],
    ids=lambda part: part[-1] if isinstance(part, list) else "",
)
def test_what_was_asked_wrongly_is_a_usage_error(words: list[str], said: str, odp: Odp) -> None:
    result = odp("doctor", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.fixture
def trusted(tmp_path: Path) -> dict[str, str]:
    """Give the environment in which the tests' authority is trusted, and all keys are there."""
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return {"REQUESTS_CA_BUNDLE": str(tmp_path / "ca.pem"), **KEYS}


def now(_: Heard) -> bytes:
    return http(404, Date=f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S} GMT")


def test_connect_tells_of_tls_the_certificate_and_the_clock(odp: Odp, trusted: dict[str, str]) -> None:
    with SecureServer(now, certificate()) as server:
        assert odp("--text", "doctor", "--base-url", server.url, **trusted).exit_code == 0
        assert server.heard == []
        result = odp("--text", "doctor", "--connect", "--base-url", server.url, **trusted)
        told = json.loads(odp("doctor", "--json", "--connect", "--base-url", server.url, **trusted).stdout)
    assert result.exit_code == 0
    assert f"✓ {server.url}, in " in result.stdout
    assert "TLSv1.3, certificate by Testers, 90 days left, clock +" in result.stdout
    [connection] = told["connections"]
    assert (connection["ok"], connection["trusted"], connection["days_left"]) == (True, True, 90)
    assert (connection["proxy"], connection["problem"], connection["warnings"]) == (None, None, [])
    assert not [heard for heard in server.heard if "canary" in str(heard)]  # no key is sent to look


def test_a_certificate_that_soon_ends_and_a_clock_that_is_wrong_are_warned_of(
    odp: Odp, trusted: dict[str, str]
) -> None:
    with SecureServer(http(200, Date="Thu, 01 Jan 2015 00:00:00 GMT"), certificate(days=5)) as server:
        result = odp("--text", "doctor", "--connect", "--base-url", server.url, **trusted)
    assert result.exit_code == 0
    assert "the certificate expires in 5 days; have it renewed" in result.stdout
    assert "s apart; see this machine's clock" in result.stdout


def test_a_proxy_is_told_without_its_password(odp: Odp, trusted: dict[str, str]) -> None:
    with SecureServer(now, certificate()) as server, Proxy() as proxy:
        proxies = {"HTTPS_PROXY": f"http://ada:canary@{proxy.address}"}
        result = odp("--text", "doctor", "--connect", "--base-url", server.url, **trusted, **proxies)
    assert (result.exit_code, len(proxy.heard)) == (0, 1)
    assert f"through the proxy http://{proxy.address}, TLS" in result.stdout
    assert "canary" not in result.output


UNREACHABLE: dict[str, tuple[Callable[[], Any], str]] = {
    "not trusted": (lambda: SecureServer(now, certificate()), "the certificate is not trusted: "),
    "of another host": (lambda: SecureServer(now, certificate("other.test")), "IP address mismatch"),
    "expired": (lambda: SecureServer(now, certificate(days=-2)), "certificate has expired"),
}


@pytest.mark.parametrize("name", UNREACHABLE)
def test_a_certificate_that_is_wrong_fails_the_check(name: str, odp: Odp, trusted: dict[str, str]) -> None:
    made, words = UNREACHABLE[name]
    with made() as server:
        result = odp(
            "--text", "doctor", "--connect", "--base-url", server.url, **(KEYS if name == "not trusted" else trusted)
        )
    assert result.exit_code == 1
    assert words in result.stdout
    assert "certificate by Testers" in result.stdout
    assert "✓ all 10 operations can be called\n✗ not every base URL can be reached\n" in result.stdout
    assert server.heard == []


def test_nobody_there_fails_the_check(odp: Odp) -> None:
    result = odp("--text", "doctor", "--connect", "--base-url", f"https://127.0.0.1:{closed_port()}", **KEYS)
    assert result.exit_code == 1
    assert "is it up, and the port right?" in result.stdout


def test_a_host_that_nobody_knows_fails_the_check(process: Process) -> None:
    """In a process of its own, for the tests' guard lets no name be looked up."""
    done = process("--text", "doctor", "--connect", "--base-url", "https://nowhere.invalid", **KEYS)
    assert done.returncode == 1
    assert "nowhere.invalid is not known; check its name and the network" in done.stdout
    assert "Traceback" not in done.stderr


def test_an_interrupt_ends_it_quietly() -> None:
    with Server(Stall()) as server:
        words = ["--text", "doctor", "--connect", "--base-url", server.url]
        command = [sys.executable, "-m", "odp_dynamic", *words]
        with subprocess.Popen(
            command, env=clean_environment(**KEYS), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        ) as running:
            end = time.monotonic() + 30
            while not server.heard and time.monotonic() < end:
                time.sleep(0.02)
            running.send_signal(signal.SIGINT)
            _, errors = running.communicate(timeout=30)
    assert (running.returncode, "Traceback" in errors) == (130, False)


@pytest.mark.usefixtures("project")
def test_call_makes_one_harmless_call(odp: Odp) -> None:
    with Server(http(200)) as server:
        words = ["--env", "staging", "--base-url", server.url, "--call", "look", "b=5"]
        result = odp("--text", "doctor", *words, THE_PAIR="a:b")
    assert result.exit_code == 0
    [heard] = server.heard
    assert (heard.method, heard.target, heard.headers["x-key"]) == ("GET", "/a/5", "canary-0123456789-tail")
    assert "✓ look: 200, " in result.stdout
    assert "canary" not in result.output


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("answer", "words", "said"),
    [
        (http(403, "canary"), ["b=5"], "look: the server answered 403 Forbidden"),
        (http(503), ["b=5"], "look: the server answered 503"),
        (Stall(), ["b=5"], "look: no whole answer within 0.2 s"),
        (http(200), ["b=canary"], "path.b: must be an integer"),
        (http(200), [], "path.b: is required and missing"),
    ],
    ids=["403", "503", "stalls", "wrong", "missing"],
)
def test_a_call_that_fails_fails_the_check(answer: Any, words: list[str], said: str, odp: Odp, project: Path) -> None:
    config = project / "odp.toml"
    config.write_text(config.read_text().replace("[env.staging]", "[env.staging]\ntimeout = [5, 0.2]"))
    with Server(answer) as server:
        options = ["--env", "staging", "--base-url", server.url, "--call", "look", *words]
        result = odp("--text", "doctor", *options, THE_PAIR="a:b")
        told = json.loads(odp("doctor", "--json", *options, THE_PAIR="a:b").stdout)
    assert result.exit_code == 1
    assert said in result.stdout
    assert "✓ all 2 operations can be called\n✗ the call of look failed\n" in result.stdout
    assert (told["ok"], told["call"]["ok"]) == (False, False)
    assert len(server.heard) == (2 if words == ["b=5"] else 0)  # one for each run, and no second try
    assert "canary" not in result.output
