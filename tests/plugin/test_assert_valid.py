"""`assert_valid`: a payload against the document."""

from __future__ import annotations

from typing import Any

import pytest

from odp_dynamic import Api
from odp_dynamic.pytest_plugin import assert_valid
from tests.plugin.conftest import ADA, Run

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    ("name", "payload", "status"),
    [
        ("EventInput", ADA, None),
        ("sendEvents", [ADA], None),
        ("getProfile", {"email": "ada@example.com"}, 200),
        ("sendEvents", None, 202),
        ("getProfile", None, 404),
    ],
)
def test_a_payload_that_fits_passes(name: str, payload: Any, status: int | None) -> None:
    assert_valid(name, payload, status=status)


@pytest.mark.parametrize(
    ("name", "payload", "status", "lines"),
    [
        (
            "EventInput",
            {"type": 3},
            None,
            ["EventInput: 2 problems in the payload", "/type: must be a string", "/action: is required and missing"],
        ),
        (
            "sendEvents",
            [{"type": "a"}],
            None,
            ["sendEvents's request: 1 problem", "/0/action: is required and missing"],
        ),
        ("getProfile", {"email": 1}, 200, ["getProfile's answer 200: 1 problem", "/email: must be a string"]),
        ("getProfile", {}, 500, ["the status is not declared; the document has 200, 401, 404"]),
        ("getProfile", {}, 404, ["the payload: the document declares no body"]),
        ("getProfile", {}, None, ["the payload: the operation takes no body; say which status"]),
        ("sendEvents", {}, None, ["the payload: must be an array"]),
    ],
)
def test_all_problems_are_told_each_with_its_place(
    name: str, payload: Any, status: int | None, lines: list[str]
) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_valid(name, payload, status=status)
    for line in lines:
        assert line in str(caught.value)


def test_operations_and_schemas_may_be_given_themselves() -> None:
    api = Api()
    assert_valid(api.operations["sendEvents"], [ADA])
    assert_valid(api.schemas["EventInput"], ADA)


def test_a_name_that_is_neither_is_told_with_the_closest() -> None:
    with pytest.raises(LookupError, match="did you mean 'sendEvents'"):
        assert_valid("sendEvent", [])


def test_a_schema_has_no_status() -> None:
    with pytest.raises(ValueError, match="name an operation"):
        assert_valid("EventInput", ADA, status=200)


def test_another_document_may_be_given(small_document: str) -> None:
    assert_valid("getThing", {"name": "a"}, status=200, api=Api(small_document))


def test_the_run_decides_about_the_document(run: Run, small_document: str) -> None:
    result = run(
        """
        from odp_dynamic.pytest_plugin import assert_valid

        def test_it():
            assert_valid("getThing", {"size": "large"}, status=200)
        """,
        "--odp-spec",
        small_document,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">*assert_valid(*",
            "E *AssertionError: getThing's answer 200: 2 problems in the payload",
            "E */name: is required and missing",
            "*.py:4: AssertionError",
        ]
    )
