"""Bodies as a recording holds them: by what they are, so that they can be written again.

``{"json": …}``, ``{"form": …}``, ``{"text": …}``; other bytes only where they may be told: ``{"base64": …}``, else
``{"bytes": length}``. Nothing at all is ``{}``.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from .._wire._bodies import encode, is_json


def payload(value: Any, content_type: str | None, *, keep: bool) -> dict[str, Any]:
    """Return a decoded and masked body as it is recorded; `keep` says whether bytes may be told."""
    if isinstance(value, bytes):
        return {"base64": b64encode(value).decode()} if keep else {"bytes": len(value)}
    if is_json(content_type or "application/json"):
        return {"json": value}
    return {"text" if isinstance(value, str) else "form": value}


def value_of(recorded: Mapping[str, Any]) -> Any:
    """Return what was recorded of a body."""
    return next(iter(recorded.values()), None)


def content_of(recorded: Mapping[str, Any], filled: Any, content_type: str | None) -> bytes:
    """Return the bytes of a recorded body whose placeholders have been filled."""
    if "base64" in recorded:
        return b64decode(recorded["base64"])
    return encode(filled, content_type or "application/json")[0] if recorded else b""
