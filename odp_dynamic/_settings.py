"""Settings from the environment, each under one name; what a caller passes wins over them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from os import environ
from typing import Any

SPEC = "ODP_SPEC"
SERVER = "ODP_SERVER"
BASE_URL = "ODP_BASE_URL"
ENVIRONMENT = "ODP_ENV"
OVERLAYS = "ODP_OVERLAYS"
ALLOW_REF_HOSTS = "ODP_ALLOW_REF_HOSTS"
DRIFT = "ODP_DRIFT"

# What may become of an answer that departs from the document.
RESPONSES = ("raise", "warn", "record", "ignore")


def setting(name: str) -> str | None:
    """Return the value of an environment variable, None where it is unset or blank."""
    return environ.get(name, "").strip() or None


def listed(name: str) -> list[str]:
    """Return the comma-separated items of an environment variable, in order."""
    return [item.strip() for item in environ.get(name, "").split(",") if item.strip()]


def wrong_base_url(value: Any) -> str | None:
    """Return what is wrong with a base URL, None where nothing is."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.netloc:
        return "must be a URL that begins with http:// or https://"
    if "@" in parts.netloc:
        return "must be without a user and a password; name them under credentials"
    return "must be without '?' and '#': paths are put after it" if "?" in value or "#" in value else None


def is_bare_name(text: str) -> bool:
    """Tell whether a text is the name of something that comes with the package, and no path and no URL."""
    return re.fullmatch(r"[A-Za-z0-9_-]+", text) is not None


def without_none(overlays: Iterable[str]) -> list[str]:
    """Return overlays as they were listed; the word none stands for no overlay, where an empty list cannot be said."""
    return [overlay for overlay in overlays if overlay != "none"]


def variable_of(scheme: str) -> str:
    """Return the variable that holds the secret of a security scheme: ``ODP_`` and its name in upper snake case.

    ``publicApiKey`` gives ``ODP_PUBLIC_API_KEY``, ``x-api-key`` gives ``ODP_X_API_KEY``.
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", scheme)
    return "ODP_" + re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").upper()
