"""An id made of content is a row's own, whoever reads it and in whatever order."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic.bulk._identity import marker_by_content

RAWS = st.lists(st.binary(max_size=2), max_size=20)


def ids(raws: list[bytes], scope: str = "", **settings: Any) -> list[tuple[bytes, str]]:
    mark = marker_by_content("/data/id", scope, **settings)
    return [(raw, mark({"n": 1}, "source", place, raw)["data"]["id"]) for place, raw in enumerate(raws)]


@given(RAWS, st.randoms(use_true_random=False))
def test_in_any_order_the_same_rows_have_the_same_ids(raws: list[bytes], dice: Any) -> None:
    other = dice.sample(raws, len(raws))
    assert Counter(ids(raws)) == Counter(ids(other))


@given(RAWS)
def test_rows_that_are_alike_have_ids_of_their_own_if_they_are_counted(raws: list[bytes]) -> None:
    assert len(dict.fromkeys(ids(raws))) == len(raws)
    assert len(dict.fromkeys(ids(raws, counted=False))) == len(set(raws))


def test_another_scope_has_other_ids() -> None:
    assert ids([b"a"], "one") != ids([b"a"], "two")


def test_a_null_is_no_id_and_what_an_author_gave_is_one() -> None:
    mark = marker_by_content("/data/id", "")
    assert mark({"data": {"id": None}}, "", 0, b"")["data"]["id"]
    assert mark({"data": {"id": "mine"}}, "", 0, b"") == {"data": {"id": "mine"}}
