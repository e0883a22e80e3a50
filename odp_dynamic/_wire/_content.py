"""One value under one media type: a whole body, a part of a multipart body, or a field of a form.

OpenAPI describes the three alike (OAS 3.1.1, 4.8.15.1: an Encoding Object without a style is a media type for one
property), so they are written by one function.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._media import is_json, is_text, matching, media_type_of, parameter_of
from .._plain import convert, is_binary, plain
from ._styles import text_of

_BYTES = "application/octet-stream"
_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"
# One encoder for all: its C half then does nearly everything, and asks `convert` only for what it does not know.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=convert)


def json_bytes(value: object) -> bytes:
    """Return a value as compact JSON in UTF-8 (RFC 8259, 8.1).

    What has no JSON form is a NotJSON with its place. Keys that are numbers, bools or None become text, as in the
    standard library: to look at each key would double the time.
    """
    try:
        return _ENCODER.encode(value).encode()
    except (TypeError, ValueError, RecursionError):
        pass  # the error holds the whole text, and would stay in the context of the one raised here
    return _ENCODER.encode(plain(value)).encode()


def encode_content(value: Any, declared: str) -> tuple[bytes, str]:
    """Return a value's bytes and its Content-Type.

    `declared` is a media type, a wildcard (``image/*``) or a list of both with commas, as in an Encoding Object's
    `contentType`; empty leaves the choice to the value. JSON takes what `plain` does; text takes str and primitives;
    everything but JSON takes str and bytes, and everything takes files, which are objects with `read`, as they are. A
    str is UTF-8 where no charset is declared. Raises ValueError for a value of another kind.
    """
    content_type = _chosen(value, declared)
    if is_json(content_type) and not hasattr(value, "read"):
        return json_bytes(value), content_type
    if is_binary(value):
        return _bytes_of(value), content_type
    if is_text(content_type) and not _is_compound(value):
        value = text_of(value)
    if not isinstance(value, str):
        raise ValueError(f"{media_type_of(content_type)} takes str, bytes or a file, not {type(value).__name__}")  # noqa: TRY004  # callers know one kind of refusal
    charset = parameter_of(content_type, "charset")
    if charset is None and content_type.startswith("text/"):
        content_type += "; charset=utf-8"
    return _encoded(value, charset or "utf-8"), content_type


def filename_of(value: object) -> str | None:
    """Return the last part of a file's name, None where it has none; a directory is nobody's business."""
    name = getattr(value, "name", None)
    return re.split(r"[\\/]", name)[-1] if isinstance(name, str) and hasattr(value, "read") else None


def _chosen(value: object, declared: str) -> str:
    """Return the Content-Type to send: the declared one, or of several, or of a wildcard, the one that fits."""
    if declared and "*" not in declared and "," not in declared:
        return declared
    natural = _natural(value)
    choices = [choice.strip() for choice in declared.split(",") if choice.strip()]
    covering = matching(choices, natural)
    if covering is not None and "*" not in covering:
        return covering
    concrete = [choice for choice in choices if "*" not in choice]
    return concrete[0] if concrete and covering is None else natural


def _natural(value: object) -> str:
    """Return the type that a value has by itself (OAS 3.1.1, 4.8.15.1.1, the table of defaults)."""
    if is_binary(value):
        return _guessed(filename_of(value))
    return _JSON if _is_compound(value) else _TEXT


def _guessed(filename: str | None) -> str:
    if filename is None:
        return _BYTES
    from mimetypes import guess_type  # reads the system's tables

    return guess_type(filename)[0] or _BYTES


def _is_compound(value: object) -> bool:
    return isinstance(value, (Mapping, Sequence)) and not isinstance(value, str)


def _bytes_of(value: Any) -> bytes:
    content = value.read() if hasattr(value, "read") else value
    if isinstance(content, str):
        return _encoded(content, "utf-8")
    if isinstance(content, (bytes, bytearray, memoryview)):
        return bytes(content)
    raise ValueError(f"a file's read() gave {type(content).__name__}, neither bytes nor str")


def _encoded(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset)
    except LookupError:
        reason = "names no charset that Python knows"
    except UnicodeError:  # it holds the text
        reason = "has no form for a character of the text"
    raise ValueError(f"the charset {charset} {reason}")
