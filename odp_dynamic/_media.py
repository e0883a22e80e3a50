"""Media types: their names, their parameters, and which declared one covers which actual one (RFC 9110, 8.3, 12.5.1).

The same few headers come with every answer, so what is read from one is kept; the caches are bounded because servers
choose what they send.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# One parameter: a token, and a token or a quoted string (RFC 9110, 5.6.6).
_PARAMETER = r';\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))'


@lru_cache(maxsize=512)
def media_type_of(content_type: str) -> str:
    """Return the ``type/subtype`` of a Content-Type, in lower case and without its parameters."""
    return content_type.partition(";")[0].strip().lower()


@lru_cache(maxsize=512)
def parameter_of(content_type: str, name: str) -> str | None:
    """Return a parameter of a Content-Type, unquoted, or None; names compare without case."""
    if ";" in content_type:
        for found in re.finditer(_PARAMETER, content_type):
            if found[1].lower() == name:
                return found[3] if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
    return None


@lru_cache(maxsize=512)
def is_json(media_type: str) -> bool:
    """Tell whether a media type, with or without parameters, is JSON or built on it (RFC 6839, 3.1)."""
    name = media_type_of(media_type)
    return name in {"application/json", "text/json"} or name.endswith("+json")


@lru_cache(maxsize=512)
def is_text(media_type: str) -> bool:
    """Tell whether a media type, with or without parameters, is text that is no JSON: text/*, XML, HTML."""
    name = media_type_of(media_type)
    return name.startswith("text/") or name == "application/xml" or name.endswith("+xml")


def matching(declared: Iterable[str], media_type: str) -> str | None:
    """Return the most specific of the declared media types that covers `media_type`, None where none does.

    An equal one wins, then the same type without parameters, then the same with others, then ``type/*``, then
    ``*/*`` (OAS 3.1.1, 4.8.17: "only the most specific key is applicable"). It is returned as the document spells it.
    """
    return _matching(tuple(declared), media_type)


@lru_cache(maxsize=1024)
def _matching(declared: tuple[str, ...], media_type: str) -> str | None:
    ranked = [(rank, key) for key in declared if (rank := _rank(key, media_type)) is not None]
    return min(ranked, key=lambda entry: entry[0])[1] if ranked else None  # of equals, the document's first


def _rank(declared: str, actual: str) -> int | None:
    name, wanted = media_type_of(declared), media_type_of(actual)
    if name == wanted:
        if _parameters(declared) == _parameters(actual):
            return 0
        return 2 if _parameters(declared) else 1
    if name.endswith("/*") and name != "*/*" and wanted.startswith(name[:-1]):
        return 3
    return 4 if name in {"*/*", "*"} else None


def _parameters(content_type: str) -> frozenset[tuple[str, str]]:
    if ";" not in content_type:
        return frozenset()
    # Values are compared without case: a charset's are, and it is the one that documents declare.
    return frozenset(
        (found[1].lower(), (found[2] or found[3] or "").lower()) for found in re.finditer(_PARAMETER, content_type)
    )
