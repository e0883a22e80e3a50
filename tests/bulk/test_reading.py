"""Reading: what is in a file comes out as rows, each in its place; what cannot is told, and nothing is lost."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic.bulk._reading import read_rows
from odp_dynamic.bulk._rows import MAX_TEXT, InputError, Row, Unreadable
from tests.bulk.reading import read, read_on, values

CASES = yaml.safe_load(Path(__file__).with_name("cases").joinpath("inputs.yaml").read_text(encoding="utf-8"))

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
json_values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8)


def pack_zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(content)  # as the zstd program does


PACKERS = pytest.mark.parametrize("pack", [gzip.compress, pack_zstd], ids=["gzip", "zstd"])
Pack = Callable[[bytes], bytes]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "-"))
def test_each_content_becomes_rows_and_sentences(case: dict[str, Any]) -> None:
    content = case["content"].encode() + bytes.fromhex(case.get("hex", ""))
    found, ends = read_on(content, case["form"])
    assert ends.endswith(case.get("ends", ""))
    assert bool(ends) == ("ends" in case)
    assert [outcome.line for outcome in found] == case["lines"]
    assert [outcome.number for outcome in found] == list(range(len(found)))
    for outcome, given_ in zip(found, case["gives"], strict=True):
        if isinstance(outcome, Unreadable):
            assert given_ in outcome.why
        else:
            assert (outcome.value, type(outcome.value)) == (given_, type(given_))


def test_a_sentence_never_holds_the_content() -> None:
    """It goes to terminals and logs; the text is for the reject file alone."""
    canary = "ada@canary"
    for form, content in (
        ("jsonl", f'{{"{canary}": {canary}}}\n["{canary}"\n'),
        ("csv", f'a,b\n{canary}\n"{canary}"{canary},1\n1,"{canary}'),
        ("csv", f"a:number\n{canary}\n"),
        ("json", f'["{canary}", {canary}]'),
    ):
        found, ends = read_on(content.encode(), form)
        assert canary not in ends
        assert not any(canary in outcome.why for outcome in found if isinstance(outcome, Unreadable))


def test_the_text_of_what_is_unreadable_is_kept_but_not_all_of_a_long_one() -> None:
    [short, long] = read(b'{"a":\r\n' + b"x" * 50_000, "jsonl")
    assert isinstance(short, Unreadable)
    assert short.text == '{"a":'
    assert isinstance(long, Unreadable)
    assert long.text == "x" * MAX_TEXT


def test_the_raw_bytes_are_what_was_read() -> None:
    """Of a line the line without its end, of a table the cells: a mapping or a line's end changes neither."""
    assert [row[4] for row in read(b'{"b": 1,  "a": 2}\r\n', "jsonl")] == [b'{"b": 1,  "a": 2}']
    assert [row[4] for row in read(b'[ {"b": 1} ]', "json")] == [b'{"b": 1}']
    assert [row[4] for row in read(b"a,b\n1,\n", "csv")] == [b'["1",""]']


@given(st.lists(json_values), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_values_written_as_json_lines_are_read_as_they_were(rows: list[Any], end: str) -> None:
    found = read("".join(json.dumps(row) + end for row in rows).encode(), "jsonl")
    assert [outcome[0] for outcome in found] == rows
    assert [outcome.line for outcome in found] == [1 + index * end.count("\n") for index in range(len(rows))]


@given(st.lists(st.tuples(json_values, st.sampled_from(["", " ", "\n", "\r\n\t"]))), st.booleans())
def test_values_written_as_an_array_are_read_as_they_were(rows: list[Any], indented: bool) -> None:  # noqa: FBT001  # Hypothesis gives it
    content, lines = "[", []
    for index, (row, space) in enumerate(rows):
        content += ("," if index else "") + space
        lines.append(content.count("\n") + 1)
        content += json.dumps(row, indent=2 if indented else None, ensure_ascii=False) + space
    found = read((content + "]").encode(), "json")
    assert [outcome[0] for outcome in found] == [row for row, _ in rows]
    assert [outcome.line for outcome in found] == lines


def test_values_too_deep_or_too_long_for_any_reader_are_told() -> None:
    deep, digits = b"[" * 100_000, b"1" * 5000
    whys = [outcome.why for outcome in read(deep + b"\n" + digits + b"\n", "jsonl") if isinstance(outcome, Unreadable)]
    assert whys[0] == "is nested too deeply to be read"
    assert "5000 digits" in whys[1] or "4300 digits" in whys[1]
    assert read_on(b"[1," + deep, "json") == (
        read(b"[1]", "json"),
        "<stdin>:1: an item is nested too deeply to be read",
    )
    assert "digits" in read_on(b"[" + digits + b"]", "json")[1]


def test_an_item_may_stand_across_any_number_of_reads() -> None:
    """The text is read piece by piece; where a piece ends must not matter."""
    rows = [{"n": 10**index, "text": 'é\\"]' * index * 50} for index in range(200)] + [["x" * 300_000], 12345]
    assert values(json.dumps(rows, ensure_ascii=False).encode(), "json") == rows


@given(st.lists(st.tuples(texts, texts, texts)), st.sampled_from(["csv", "tsv"]), st.sampled_from(["\n", "\r\n"]))
def test_texts_written_as_a_table_are_read_as_they_were(rows: list[Any], form: str, end: str) -> None:
    """Blank ones are left out, and the line is where the row begins, whatever line feeds are within quotes."""
    written = io.StringIO()
    returns = any("\r" in text for row in rows for text in row)  # Python 3.11's writer does not quote them by itself
    quoting: Any = csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL
    writer = csv.writer(written, delimiter="," if form == "csv" else "\t", lineterminator=end, quoting=quoting)
    lines = []
    for row in [("a", "b", "c"), *rows]:
        lines.append(written.getvalue().count("\n") + 1)
        writer.writerow(row)
    found = read(written.getvalue().encode(), form)
    told = [{name: text for name, text in zip("abc", row, strict=True) if text} for row in rows]
    assert [outcome[0] for outcome in found] == told
    assert [outcome.line for outcome in found] == lines[1:]


PIECES = {
    "jsonl": [b'{"a": 1}\n', b"\n", b"{\n", b"\xff\n", b'"x"\r\n'],
    "csv": [b"1,2\n", b"\n", b"1\n", b"\xff,1\n", b'"x\ny",2\n', b'"x"y,1\n', b'1,"\n', b"1,2,3\n"],
    "json": [b"1,", b'{"a": 1}, ', b"\n", b'"\xff",', b'{"a": [', b"]"],
}


@pytest.mark.parametrize("form", PIECES)
@given(data=st.data())
def test_skipping_is_reading_without_the_first(form: str, data: st.DataObject) -> None:
    """Also of files that are broken in any way: a load that is resumed must count as the one before did."""
    begins = {"jsonl": b"", "csv": b"a,b\n", "json": b"["}[form]
    content = begins + b"".join(data.draw(st.lists(st.sampled_from(PIECES[form]), max_size=12)))
    skip = data.draw(st.integers(0, 6))
    found, ends = read_on(content, form)
    assert read_on(content, form, skip) == (found[skip:], ends)


@given(st.lists(st.sampled_from(PIECES["csv"]), max_size=12))
def test_no_line_of_a_table_is_lost(pieces: list[bytes]) -> None:
    """Each begins a row, stands within one that goes over several lines, or is blank."""
    content = b"".join(pieces)
    starts = [outcome.line for outcome in read(b"a,b\n" + content, "csv")]
    assert starts == sorted(set(starts))
    for number, line in enumerate(content.split(b"\n"), 2):
        if line.strip(b"\r") and number not in starts:
            assert b'"' in content  # only quotes join lines
            assert max((start for start in starts if start < number), default=0)


def test_the_content_of_standard_input_tells_its_form() -> None:
    assert values(b'{"a": 1}\n{"a": 2}\n') == [{"a": 1}, {"a": 2}]
    assert values(b'{\n  "a": 1\n}\n') == [{"a": 1}]
    assert values(b" [1, 2]") == [1, 2]
    assert values(b"\xef\xbb\xbfa,b\n1,2\n") == [{"a": "1", "b": "2"}]
    assert values(b"a\tb\n1\t2\n") == [{"a": "1", "b": "2"}]
    assert values(gzip.compress(b'{"a": 1}\n')) == [{"a": 1}]


@PACKERS
@pytest.mark.parametrize("form", ["jsonl", "json", "csv"])
def test_compressed_files_are_read_as_what_they_hold(pack: Pack, form: str) -> None:
    content = {"jsonl": b'{"a": "1"}\n' * 5, "json": b'[{"a": "1"}, {"a": "2"}]', "csv": b"a,b\n1,2\n" * 3}[form]
    assert read(pack(content), form) == read(content, form)


@PACKERS
def test_files_compressed_in_parts_are_read_to_their_end(pack: Pack) -> None:
    assert values(pack(b"1\n2\n") + pack(b"") + pack(b"3\n"), "jsonl") == [1, 2, 3]


@PACKERS
def test_zeros_behind_compressed_data_are_padding(pack: Pack) -> None:
    """Some programs fill the last block of a medium with them."""
    assert values(pack(b"1\n") + b"\0" * 100_000 + pack(b"2\n") + b"\0" * 100_000, "jsonl") == [1, 2]


@pytest.mark.parametrize("content", [b'{"a": "1"}\n', b"a,b\n1,\n", b'[{"a": "1"}]', gzip.compress(b'{"a": "1"}\n')])
def test_a_pipe_may_give_its_bytes_one_by_one(content: bytes) -> None:
    """What they are is told all the same."""
    reading, writing = os.pipe()
    with ThreadPoolExecutor(1) as pool, os.fdopen(writing, "wb", buffering=0) as end:
        found = pool.submit(lambda: list(read_rows("-", open_stdin=lambda: os.fdopen(reading, "rb"))))
        for byte in content:
            end.write(bytes([byte]))
            time.sleep(0.001)
        end.close()
        assert [outcome[0] for outcome in found.result()] == [{"a": "1"}]


def test_a_row_comes_as_soon_as_its_line_is_there() -> None:
    """A stream need not end for its rows to be sent."""
    reading, writing = os.pipe()
    rows = read_rows("-", form="jsonl", open_stdin=lambda: os.fdopen(reading, "rb"))
    with os.fdopen(writing, "wb", buffering=0) as end:
        for number in range(3):
            end.write(b"%d\n" % number)
            assert next(rows)[0] == number
    assert list(rows) == []


@PACKERS
def test_of_compressed_data_that_are_cut_off_all_whole_rows_count(pack: Pack) -> None:
    packed = pack(b"".join(b'{"a": %d}\n' % number for number in range(20_000)))
    for cut in (len(packed) - 1, len(packed) - 5, len(packed) // 2, 12):
        found, ends = read_on(packed[:cut], "jsonl")
        assert ends == "<stdin>: ends too early: the compressed data are cut off; fetch the file again"
        assert [outcome[0] for outcome in found] == [{"a": number} for number in range(len(found))]
    found, _ = read_on(packed[:-1], "jsonl")
    assert len(found) == 20_000


@PACKERS
def test_broken_compressed_data_end_the_reading_with_a_sentence(pack: Pack) -> None:
    packed = bytearray(pack(os.urandom(3000).hex().encode() + b"\n"))
    packed[len(packed) // 2] ^= 0xFF
    found, ends = read_on(bytes(packed), "jsonl")
    assert ends.startswith("<stdin>: the compressed data are broken; what was read before counts")
    assert len(found) <= 1


def test_several_files_and_globs_are_read_in_order(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "c.csv", "d.txt"):
        (tmp_path / name).write_text("1\n" if name != "c.csv" else "a,b\n1,2\n", encoding="utf-8")
    found = list(read_rows([str(tmp_path / "*.jsonl"), str(tmp_path / "c.csv")]))
    assert [Path(outcome.source).name for outcome in found] == ["a.jsonl", "b.jsonl", "c.csv"]
    assert [outcome.number for outcome in found] == [0, 0, 0]


def test_names_tell_forms_whatever_their_case_and_compression(tmp_path: Path) -> None:
    contents = {
        "a.NDJSON": b"1",
        "b.json.gz": gzip.compress(b"[1]"),
        "c.jsonl.zst": pack_zstd(b"1"),
        "d.json.gz": b"[1]",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        assert [outcome[0] for outcome in read_rows([str(tmp_path / name)])] == [1]


def test_a_file_whose_name_has_a_glob_in_it_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "[a].jsonl").write_bytes(b"1\n")
    assert [outcome[0] for outcome in read_rows([str(tmp_path / "[a].jsonl")])] == [1]


def test_skipping_is_by_file(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("a.jsonl", "b.jsonl")]
    for name in names:
        Path(name).write_bytes(b"0\n1\n2\n")
    found = read_rows(names, skip={names[0]: 3, names[1]: 1})
    assert [(outcome.source, outcome.number) for outcome in found] == [(names[1], 1), (names[1], 2)]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nope.csv", "there is no such file; check the path"),
        ("nope*.csv", "no file fits this glob; check the path"),
        ("folder", "is a folder; name its files, or a glob such as 'folder/*.csv'"),
        ("a.txt", "its name tells no form; say which it is: jsonl, json, csv, tsv, parquet"),
    ],
)
def test_what_cannot_be_read_is_told_before_anything_is(tmp_path: Path, name: str, told: str) -> None:
    """When the reading of a file before it has not even begun."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.txt").touch()
    (tmp_path / "a.jsonl").write_bytes(b"1\n")
    with pytest.raises(InputError) as caught:
        read_rows([str(tmp_path / "a.jsonl"), str(tmp_path / name)])
    assert str(caught.value) == f"{tmp_path / name}: {told}"


def test_a_file_named_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"1\n")
    with pytest.raises(InputError, match="is named twice; its rows would be sent twice"):
        read_rows([str(tmp_path / "*.jsonl"), str(tmp_path / "." / "a.jsonl")])


def test_a_form_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match=r"'xml' is no form; the forms are jsonl, json, csv, tsv, parquet"):
        read_rows(["-"], form="xml")


def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    """In a process without privileges, for root may read all."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"1\n")
    file.chmod(0)
    code = (
        "import os, sys\n"
        "from odp_dynamic.bulk._reading import read_rows\n"
        "if os.getuid() == 0: os.setuid(65534)\n"
        "try: list(read_rows(sys.argv[1:]))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    for folder in tmp_path.parents[:3]:
        folder.chmod(folder.stat().st_mode | 0o111)
    tmp_path.chmod(0o755)
    ran = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    if "no such file" in ran.stdout:
        pytest.skip("the temporary folder is closed to others")
    assert ran.stdout == f"InputError {file}: cannot be read: permission denied; ask its owner, or copy it\n", (
        ran.stderr
    )


def test_a_file_that_goes_away_is_told_when_its_turn_comes(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("a.jsonl", "b.jsonl")]
    for name in names:
        Path(name).write_bytes(b"1\n")
    rows = read_rows(names)
    assert isinstance(next(rows), Row)
    Path(names[1]).unlink()
    with pytest.raises(InputError, match=r"b\.jsonl: cannot be read: No such file or directory; check the path"):
        next(rows)
