"""Forms: application/x-www-form-urlencoded and multipart (OAS 3.1.1, 4.8.15).

An Encoding Object that says `style`, `explode` or `allowReserved` makes its property a query parameter; one that says
none of them, or is absent, makes it content with a media type: text for primitives, JSON for objects, and one field
or part for each item of an array.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from .._media import media_type_of
from .._plain import NotJSON, checked_keys, is_binary
from .._pointers import join
from ._content import encode_content, filename_of
from ._styles import expand, expand_header, percent, raw_pairs

Encoding = Mapping[str, Any]
_NO_ENCODING: Encoding = {}
_STYLED = ("style", "explode", "allowReserved")
# As browsers write names (WHATWG HTML, 4.10.21.8); a backslash would be read differently by different servers.
_QUOTED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


class Part(NamedTuple):
    """Is one part of a multipart body; `filename` is None for text."""

    name: str
    filename: str | None
    content_type: str
    content: bytes
    headers: Mapping[str, str]

    def lines(self) -> Iterator[bytes]:
        """Yield the part's lines (RFC 7578, 4.2): its headers, an empty one, and its content."""
        filename = "" if self.filename is None else f'; filename="{self.filename.translate(_QUOTED)}"'
        yield f'Content-Disposition: form-data; name="{self.name.translate(_QUOTED)}"{filename}'.encode()
        yield f"Content-Type: {self.content_type}".encode()
        for name, value in self.headers.items():
            yield f"{name}: {value}".encode()
        yield b""
        yield self.content


def encode_form(value: Any, encodings: Mapping[str, Encoding]) -> bytes:
    """Return an object as application/x-www-form-urlencoded (RFC 1866, 8.2.1; WHATWG URL, 5.2).

    Raises ValueError, naming the property, for what has no form: bytes, and what a style does not take.
    """
    fields: list[str] = []
    for name, item in _properties(value):
        try:
            fields += _fields(name, item, encodings.get(name, _NO_ENCODING))
        except ValueError as problem:
            raise _placed(name, problem) from None
    return "&".join(fields).encode()


def encode_multipart(value: Any, media_type: str, encodings: Mapping[str, Encoding]) -> tuple[bytes, str]:
    """Return an object as a multipart body and its Content-Type, whose boundary is random (RFC 7578).

    Bytes and files become parts with a filename, which servers tell files by: the file's own name, or the property's.
    Raises ValueError, naming the property, for what has no form.
    """
    boundary = secrets.token_hex(16)
    lines: list[bytes] = []
    for name, item in _properties(value):
        try:
            parts = _parts(name, item, encodings.get(name, _NO_ENCODING))
        except ValueError as problem:
            raise _placed(name, problem) from None
        for part in parts:
            lines += [f"--{boundary}".encode(), *part.lines()]
    lines += [f"--{boundary}--".encode(), b""]
    return b"\r\n".join(lines), f"{media_type_of(media_type)}; boundary={boundary}"


def _properties(value: Any) -> Iterable[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        raise ValueError(f"a form is written from a mapping, not from {type(value).__name__}")  # noqa: TRY004  # callers know one kind of refusal
    return checked_keys(dict(value)).items()


def _placed(name: str, problem: ValueError) -> ValueError:
    """Return the problem of a property as one of the whole form."""
    if isinstance(problem, NotJSON):
        return NotJSON(join("", name) + problem.pointer, problem.reason)
    return ValueError(f"{join('', name)}: {problem}")


def _style(encoding: Encoding) -> tuple[str, bool] | None:
    """Return the style and explode of a property, with their defaults; None where it is content."""
    if not any(encoding.get(field) is not None for field in _STYLED):
        return None
    style = encoding.get("style") or "form"
    explode = encoding.get("explode")
    return style, style == "form" if explode is None else explode


def _items(value: Any) -> list[Any]:
    is_array = isinstance(value, Sequence) and not isinstance(value, str) and not is_binary(value)
    return list(value) if is_array else [value]


def _fields(name: str, value: Any, encoding: Encoding) -> list[str]:
    if styled := _style(encoding):
        text = expand(name, value, *styled, allow_reserved=bool(encoding.get("allowReserved")))
        return [text] if text else []
    return [f"{_plus(name)}={_plus(_field_text(item, encoding))}" for item in _items(value)]


def _field_text(value: Any, encoding: Encoding) -> str:
    if is_binary(value):
        raise ValueError("a form is text: encode bytes, for example in base64, or declare multipart/form-data")
    return encode_content(value, encoding.get("contentType", ""))[0].decode()


def _plus(text: str) -> str:
    # "~" is unreserved today and was not for RFC 1738, which form decoders may still go by (OAS 3.1.1, Appendix E).
    return quote_plus(text).replace("~", "%7E")


def _parts(name: str, value: Any, encoding: Encoding) -> list[Part]:
    headers = _headers(encoding.get("headers") or {})
    if styled := _style(encoding):
        pairs = raw_pairs(name, value, *styled)
        return [Part(key, None, "text/plain; charset=utf-8", text.encode(), headers) for key, text in pairs]
    return [_part(name, item, encoding, headers) for item in _items(value)]


def _part(name: str, value: Any, encoding: Encoding, headers: Mapping[str, str]) -> Part:
    content, content_type = encode_content(value, encoding.get("contentType", ""))
    filename = (filename_of(value) or name) if is_binary(value) else None
    percent(filename or "")  # for its refusal of what UTF-8 cannot write
    return Part(name, filename, content_type, content, headers)


def _headers(declared: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of a part whose value the document itself gives: a `const` or a `default` of their schema."""
    headers: dict[str, str] = {}
    for name, header in declared.items():
        schema = header.get("schema")
        value = schema.get("const", schema.get("default")) if isinstance(schema, Mapping) else None
        # Content-Type has its own field, and "SHALL be ignored in this section" (OAS 3.1.1, 4.8.15.1.1).
        if value is not None and name.lower() not in {"content-type", "content-disposition"}:
            headers[name] = expand_header(value, bool(header.get("explode")))
    return headers
