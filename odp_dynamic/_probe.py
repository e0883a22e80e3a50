"""What a connection shows before any call: TLS, the server's certificate, its clock.

It sends one HEAD request without a key, and none where the certificate is not trusted.
"""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from time import perf_counter, time
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

_ORGANISATION, _COMMON_NAME = b"\x55\x04\x0a", b"\x55\x04\x03"  # X.520: 2.5.4.10 and 2.5.4.3, as DER writes them
_VERSION, _SHORT_TIME, _WIDE = 0xA0, 0x17, 0x1E  # tags of DER: a version, a UTCTime, a BMPString


class Certificate(NamedTuple):
    """Is what a server's certificate says of itself: who issued it, and until when it holds."""

    issuer: str
    expires: datetime


class Probed(NamedTuple):
    """Is what was found at a URL; what could not be is None.

    `problem` says what is wrong and what to do. `clock` is how many seconds this machine is ahead of the server,
    `seconds` how long it took to connect.
    """

    problem: str | None = None
    tls: str | None = None
    trusted: bool | None = None
    certificate: Certificate | None = None
    clock: float | None = None
    seconds: float | None = None


def probe(url: str, proxy: str | None, bundle: str, timeout: float) -> Probed:
    """Return what a connection to a URL shows; `bundle` is the file or folder of the certificates that are trusted.

    `timeout` is in seconds, for each step. What goes wrong is told, not raised.
    """
    try:
        way = _Way(url, proxy, timeout)
        return way.looked(_trusting(bundle))
    except ssl.SSLCertVerificationError as error:
        advice = "see the server's certificate, or the CA bundle (REQUESTS_CA_BUNDLE)"
        problem = f"the certificate is not trusted: {error.verify_message}; {advice}"
        return Probed(problem, trusted=False, certificate=way.certificate())
    except (OSError, HTTPException, ValueError) as error:
        return Probed(_told(error, url, proxy, timeout))


class _Way:
    """Is how a URL is reached: at once, or through a proxy."""

    def __init__(self, url: str, proxy: str | None, timeout: float) -> None:
        self._url: SplitResult = urlsplit(url)
        self._proxy = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else None
        self._timeout = timeout
        if self._proxy is not None and self._proxy.scheme != "http":
            raise ValueError(f"a proxy that speaks {self._proxy.scheme} is not looked through; try a call")

    def looked(self, context: ssl.SSLContext) -> Probed:
        """Connect, ask for the server's time, and return all that is seen."""
        with closing(self._connection(context)) as connection:
            begun = perf_counter()
            connection.connect()
            seconds = perf_counter() - begun
            certificate, tls = None, None
            if isinstance(connection.sock, ssl.SSLSocket):
                certificate, tls = _shown_by(connection.sock), connection.sock.version()
            return Probed(None, tls, True if tls else None, certificate, self._clock(connection), seconds)

    def certificate(self) -> Certificate | None:
        """Return the certificate of a server that is not trusted; nothing is sent to it."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            with closing(self._connection(context)) as connection:
                connection.connect()
                return _shown_by(connection.sock) if isinstance(connection.sock, ssl.SSLSocket) else None
        except (OSError, HTTPException):
            return None

    def _connection(self, context: ssl.SSLContext) -> HTTPConnection:
        near = self._url if self._proxy is None else self._proxy
        host, port = near.hostname or "", near.port
        if self._url.scheme == "http":
            return HTTPConnection(host, port or 80, timeout=self._timeout)
        connection = HTTPSConnection(
            host, port or (443 if self._proxy is None else 80), timeout=self._timeout, context=context
        )
        if self._proxy is not None:
            connection.set_tunnel(self._url.hostname or "", self._url.port or 443, self._fields())
        return connection

    def _clock(self, connection: HTTPConnection) -> float | None:
        path = self._url.path or "/"
        plain = self._proxy is not None and self._url.scheme == "http"
        target = f"http://{self._url.netloc}{path}" if plain else path
        before = time()
        connection.request("HEAD", target, headers=self._fields() if plain else {})
        with connection.getresponse() as answer:
            date = answer.getheader("Date", "")
        try:
            return (before + time()) / 2 - parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return None

    def _fields(self) -> dict[str, str]:
        """Return what the proxy itself asks for: its own user and password, where its URL has them."""
        if self._proxy is None or self._proxy.username is None:
            return {}
        pair = f"{unquote(self._proxy.username)}:{unquote(self._proxy.password or '')}"
        return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def shown(proxy: str) -> str:
    """Return a proxy's URL without its user and password."""
    head, found, rest = proxy.rpartition("@")
    return f"{head.partition('://')[0]}://{rest}" if found and "://" in head else rest


def _trusting(bundle: str) -> ssl.SSLContext:
    if Path(bundle).is_dir():
        return ssl.create_default_context(capath=bundle)
    return ssl.create_default_context(cafile=bundle)


def _told(error: Exception, url: str, proxy: str | None, timeout: float) -> str:
    host = f"the proxy {shown(proxy)}" if proxy else urlsplit(url).netloc.rpartition("@")[2]
    if isinstance(error, ValueError | OSError) and str(error).startswith(_OUR_OWN):
        return str(error)
    words = next((words for kind, words in _FAILURES if isinstance(error, kind)), _FAILURES[-1][1])
    return words.format(host=host, timeout=timeout, reason=getattr(error, "reason", None) or "it broke off")


_OUR_OWN = ("a proxy that speaks", "Tunnel connection failed")  # the second is of http.client, with the proxy's status
# The first class that fits counts.
_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, "{host} is not known; check its name and the network"),
    (TimeoutError, "{host} did not answer within {timeout:g} s"),
    (ConnectionRefusedError, "cannot connect to {host}; is it up, and the port right?"),
    (ssl.SSLError, "{host} does not speak TLS as it should ({reason}); see the port and the scheme"),
    (FileNotFoundError, "the CA bundle is not there; correct REQUESTS_CA_BUNDLE"),
    (ValueError, "{host} is no host's name; correct the URL"),
    (Exception, "the connection to {host} broke before it answered; is it an HTTP server?"),
)


def _shown_by(connection: ssl.SSLSocket) -> Certificate | None:
    try:
        return _certificate(connection.getpeercert(binary_form=True) or b"")
    except (ValueError, LookupError, StopIteration):  # written in a way that RFC 5280 does not know
        return None


def _certificate(der: bytes) -> Certificate:
    """Read a certificate (RFC 5280, 4.1): `ssl` tells what is in it only when it is trusted."""
    [(_, whole)] = _parts(der)
    _, signed = next(_parts(whole))
    fields = [content for tag, content in _parts(signed) if tag != _VERSION]
    _, _, issuer, validity, *_ = fields
    _, (tag, until) = _parts(validity)
    form = "%y%m%d%H%M%SZ" if tag == _SHORT_TIME else "%Y%m%d%H%M%SZ"
    names = dict(_names(issuer))
    told = [names[kind] for kind in (_ORGANISATION, _COMMON_NAME) if kind in names]
    return Certificate(", ".join(told) or "nobody named", datetime.strptime(until.decode(), form).replace(tzinfo=UTC))


def _names(issuer: bytes) -> Iterator[tuple[bytes, str]]:
    for _, group in _parts(issuer):
        for _, pair in _parts(group):
            (_, kind), (tag, value) = _parts(pair)
            yield kind, value.decode("utf-16-be" if tag == _WIDE else "utf-8", "replace")


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tags and contents of the values that stand in DER (ITU-T X.690, 8.1)."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        yield tag, data[at : at + length]
        at += length
