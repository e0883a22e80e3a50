"""The text of a document into plain objects, whether it is JSON or YAML."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any, NoReturn

from .._collector import collector_paused
from ..errors import SpecError
from ._limits import MAX_DEPTH
from ._yaml import build

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTAINERS = {dict, list}
TOO_DEEP = f"nested more than {MAX_DEPTH} levels deep; move the inner parts to components"


class _Duplicate(ValueError):  # never leaves this module
    """Says that an object has a key twice; YAML's parser is the one that can tell on which line."""


class _Constant(ValueError):  # never leaves this module
    """Says that a number is NaN or infinite, which JSON has no word for (RFC 8259, 6)."""


def decode(content: bytes, source: str) -> str:
    """Return the text of a file: UTF-8, with or without a byte order mark, or UTF-16 with one."""
    utf16 = content.startswith(_UTF16)
    try:
        return content.decode("utf-16") if utf16 else content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        name = "UTF-16" if utf16 else "UTF-8"
        raise SpecError(f"the bytes are not {name}; save the document as UTF-8", source=source, line=line) from None


def parse(text: str, source: str) -> Any:
    """Return what a text means, as dict, list, str, int, float, bool and None; an empty text is None.

    A text that begins like JSON is read as JSON, which takes a tenth of the time; if it is none, it may still be
    YAML's flow style. Raises SpecError with the line.
    """
    with collector_paused():
        if text.lstrip()[:1] not in {"{", "["}:
            return build(text, source)
        try:
            value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            return _build_instead(text, source, error)
        except _Duplicate:
            return build(text, source)
        except _Constant as error:
            line = _line_of_constant(text, str(error))
            raise SpecError(f"{error} is no number in JSON; remove it", source=source, line=line) from None
        except RecursionError:
            raise SpecError(TOO_DEEP, source=source) from None
        except ValueError:  # Python refuses to read integers of thousands of digits
            raise SpecError("a number of thousands of digits; correct or quote it", source=source) from None
        if is_too_deep(value):
            raise SpecError(TOO_DEEP, source=source)
        return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Duplicate
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise _Constant(name)


def _line_of_constant(text: str, name: str) -> int | None:
    found = re.search(rf"[\[:,]\s*({name})\b", text)
    return text.count("\n", 0, found.start(1)) + 1 if found else None


def _build_instead(text: str, source: str, error: json.JSONDecodeError) -> Any:
    """Read as YAML what is no JSON; where it is neither, tell the fault that comes later in the text.

    The parser of the language that the text is written in gets further than the other.
    """
    try:
        return build(text, source)
    except SpecError as fault:
        if (fault.line or 0) > error.lineno:
            raise
    raise SpecError(f"this is not JSON: {error.msg}; correct the line", source=source, line=error.lineno)


def is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        nodes = (node.values() if type(node) is dict else node for node in level)
        level = [child for children in nodes for child in children if type(child) in _CONTAINERS]
        if not level:
            return False
    return True
