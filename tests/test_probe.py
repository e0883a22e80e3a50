"""What a connection shows before any call, told and never raised."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from odp_dynamic._probe import Probed, _certificate, probe, shown
from odp_dynamic._transport import route
from tests.secure_servers import AUTHORITY, Proxy, SecureServer, certificate
from tests.servers import Answer, Cut, Server, Stall, closed_port, http


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a file with the one authority that is trusted."""
    file = tmp_path_factory.mktemp("trusted") / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(file))
    return str(file)


def dated(offset: float) -> bytes:
    return http(404, Date=format_datetime(datetime.now(UTC) + timedelta(seconds=offset), usegmt=True))


def looked(url: str, bundle: str, proxy: str | None = None) -> Probed:
    return probe(url, proxy, bundle, 5)


def test_a_good_connection_shows_all(bundle: str) -> None:
    with SecureServer(dated(0), certificate()) as server:
        found = looked(f"{server.url}/v3", bundle)
    assert (found.problem, found.tls, found.trusted) == (None, "TLSv1.3", True)
    assert found.certificate is not None
    assert found.certificate.issuer == "Testers"
    assert (found.certificate.expires - datetime.now(UTC)).days == 90
    assert found.clock is not None
    assert abs(found.clock) < 2
    [heard] = server.heard
    assert (heard.method, heard.target, heard.body) == ("HEAD", "/v3", b"")
    assert not heard.headers.keys() - {"host", "accept-encoding"}


def test_plain_http_has_a_clock_and_no_certificate(bundle: str) -> None:
    with Server(dated(-3600)) as server:
        found = looked(server.url, bundle)
    assert found[:4] == (None, None, None, None)
    assert found.clock == pytest.approx(3600, abs=2)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Thu, 99 Jan 2026 00:00:00 GMT"], ids=str)
def test_a_server_that_does_not_tell_the_time_is_none_the_worse(date: str | None, bundle: str) -> None:
    with Server(http(200, **({} if date is None else {"Date": date}))) as server:
        found = looked(server.url, bundle)
    assert (found.problem, found.clock) == (None, None)


NOT_TRUSTED: dict[str, tuple[Callable[[], ssl.SSLContext], bool, str]] = {
    "of nobody known": (certificate, False, "unable to get local issuer certificate"),
    "of another host": (lambda: certificate("other.test"), True, "IP address mismatch"),
    "expired": (lambda: certificate(days=-3), True, "certificate has expired"),
}


@pytest.mark.parametrize("name", NOT_TRUSTED)
def test_a_certificate_that_is_not_trusted_is_told_all_the_same(name: str, bundle: str) -> None:
    """And nothing is sent to who has it."""
    made, known, words = NOT_TRUSTED[name]
    with SecureServer(dated(0), made()) as server:
        found = looked(server.url, bundle if known else route("https://a.test/")[1])
    assert found.problem is not None
    assert words in found.problem
    assert "see the server's certificate, or the CA bundle" in found.problem
    assert (found.trusted, found.clock, server.heard) == (False, None, [])
    assert found.certificate is not None
    assert (found.certificate.expires - datetime.now(UTC)).days == (-3 if name == "expired" else 90)


FAILING: dict[str, tuple[Answer, str]] = {
    "cut": (Cut(), "broke before it answered"),
    "reset": (Cut(reset=True), "broke before it answered"),
    "no HTTP": (b"SSH-2.0\r\n\r\n", "broke before it answered"),
    "stalls": (Stall(), "did not answer within 0.2 s"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_server_that_fails_is_told(name: str, bundle: str) -> None:
    answer, words = FAILING[name]
    begun = monotonic()
    with Server(answer) as server:
        found = probe(server.url, None, bundle, 0.2)
    assert words in (found.problem or "")
    assert monotonic() - begun < 2


def _speak_first(listening: socket.socket) -> None:
    with listening.accept()[0] as connection:
        connection.sendall(b"220 mail\r\n")


def test_what_is_no_server_is_told(bundle: str) -> None:
    port = closed_port()
    assert looked(f"https://127.0.0.1:{port}", bundle).problem == (
        f"cannot connect to 127.0.0.1:{port}; is it up, and the port right?"
    )
    assert "is no host's name" in (looked("https://a..b", bundle).problem or "")
    assert "is no host's name" in (looked("https://127.0.0.1:x", bundle).problem or "")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_speak_first, args=(listening,), daemon=True).start()
        told = looked(f"https://127.0.0.1:{listening.getsockname()[1]}", bundle).problem or ""
    assert "does not speak TLS as it should" in told
    assert "see the port and the scheme" in told
    with SecureServer(http(200), certificate()) as server:
        assert looked(server.url, "/no/such/bundle").problem == (
            "the CA bundle is not there; correct REQUESTS_CA_BUNDLE"
        )


def test_a_proxy_is_gone_through_and_told_without_its_password(bundle: str) -> None:
    with SecureServer(dated(0), certificate()) as server, Proxy() as proxy:
        found = looked(server.url, bundle, f"http://ada:canary@{proxy.address}")
    assert (found.problem, found.trusted, len(server.heard)) == (None, True, 1)
    assert "Proxy-Authorization: Basic YWRhOmNhbmFyeQ==" in proxy.heard[0]
    assert "authorization" not in " ".join(server.heard[0].headers).lower()
    with Server(dated(0)) as far:
        found = looked("http://far.test/v3", bundle, far.url.replace("http://", "http://ada:canary@"))
    assert (found.problem, far.heard[0].target) == (None, "http://far.test/v3")
    assert far.heard[0].headers["proxy-authorization"] == "Basic YWRhOmNhbmFyeQ=="


@pytest.mark.parametrize(
    ("refusing", "words"),
    [(b"HTTP/1.1 407 Who are you\r\n\r\n", "Tunnel connection failed: 407 Who are you"), (b"?\r\n", "broke before")],
    ids=["refuses", "is none"],
)
def test_a_proxy_that_does_not_lead_on_is_told(refusing: bytes, words: str, bundle: str) -> None:
    with Proxy(refusing) as proxy:
        assert words in (looked("https://far.test", bundle, proxy.address).problem or "")
    gone = looked("https://far.test", bundle, f"http://ada:canary@127.0.0.1:{closed_port()}").problem or ""
    assert gone.startswith("cannot connect to the proxy http://127.0.0.1:")
    assert "speaks socks5 is not looked through" in (
        looked("https://a.test", bundle, "socks5://127.0.0.1:1").problem or ""
    )


@pytest.mark.parametrize(
    ("proxy", "told"),
    [("http://a:b@c:1", "http://c:1"), ("a:b@c:1", "c:1"), ("http://c:1", "http://c:1"), ("c", "c")],
)
def test_a_proxy_is_shown_without_who_asks(proxy: str, told: str) -> None:
    assert shown(proxy) == told


def test_the_way_is_the_one_that_requests_would_take(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert route("https://a.test/v3")[0] is None
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:1")
    monkeypatch.setenv("NO_PROXY", "b.test")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    assert route("https://a.test/v3") == ("http://proxy.test:1", str(tmp_path))
    assert route("https://b.test/v3")[0] is None
    with SecureServer(http(200), certificate()) as server:  # an empty folder of certificates trusts nobody
        assert looked(server.url, str(tmp_path)).trusted is False


@settings(max_examples=40)
@given(said=st.binary(max_size=80) | st.text(max_size=40).map(lambda date: http(200, Date=date.replace("\n", " "))))
def test_whatever_a_server_says_is_told_or_looked_past(said: bytes, bundle: str) -> None:
    with Server(Cut(said)) as server:
        found = probe(server.url, None, bundle, 5)
    assert found.problem is None or "broke before it answered" in found.problem


TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1, max_size=60
).filter(lambda text: len(text.encode()) <= 64)  # RFC 5280, A.1
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2150, 1, 1)).map(lambda m: m.replace(microsecond=0))  # noqa: DTZ001
KEY = ec.generate_private_key(ec.SECP256R1())


@settings(max_examples=50)
@given(TEXT, st.none() | TEXT, MOMENTS, st.integers(1, 2**150))
def test_a_certificate_is_read_as_it_is_written(name: str, organisation: str | None, until: Any, serial: int) -> None:
    """The judge is the library that wrote it."""
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "GB"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    parts += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)] if organisation else []
    builder = x509.CertificateBuilder(x509.Name(parts), x509.Name([]), KEY.public_key(), serial)
    signed = builder.not_valid_before(until - timedelta(days=1)).not_valid_after(until).sign(KEY, SHA256())
    found = _certificate(signed.public_bytes(Encoding.DER))
    assert found.issuer == (f"{organisation}, {name}" if organisation else name)
    assert found.expires == signed.not_valid_after_utc
