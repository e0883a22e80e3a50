"""What holds for every test: no network beyond this machine, and no setting of the user's."""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the library: what must be quick has tests of its own.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})


def _is_loopback(host: Any) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _guard(event: str, args: tuple[Any, ...]) -> None:
    """Refuse what would leave this machine, or ask another one for an address."""
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]  # of a Unix socket it is a path
        host = address[0] if isinstance(address, tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0]
    else:
        return
    if not _is_loopback(host):
        raise RuntimeError(f"a test reached for {host}; only loopback is allowed")


sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("ODP_") or name.lower() in _PROXIES:
            monkeypatch.delenv(name)
