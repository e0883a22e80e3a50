"""`odp sandbox --journal` and `--faults`: what is printed of each request, live."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from odp_dynamic import Api
from odp_dynamic.cli._journal import lines_of
from odp_dynamic.errors import RateLimited
from odp_dynamic.sandbox import Sandbox

from .conftest import Odp, clean_environment

EVENTS = [{"type": "x", "action": "y"}] * 12 + [
    {"type": "x", "action": "y", "identifiers": {"email": "ada"}, "datta": {}}
]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def shown(sandbox: Sandbox) -> list[str]:
    return [click.unstyle(line) for line in lines_of(sandbox.journal.last)]


def test_a_request_is_a_line_and_what_became_of_its_items_others(sandbox: Sandbox) -> None:
    with sandbox.api() as api:
        api.call("sendEvents", EVENTS)
    first, *others = shown(sandbox)
    assert " 202 accepted sendEvents POST /v3/events " in first
    assert first.endswith(" ms, public key")
    assert sorted(line.partition(":")[0] for line in others) == [
        "  dropped items 0, 1, 2, 3, 4, 5, 6, 7 and 4 more",
        "  ignored item 12 datta",
    ]


def test_a_refusal_says_why_and_where(sandbox: Sandbox) -> None:
    with sandbox.api(responses="ignore") as api:
        request = api.prepare("sendEvents", [])._replace(body=b'[{"type": 1}]')
        with pytest.raises(Exception, match="400"):
            api.send(request)
    assert [line.strip() for line in shown(sandbox)[1:]] == [
        "2 faults",
        "body /0/action: is missing",
        "body /0/type: must be of type string",
    ]


def test_what_was_sent_does_not_command_the_terminal(sandbox: Sandbox) -> None:
    with sandbox.fault(status=503), sandbox.api(retry=None) as api, pytest.raises(Exception, match="503"):
        api.call("getObject", object_type="x", object_id="\x1b[31m\x9b")
    assert not any("\x1b" in line or "\x9b" in line for line in shown(sandbox))
    assert shown(sandbox)[1] == "  fault 503, before the work"


def test_a_program_reads_it_as_lines_of_json(tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("- {operation: listSegments, status: 429, retry_after: 5, times: 1}\n")
    running = subprocess.Popen(  # our own program
        [sys.executable, "-m", "odp_dynamic", "sandbox", "--json", "--journal", "--faults", str(faults)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
        encoding="utf-8",
    )
    with running:
        assert running.stdout is not None
        begun = ""
        while not begun.endswith("}\n}\n"):
            begun += running.stdout.readline()
        url = json.loads(begun)["url"]
        with Api(base_url=url, credentials={"privateApiKey": "sandbox-private"}, retry=None) as api:
            with pytest.raises(RateLimited):
                api.call("listSegments")
            refused = json.loads(running.stdout.readline())  # while it is running
            api.call("listSegments")
        running.send_signal(signal.SIGTERM)
        last = json.loads(running.communicate(timeout=20)[0])
    assert running.returncode == 0
    assert (refused["number"], refused["status"], refused["fault"]["retry_after"]) == (1, 429, 5)
    assert (last["number"], last["status"], last["headers"]["x-api-key"]) == (2, 200, "***")


@pytest.mark.parametrize(
    ("text", "words"),
    [("- {operation: getProfil, status: 503}", "did you mean 'getProfile'"), ("{", "not YAML"), (None, "No such file")],
)
def test_faults_that_are_none_are_a_usage_error(odp: Odp, tmp_path: Path, text: str | None, words: str) -> None:
    file = tmp_path / "faults.yaml"
    if text is not None:
        file.write_text(text)
    done = odp("sandbox", "--faults", str(file))
    assert done.exit_code == 2
    assert words in done.stderr
    assert "faults.yaml" in done.stderr
