"""What `odp doctor` finds out over the network, where it was asked to: connections, and one harmless call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import OdpError
from ._exits import Mistake

if TYPE_CHECKING:
    from .._api import Api
    from .._operations import Operation

_HARMLESS = ("GET", "HEAD")
_FEW_DAYS = 14
_FAR = 60  # seconds by which a clock may be wrong before tokens and dates are


def connection(url: str, timeout: float) -> dict[str, Any]:
    """Return what a connection to a base URL shows."""
    from .._probe import probe, shown
    from .._transport import route

    proxy, bundle = route(url)
    found = probe(url, proxy, bundle, timeout)
    certificate = found.certificate
    left = (certificate.expires - datetime.now(UTC)).days if certificate else None
    return {
        "url": url,
        "ok": found.problem is None,
        "problem": found.problem,
        "proxy": shown(proxy) if proxy else None,
        "tls": found.tls,
        "trusted": found.trusted,
        "issuer": certificate.issuer if certificate else None,
        "days_left": left,
        "clock_ahead": None if found.clock is None else round(found.clock),
        "ms": None if found.seconds is None else round(found.seconds * 1000),
        "warnings": _warnings(left, found.clock),
    }


def _warnings(left: int | None, clock: float | None) -> list[str]:
    told = []
    if left is not None and left < _FEW_DAYS:
        told.append(f"the certificate {'has expired' if left < 0 else f'expires in {left} days'}; have it renewed")
    if clock is not None and abs(clock) > _FAR:
        told.append(f"the clocks are {abs(clock):.0f} s apart; see this machine's clock")
    return told


def harmless_operation(api: Api, name: str) -> Operation:
    """Return an operation that may be called only to see whether it works; raise a usage error for another."""
    operation = api.operations[name]
    if operation.method not in _HARMLESS:
        raise Mistake(f"{name} is a {operation.method}; only what changes nothing is called: {' or '.join(_HARMLESS)}")
    return operation


def called(api: Api, operation: Operation, words: Sequence[str]) -> dict[str, Any]:
    """Call an operation, and return what became of it; nothing of the answer's data."""
    from ._arguments import arguments_of

    told: dict[str, Any] = {"operation": operation.id, "ok": True, "status": None, "ms": None, "problem": None}
    try:
        response = api.request(operation.id, **arguments_of(operation, words))
    except OdpError as error:
        return told | {"ok": False, "status": getattr(error, "status", None), "problem": str(error)}
    told |= {"status": response.status, "ms": round(response.elapsed * 1000)}
    return told | {"departures": [str(problem) for problem in response.problems]}
