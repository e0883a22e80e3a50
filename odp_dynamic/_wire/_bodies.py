"""Bodies: a Python value to the bytes of a request, the bytes of an answer to a Python value.

Messages never hold what a body holds, and neither do the errors behind them: those of json and of the codecs, which
keep the whole body, are left behind before a new one is raised.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from .._media import is_json, is_text, matching, media_type_of, parameter_of
from ._content import encode_content

__all__ = ["decode", "encode", "is_json", "matching", "media_type_of"]

_FORM = "application/x-www-form-urlencoded"


def encode(value: Any, media_type: str, encoding: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[bytes, str]:
    """Return the bytes of a request's body and its Content-Type.

    `media_type` is a key of the request body's `content` (a wildcard leaves the choice to the value), `encoding` the
    Encoding Objects of a form's properties, with their `$ref`s resolved. JSON is compact UTF-8; forms take mappings;
    text takes str and primitives; everything else str, bytes or a file. Raises ValueError for another kind of value,
    and NotJSON, which is one, with the place of what JSON cannot write.
    """
    if is_json(media_type):
        return encode_content(value, media_type)
    from ._forms import encode_form, encode_multipart  # few documents have forms

    name = media_type_of(media_type)
    if name == _FORM:
        return encode_form(value, encoding or {}), media_type
    if name.startswith("multipart/") and isinstance(value, Mapping):
        return encode_multipart(value, media_type, encoding or {})
    return encode_content(value, media_type)


def decode(content: bytes, content_type: str | None) -> Any:
    """Return what a body says: JSON's value, a form's fields as a dict, text as str, all else as the bytes it is.

    No bytes are None. JSON is strict (RFC 8259: no NaN, no Infinity), but a byte order mark is passed over; of equal
    keys the last counts. A field that comes several times has the list of its values. Text in no known charset, or not
    in the one it says, is read as UTF-8 with replacement characters, for it is to be shown rather than understood.
    Raises ValueError, which tells the line and the column, for what says that it is JSON and is not.
    """
    if not content:
        return None
    if content_type is None:
        return content
    if is_json(content_type):
        return _parsed(_json_text(content, parameter_of(content_type, "charset")))
    if media_type_of(content_type) == _FORM:
        return _fields(_text(content, parameter_of(content_type, "charset")))
    if is_text(content_type):
        return _text(content, parameter_of(content_type, "charset"))
    return content


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("the body says NaN or Infinity, which is not JSON (RFC 8259, 6)")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _parsed(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:  # it holds the text
        message = f"the body is not JSON: line {error.lineno}, column {error.colno}"
    except RecursionError:
        message = "the body is nested too deeply to be read"
    except ValueError as error:  # our own, or Python's bound on the digits of an integer
        message = str(error)
    raise ValueError(message)


def _json_text(content: bytes, charset: str | None) -> str:
    # JSON is UTF-8 by its standard, and the other UTFs are recognised by their zeros for the sake of old servers.
    charset = json.detect_encoding(content) if charset is None or charset.lower() == "utf-8" else charset
    try:
        return content.decode(charset).removeprefix("\ufeff")
    except LookupError:
        message = "the body's charset is none that Python knows"
    except UnicodeError:  # it holds the bytes
        message = f"the body is not the {charset} that its Content-Type promises"
    raise ValueError(message)


def _text(content: bytes, charset: str | None) -> str:
    try:
        return content.decode(charset or "utf-8")
    except (LookupError, UnicodeError):
        return content.decode("utf-8", "replace")


def _fields(text: str) -> dict[str, Any]:
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(text.strip(), keep_blank_values=True):
        fields.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
