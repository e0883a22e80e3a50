"""Contract coverage: what counts, what is told, and when a run fails of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic import Api, _api
from odp_dynamic._document import load
from odp_dynamic._operations import RequestBody
from odp_dynamic.pytest_plugin._coverage import table
from odp_dynamic.pytest_plugin._ledger import Ledger
from odp_dynamic.pytest_plugin._shapes import pointers, shape_of, used
from tests.apis import answering, body, client, one, parameter, read, status
from tests.plugin.conftest import ADA, Run

pytest_plugins = ["pytester"]

CALLS = f"""
from odp_dynamic import Api

def test_sandbox(odp_api):
    odp_api.call("sendEvents", [{ADA!r}])

def test_stub(odp_stub):
    odp_stub.on("getProfile").returns({{"email": "a", "city": "b"}})
    odp_stub.api.call("getProfile", identifier_field="email", identifier_value="a", fields="city")

def test_an_api_of_ones_own(odp_stub):
    odp_stub.on("listSegments").breaks(b"[]", status=418)
    api = Api(transport=odp_stub, credentials={{"privateApiKey": "k"}}, responses="ignore")
    try:
        api.call("listSegments")
    except Exception:
        pass
"""


def test_a_file_that_cannot_be_written_ends_the_run_at_its_start_in_one_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "no" / "coverage.json"
    result = run(CALLS, "--odp-coverage-json", str(file))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = [line for line in result.errlines if line]
    assert told == [f"ERROR: --odp-coverage-json={file} cannot be written: No such file or directory"]


def test_every_api_of_the_run_counts(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "coverage.json"
    result = run(CALLS, "--odp-coverage-json", str(file))
    result.assert_outcomes(passed=3)
    told = json.loads(file.read_text("utf-8"))
    operations = told["operations"]
    assert operations["sendEvents"]["statuses"] == {"202": 1, "400": 0, "401": 0}
    assert operations["sendEvents"]["request"] == {
        "/[]/type": 1,
        "/[]/action": 1,
        "/[]/identifiers": 1,
        "/[]/data": 0,
    }
    assert operations["getProfile"]["parameters"]["query.fields"] == 1
    assert operations["getProfile"]["responses"]["200 /city"] == 1
    assert operations["getProfile"]["responses"]["200 /state"] == 0
    assert operations["listSegments"]["undeclared_statuses"] == {"418": 1}
    assert operations["getObject"]["calls"] == 0
    assert told["document"]["name"] == "Optimizely Data Platform REST API 3.0"


def test_the_terminal_shows_what_was_exercised_and_what_was_not(run: Run) -> None:
    result = run(CALLS, "--odp-coverage")
    result.stdout.fnmatch_lines(
        [
            "*contract coverage*",
            "operation * calls *statuses *parameters *request *responses",
            "sendEvents * 1 * 1/3 * - * 3/4 * -",
            "getProfile * 1 * 1/3 * 3/3 * - * 2/11",
            "* of the document exercised: * %",
            "never called: *getObject*",
            "sendEvents lacks statuses 400, 401; request /[[][]]/data",
            "listSegments answered what is not declared: 418",
        ]
    )


def test_without_the_option_nothing_is_counted(run: Run) -> None:
    before = list(_api.watching)
    result = run(
        CALLS + "\n\ndef test_nothing():\n    from odp_dynamic import _api\n    assert len(_api.watching) == "
        f"{len(before)}\n"
    )
    result.assert_outcomes(passed=4)
    result.stdout.no_fnmatch_line("*contract coverage*")
    assert _api.watching == before


@pytest.mark.parametrize(("least", "code"), [("1", 0), ("99", 1), ("100", 1)])
def test_a_run_below_the_threshold_fails(run: Run, least: str, code: int) -> None:
    result = run(CALLS, "--odp-coverage-fail-under", least)
    result.assert_outcomes(passed=3)
    assert result.ret == code
    told = "FAILED: contract coverage is " in result.stdout.str()
    assert told is bool(code)


def test_a_collection_is_not_measured_against_the_threshold(run: Run) -> None:
    assert run(CALLS, "--odp-coverage-fail-under", "99", "--collect-only").ret == 0


def test_calls_of_other_documents_are_numbered(run: Run, small_document: str) -> None:
    result = run(CALLS, "--odp-coverage", "--odp-spec", small_document, "-k", "own")
    result.stdout.fnmatch_lines(["all * 0 *", "never called: getThing"])


XDIST = """
def pytest_addoption(parser):
    try:
        parser.addoption("--numprocesses", type=int)
    except ValueError:
        pass  # the real one is installed
"""


def test_workers_of_xdist_are_refused(run: Run) -> None:
    result = run(CALLS, "--odp-coverage", "--numprocesses", "2", conftest__py=XDIST)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*counts the calls of its own process*"])


THING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "secret": {"type": "string", "writeOnly": True},
        "made": {"type": "string", "readOnly": True},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"word": {}}}},
        "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"n": {}}}},
        "parent": {"$ref": "#/components/schemas/Thing"},
        "any": {"anyOf": [{"properties": {"a": {}}}, {"properties": {"a": {}, "b": {}}}]},
    },
    "allOf": [{"properties": {"more": {}}}, {"if": {"properties": {"x": {}}}, "then": {"properties": {"y": {}}}}],
}
SOURCE = one(
    {
        "parameters": [parameter("page"), parameter("size")],
        "requestBody": body({"$ref": "#/components/schemas/Thing"}),
        "responses": {**answering({"$ref": "#/components/schemas/Thing"}), "4XX": {"description": "no"}},
    },
    components={"schemas": {"Thing": THING}},
)
SHARED = [
    "/name", "/tags", "/tags/[]/word", "/map", "/map/{}/n", "/parent", "/any", "/any/a", "/any/b", "/more", "/y",
]  # fmt: skip


def test_properties_are_found_through_references_alternatives_lists_and_maps() -> None:
    operation = read(SOURCE)
    assert isinstance(operation.request_body, RequestBody)
    asked = list(pointers(shape_of([operation.request_body])))
    told = list(pointers(shape_of([operation.responses["200"]])))
    assert sorted(asked) == sorted([*SHARED, "/secret"])
    assert sorted(told) == sorted([*SHARED, "/made"])


def test_properties_of_a_value_are_found_where_they_stand() -> None:
    operation = read(SOURCE)
    assert isinstance(operation.request_body, RequestBody)
    value = {"tags": [{"word": 1}, {"word": 2, "x": 3}], "map": {"k": {"n": 1}}, "any": {"b": 1}, "new": {"name": 1}}
    found = list(used(shape_of([operation.request_body]), value))
    assert found == ["/tags", "/tags/[]/word", "/tags/[]/word", "/map", "/map/{}/n", "/any", "/any/b"]


def watched(ledger: Ledger, api: Api, *arguments: Any, **more: Any) -> None:
    _api.watching.append(ledger)
    try:
        api.call("it", *arguments, **more)
    except Exception:  # noqa: BLE001, S110  # refusals count too
        pass
    finally:
        _api.watching.remove(ledger)


def test_a_range_of_statuses_is_one_item() -> None:
    ledger = Ledger(load(SOURCE))
    watched(ledger, client(SOURCE, status(404))[0], {"name": "x"})
    watched(ledger, client(SOURCE, status(409))[0], {"name": "x"}, page="1")
    watched(ledger, client(SOURCE, status(302))[0], {"name": "x"})
    tally = ledger.tallies["it"]
    assert tally.calls == 3
    assert dict(tally.items["statuses"]) == {"200": 0, "4XX": 2}
    assert tally.undeclared == {"302": 1}
    assert tally.missing("parameters") == ["query.size"]


def test_an_operation_of_the_same_name_elsewhere_is_another() -> None:
    ledger = Ledger(load(SOURCE))
    watched(ledger, client(one(path="/elsewhere"), b"{}")[0])
    assert ledger.others == 1
    assert ledger.tallies["it"].calls == 0


def test_an_operation_that_lacks_nothing_is_not_remarked_upon() -> None:
    source = one({"requestBody": {"content": {"application/json": {}}}})
    ledger = Ledger(load(source))
    watched(ledger, client(source, b"")[0], {"x": 1})
    lines = [line.split() for line in table(ledger) if line.startswith("it ")]
    assert lines == [["it", "1", "1/1", "-", "-", "-"]]


def test_of_nothing_all_is_exercised() -> None:
    ledger = Ledger(load({**SOURCE, "paths": {}}))
    assert ledger.percent == 100
