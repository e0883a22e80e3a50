"""`odp validate`: every problem of every payload with its place, and never a value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Odp

LINES = """\
{"type": "order", "action": "purchase"}

{"type": 5}
[{"type": "order"}]
{"type": "order", "action": "purchase", "identifiers": {"email": 7}}
not json
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_valid_payloads_are_0_and_say_nothing_on_stdout(odp: Odp, here: Path) -> None:
    (here / "a.json").write_text('{"email": "ada@example.com"}')
    (here / "b.yaml").write_text("email: ada@example.com\nzip_code: '02101'\n")
    result = odp("--text", "validate", "Profile", "a.json", "b.yaml")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "2 payloads: all valid" in result.stderr


def test_each_line_of_json_lines_is_a_payload_and_an_object_is_an_item(odp: Odp, here: Path) -> None:
    (here / "events.jsonl").write_text(LINES)
    result = odp("--text", "validate", "sendEvents", "events.jsonl")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "events.jsonl:3: /type: must be a string, not an integer",
        "events.jsonl:3: /action: is required and missing",
        "events.jsonl:4: /0/action: is required and missing",
        "events.jsonl:5: /identifiers/email: must be a string, not an integer",
        "events.jsonl:6: is not JSON: expecting value at column 1",
    ]
    assert "4 of 5 payloads invalid: 5 problems" in result.stderr


def test_json_output_parses_and_holds_no_value(odp: Odp, here: Path) -> None:
    (here / "events.ndjson").write_text('{"type": ["canary"], "action": "canary"}\n{"canary')
    result = odp("--text", "validate", "EventInput", "events.ndjson", "--json")
    assert result.exit_code == 1
    first, second = json.loads(result.stdout)
    assert (first["file"], first["line"], first["pointer"], first["keyword"]) == ("events.ndjson", 1, "/type", "type")
    assert (second["line"], second["keyword"]) == (2, "syntax")
    assert "canary" not in result.output


def test_an_array_in_a_json_file_is_one_payload(odp: Odp, here: Path) -> None:
    (here / "events.json").write_text('[{"type": "a", "action": "b"}, {"type": "a"}]')
    result = odp("--text", "validate", "sendEvents", "events.json")
    assert result.stdout == "events.json: /1/action: is required and missing\n"
    assert "1 of 1 payload invalid: 1 problem" in result.stderr


def test_stdin_is_a_dash_and_its_form_can_be_said(odp: Odp) -> None:
    assert odp("--text", "validate", "Profile", "-", stdin='{"email": "a@b.c"}').exit_code == 0
    assert odp("--text", "validate", "Profile", "-", "--format", "yaml", stdin="email: a@b.c").exit_code == 0
    result = odp("--text", "validate", "EventInput", "-", "--format", "jsonl", stdin=LINES)
    assert "<stdin>:3: /type" in result.stdout
    assert "--format jsonl" in odp("--text", "validate", "EventInput", "-", stdin=LINES).stdout


def test_answers_are_judged_by_their_status(odp: Odp) -> None:
    assert odp("--text", "validate", "getProfile", "--response", "200", "-", stdin='{"email": "a@b.c"}').exit_code == 0
    assert odp("--text", "validate", "getProfile", "--response", "200", "-", stdin='{"email": 5}').exit_code == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b'{"email": NaN}', "NaN is no number in JSON"),
        (b'{"email": "\xff"}', "is not UTF-8"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"email": 1' + b"0" * 5000 + b"}", "is not JSON"),
        (b"null", "must be an object, not null"),
        (b'\xef\xbb\xbf{"email": 5}', "/email: must be a string"),
        (b'{"email": "\\ud800"}', ""),
    ],
    ids=["empty", "NaN", "Latin-1", "deep", "long integer", "null", "byte order mark", "lone surrogate"],
)
def test_whatever_a_file_holds_the_verdict_is_a_sentence(odp: Odp, here: Path, content: bytes, said: str) -> None:
    (here / "p.json").write_bytes(content)
    result = odp("--text", "validate", "Profile", "p.json")
    assert result.exit_code == (1 if said else result.exit_code)
    assert result.exit_code in {0, 1}
    assert said in result.stdout


def test_bad_yaml_is_a_problem_with_its_line(odp: Odp, here: Path) -> None:
    (here / "p.yaml").write_text("email: x\n  zip: : y\n")
    result = odp("--text", "validate", "Profile", "p.yaml")
    assert result.exit_code == 1
    assert result.stdout.startswith("p.yaml:2: is not YAML")


def test_a_hundred_thousand_lines_are_judged_in_flat_memory(odp: Odp, here: Path) -> None:
    import tracemalloc

    with (here / "many.jsonl").open("w") as file:
        file.writelines('{"type": "order", "action": "purchase", "data": {"n": 1}}\n' for _ in range(100_000))
    odp("--text", "validate", "EventInput", "-", stdin="{}")  # what is loaded once is no matter of the lines
    tracemalloc.start()
    result = odp("--text", "validate", "EventInput", "many.jsonl")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.exit_code == 0
    assert "100000 payloads: all valid" in result.stderr
    assert peak < 8 * 2**20
