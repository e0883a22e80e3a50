"""Mappings: what goes where, as the user says it, whatever the form of the input."""

from __future__ import annotations

from pathlib import Path

import pytest

from odp_dynamic.bulk._mapping import FORM, field_mapping
from odp_dynamic.bulk._rows import InputError, Unreadable
from tests.bulk.reading import parquet, read, read_on, values

MAPPING = ["identifiers.email=E-Mail", "data.total:number=Total", "-Note", 'type:="order"', 'tags:=["a"]']
ROW = {"identifiers": {"email": "ada@example.com"}, "data": {"total": 3.5}, "type": "order", "tags": ["a"], "x": "1"}


INPUTS = {
    "csv": b"E-Mail,Total,Note,x\nada@example.com,3.5,secret,1\n",
    "jsonl": b'{"E-Mail": "ada@example.com", "Total": 3.5, "Note": {"a": 1}, "x": "1"}\n',
    "json": b'[{"E-Mail": "ada@example.com", "Total": 3.5, "Note": null, "x": "1"}]',
    "parquet": parquet({"E-Mail": ["ada@example.com"], "Total": [3.5], "Note": ["n"], "x": ["1"]}),
}


@pytest.mark.parametrize("form", INPUTS)
def test_columns_are_moved_dropped_and_filled_in_every_form(form: str) -> None:
    assert values(INPUTS[form], form, mapping=field_mapping(MAPPING)) == [ROW]


@pytest.mark.parametrize("form", INPUTS)
@pytest.mark.parametrize("directive", ["identifiers.email=EMail", "-EMail"])
def test_a_column_that_is_not_there_is_told_with_the_closest(form: str, directive: str) -> None:
    """Before any row is given: a slip of the pen must not cost a million rows."""
    found, ends = read_on(INPUTS[form], form, mapping=field_mapping([directive]))
    assert found == []
    assert "there is no column 'EMail', which the mapping names" in ends
    assert ends.endswith("did you mean 'E-Mail'?")


def test_a_file_says_the_same_as_directives(tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    file.write_text(
        "columns: {identifiers.email: E-Mail, 'data.total:number': Total}\n"
        "constants: {type: order, tags: [a]}\ndrop: [Note]\n",
        encoding="utf-8",
    )
    assert field_mapping([str(file)]) == field_mapping(MAPPING)
    file.write_text(FORM, encoding="utf-8")
    assert field_mapping([str(file)]).columns == {"E-Mail", "Total", "internal_note"}


def test_names_may_be_exchanged_and_used_twice() -> None:
    mapping = field_mapping(["a=b", "b=a", "c.d=a"])
    assert values(b'{"a": 1, "b": 2}\n', "jsonl", mapping=mapping) == [{"a": 2, "b": 1, "c": {"d": 1}}]
    assert values(b"a,b\n1,2\n", "csv", mapping=mapping) == [{"a": "2", "b": "1", "c": {"d": "1"}}]


def test_nested_members_are_moved_by_their_paths() -> None:
    """And an object of which nothing is left goes too."""
    mapping = field_mapping(["identifiers.email=user.contact.mail", r"a\.b.c=x", "-user.name"])
    row = b'{"user": {"contact": {"mail": "m"}, "name": "n"}, "x": {"y": 1}, "z": {}}\n'
    expected = {"identifiers": {"email": "m"}, "a.b": {"c": {"y": 1}}, "z": {}}
    assert values(row, "jsonl", mapping=mapping) == [expected]


def test_a_member_that_only_some_rows_have_is_moved_where_it_is() -> None:
    content = b'{"b": 1}\n{"a": 2}\n{"b": 3}\n'
    assert values(content, "jsonl", mapping=field_mapping(["x=a"])) == [{"b": 1}, {"x": 2}, {"b": 3}]


def test_rows_wait_for_a_member_also_behind_what_is_unreadable() -> None:
    """And all of them come, in their order."""
    mapping = field_mapping(["x=a"])
    assert read_on(b'{\n{"b": 1}\n{\n', "jsonl", mapping=mapping)[0][1:] == []
    found = read(b'{\n{"b": 1}\n{\n{"a": 2}\n{\n', "jsonl", mapping=mapping)
    assert [outcome.number for outcome in found] == [0, 1, 2, 3, 4]
    assert len(read(b"{\n" * 3000, "jsonl", mapping=mapping)) == 3000


def test_a_member_that_comes_late_is_looked_for_only_so_long() -> None:
    """For rows wait until it is seen, and memory stays flat."""
    content = b'{"b": 1}\n' * 1000 + b'{"a": 2}\n'
    found, ends = read_on(content, "jsonl", mapping=field_mapping(["x=a"]))
    assert found == []
    assert ends == "<stdin>: there is no column 'a', which the mapping names, in the first 1000 rows"
    assert len(read(content[9:], "jsonl", mapping=field_mapping(["x=a"]))) == 1000


def test_what_is_skipped_is_not_looked_at() -> None:
    """It was when the load began."""
    content = b'{"a": 1}\n{"b": 2}\n'
    assert [row[0] for row in read(content, "jsonl", 1, mapping=field_mapping(["x=a"]))] == [{"b": 2}]


def test_constants_are_each_rows_own() -> None:
    for content, form in ((b"{}\n{}\n", "jsonl"), (b"a\n1\n2\n", "csv")):
        [one, two] = values(
            content, form, mapping=field_mapping(['data:={"a": []}', *(["-a"] if form == "csv" else [])])
        )
        one["data"]["a"].append(1)
        assert two["data"] == {"a": []}


def test_rows_that_a_mapping_does_not_fit_are_told() -> None:
    mapping = field_mapping(["x.y=a"])
    rows = read(b'{"a": 1}\n[1]\n{"a": 1, "x": {"y": 2}}\n{"a": 1, "x": 2}\n', "jsonl", mapping=mapping)
    whys = [row.why for row in rows if isinstance(row, Unreadable)]
    assert whys == [
        "is no object, so that the mapping has nothing to move",
        "has another value at 'x.y', where the mapping puts one",
        "has another value at 'x.y', where the mapping puts one",
    ]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (["a:=order"], "what follows ':=' in 'a:=order' is not JSON; text stands in quotes, or say '=' for a column"),
        (["a:=NaN"], "what follows ':=' in 'a:=NaN' is not JSON"),
        (["a.=b"], "'a.' is no path: a name is empty"),
        (["a=b", "a=c"], "two values would go to 'a'"),
        (["a=b", 'a.c:="x"'], "two values would go to 'a'"),
        (["nope.yaml"], "nope.yaml: a mapping cannot be read: No such file or directory; check the path"),
    ],
)
def test_a_mapping_that_says_nothing_is_refused(told: list[str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        field_mapping(told)
    assert message in str(caught.value)


def test_a_file_of_another_form_is_refused_with_all_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    file.write_text("column: {a: b}\ndrop: b\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        field_mapping([str(file)])
    assert "/column" in str(caught.value)
    assert "/drop" in str(caught.value)
    file.write_text("columns: [\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"map\.yaml:\d: "):
        field_mapping([str(file)])


def test_two_columns_for_one_place_are_refused() -> None:
    for mapping in (["b=a"], ["b.c=a"], ['b:="x"']):
        _, ends = read_on(b"a,b\n1,2\n", "csv", mapping=field_mapping(mapping))
        assert "two columns or constants go to 'b'" in ends
