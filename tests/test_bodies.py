"""Bodies are written so that independent readers get what was given, and read without a word of what they hold."""

from __future__ import annotations

import io
import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.formparser import parse_form_data
from werkzeug.test import EnvironBuilder

from odp_dynamic._plain import NotJSON
from odp_dynamic._wire._bodies import decode, encode

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
# A quotation mark and line breaks in a name are written as browsers write them, and few readers undo that.
NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"%\\'), min_size=1)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner))


def _received(body: bytes, content_type: str) -> tuple[list[tuple[str, str]], list[tuple[str, str | None, str, bytes]]]:
    """Return the fields and the files that werkzeug reads from a form."""
    environ = EnvironBuilder(method="POST", data=body, content_type=content_type).get_environ()
    _, form, files = parse_form_data(environ, stream_factory=lambda *_, **__: io.BytesIO(), silent=False)
    return list(form.items(multi=True)), [
        (name, file.filename, file.content_type or "", file.read()) for name, file in files.items(multi=True)
    ]


class Upload(io.BytesIO):
    """Is a file with a name, as `open` gives one."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


# JSON


@given(JSON)
def test_any_json_body_is_read_back(value: Any) -> None:
    body, content_type = encode(value, "application/json")
    assert content_type == "application/json"
    assert json.loads(body) == value
    assert decode(body, content_type) == value


def test_json_is_compact_utf_8() -> None:
    assert encode({"ü": [1, True, None]}, "application/json")[0] == '{"ü":[1,true,null]}'.encode()


def test_json_takes_what_python_has() -> None:
    value = {"at": datetime(2024, 1, 1, tzinfo=UTC), "price": Decimal("9.50"), "tags": ("a", "b")}
    expected = b'{"at":"2024-01-01T00:00:00Z","price":9.5,"tags":["a","b"]}'
    assert encode(value, "application/vnd.api+json; charset=utf-8") == (
        expected,
        "application/vnd.api+json; charset=utf-8",
    )


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ([math.nan], "/0"),
        ({"a": b"secret"}, "/a"),
        ({"a": "secret\ud800"}, "/a"),
        ({"a": Decimal("0.12345678901234567890")}, "/a"),
        ({"a": {(1, 2): "secret"}}, "/a"),
    ],
)
def test_what_json_cannot_write_is_refused_with_its_place_and_leaves_nothing_behind(value: Any, pointer: str) -> None:
    with pytest.raises(NotJSON) as caught:
        encode(value, "application/json")
    assert caught.value.pointer == pointer
    assert "secret" not in str(caught.value)
    assert not isinstance(caught.value.__context__, UnicodeEncodeError)


def test_json_that_never_ends_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(NotJSON, match="contains itself"):
        encode(loop, "application/json")


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (b"", "application/json", None),
        (b"", None, None),
        (b'{"a": 1, "a": 2}', "application/json", {"a": 2}),
        (b"\xef\xbb\xbf[1]", "application/json", [1]),
        (b"\xef\xbb\xbf[1]", "application/json; charset=UTF-8", [1]),
        ('["ü"]'.encode("latin-1"), 'application/problem+json; charset="iso-8859-1"', ["ü"]),
        ('["ü"]'.encode("utf-16"), "application/json", ["ü"]),
        (b'"\\ud800"', "APPLICATION/JSON", "\ud800"),
        (b"a=1&b=&a=2&c=%C3%BC+", FORM, {"a": ["1", "2"], "b": "", "c": "ü "}),
        (b"caf\xc3\xa9", "text/plain", "café"),
        (b"caf\xe9", "text/plain; charset=latin-1", "café"),
        (b"caf\xe9", 'text/plain; format="a;charset=utf-8"; Charset=latin-1', "café"),
        (b"caf\xe9", "text/plain; format=flowed", "caf\ufffd"),
        (b"caf\xc3\xa9", "text/plain; charset=klingon", "café"),
        (b"<a/>", "application/xml", "<a/>"),
        (b"<a/>", "application/atom+xml", "<a/>"),
        (b"<html>", "text/html; charset=utf-8", "<html>"),
        (b"\x89PNG", "image/png", b"\x89PNG"),
        (b"[1]", None, b"[1]"),
        (b"[1]", "nonsense", b"[1]"),
    ],
    ids=[str(n) for n in range(20)],
)
def test_answers_are_read_by_their_content_type(content: bytes, content_type: str | None, expected: object) -> None:
    assert decode(content, content_type) == expected


@pytest.mark.parametrize(
    ("content", "content_type", "message"),
    [
        (b'{"a":\n "secret}', "application/json", "line 2, column 2"),
        (b"secret", "application/json", "line 1, column 1"),
        (b'["secret"] x', "application/json", "line 1, column 12"),
        (b'["secret", NaN]', "application/json", "NaN"),
        (b"-Infinity", "application/json", "Infinity"),
        (b"[" * 200_000, "application/json", "nested too deeply"),
        (b'{"a":' * 200_000, "application/json", "nested too deeply"),
        (b"9" * 5000, "application/json", "digits"),
        (b'"secret\xff"', "application/json", "not the utf-8"),
        (b'"secret"', "application/json; charset=klingon", "charset"),
        (b'"secret"', "application/json; charset=hex", "charset"),
        (b" ", "application/json", "line 1"),
    ],
    ids=[str(n) for n in range(12)],
)
def test_what_says_json_and_is_not_is_refused_without_being_repeated(
    content: bytes, content_type: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        decode(content, content_type)
    assert "secret" not in str(caught.value)
    assert type(caught.value) is ValueError
    assert caught.value.__context__ is None


@given(st.binary(), st.sampled_from(["application/json", FORM, "text/plain", "text/html; charset=utf-7", "image/png"]))
def test_no_bytes_break_the_reader(content: bytes, content_type: str) -> None:
    try:
        decode(content, content_type)
    except ValueError as error:
        assert type(error) is ValueError  # noqa: PT017  # most bytes are read, and some are not


# text and bytes


@pytest.mark.parametrize(
    ("value", "media_type", "expected"),
    [
        ("ü", "text/plain", ("ü".encode(), "text/plain; charset=utf-8")),
        ("ü", "text/csv; charset=latin-1", (b"\xfc", "text/csv; charset=latin-1")),
        (12, "text/plain", (b"12", "text/plain; charset=utf-8")),
        (True, "text/plain", (b"true", "text/plain; charset=utf-8")),
        (b"\xfc", "text/plain", (b"\xfc", "text/plain")),
        ("<a/>", "application/xml", (b"<a/>", "application/xml")),
        (b"\x89", "image/png", (b"\x89", "image/png")),
        (bytearray(b"\x89"), "image/png", (b"\x89", "image/png")),
        (io.BytesIO(b"\x89"), "application/octet-stream", (b"\x89", "application/octet-stream")),
        (io.StringIO("ü"), "text/csv", ("ü".encode(), "text/csv")),
        (io.BytesIO(b"[1]"), "application/json", (b"[1]", "application/json")),
        (b"\x89", "*/*", (b"\x89", "application/octet-stream")),
        ({"a": 1}, "*/*", (b'{"a":1}', "application/json")),
        ("a", "*/*", (b"a", "text/plain; charset=utf-8")),
        (Upload(b"x", "/home/ada/cat.png"), "image/*", (b"x", "image/png")),
    ],
    ids=[str(n) for n in range(15)],
)
def test_other_bodies_are_sent_as_they_are(value: object, media_type: str, expected: tuple[bytes, str]) -> None:
    assert encode(value, media_type) == expected


@pytest.mark.parametrize(
    ("value", "media_type"),
    [
        ({"secret": 1}, "text/plain"),
        (["secret"], "application/xml"),
        ({"secret": 1}, "image/png"),
        (12, "image/png"),
        ("secret\u20ac", "text/plain; charset=latin-1"),
        ("secret", "text/plain; charset=klingon"),
        ("secret\ud800", "text/plain"),
        (b"secret", "application/json"),
        ("secret", FORM),
        (["secret"], FORM),
        ({1: "secret"}, FORM),
        ({"a": b"secret"}, FORM),
        ({"a": math.nan}, FORM),
        ({"a": {"b": math.nan}}, FORM),
        ({"a": "secret\ud800"}, FORM),
        ({"secret\ud800": "a"}, FORM),
        (["secret"], MULTIPART),
        ({"a": "secret\ud800"}, MULTIPART),
        ({"\ud800": "secret"}, MULTIPART),
        ({1: "secret"}, MULTIPART),
        ({"a": {"b": {"secret"}}}, MULTIPART),
        ({"a": Upload(b"", "secret\ud800")}, MULTIPART),
    ],
    ids=[str(n) for n in range(22)],
)
def test_a_body_of_another_kind_is_refused_without_being_repeated(value: Any, media_type: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        encode(value, media_type)
    assert "secret" not in str(caught.value)
    assert not isinstance(caught.value, UnicodeError)


def test_a_file_that_gives_neither_bytes_nor_text_is_refused() -> None:
    class Odd:
        def read(self) -> int:
            return 1

    with pytest.raises(ValueError, match="read"):
        encode(Odd(), "image/png")


# forms


def test_a_form_is_written_as_the_standard_shows_it() -> None:
    """OAS 3.1.1, 4.8.15, "URL Encoded Form with JSON Values" has this example."""
    value = {
        "id": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "address": {"streetAddress": "123 Example Dr.", "city": "Somewhere", "state": "CA", "zip": "99999+1234"},
    }
    expected = (
        "id=f81d4fae-7dec-11d0-a765-00a0c91e6bf6&address=%7B%22streetAddress%22%3A%22123+Example+Dr.%22%2C%22city%22%3A"
        "%22Somewhere%22%2C%22state%22%3A%22CA%22%2C%22zip%22%3A%2299999%2B1234%22%7D"
    )
    assert encode(value, FORM) == (expected.encode(), FORM)
    as_json = {"id": {"contentType": "application/json"}}
    assert encode({"id": value["id"]}, FORM, as_json)[0] == b"id=%22f81d4fae-7dec-11d0-a765-00a0c91e6bf6%22"


@pytest.mark.parametrize(
    ("value", "encoding", "expected"),
    [
        (["a", "b c"], {}, b"x=a&x=b+c"),
        ([{"a": 1}], {}, b"x=%7B%22a%22%3A1%7D"),
        ([], {}, b""),
        (None, {}, b"x="),
        (True, {}, b"x=true"),
        ("~", {}, b"x=%7E"),
        ("a b", {"style": "form"}, b"x=a%20b"),
        (["a", "b"], {"explode": False}, b"x=a,b"),
        (["a", "b"], {"style": "pipeDelimited"}, b"x=a%7Cb"),
        ({"a": 1}, {"style": "deepObject", "explode": True}, b"x%5Ba%5D=1"),
        ({"a": 1}, {"style": "form"}, b"a=1"),
        ([], {"style": "form"}, b""),
        ("a/b", {"allowReserved": True}, b"x=a/b"),
        ("a/b", {"allowReserved": False}, b"x=a%2Fb"),
    ],
    ids=[str(n) for n in range(14)],
)
def test_a_property_of_a_form_goes_by_its_encoding(value: Any, encoding: dict[str, Any], expected: bytes) -> None:
    assert encode({"x": value}, FORM, {"x": encoding})[0] == expected


def test_what_is_wrong_in_a_form_is_told_with_its_property() -> None:
    with pytest.raises(NotJSON) as caught:
        encode({"a/b": {"c": {1}}}, FORM)
    assert caught.value.pointer == "/a~1b/c"
    with pytest.raises(ValueError, match=r"^/a~1b: "):
        encode({"a/b": [["x"]]}, FORM, {"a/b": {"style": "form"}})


@given(st.dictionaries(TEXT, TEXT | st.lists(TEXT, min_size=1)))
def test_any_form_is_read_back(value: dict[str, Any]) -> None:
    pairs = [(name, text) for name, item in value.items() for text in (item if isinstance(item, list) else [item])]
    body, content_type = encode(value, FORM)
    assert parse_qsl(body.decode(), keep_blank_values=True) == pairs
    assert sorted(_received(body, content_type)[0]) == sorted(pairs)


# multipart


@given(st.dictionaries(NAME, TEXT | st.lists(TEXT, min_size=1)), st.dictionaries(NAME, st.binary()))
def test_any_multipart_body_is_read_back(texts: dict[str, Any], files: dict[str, bytes]) -> None:
    body, content_type = encode({**files, **texts}, MULTIPART)
    fields, uploads = _received(body, content_type)
    pairs = [(name, text) for name, item in texts.items() for text in (item if isinstance(item, list) else [item])]
    assert sorted(fields) == sorted(pairs)
    expected = [(name, content) for name, content in files.items() if name not in texts]
    assert sorted((name, content) for name, _, _, content in uploads) == sorted(expected)


def test_files_keep_their_name_and_type_but_not_their_folder() -> None:
    value = {"photo": Upload(b"\x89PNG", "/home/ada/cat.png"), "raw": b"\x00"}
    _, uploads = _received(*encode(value, MULTIPART))
    assert sorted(uploads) == [
        ("photo", "cat.png", "image/png", b"\x89PNG"),
        ("raw", "raw", "application/octet-stream", b"\x00"),
    ]


def test_several_files_share_a_name() -> None:
    _, uploads = _received(*encode({"file": [b"a", b"b"]}, MULTIPART))
    assert [(name, content) for name, _, _, content in uploads] == [("file", b"a"), ("file", b"b")]


def test_objects_are_json_parts() -> None:
    body, _ = encode({"address": {"city": "ü"}, "ids": [{"a": 1}, 2]}, MULTIPART)
    assert b'name="address"\r\nContent-Type: application/json\r\n\r\n{"city":"\xc3\xbc"}\r\n' in body
    assert b'name="ids"\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n' in body
    assert b'name="ids"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n2\r\n' in body


@pytest.mark.parametrize(
    ("value", "encoding", "part"),
    [
        (
            "<a/>",
            {"contentType": "application/xml; charset=utf-8"},
            b"Content-Type: application/xml; charset=utf-8\r\n",
        ),
        (b"x", {"contentType": "image/png, image/jpeg"}, b"Content-Type: image/png\r\n"),
        (Upload(b"x", "c.jpeg"), {"contentType": "image/png, image/jpeg"}, b"Content-Type: image/jpeg\r\n"),
        (Upload(b"x", "c.jpeg"), {"contentType": "image/*"}, b"Content-Type: image/jpeg\r\n"),
        ("x", {"contentType": "application/json"}, b'\r\n\r\n"x"\r\n'),
        (["a", "ü b"], {"style": "spaceDelimited"}, b"ignored"),
        (["a", "b"], {"style": "pipeDelimited"}, b"\r\n\r\na|b\r\n"),
        ({"a": "ü/"}, {"style": "deepObject", "explode": True}, b'name="x[a]"\r\nContent-Type: text/plain'),
        ("x", {"headers": {"X-Part": {"schema": {"const": 3}}}}, b"\r\nX-Part: 3\r\n"),
        ("x", {"headers": {"Content-Type": {"schema": {"const": "a/b"}}}}, b"Content-Type: text/plain"),
        ("x", {"headers": {"X-Part": {"schema": {"type": "string"}}}}, b"charset=utf-8\r\n\r\nx"),
        ("x", {"headers": {"X-Part": {"content": {}}}}, b"charset=utf-8\r\n\r\nx"),
    ],
    ids=[str(n) for n in range(12)],
)
def test_a_part_goes_by_its_encoding(value: Any, encoding: dict[str, Any], part: bytes) -> None:
    if part == b"ignored":
        with pytest.raises(ValueError, match="delimiter"):
            encode({"x": value}, MULTIPART, {"x": encoding})
    else:
        assert part in encode({"x": value}, MULTIPART, {"x": encoding})[0]


def test_names_cannot_add_headers() -> None:
    body, _ = encode({'a"\r\nX-Evil: 1': Upload(b"x", 'c"\r\n.png')}, MULTIPART)
    assert b'name="a%22%0D%0AX-Evil: 1"; filename="c%22%0D%0A.png"\r\n' in body


def test_each_multipart_body_has_a_boundary_of_its_own() -> None:
    first, second = (encode({"a": "b"}, MULTIPART)[1] for _ in range(2))
    assert first.startswith("multipart/form-data; boundary=")
    assert first != second
