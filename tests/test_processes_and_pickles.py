"""A client works after a fork, in another process, after close(), and with a session of the user's."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from odp_dynamic import Api, RequestsTransport, Retry, StatusError, TransportError
from odp_dynamic.pacing import Pacing
from tests.apis import Scripted, answering, body, one, parameter
from tests.secure_servers import AUTHORITY, SecureServer, certificate
from tests.servers import Answer, Heard, Server, Trickle, closed_port, http, soon

SCHEMES = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
SOURCE = one(
    {
        "parameters": [parameter("who")],
        "requestBody": body({"type": "string"}),
        "responses": answering({"type": "string"}),
        "security": [{"key": []}],
    },
    components={"securitySchemes": SCHEMES},
)
SECRET = {"key": "kept-on-purpose"}


def echo(heard: Heard) -> Answer:
    """Answer with what was asked, so that two that speak on one socket would be seen."""
    time.sleep(0.002)
    return http(200, f'"{heard.target.partition("=")[2]}"')


def client(url: str, **settings: Any) -> Api:
    return Api(SOURCE, base_url=url, credentials=SECRET, **settings)


def calls(api: Api, who: str, count: int = 20) -> None:
    """Call so often, and see each time that the answer is one's own."""
    for number in range(count):
        assert api.call("it", who=f"{who}{number}") == f"{who}{number}"


def in_a_child(act: Callable[[], object]) -> Callable[[], int]:
    """Act in a forked process; return what waits for it, and gives its exit code: 0 where all went well."""
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):  # it must never come back into pytest
            signal.alarm(20)
            act()
            code = 0
        os._exit(code)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# From Python 3.12 on a fork beside other threads is warned of; the servers here have some, which the child leaves be.
forks = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes can be forked"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]


class TestFork:
    """Parent and child each have connections of their own."""

    pytestmark = forks

    def test_both_call_and_neither_disturbs_the_other(self) -> None:
        with Server(echo) as server, client(server.url, retry=None) as api:
            calls(api, "before")
            assert server.connections == 1
            wait = in_a_child(lambda: calls(api, "child"))
            calls(api, "parent")
            assert wait() == 0
            calls(api, "after")
            assert (server.connections, len(server.heard)) == (2, 80)

    def test_a_child_of_a_child_has_its_own_too(self) -> None:
        def grandchild() -> None:
            calls(api, "child")
            wait = in_a_child(lambda: calls(api, "grandchild"))
            calls(api, "child")
            assert wait() == 0

        with Server(echo) as server, client(server.url, retry=None) as api:
            calls(api, "before")
            assert in_a_child(grandchild)() == 0
            calls(api, "after")
            assert server.connections == 3

    def test_a_child_that_closes_leaves_the_parents_connections_open(self) -> None:
        def closing() -> None:
            api.close()
            calls(api, "child")
            api.close()

        with Server(echo) as server, client(server.url, retry=None) as api:
            calls(api, "before")
            assert in_a_child(closing)() == 0
            calls(api, "after")
            assert server.connections == 2

    def test_a_users_session_and_threads_that_are_calling_do_no_harm(self) -> None:
        """The fork comes while other threads hold connections, and locks, maybe."""
        ending = threading.Event()

        def busy(number: int) -> None:
            while not ending.is_set():
                calls(api, f"thread{number}-", 1)

        transport = RequestsTransport(requests.Session())
        with Server(echo) as server, client(server.url, retry=None, transport=transport) as api:
            with ThreadPoolExecutor(4) as pool:
                running = [pool.submit(busy, number) for number in range(4)]
                calls(api, "before")
                codes = [in_a_child(lambda: calls(api, "child"))() for _ in range(3)]
                ending.set()
            assert [one_.result() for one_ in running] == [None] * 4
            assert codes == [0, 0, 0]

    def test_multiprocessing_forks_as_well(self) -> None:
        with Server(echo) as server, client(server.url, retry=None) as api:
            calls(api, "before")
            process = multiprocessing.get_context("fork").Process(target=calls, args=(api, "child"))
            process.start()
            calls(api, "parent")
            process.join(20)
            assert (process.exitcode, server.connections) == (0, 2)


def adapted(**settings: Any) -> requests.Session:
    """Return a session as a user sets one up."""
    session = requests.Session()
    session.headers["X-Mine"] = "yes"
    session.mount("http://", HTTPAdapter(pool_maxsize=3))
    for name, value in settings.items():
        setattr(session, name, value)
    return session


SETTINGS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "as it comes": dict,
    "with rules": lambda: {"retry": Retry(attempts=7), "pacing": Pacing(), "timeout": (1, 2, 3)},
    "without": lambda: {"retry": None, "pacing": False, "responses": "record"},
    "its own transport": lambda: {"transport": RequestsTransport(largest_answer=1000, gzip_above=10)},
    "a user's session": lambda: {"transport": RequestsTransport(adapted())},
}


class TestPickle:
    """A pickled client is the same one, without its connections."""

    @pytest.mark.parametrize("name", SETTINGS)
    def test_it_comes_back_the_same(self, name: str) -> None:
        with Server(echo) as server, client(server.url, **SETTINGS[name]()) as api:
            calls(api, "before", 2)
            with pickle.loads(pickle.dumps(api)) as again:  # noqa: S301  # our own
                calls(again, "after", 2)
                assert repr(again) == repr(api)
                assert repr(again._settings) == repr(api._settings)  # noqa: SLF001  # all there is to compare
            if name == "a user's session":
                assert {heard.headers["x-mine"] for heard in server.heard} == {"yes"}
            assert {heard.headers["x-key"] for heard in server.heard} == {SECRET["key"]}
            assert server.connections == 2

    def test_another_process_can_call_with_it(self) -> None:
        """Started anew, as on macOS and Windows: nothing but the pickle comes along."""
        with Server(echo) as server, client(server.url, **SETTINGS["a user's session"]()) as api:
            calls(api, "before", 2)
            process = multiprocessing.get_context("spawn").Process(target=calls, args=(api, "child", 2))
            process.start()
            process.join(60)
            assert (process.exitcode, len(server.heard), server.connections) == (0, 4, 2)
            assert server.heard[-1].headers["x-mine"] == "yes"

    def test_it_holds_keys_that_were_given_and_none_of_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On purpose: it could not sign without them. A pickle is as secret as its keys; the environment's stay out."""
        monkeypatch.setenv("ODP_KEY", "of-the-environment")
        with Server(echo) as server, Api(SOURCE, base_url=server.url) as api:
            calls(api, "who", 1)
            assert server.heard[0].headers["x-key"] == "of-the-environment"
            assert b"of-the-environment" not in pickle.dumps(api)
            assert SECRET["key"].encode() in pickle.dumps(api.using(credentials=SECRET))

    def test_clients_that_share_a_pacing_share_it_afterwards(self) -> None:
        pacing = Pacing()
        apis = [Api(SOURCE, pacing=pacing), Api(SOURCE, pacing=pacing)]
        first, second = pickle.loads(pickle.dumps(apis))  # noqa: S301  # our own
        assert first._shared.state[2] is second._shared.state[2]  # noqa: SLF001  # nothing public tells


class TestConnections:
    """How many there are, and for how long."""

    def test_a_closed_client_can_be_used_again(self) -> None:
        with Server(echo) as server, client(server.url) as api:
            for number in range(3):
                calls(api, "who", 3)
                assert server.connections == number + 1
                api.close()
                assert soon(lambda: server.open == 0)

    def test_no_more_are_kept_than_the_pool_holds(self) -> None:
        meeting = Barrier(8)

        def answer(heard: Heard) -> Answer:
            if len(server.heard) <= 8:
                meeting.wait(10)  # all eight are open at once
            return echo(heard)

        transport = RequestsTransport(pool_size=2)
        with Server(answer) as server, client(server.url, transport=transport, retry=None) as api:
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda n: calls(api, f"thread{n}-", 1), range(8)))
            assert server.connections == 8
            assert soon(lambda: server.open == 2)
            calls(api, "who")
            assert server.connections == 8

    def test_they_are_kept_alive_over_calls_copies_and_threads(self) -> None:
        with Server(echo) as server, client(server.url) as api:
            for _ in range(5):
                calls(api.using(timeout=9), "who", 2)
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(calls, api, "who", 2).result()
            assert (server.connections, len(server.heard)) == (1, 20)


class Noting(HTTPAdapter):
    """Is an adapter of a user's, which notes what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[dict[str, Any]] = []

    def send(self, *args: Any, **settings: Any) -> requests.Response:
        self.noted.append(settings)
        return super().send(*args, **settings)


class TestSession:
    """A session of the user's, and the environment that `requests` users know."""

    def test_its_adapters_headers_and_settings_are_used(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        untouched_bundles(monkeypatch)
        cert = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
        for path in cert:
            Path(path).touch()
        session, noting = adapted(verify="bundle.pem", cert=cert), Noting()
        session.mount("http://127.0.0.1", noting)
        session.headers["User-Agent"] = None  # type: ignore[assignment]  # how its users leave a field out
        with Server(http(200, '"by the proxy"')) as proxy:
            session.proxies = {"http": proxy.url}
            url = f"http://127.0.0.1:{closed_port()}"
            with client(url, transport=RequestsTransport(session), timeout=(1, 2, 3)) as api:
                assert api.call("it") == "by the proxy"
            heard = proxy.heard[0]
        assert (heard.target, heard.headers["x-mine"]) == (f"{url}/things", "yes")
        assert not heard.headers.get("user-agent", "").startswith("python-requests")
        given = noting.noted[0]
        assert (given["verify"], given["cert"], given["timeout"]) == ("bundle.pem", cert, (1, 2))

    def test_a_key_of_the_documents_is_not_overridden_by_a_header_of_the_sessions(self) -> None:
        session = adapted()
        session.headers["x-key"] = "of-the-session"
        with Server(echo) as server, client(server.url, transport=RequestsTransport(session)) as api:
            calls(api, "who", 1)
            assert server.heard[0].headers["x-key"] == SECRET["key"]

    def test_an_adapter_of_ones_own_bounds_the_reading_of_a_body_and_leaves_nothing_open(self) -> None:
        answer = Trickle(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 50, 0.01)
        transport = RequestsTransport(adapted())
        with Server(answer) as server, client(server.url, transport=transport, timeout=(1, 1, 0.3), retry=None) as api:
            begun = time.monotonic()
            with pytest.raises(TransportError, match=r"no whole answer within 0\.3 s"):
                api.call("it", who="a")
            assert time.monotonic() - begun < 1
            assert soon(lambda: server.open == 0)

    @pytest.fixture
    def proxy(self) -> Iterator[Server]:
        with Server(http(200, '"by the proxy"')) as server:
            yield server

    @pytest.mark.parametrize(
        ("environment", "by_proxy"),
        [
            ({"HTTP_PROXY": "{proxy}"}, True),
            ({"http_proxy": "{proxy}"}, True),
            ({"ALL_PROXY": "{proxy}"}, True),
            ({"HTTPS_PROXY": "{proxy}"}, False),
            ({"HTTP_PROXY": "{proxy}", "NO_PROXY": "127.0.0.1"}, False),
            ({"HTTP_PROXY": "{proxy}", "NO_PROXY": "a.test"}, True),
        ],
        ids=str,
    )
    def test_the_environments_proxy_is_used(
        self, environment: Any, by_proxy: Any, proxy: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value.format(proxy=proxy.url))
        with Server(http(200, '"at once"')) as server, client(server.url) as api:
            assert api.call("it", who="a") == ("by the proxy" if by_proxy else "at once")
            if by_proxy:
                assert proxy.heard[0].target == f"{server.url}/things?who=a"

    def test_a_session_that_does_not_trust_the_environment_leaves_it_aside(
        self, proxy: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        transport = RequestsTransport(adapted(trust_env=False))
        with Server(http(200, '"at once"')) as server, client(server.url, transport=transport) as api:
            assert api.call("it") == "at once"

    def test_the_environment_is_read_once_an_origin(self, proxy: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        with Server(http(200, '"at once"')) as server, client(server.url) as api:
            assert api.call("it") == "at once"
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            assert api.call("it") == "at once"
            with Server(http(200, '"at once"')) as other:
                assert api.using(base_url=other.url).call("it") == "by the proxy"

    @pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", None])
    def test_the_environments_certificates_are_trusted(
        self, name: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        untouched_bundles(monkeypatch)
        if name is not None:
            monkeypatch.setenv(name, str(tmp_path / "ca.pem"))
        with SecureServer(echo, certificate()) as server, client(server.url) as api:
            if name is not None:
                calls(api, "who", 2)
            else:
                with pytest.raises(TransportError, match="is not trusted"):
                    api.call("it")

    @pytest.mark.parametrize("settings", [{"verify": "none.pem"}, {"cert": "none.pem"}], ids=str)
    def test_a_certificates_file_that_is_not_there_is_told(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        untouched_bundles(monkeypatch)
        transport = RequestsTransport(adapted(**settings))
        with client(f"https://127.0.0.1:{closed_port()}", transport=transport) as api:
            with pytest.raises(TransportError, match=r"file for .* cannot be found; see the CA bundle") as caught:
                api.call("it")
            assert (caught.value.sent, caught.value.passing) == (False, False)


def untouched_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the environment says of certificates."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


class TestGzip:
    """`gzip_above` compresses large bodies, the same way each time."""

    def test_each_attempt_has_the_same_bytes(self) -> None:
        transport = RequestsTransport(gzip_above=100)
        rules = Retry(attempts=3, backoff=0.6)
        with (
            Server(http(503)) as server,
            client(server.url, transport=transport, retry=rules) as api,
            pytest.raises(StatusError),
        ):
            api.call("it", "word " * 1000)
        first, *others = server.heard
        assert (first.headers["content-encoding"], first.headers["content-type"]) == ("gzip", "application/json")
        assert gzip.decompress(first.body).decode() == f'"{"word " * 1000}"'
        assert [heard.body for heard in others] == [first.body] * 2

    @pytest.mark.parametrize(("size", "is_coded"), [(98, False), (99, True)])
    def test_small_bodies_are_left_alone(self, size: int, is_coded: Any) -> None:
        transport = RequestsTransport(gzip_above=100)
        with Server(http(200, '""')) as server, client(server.url, transport=transport) as api:
            api.call("it", "x" * size)  # and two quotation marks
        assert ("content-encoding" in server.heard[0].headers) is is_coded
        assert len(server.heard[0].body) == int(server.heard[0].headers["content-length"])


def test_a_fork_while_a_thread_holds_a_lock_does_not_hang() -> None:
    """Whatever another thread of the parent was at, the child begins anew."""
    pacing = Pacing()
    api = Api(one({"x-rate-limit": 1000}), transport=Scripted(b""), pacing=pacing, base_url="http://a.test")
    api.call("it")
    with pacing._lock:  # noqa: SLF001  # as another thread would
        child = os.fork()
        if child == 0:
            signal.alarm(5)
            api.call("it")
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0


def test_what_is_for_this_machine_does_not_go_by_way_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key may be sent over plain http to loopback, but then not to a proxy elsewhere."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.test:3128")
    with Server(echo) as server, Api(SOURCE, base_url=server.url, credentials=SECRET, retry=None) as api:
        assert api.call("it", "words", who="a") == "a"
