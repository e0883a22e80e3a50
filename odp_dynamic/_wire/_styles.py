"""How the value of a parameter becomes text: the style table of OpenAPI 3.1.1.

The rules are RFC 6570's (OAS 3.1.1, 4.8.12 "Style Values", "Style Examples", Appendices C to E):

- A name and a value are percent-encoded outside RFC 3986's unreserved characters, in UTF-8, with upper-case hex.
- Null and the empty string are written alike: the table's first column (RFC 6570, 3.2: an empty value keeps its name).
- An array or object with no members is undefined (RFC 6570, 2.3) and gives no text at all: the parameter is left out.
  Members that are null are undefined too, and skipped (RFC 6570, 3.2.1).
- An array or object inside another has no form (Appendix C), and neither have the cells marked n/a: ValueError.
- The delimiters of spaceDelimited and pipeDelimited and the brackets of deepObject are percent-encoded: RFC 3986 has
  no room for them in a query, and 3.1.1's examples agree (Appendix E). A reader decodes them before it splits, so a
  member that contains its own delimiter would arrive as two: it is refused.

No message holds a value.
"""

# ruff: noqa: FBT001  # explode is a column of the table: style and explode are read together
from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from .._plain import convert, plain

Escape = Callable[[str], str]
Pair = tuple[str | None, str]


class Style(NamedTuple):
    """Is one row of the table, as in RFC 6570, Appendix A.

    `first` opens the text; `between` stands between exploded members, and is empty where there is no explode; `inner`
    stands between the members of an array or object that is one value; `named` says that the parameter's name is
    written, and `bracketed` that it is written before each key in brackets; `if_empty` follows a name with an empty
    value; `kinds` are the values that the row is defined for.
    """

    first: str = ""
    between: str = ""
    inner: str = ","
    named: bool = False
    if_empty: str = "="
    kinds: tuple[str, ...] = ("primitive", "array", "object")
    bracketed: bool = False


_JSON = (str, int, float, type(None), dict, list, tuple)
_COMPOUND = ("array", "object")
STYLES: Mapping[tuple[str, bool], Style] = {
    ("matrix", False): Style(first=";", named=True, if_empty=""),
    ("matrix", True): Style(first=";", between=";", named=True, if_empty=""),
    ("label", False): Style(first="."),
    ("label", True): Style(first=".", between="."),
    ("simple", False): Style(),
    ("simple", True): Style(between=","),
    ("form", False): Style(named=True),
    ("form", True): Style(between="&", named=True),
    ("spaceDelimited", False): Style(named=True, inner=" ", kinds=_COMPOUND),
    ("pipeDelimited", False): Style(named=True, inner="|", kinds=_COMPOUND),
    ("deepObject", True): Style(between="&", bracketed=True, kinds=("object",)),
}
# allowReserved is for queries alone (OAS 3.1.1, 4.8.12.2).
_QUERY = frozenset({"form", "spaceDelimited", "pipeDelimited", "deepObject"})
# Pairs of cookies are delimited by a semicolon and a space, never by "&" (OAS 3.1.1, Appendix D; RFC 6265, 4.2.1).
_COOKIE = {False: STYLES["form", False], True: STYLES["form", True]._replace(between="; ")}

# RFC 3986's reserved characters but for six. `#`, `[` and `]` may not stand in a query at all, and `&`, `=` and `+`
# mean something else there (OAS 3.1.1, Appendix C, tells users to encode these six by hand). Encoding more than is
# needed never changes what a reader decodes (Appendix E); leaving one of them would let a value add a parameter.
_RESERVED = ":/?@!$'()*;"
_LONE_PERCENT = "%(?![0-9A-Fa-f]{2})"
_BRACKETS = frozenset("[]")
_HEADER_TEXT = r"[\t\x20-\x7e]*"


def expand(name: str, value: Any, style: str, explode: bool, *, allow_reserved: bool = False) -> str:
    """Return a parameter as it stands in a path or a query, with its name where the style writes it.

    `value` is JSON, or a scalar that `_plain.convert` knows. The text is empty where the parameter is to be left out:
    an array or object without members. `allow_reserved` lets reserved characters and percent-encoded triples through
    as they are (RFC 6570, 3.2.3), but for the six that would break a query. Raises ValueError for a cell that OAS 3.1.1
    leaves undefined, for lone surrogates and for nested values.
    """
    if type(value) is str and not allow_reserved:  # the two commonest cells are worth a short way
        if style == "form":
            return f"{_name(name)}={percent(value)}"
        if style == "simple":
            return percent(value)
    row = _row(style, explode)
    escape = percent
    if allow_reserved and style in _QUERY:
        escape = _reserved if isinstance(value, str) else _reserved_member
    return _written(row, _pairs(row, _name(name), value, escape))


def expand_header(value: Any, explode: bool) -> str:
    """Return a parameter as the value of a header: style simple, the only one that headers have.

    Nothing is percent-encoded or quoted: each header has its own rules for that, and its value comes with them applied
    (OAS 3.1.1, 4.8.12.2 and Appendix D). Raises ValueError, besides what `expand` does, for text that a header cannot
    carry: anything but visible ASCII, spaces and tabs (RFC 9110, 5.5), and white space at the ends, which readers drop.
    """
    row = STYLES["simple", explode]
    text = _written(row, _pairs(row, "", value, _unchanged))
    if not re.fullmatch(_HEADER_TEXT, text):
        raise ValueError("a header carries visible ASCII characters, spaces and tabs only (RFC 9110, 5.5)")
    if text != text.strip():
        raise ValueError("white space at the ends of a header's value would be lost (RFC 9110, 5.5)")
    return text


def expand_cookie(name: str, value: Any, explode: bool) -> str:
    """Return a parameter as it stands in a Cookie header: style form, the only one that cookies have.

    Values are percent-encoded, as RFC 6570 does and as the octets that a cookie may have demand; exploded members are
    delimited by ``"; "`` (OAS 3.1.1, Appendix D). Whoever needs other rules declares the cookie with `content`.
    """
    return _written(_COOKIE[explode], _pairs(_COOKIE[explode], _name(name), value, percent))


def raw_pairs(name: str, value: Any, style: str, explode: bool) -> list[tuple[str, str]]:
    """Return a value as the pairs of name and text that a query style makes of it, without percent-encoding.

    This is how a style applies to multipart/form-data (OAS 3.1.1, 4.8.15.1.2). Raises ValueError as `expand` does.
    """
    if style not in _QUERY:
        raise ValueError(f"style {style} is none of a form's (OAS 3.1.1, 4.8.15)")
    pairs = _pairs(_row(style, explode), name, value, _unchanged)
    return [(key, text) for key, text in pairs if key is not None]


def text_of(value: Any) -> str:
    """Return a primitive value as text: strings as they are, the rest as JSON writes it, null as nothing.

    Raises ValueError for arrays, objects and what JSON cannot write (OAS 3.1.1, Appendix B leaves the choice to us).
    """
    if type(value) is int:
        return repr(value)
    if not isinstance(value, str):
        value = plain(value)
    if isinstance(value, (dict, list)):
        raise ValueError("an array or object is not text")  # noqa: TRY004  # callers know one kind of refusal
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str.__str__(value) if isinstance(value, str) else repr(value)


def percent(text: str) -> str:
    """Return text percent-encoded outside RFC 3986's unreserved characters; raise ValueError for a lone surrogate."""
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        pass  # that error holds the whole text, and would stay in the context of one raised here
    raise ValueError("a lone surrogate has no UTF-8 form")


# The names of parameters come from a document: they are few, and nothing personal. Keys of objects are not kept.
_name = lru_cache(maxsize=1024)(percent)


def _reserved(text: str) -> str:
    percent(text)  # for its refusal
    return re.sub(_LONE_PERCENT, "%25", quote(text, safe=f"{_RESERVED},%"))


def _reserved_member(text: str) -> str:
    """Escape a member: its commas are no delimiters (OAS 3.1.1, Appendix C, "Delimiters in Parameter Values")."""
    return _reserved(text).replace(",", "%2C")


def _unchanged(text: str) -> str:
    percent(text)  # for its refusal
    return text


def _row(style: str, explode: bool) -> Style:
    try:
        return STYLES[style, explode]
    except KeyError:
        word = "with" if explode else "without"
        raise ValueError(f"OAS 3.1.1 does not define style {style} {word} explode") from None


def _written(row: Style, pairs: Sequence[Pair]) -> str:
    if not pairs:
        return ""
    return row.first + row.between.join([_assigned(row, key, text) for key, text in pairs])


def _assigned(row: Style, key: str | None, text: str) -> str:
    if key is None:
        return text
    return f"{key}={text}" if text or not row.named else f"{key}{row.if_empty}"


def _pairs(row: Style, name: str, value: Any, escape: Escape) -> list[Pair]:
    """Return the name and the text of each member that a value is written as; the name is None where none stands."""
    if not isinstance(value, _JSON):
        value = convert(value)
    label = name if row.named else None
    if isinstance(value, Mapping):
        _demand(row, "object")
        return _object(row, name, label, value, escape)
    if isinstance(value, (list, tuple)):
        _demand(row, "array")
        items = [_member(row, item, escape) for item in value if item is not None]
        if row.between:
            return [(label, item) for item in items]
        return [(label, _delimiter(row, escape).join(items))] if items else []
    _demand(row, "primitive")
    return [(label, escape(text_of(value)))]


def _object(row: Style, name: str, label: str | None, value: Mapping[Any, Any], escape: Escape) -> list[Pair]:
    members = [(_key(row, key, escape), _member(row, item, escape)) for key, item in value.items() if item is not None]
    if row.bracketed:
        opening, closing = escape("["), escape("]")
        return [(f"{name}{opening}{key}{closing}", text) for key, text in members]
    if row.between:
        return list(members)
    return [(label, _delimiter(row, escape).join([part for pair in members for part in pair]))] if members else []


def _demand(row: Style, kind: str) -> None:
    if kind not in row.kinds:
        raise ValueError(f"this style is for an {' or an '.join(row.kinds)}, not for a value that is {_A[kind]}")


_A = {"primitive": "neither array nor object", "array": "an array", "object": "an object"}


def _key(row: Style, key: Any, escape: Escape) -> str:
    if not isinstance(key, str):
        raise ValueError(f"an object has a key of the type {type(key).__name__}; JSON's are strings")  # noqa: TRY004  # as above
    if row.bracketed and not _BRACKETS.isdisjoint(key):
        raise ValueError("a key contains a bracket, and would be read as a nested one (OAS 3.1.1, Appendix E)")
    return _member(row, key, escape)


def _member(row: Style, value: Any, escape: Escape) -> str:
    if isinstance(value, (Mapping, list, tuple)):
        raise ValueError("an array or object inside another has no form in a style (OAS 3.1.1, Appendix C)")  # noqa: TRY004  # as above
    text = escape(text_of(value))
    if row.inner != "," and _delimiter(row, escape) in text.upper():
        raise ValueError(
            "a member contains the delimiter of its style, and would be read as two (OAS 3.1.1, Appendix E)"
        )
    return text


def _delimiter(row: Style, escape: Escape) -> str:
    return row.inner if row.inner == "," else escape(row.inner)
