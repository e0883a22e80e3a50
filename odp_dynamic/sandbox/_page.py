"""The page for a person who opens the sandbox in a browser: files out of ``page/``, and the policy that guards them.

All that the page shows it asks of `_control` as anybody may. What is stored comes from wherever the integration under
test got it, so it is hostile: the page makes text of it, and the policy makes the browser refuse anything else, any
other host, and any frame around it.
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

from ._answers import Answer

_RULES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",  # who assigns to innerHTML gets an exception
)
HEADERS = [("Content-Security-Policy", "; ".join(_RULES)), ("Referrer-Policy", "no-referrer")]

_MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOLDER = Path(__file__).with_name("page")
_INDEX = "index.html"

# The files that the page asks for; the page itself stands at the reserved path.
ASSETS = tuple(sorted(path.name for path in _FOLDER.iterdir() if path.suffix in _MEDIA_TYPES and path.name != _INDEX))


def page() -> Answer:
    """Return the page."""
    return asset(_INDEX)


def asset(name: str) -> Answer:
    """Return a file of the page; it is read each time, so that who changes it need only reload."""
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return Answer(HTTPStatus.OK, text, _MEDIA_TYPES[Path(name).suffix])


def is_for_a_person(accept: str) -> bool:
    """Tell whether an Accept header (RFC 9110, 12.5.1) prefers a page to JSON, as browsers do and tools do not."""
    from werkzeug.datastructures import MIMEAccept
    from werkzeug.http import parse_accept_header

    accepted = parse_accept_header(accept, MIMEAccept)
    return accepted.best_match(["application/json", "text/html"]) == "text/html"
