"""A long-running process follows its document: the next version from one call to the next, or the old one still."""

from __future__ import annotations

import gc
import inspect
import io
import json
import os
import pickle
import sys
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from odp_dynamic import Api, InvalidRequest, InvalidResponse, Request, Response, Retry, SpecError, UnknownOperation
from odp_dynamic._document import load
from tests.apis import KEYS, answering, body, client, one, parameter, secured
from tests.documents import document
from tests.servers import Heard, Server, http

ALPHA, BETA = "alpha", "beta"


def version(word: str) -> dict[str, Any]:
    """Return a document in which server, path, parameter, key and both bodies are of one word, and of no other."""
    constant = {"const": word}
    operation = {
        "summary": f"The {word} of things",
        "parameters": [parameter(word, schema=constant, required=True)],
        "requestBody": body(constant, required=True),
        "responses": answering(constant),
        "security": [{word: []}],
    }
    components = {
        "securitySchemes": {word: {"type": "apiKey", "in": "header", "name": f"X-{word}"}},
        "schemas": {"Word": constant, f"Only{word}": constant},
    }
    return one(operation, path=f"/{word}", servers=[{"url": f"https://{word}.test"}], components=components)


class Echo:
    """Is a transport that answers with the word in the path, for as long as `pause` says, and checks the request."""

    def __init__(self, pause: Callable[[], object] = lambda: None) -> None:
        self.mixed: list[str] = []
        self._pause = pause

    def send(self, request: Request, /) -> Response:
        word = BETA if BETA in request.url else ALPHA
        whole = f"https://{word}.test/{word}?{word}={word}", f'"{word}"'.encode(), f"secret-{word}"
        if (request.url, request.body, request.headers.get(f"X-{word}")) != whole:
            self.mixed.append(request.url)
        self._pause()
        return Response(200, {"Content-Type": "application/json"}, f'"{word}"'.encode(), request)


SECRETS = {word: f"secret-{word}" for word in (ALPHA, BETA)}


def write(path: Path, source: Any) -> Path:
    """Put a document where another may be read, in one step, as deployments do."""
    fresh = path.with_suffix(".new")
    fresh.write_text(source if isinstance(source, str) else json.dumps(source), encoding="utf-8")
    fresh.replace(path)
    return path


def changing(target: str, **update: Any) -> dict[str, Any]:
    """Return an overlay with one action."""
    return {
        "overlay": "1.0.0",
        "info": {"title": "t", "version": "1"},
        "actions": [{"target": target, "update": update}],
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "openapi.json", version(ALPHA))


def following(source: Any, transport: Any = None, **settings: Any) -> Api:
    given = {"credentials": SECRETS, "retry": None, **settings}
    return Api(source, transport=transport or Echo(), **given)


class TestWhatFollows:
    """All that an Api tells or does comes from the new document."""

    def test_calls(self, path: Path) -> None:
        transport = Echo()
        api = following(path, transport)
        assert api.call("it", ALPHA, alpha=ALPHA) == ALPHA
        write(path, version(BETA))
        assert api.reload() is True
        assert api.call("it", BETA, beta=BETA) == BETA
        assert not transport.mixed
        with pytest.raises(InvalidRequest, match="arguments /alpha: is neither a parameter"):
            api.call("it", BETA, alpha=ALPHA, beta=BETA)

    def test_operations_schemas_and_functions(self, path: Path) -> None:
        api = following(path)
        assert "alpha" in inspect.signature(api.it).parameters
        write(path, {**version(BETA), "paths": {**version(BETA)["paths"], **one({"operationId": "more"})["paths"]}})
        api.reload()
        assert inspect.signature(api.it).parameters.keys() == {"body", "beta"}
        assert (api.it.__doc__ or "").startswith("The beta of things")
        assert {"it", "more"} <= set(dir(api))
        assert api.operations.keys() == {"it", "more"}
        assert api.schemas.keys() == {"Word", "Onlybeta"}
        assert api.schemas["Word"].is_valid(BETA)

    def test_an_operation_that_is_gone_is_unknown(self, path: Path) -> None:
        api = following(path)
        kept = api.it
        write(path, one({"operationId": "other"}))
        api.reload()
        with pytest.raises(UnknownOperation):
            api.it  # noqa: B018  # looking it up is the test
        with pytest.raises(UnknownOperation):
            kept(ALPHA, alpha=ALPHA)

    def test_copies_made_before_and_after(self, path: Path) -> None:
        """`using` shares the documents: whichever of them is told to reload, all do."""
        api = following(path)
        copy = api.using(timeout=3)
        assert copy.call("it", ALPHA, alpha=ALPHA) == ALPHA
        write(path, version(BETA))
        assert copy.reload()
        assert api.call("it", BETA, beta=BETA) == BETA
        assert copy.using(timeout=4).it(BETA, beta=BETA) == BETA
        assert not api.reload()

    def test_what_was_taken_before_stays_what_it_is(self, path: Path) -> None:
        api = following(path)
        operation, schema = api.operations["it"], api.schemas["Word"]
        write(path, version(BETA))
        api.reload()
        assert (operation.path, schema.is_valid(ALPHA)) == ("/alpha", True)

    def test_a_prepared_request_is_judged_by_the_document_of_the_moment_at_which_it_is_sent(self, path: Path) -> None:
        api = following(path)
        request = api.prepare("it", ALPHA, alpha=ALPHA)
        write(path, version(BETA))
        api.reload()
        with pytest.raises(InvalidResponse):
            api.send(request)

    def test_the_old_document_is_let_go(self, path: Path) -> None:
        api = following(path)
        api.call("it", ALPHA, alpha=ALPHA)
        old = weakref.ref(api._shared.contract)  # noqa: SLF001  # nothing public would tell
        write(path, version(BETA))
        api.reload()
        api.call("it", BETA, beta=BETA)
        gc.collect()
        assert old() is None


class TestThreads:
    """A call sees one document from its beginning to its end."""

    def test_calls_while_the_document_changes_again_and_again(self, path: Path) -> None:
        transport = Echo()
        api = following(path, transport)
        ended = threading.Event()

        def call(word: str) -> set[str]:
            answers = set()
            while not ended.is_set():
                try:
                    answers.add(api.call("it", word, **{word: word}))
                except InvalidRequest as error:  # of the other document
                    answers.add(" ".join(f"{problem.where}{problem.pointer}" for problem in error.problems))
            return answers

        switching = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        try:
            with ThreadPoolExecutor(4) as pool:
                running = [pool.submit(call, word) for word in (ALPHA, BETA) * 2]
                for turn in range(30):
                    write(path, version((BETA, ALPHA)[turn % 2]))
                    assert api.reload()
                ended.set()
                answers = [future.result() for future in running]
        finally:
            ended.set()
            sys.setswitchinterval(switching)
        assert not transport.mixed
        alone = {word: f"query.{other} body arguments/{word}" for word, other in ((ALPHA, BETA), (BETA, ALPHA))}
        assert answers == [{word, alone[word]} for word in (ALPHA, BETA)] * 2

    def test_a_call_under_way_is_judged_by_the_document_it_began_with(self, path: Path) -> None:
        sent, reloaded = threading.Event(), threading.Event()

        def pause() -> None:
            sent.set()
            assert reloaded.wait(10)

        api = following(path, Echo(pause))
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(api.call, "it", ALPHA, alpha=ALPHA)
            assert sent.wait(10)
            write(path, version(BETA))
            assert api.reload()
            reloaded.set()
            assert answer.result(10) == ALPHA

    def test_calls_do_not_wait_for_a_reload(self) -> None:
        """Not even where its document comes over a slow network."""
        versions, asked, answered = [ALPHA], threading.Event(), threading.Event()

        def slow(_: Heard) -> bytes:
            if versions == [BETA]:
                asked.set()
                assert answered.wait(10)
            return http(200, json.dumps(version(versions[0])))

        with Server(slow) as server, ThreadPoolExecutor(1) as pool:
            api = following(f"{server.url}/openapi.json")
            versions[:] = [BETA]
            reloading = pool.submit(api.reload)
            assert asked.wait(10)
            assert api.call("it", ALPHA, alpha=ALPHA) == ALPHA
            answered.set()
            assert reloading.result(10)
        assert api.call("it", BETA, beta=BETA) == BETA


class TestWhatStays:
    """Settings, secrets, connections, quotas and rates are the process's, not the document's."""

    def test_the_same_connection_serves_both_documents(self, path: Path) -> None:
        with Server(lambda heard: http(200, f'"{heard.target.split("?")[0].strip("/")}"')) as server:
            with Api(path, base_url=server.url, credentials=SECRETS) as api:
                assert api.call("it", ALPHA, alpha=ALPHA) == ALPHA
                write(path, version(BETA))
                api.reload()
                assert api.call("it", BETA, beta=BETA) == BETA
            assert server.connections == 1

    def test_the_quota_of_retries(self, path: Path) -> None:
        """What was spent before the reload is spent after it."""

        def fail(request: Request) -> Response:
            return Response(503, {}, b"", request)

        source = one({"responses": {"200": {"description": "done"}}}, method="get")
        write(path, source)
        api, transport = client(path, fail, retry=Retry(attempts=3, backoff=0, quota=1))
        for _ in range(3):
            with pytest.raises(Exception, match="503"):
                api.call("it")
        spent = len(transport.sent)
        write(path, {**source, "info": {"title": "another", "version": "2"}})
        assert api.reload()
        with pytest.raises(Exception, match="503"):
            api.call("it")
        assert len(transport.sent) == spent + 1

    def test_settings_and_secrets(self, path: Path) -> None:
        api = following(path, timeout=7, server=None)
        write(path, version(BETA))
        api.reload()
        request = api.prepare("it", BETA, beta=BETA)
        assert (request.timeout[0], request.headers["X-beta"]) == (7, "secret-beta")


class TestWhatIsRefused:
    """A document that calls could not rely on never takes the place of one that they could."""

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("{", "not YAML"),
            ('{"openapi": "3.1.0", "paths": {"/a": []}}', "must be a mapping"),
            (json.dumps(one({"x-rate-limit": "often"})), "rate limit"),  # told when a call is planned
            (json.dumps(one({"x-idempotency-pointer": 1})), "JSON pointer"),
        ],
    )
    def test_an_invalid_document_with_its_place(self, path: Path, text: str, told: str) -> None:
        api = following(path)
        write(path, text)
        with pytest.raises(SpecError, match=told) as caught:
            api.reload()
        assert caught.value.line or caught.value.pointer
        assert api.call("it", ALPHA, alpha=ALPHA) == ALPHA
        write(path, version(BETA))
        assert api.reload()

    def test_a_file_that_is_gone(self, path: Path) -> None:
        api = following(path)
        path.unlink()
        with pytest.raises(SpecError, match="cannot be read"):
            api.reload()
        assert api.call("it", ALPHA, alpha=ALPHA) == ALPHA

    SERVERS = (
        {"url": "https://a.test", "description": "first"},
        {"url": "https://{region}.test", "variables": {"region": {"default": "us1", "enum": ["us1", "eu1"]}}},
    )

    @pytest.mark.parametrize("server", [1, "https://{region}.test", "https://eu1.test", "eu1", {"region": "eu1"}])
    def test_a_document_without_the_server_that_was_asked_for(self, path: Path, server: Any) -> None:
        write(path, one(servers=list(self.SERVERS)))
        api, transport = client(path, b"", server=server)
        write(path, one({"summary": "new"}, servers=[self.SERVERS[0]]))
        with pytest.raises(ValueError, match=r"^it: no server .*the document that was there stays"):
            api.reload()
        api.call("it")
        assert transport.sent[0].url.startswith(("https://eu1.test", "https://us1.test"))
        assert api.using(base_url="https://b.test", server=None).reload()  # who does not ask for it need not have it

    def test_a_server_that_an_operation_never_had_is_no_matter(self, path: Path) -> None:
        """It could not be called before either; all the others go on."""
        others = {"/o": {"get": {"operationId": "o", "servers": [{"url": "https://o.test"}], "responses": {}}}}
        source = one(servers=list(self.SERVERS))
        source["paths"] |= others
        api, _ = client(write(path, source), b"", server="eu1")
        write(path, {**source, "info": {"title": "new", "version": "2"}})
        assert api.reload()

    def test_a_warning_that_is_an_error_stops_it_too(self, path: Path) -> None:
        """As it stops the making of an Api."""
        api = following(path, overlays=[changing("$.paths['/alpha']", summary="x")])
        write(path, version(BETA))
        with pytest.raises(UserWarning, match=r"alpha"):
            api.reload()
        assert api.call("it", ALPHA, alpha=ALPHA) == ALPHA


class TestSources:
    """Each source is read where it was when the Api was made."""

    def test_what_says_the_same_changes_nothing(self, path: Path) -> None:
        """Neither do white space and YAML in JSON's place; what was compiled is kept."""
        api = following(path)
        schema = api.schemas["Word"]
        write(path, json.dumps(version(ALPHA), indent=8))
        assert api.reload() is False
        assert api.schemas["Word"] is schema

    @pytest.mark.parametrize(("before", "after"), [(1, True), (1, 1.5), (0, False)])
    def test_values_that_are_equal_for_python_alone_are_a_change(self, path: Path, before: Any, after: Any) -> None:
        write(path, document(components={"schemas": {"A": {"const": before}}}))
        api = following(path)
        write(path, document(components={"schemas": {"A": {"const": after}}}))
        assert api.reload()
        assert api.schemas["A"].is_valid(after)
        assert not api.schemas["A"].is_valid(before)

    def test_a_dict_as_it_is_now(self) -> None:
        source = version(ALPHA)
        api = following(source)
        assert not api.reload()
        source.clear()
        source.update(version(BETA))
        assert api.reload()
        assert api.call("it", BETA, beta=BETA) == BETA

    def test_several_documents(self, path: Path, tmp_path: Path) -> None:
        other = write(tmp_path / "other.json", one({"operationId": "o"}, path="/o"))
        api = following([path, other])
        write(other, one({"operationId": "p"}, path="/o"))
        assert api.reload()
        assert api.operations.keys() == {"it", "p"}
        write(other, one({"operationId": "it"}, path="/o"))
        with pytest.raises(SpecError, match="is also in"):
            api.reload()
        assert api.operations.keys() == {"it", "p"}

    def test_overlays_are_read_anew_too(self, path: Path, tmp_path: Path) -> None:
        target = "$.paths['/alpha'].post"
        place = write(tmp_path / "overlay.json", changing(target, summary="one"))
        api = following(path, overlays=[place])
        write(place, changing(target, summary="two"))
        assert api.reload()
        assert api.operations["it"].summary == "two"

    def test_what_a_variable_named_when_it_was_made(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ODP_SPEC", str(path))
        api = following(None)
        monkeypatch.setenv("ODP_SPEC", "elsewhere")
        write(path, version(BETA))
        assert api.reload()
        assert api.call("it", BETA, beta=BETA) == BETA

    def test_the_document_of_the_package_and_a_loaded_one_stay(self) -> None:
        assert not Api(credentials=KEYS).reload()
        assert not Api(load(version(ALPHA))).reload()

    @pytest.mark.parametrize("where", ["document", "overlay"])
    def test_an_open_file_cannot_be_read_twice(self, where: str) -> None:
        """It says so, rather than finding it empty."""
        overlay = io.StringIO(json.dumps(changing("$.info", title="new")))
        file = io.StringIO(json.dumps(version(ALPHA)))
        api = following(file) if where == "document" else following(version(ALPHA), overlays=[overlay])
        with pytest.raises(ValueError, match="open file can be read but once; give its path"):
            api.reload()
        assert api.call("it", ALPHA, alpha=ALPHA) == ALPHA


def again(api: Api) -> Api:
    """Return what another process would have of a client."""
    other: Api = pickle.loads(pickle.dumps(api))  # noqa: S301  # ours
    return other


class TestProcesses:
    """A pickled Api follows a path, a forked one too; and what only one process has stays behind."""

    def test_a_pickled_one_follows_its_path(self, path: Path) -> None:
        api = again(Api(path, credentials=SECRETS))
        write(path, version(BETA))
        assert api.reload()
        assert api.prepare("it", BETA, beta=BETA).url == "https://beta.test/beta?beta=beta"

    def test_a_pickled_one_has_the_document_of_the_moment(self, path: Path) -> None:
        api = Api(path, credentials=SECRETS)
        write(path, version(BETA))
        api.reload()
        write(path, version(ALPHA))
        assert again(api).schemas.keys() == {"Word", "Onlybeta"}

    @pytest.mark.parametrize("source", [version(ALPHA), io.StringIO(json.dumps(version(ALPHA)))], ids=["dict", "file"])
    def test_a_pickled_one_says_where_its_dict_or_file_is(self, source: Any) -> None:
        api = again(Api(source, credentials=SECRETS))
        with pytest.raises(ValueError, match="are in another process; reload it there"):
            api.reload()
        assert api.prepare("it", ALPHA, alpha=ALPHA).body == b'"alpha"'

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes can be forked")
    @pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
    def test_a_child_forked_during_a_reload_can_reload(self, path: Path) -> None:
        """The lock that the parent's thread holds is not its own."""
        api = following(path)
        with api._shared._reloading:  # noqa: SLF001  # as another thread would hold it
            child = os.fork()
            if child == 0:
                done = threading.Thread(target=lambda: os._exit(7 if api.reload() is False else 1))
                done.start()
                done.join(5)
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_reload_of_what_did_not_change_costs_no_more_than_a_load(tmp_path: Path) -> None:
    """Comparing costs little beside reading; 300 operations, the fastest of some turns, with room for noise."""
    item = secured({"key": []}, key={"type": "http", "scheme": "bearer"})
    operation = {
        "requestBody": body({"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(30)}})
    }
    item["paths"] = {
        f"/p{n}": {"post": {"operationId": f"o{n}", **operation, "responses": answering({"type": "object"})}}
        for n in range(300)
    }
    path = write(tmp_path / "large.json", item)
    api = Api(path)

    def fastest(act: Callable[[], object]) -> float:
        def seconds() -> float:
            begun = time.perf_counter()
            act()
            return time.perf_counter() - begun

        return min(seconds() for _ in range(5))

    loading = fastest(lambda: load(path))
    assert fastest(api.reload) < 2 * loading
