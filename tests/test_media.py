"""Media types are told apart, and matched with what a document declares, by name and not by spelling."""

from __future__ import annotations

import pytest

from odp_dynamic._media import is_json, matching, media_type_of


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/problem+json", True),
        ("text/json", True),
        ("application/jsonl", False),
        ("text/plain", False),
        ("", False),
    ],
)
def test_json_is_told_by_its_name(content_type: str, *, expected: bool) -> None:
    assert is_json(content_type) is expected


def test_a_media_type_has_no_parameters_and_no_capitals() -> None:
    assert media_type_of(" Text/HTML ; charset=UTF-8") == "text/html"


@pytest.mark.parametrize(
    ("declared", "actual", "expected"),
    [
        (["*/*", "application/*", "application/json"], "application/json; charset=utf-8", "application/json"),
        (["*/*", "application/*"], "application/json", "application/*"),
        (["text/*", "*/*"], "application/json", "*/*"),
        (["text/*"], "application/json", None),
        (["text/plain"], "text/html", None),
        ([], "text/html", None),
        (["Application/JSON"], "application/json", "Application/JSON"),
        (["a/b", "a/b; v=1"], "a/b;V=1", "a/b; v=1"),
        (["a/b; v=2", "a/b"], "a/b;v=1", "a/b"),
        (["a/b; v=2", "a/*"], "a/b", "a/b; v=2"),
        (['text/csv; charset="UTF-8"'], "text/csv; charset=utf-8", 'text/csv; charset="UTF-8"'),
    ],
    ids=[str(n) for n in range(11)],
)
def test_the_most_specific_declared_type_is_found(declared: list[str], actual: str, expected: str | None) -> None:
    assert matching(declared, actual) == expected
