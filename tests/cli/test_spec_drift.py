"""`odp spec drift`, and --drift: a service that departs from the document as the real one does, told and put right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from odp_dynamic.drift import Ledger, findings

from .conftest import KEYS, Odp

# What the vendor's own service does with three of the ten operations, by its documents and by those who call it.
ACCEPTED = b'{"title":"Accepted","status":202,"timestamp":"2022-06-30T20:59:52.046Z"}'
FOUND = b'{"attributes":{"first_name":"canary-Johnny","email":"canary@example.com","zip":"canary-02101"}}'
FORBIDDEN = b'{"message":"Forbidden"}'
SEGMENTS = b'{"segment_ids":["canary-1","canary-2"]}'
PROFILE = ("call", "getProfile", "identifier_field=email", "identifier_value=canary@example.com")
CALLS = [
    (202, ACCEPTED, ("call", "upsertProfile", "--body", '{"attributes":{"email":"canary@example.com"}}'), 0),
    (200, FOUND, PROFILE, 0),
    (403, FORBIDDEN, PROFILE, 4),
    (200, SEGMENTS, ("call", "listSegments"), 0),
]
Foreign = Callable[..., str]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def play(odp: Odp, server: Foreign, ledger: str, *words: str) -> None:
    for code, content, call, exit_code in CALLS:
        ran = odp(
            *call, "--base-url", server(code, content), "--drift", ledger, "--responses", "record", *words, **KEYS
        )
        assert ran.exit_code == exit_code, ran.stderr


def test_a_service_that_departs_is_told_and_its_document_put_right(odp: Odp, foreign_server: Foreign) -> None:
    play(odp, foreign_server, "drift.json")
    told = json.loads(odp("spec", "drift", "drift.json").stdout)
    rows = [[row[name] for name in ("operation", "status", "place", "kind")] for row in told["drift"]]
    assert rows == [
        ["getProfile", "200", "/attributes", "field"],
        ["getProfile", "403", "", "status"],
        ["listSegments", "200", "", "rule"],
        ["upsertProfile", "202", "", "status"],
    ]
    assert {row["place"] for row in told["unseen"] if row["operation"] == "getProfile"} >= {"/email", "/insights"}

    ran = odp("spec", "drift", "drift.json", "--propose", "-o", "true.yaml")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", "")
    play(odp, foreign_server, "after.json", "--overlay", "odp-limits", "--overlay", "true.yaml")
    ran = odp("spec", "drift", "after.json", "--check", "--overlay", "odp-limits", "--overlay", "true.yaml")
    assert (ran.exit_code, json.loads(ran.stdout)["drift"]) == (0, [])


def test_nothing_of_the_bodies_is_in_file_report_or_proposal(odp: Odp, foreign_server: Foreign) -> None:
    play(odp, foreign_server, "drift.json")
    texts = [odp("spec", "drift", "drift.json", *form).output for form in ((), ("--text",), ("--propose",))]
    for text in (*texts, Path("drift.json").read_text("utf-8")):
        assert text
        assert "canary" not in text
        assert "127.0.0.1" not in text


def test_it_is_a_table_for_people(odp: Odp, foreign_server: Foreign) -> None:
    play(odp, foreign_server, "drift.json")
    ran = odp("spec", "drift", "drift.json", "--text")
    lines = ran.stdout.splitlines()
    assert lines[:2] == [
        "getProfile 200 application/json",
        "  /attributes  1 of 1  is not described; it is object",
    ]
    assert ran.stderr.startswith("4 departures, ")


def test_ledgers_are_told_together(odp: Odp, foreign_server: Foreign) -> None:
    play(odp, foreign_server, "one.json")
    play(odp, foreign_server, "two.json")
    told = json.loads(odp("spec", "drift", "one.json", "two.json").stdout)["drift"]
    assert [(row["times"], row["answers"]) for row in told] == [(2, 2)] * 4


def test_check_fails_for_what_the_baseline_has_not(odp: Odp, foreign_server: Foreign) -> None:
    play(odp, foreign_server, "known.json")
    words = ("spec", "drift", "new.json", "--baseline", "known.json", "--check")
    play(odp, foreign_server, "new.json")
    ran = odp(*words)
    assert (ran.exit_code, json.loads(ran.stdout)["drift"]) == (0, [])
    address = foreign_server(500, b"oh", "text/plain")
    odp("call", "listSegments", "--base-url", address, "--drift", "new.json", **KEYS)
    ran = odp(*words)
    assert (ran.exit_code, [row["status"] for row in json.loads(ran.stdout)["drift"]]) == (1, ["500"])
    assert odp("spec", "drift", "known.json", "--check").exit_code == 1


def test_the_proposal_is_an_overlay_that_gives_its_reasons(odp: Odp, foreign_server: Foreign) -> None:
    play(odp, foreign_server, "drift.json")
    ran = odp("spec", "drift", "drift.json", "--propose")
    overlay = yaml.safe_load(ran.stdout)
    assert overlay == json.loads(odp("spec", "drift", "drift.json", "--propose", "--json").stdout)
    assert overlay["overlay"] == "1.1.0"
    (action,) = (action for action in overlay["actions"] if action["target"] == "$['components']['schemas']['Profile']")
    assert action["description"] == (
        "getProfile 200 application/json /attributes: is not described; it is object (1 of 1 answers)."
        " This changes schemas/Profile for all that refer to it"
    )
    assert action["update"]["properties"]["attributes"]["properties"]["zip"] == {"type": "string"}


def test_what_no_overlay_can_put_right_is_said_and_fails_a_proposal(odp: Odp, foreign_server: Foreign) -> None:
    for content in (FOUND, b"<html>canary</html>"):
        odp(*PROFILE, "--base-url", foreign_server(200, content), "--drift", "drift.json", **KEYS)
    why = "getProfile 200 application/json: the body is no readable application/json (1 of 2 answers); a document can"
    assert [why in line for line in json.loads(odp("spec", "drift", "drift.json").stdout)["left"]] == [True]
    assert f"No overlay can put it right: {why}" in odp("spec", "drift", "drift.json", "--text").stdout
    ran = odp("spec", "drift", "drift.json", "--propose", "-o", "true.yaml")
    assert (ran.exit_code, f"Warning: no overlay can put it right: {why}" in ran.stderr) == (1, True), ran.stderr
    assert Path("true.yaml").exists()


def test_the_variable_names_a_file_that_load_adds_to(odp: Odp, foreign_server: Foreign) -> None:
    Path("rows.jsonl").write_text('{"type":"t","action":"a"}\n', "utf-8")
    address = foreign_server(202, ACCEPTED)
    ran = odp("load", "rows.jsonl", "--to", "sendEvents", "--base-url", address, ODP_DRIFT="drift.json", **KEYS)
    assert ran.exit_code == 0, ran.stderr
    assert [(one.operation, one.kind) for one in findings(Ledger("drift.json"))] == [("sendEvents", "content")]


def test_a_sandbox_is_not_the_service(odp: Odp) -> None:
    assert odp("call", "listSegments", "--sandbox", ODP_DRIFT="drift.json").exit_code == 0
    assert not Path("drift.json").exists()
    assert odp("call", "listSegments", "--sandbox", "--drift", "drift.json").exit_code == 0
    assert Path("drift.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("bad.json",), "bad.json: is no drift ledger"),
        (("nope.json",), "nope.json"),
        (("good.json", "-o", "x.yaml"), "add --propose"),
        ((), "Missing argument 'LEDGER...'"),
    ],
)
def test_a_mistake_ends_with_a_sentence(odp: Odp, words: tuple[str, ...], said: str) -> None:
    Path("bad.json").write_text("{}", "utf-8")
    Path("good.json").write_text('{"drift": 1, "operations": {}}', "utf-8")
    ran = odp("spec", "drift", *words)
    assert (ran.exit_code, said in ran.stderr) == (2, True), ran.stderr


def test_nothing_to_propose_is_said(odp: Odp) -> None:
    Path("good.json").write_text('{"drift": 1, "operations": {}}', "utf-8")
    ran = odp("spec", "drift", "good.json", "--propose")
    assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", "There is nothing to propose.\n")
