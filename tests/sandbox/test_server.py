"""The sandbox on loopback: its connections, its bodies, its end."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from odp_dynamic.sandbox import Sandbox

KEY = {"x-api-key": "sandbox-private"}
JSON = {**KEY, "Content-Type": "application/json"}


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[http.client.HTTPConnection]:
    with sandbox.serve() as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        yield connection
        connection.close()


def test_a_connection_stays_open(connection: http.client.HTTPConnection) -> None:
    """Also after bodies, refused bodies, and answers without one."""
    connection.connect()
    first = connection.sock
    for method, path, body, status in [
        ("GET", "/v3/segments", None, 200),
        ("POST", "/v3/events", b"[]", 202),
        ("POST", "/v3/nothing", b"[]", 403),
        ("HEAD", "/v3/segments", None, 403),
        ("POST", "/v3/events", b"{", 400),
        ("GET", "/v3/segments", None, 200),
    ]:
        connection.request(method, path, body, JSON)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == status
        assert method == "HEAD" or int(answer.headers["Content-Length"]) == len(content) > 0
        assert connection.sock is first


def test_a_chunked_body_is_read(connection: http.client.HTTPConnection) -> None:
    pieces = [b'[{"object_id":', b' "p"}', b"]"]
    connection.request("POST", "/v3/objects/products", iter(pieces), JSON, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["title"]) == (202, "Accepted")
    connection.request("GET", "/v3/objects/products/p", headers=KEY)
    assert connection.getresponse().status == 200


def test_a_chunked_body_that_is_too_large_is_refused(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/v3/events", iter([b" " * 1_000_000] * 11), JSON, encode_chunked=True)
    assert connection.getresponse().status == 413


@pytest.mark.parametrize("length", ["nonsense", "-1"])
def test_a_length_that_is_none_ends_the_connection(sandbox: Sandbox, length: str) -> None:
    with sandbox.serve() as served, socket.create_connection(("127.0.0.1", served.port), timeout=10) as wire:
        wire.sendall(f"POST /v3/events HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n[]".encode())
        answer = b""
        while piece := wire.recv(65536):
            answer += piece
        assert answer.startswith(b"HTTP/1.1 400")


def test_an_absolute_target_is_understood(connection: http.client.HTTPConnection) -> None:
    """As a proxy sends it (RFC 9112, 3.2.2)."""
    connection.request("GET", "http://elsewhere.example/v3/segments", headers=KEY)
    assert connection.getresponse().status == 200


def test_dots_in_a_target_are_not_followed(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/v3/profiles/email/%2e%2e", headers=KEY)
    assert json.load(connection.getresponse())["detail"]["message"].endswith("email = ..")


def test_it_listens_on_loopback_alone_and_tells_where(sandbox: Sandbox) -> None:
    with sandbox.serve() as served:
        assert urlsplit(served.url)[:3] == ("http", f"127.0.0.1:{served.port}", "/v3")
        assert repr(served) == f"<Served {served.url}>"


def test_closing_ends_connections_and_frees_the_port(sandbox: Sandbox) -> None:
    served = sandbox.serve()
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{served.url}/segments", headers=KEY, timeout=10).status_code == 200
        served.close()
        served.close()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{served.url}/segments", headers=KEY, timeout=10)
    again = sandbox.serve(served.port)
    assert again.port == served.port
    sandbox.close()
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", served.port), timeout=1)


def test_several_ports_serve_the_same_state(sandbox: Sandbox) -> None:
    with sandbox.serve() as one, sandbox.serve() as other:
        body = [{"object_id": "p"}]
        requests.post(f"{one.url}/objects/products", json=body, headers=KEY, timeout=10)
        assert requests.get(f"{other.url}/objects/products/p", headers=KEY, timeout=10).ok


def test_a_wsgi_server_without_the_raw_target_works(sandbox: Sandbox) -> None:
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    environ = EnvironBuilder("/v3/profiles/email/ü?fields=city", headers=list(KEY.items())).get_environ()
    del environ["REQUEST_URI"], environ["RAW_URI"]
    content, status, _ = run_wsgi_app(sandbox, environ)
    assert status == "404 Not Found"
    assert json.loads(b"".join(content))["detail"]["message"].endswith("email = ü")


def test_a_wsgi_server_that_knows_no_length_gives_no_body(sandbox: Sandbox) -> None:
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    environ = EnvironBuilder("/v3/events", method="POST", data=b"[]", headers=list(JSON.items())).get_environ()
    del environ["CONTENT_LENGTH"]
    assert run_wsgi_app(sandbox, environ)[1] == "400 Bad Request"
