"""Who a sandbox knows, read as people read it: under its reserved path."""

from __future__ import annotations

import json
from typing import Any

from odp_dynamic._values import Request
from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._transport import WsgiTransport

Pair = tuple[str, str]


def people(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Return all profiles, with identities, attributes and timeline; the first that was made first."""
    response = WsgiTransport(sandbox).send(Request("", "GET", "http://localhost/_sandbox/state?limit=10000", {}, None))
    found: list[dict[str, Any]] = json.loads(response.content)["profiles"]
    return sorted(found, key=lambda profile: int(profile["profile"]))


def pairs_of(profile: dict[str, Any]) -> frozenset[Pair]:
    """Return the identifiers of a profile."""
    return frozenset((told["field"], told["value"]) for told in profile["identities"])


def partition(sandbox: Sandbox) -> set[frozenset[Pair]]:
    """Return which identifiers belong together."""
    return {pairs_of(profile) for profile in people(sandbox)}


def event(identifiers: dict[str, str], **data: Any) -> dict[str, Any]:
    """Return an event that bears these identifiers."""
    return {"type": "test", "action": "seen", "identifiers": identifiers, "data": data}


def pairs(told: str) -> list[Pair]:
    """Return what a line such as ``email=a vuid=A`` tells."""
    return [(name, value) for name, _, value in (one.partition("=") for one in told.split())]
