"""The guard of the tests themselves: see conftest.py."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.getaddrinfo("example.com", 443),
        lambda: socket.gethostbyname("example.com"),
    ],
    ids=["connect", "getaddrinfo", "gethostbyname"],
)
def test_nothing_beyond_loopback_is_reached(reach: Callable[[], object]) -> None:
    with pytest.raises(RuntimeError, match="only loopback is allowed"):
        reach()


def test_loopback_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        socket.create_connection(listening.getsockname(), timeout=5).close()


def test_no_setting_of_the_user_is_seen() -> None:
    assert not [name for name in os.environ if name.startswith("ODP_") or name.lower().endswith("_proxy")]
