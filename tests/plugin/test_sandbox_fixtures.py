"""`odp_sandbox` and `odp_api`, their markers, and the choice of a document."""

from __future__ import annotations

from pathlib import Path

import pytest

from odp_dynamic import Api, ServerError
from odp_dynamic.sandbox import Sandbox
from tests.plugin.conftest import ADA, ALONE, SMALL, Run

pytest_plugins = ["pytester"]
SEED = {"profiles": [{"identifiers": {"email": "ada@example.com"}, "attributes": {"first_name": "Ada"}}]}


def name_of(api: Api) -> object:
    profile = api.call("getProfile", identifier_field="email", identifier_value="ada@example.com")
    return profile.get("first_name")


def test_the_api_speaks_to_the_sandbox(odp_sandbox: Sandbox, odp_api: Api) -> None:
    odp_api.call("sendEvents", [ADA])
    assert [entry.operation for entry in odp_sandbox.journal] == ["sendEvents"]


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_sandbox_of_its_own(odp_sandbox: Sandbox, odp_api: Api, turn: int) -> None:  # noqa: ARG001  # twice
    assert not odp_sandbox.journal
    odp_api.call("sendEvents", [ADA])
    odp_sandbox.close()


@pytest.mark.odp_seed(SEED)
def test_a_seed_is_there_from_the_start_and_after_a_reset(odp_sandbox: Sandbox, odp_api: Api) -> None:
    assert name_of(odp_api) == "Ada"
    odp_sandbox.reset()
    assert name_of(odp_api) == "Ada"


@pytest.mark.odp_seed(SEED)
class TestNearest:
    """The nearest marker counts."""

    @pytest.mark.odp_seed({})
    def test_seed(self, odp_sandbox: Sandbox) -> None:
        with odp_sandbox.api() as api, pytest.raises(Exception, match="404"):
            name_of(api)


@pytest.mark.odp_fault(operation="listSegments", status=503, times=1)
def test_a_passing_fault_is_survived_without_waiting(odp_sandbox: Sandbox, odp_api: Api) -> None:
    odp_api.call("listSegments")
    assert [entry.status for entry in odp_sandbox.journal] == [503, 200]


@pytest.mark.odp_fault(operation="listSegments", status=500)
@pytest.mark.odp_fault(operation="sendEvents", status=503, times=1)
def test_faults_add_up(odp_api: Api) -> None:
    with pytest.raises(ServerError):
        odp_api.call("listSegments")
    assert odp_api.request("sendEvents", [ADA]).attempts == 2


def test_a_seed_may_be_a_file_beside_the_test(run: Run) -> None:
    result = run(
        """
        import pytest

        @pytest.mark.odp_seed("first.yaml")
        def test_it(odp_api):
            odp_api.call("getProfile", identifier_field="email", identifier_value="ada@example.com")
        """,
        "--strict-markers",
        first__yaml="profiles: [{identifiers: {email: ada@example.com}}]\n",
    )
    result.assert_outcomes(passed=1)


def test_the_nearest_word_for_a_setting_counts(run: Run) -> None:
    result = run(
        """
        import pytest

        pytestmark = pytest.mark.odp_behaviour(empty_batch="refused", null="ignored")

        @pytest.mark.odp_behaviour(empty_batch="accepted", most_items=1)
        def test_near(odp_api):
            assert odp_api.request("sendEvents", []).status == 202
            for city in ("Rome", None):
                odp_api.call("upsertProfile", identifiers={"email": "a"}, attributes={"city": city})
            found = odp_api.call("getProfile", identifier_field="email", identifier_value="a")
            assert found["city"] == "Rome"

        def test_far(odp_api):
            with pytest.raises(Exception, match="400"):
                odp_api.call("sendEvents", [])
        """
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("odp_seed({'profils': []})", "did you mean 'profiles'"),
        ("odp_seed()", "odp_seed takes one seed"),
        ("odp_fault(operation='listSegment', status=503)", "did you mean 'listSegments'"),
        ("odp_fault(503)", "odp_fault takes keywords"),
        ("odp_behaviour('oldest')", "odp_behaviour takes keywords"),
        ("odp_behaviour(merg='oldest')", "there is no setting 'merg'; did you mean 'merge'"),
        ("odp_fault(stauts=503)", "did you mean 'status'"),
    ],
)
def test_a_marker_that_makes_no_sense_says_so(run: Run, marker: str, told: str) -> None:
    result = run(f"import pytest\n\n@pytest.mark.{marker}\ndef test_it(odp_sandbox):\n    pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{told}*"])


def test_a_failed_test_shows_what_the_sandbox_did_with_each_item(run: Run) -> None:
    result = run(
        f"""
        def test_it(odp_api):
            odp_api.call("sendEvents", [{ADA!r}])
            assert False
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Captured odp_sandbox call*", "POST */events 202 accepted", "*item 0 stored: *"])


ANOTHER = """
def test_it(odp_api, odp_stub):
    assert list(odp_api.operations) == list(odp_stub.api.operations) == ["getThing"]
    assert odp_api.call("getThing", id="1")["name"]
"""


def test_another_document_is_named_in_the_ini_from_its_folder(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nodp_spec = docs/small.json\n")
    pytester.mkdir("docs").joinpath("small.json").write_text(SMALL, encoding="utf-8")
    inner = pytester.mkdir("inner")
    inner.joinpath("test_it.py").write_text(ANOTHER, encoding="utf-8")
    pytester.runpytest_inprocess(*ALONE, str(inner)).assert_outcomes(passed=1)


def test_another_document_is_named_on_the_command_line(run: Run, small_document: str) -> None:
    run(ANOTHER, "--odp-spec", small_document).assert_outcomes(passed=1)


def test_another_document_is_named_in_the_environment(
    run: Run, small_document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODP_SPEC", small_document)
    run(ANOTHER).assert_outcomes(passed=1)


LIVE = """
def test_it(odp_api):
    odp_api.call("upsertProfile", attributes={"email": "a@b.c"})
    assert odp_api.call("getProfile", email="a@b.c") == {"attributes": {"email": "a@b.c"}}

def test_stubs(odp_stub):
    odp_stub.on("getProfile", email="a@b.c").returns({"attributes": {}}, status=202)
    assert odp_stub.api.call("getProfile", email="a@b.c") == {"attributes": {}}
"""


def test_an_overlay_is_named_on_the_command_line(run: Run) -> None:
    run(LIVE, "--odp-overlay", "odp-limits", "--odp-overlay", "odp-live-v3").assert_outcomes(passed=2)


def test_overlays_are_named_in_the_ini_from_its_folder(pytester: pytest.Pytester) -> None:
    actions = "[{target: $.info, update: {x-ours: 1}}]"
    overlay = f"{{overlay: 1.1.0, info: {{title: t, version: '1'}}, x-overlays: [odp-live-v3], actions: {actions}}}"
    pytester.makeini("[pytest]\nodp_overlays =\n    docs/ours.yaml\n    odp-limits\n")
    pytester.mkdir("docs").joinpath("ours.yaml").write_text(overlay, encoding="utf-8")
    inner = pytester.mkdir("inner")
    inner.joinpath("test_it.py").write_text(LIVE, encoding="utf-8")
    pytester.runpytest_inprocess(*ALONE, str(inner)).assert_outcomes(passed=2)


def test_a_document_that_is_none_says_so(run: Run, tmp_path: Path) -> None:
    result = run(ANOTHER, "--odp-spec", str(tmp_path / "none.json"))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*none.json*"])


def test_a_document_without_operations_says_so(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    path.write_text('{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}', encoding="utf-8")
    run(ANOTHER, "--odp-spec", str(path)).stdout.fnmatch_lines(["*empty.json has no operation*"])


def test_the_ini_may_name_a_url(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nodp_spec = http://127.0.0.1:1/small.json\n")
    pytester.makepyfile(ANOTHER)
    result = pytester.runpytest_inprocess(*ALONE)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*http://127.0.0.1:1/small.json*"])
