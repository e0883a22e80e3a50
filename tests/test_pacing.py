"""Rate limits of the document are kept: by all threads together, in order, and without wasting what is allowed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic import Api, Retry, SpecError, StatusError, TimedOut
from odp_dynamic._values import RateLimit
from odp_dynamic.pacing import Pacing
from tests.apis import client, read, status
from tests.documents import document
from tests.servers import Answer, Heard, Server, http

DONE = {"responses": {"200": {"description": "done"}}}
THREADS = 16


def limited(told: Any, *, tag: Any = None, more: Any = None) -> dict[str, Any]:
    """Return a document with an operation ``it`` that has a limit, and ``free`` that has none; a tag's limit is shared.

    `more` is an operation ``other`` that bears the tag too.
    """
    tagged = {"tags": ["slow"]} if tag is not None else {}
    own = {"x-rate-limit": told} if told is not None else {}
    paths = {
        "/it": {"get": {"operationId": "it", **DONE, **tagged, **own}},
        "/free": {"get": {"operationId": "free", **DONE}},
        "/other": {"get": {"operationId": "other", **DONE, **tagged, **(more or {})}},
    }
    tags = {"tags": [{"name": "fast"}, {"name": "slow", "x-rate-limit": tag}]} if tag is not None else {}
    return document(paths=paths, **tags)


class TestReading:
    """What the document may say, and where."""

    @pytest.mark.parametrize(
        ("told", "limit"),
        [
            (5, RateLimit("it", 5)),
            (0.5, RateLimit("it", 0.5)),
            ({"requests": 5}, RateLimit("it", 5)),
            ({"requests": 300, "seconds": 60}, RateLimit("it", 300, 60)),
            ({"requests": 5, "burst": 10}, RateLimit("it", 5, 1, 10)),
            ({"requests": 5, "seconds": 2, "burst": 1.5}, RateLimit("it", 5, 2, 1.5)),
        ],
        ids=str,
    )
    def test_it_is_a_number_or_a_mapping(self, told: Any, limit: RateLimit) -> None:
        assert read(limited(told)).rate_limits == (limit,)

    def test_an_operation_has_its_own_limit_and_its_tags(self) -> None:
        source = limited(5, tag={"requests": 100, "seconds": 60})
        assert read(source).rate_limits == (RateLimit("it", 5), RateLimit("tag slow", 100, 60))
        assert read(source, "other").rate_limits == (RateLimit("tag slow", 100, 60),)
        assert read(source, "free").rate_limits == ()

    @pytest.mark.parametrize(
        "told",
        [
            0,
            -1,
            True,
            "5",
            [5],
            {},
            float("inf"),
            float("nan"),
            {"seconds": 1},
            {"requests": 0},
            {"requests": "5"},
            {"requests": 5, "seconds": 0},
            {"requests": 5, "seconds": float("nan")},
            {"requests": 5, "burst": 0.5},
            {"requests": 5, "burst": None},
            {"requests": 5, "period": 1},
        ],
        ids=str,
    )
    def test_what_is_no_limit_is_the_authors_to_correct(self, told: Any) -> None:
        for source, pointer in (
            (limited(told), "/paths/~1it/get/x-rate-limit"),
            (limited(None, tag=told), "/tags/1/x-rate-limit"),
        ):
            with pytest.raises(SpecError, match="a rate limit is requests per second, or a mapping") as caught:
                read(source)
            assert caught.value.pointer == pointer


class Counting(Server):
    """Is a server that keeps the moment at which each request came."""

    def __init__(self, answer: bytes = http(200)) -> None:
        self.times: dict[str, list[float]] = {}
        self._given = answer
        super().__init__(self._counted)

    def _counted(self, heard: Heard) -> Answer:
        self.times.setdefault(heard.path, []).append(time.monotonic())
        return self._given


def most_within(times: Iterable[float], seconds: float) -> int:
    """Return how many of the moments lie in the fullest time of so many seconds, its end not counted."""
    ordered = sorted(times)
    return max(sum(begin <= moment < begin + seconds for moment in ordered) for begin in ordered)


def together(count: int, act: Callable[[int], object]) -> float:
    """Act in so many threads at once; return the seconds from the first beginning to the last end."""
    barrier = Barrier(count + 1)

    def run(number: int) -> None:
        barrier.wait(10)
        act(number)

    with ThreadPoolExecutor(count) as pool:
        running = [pool.submit(run, number) for number in range(count)]
        barrier.wait(10)
        begun = time.monotonic()
        for one_ in running:
            one_.result(30)
    return time.monotonic() - begun


class TestThreads:
    """Sixteen threads, real sockets, and a server that counts."""

    RATE, BURST, CALLS = 25, 5, 48

    def limit(self) -> dict[str, Any]:
        return limited({"requests": self.RATE, "burst": self.BURST})

    def held(self, server: Counting, apis: Sequence[Api]) -> None:
        """Make all the calls; the rate is never exceeded by more than a burst, and nine tenths of it are used."""
        together(THREADS, lambda n: apis[n % len(apis)].call("free"))  # connections are open from here on

        def calls(number: int) -> None:
            for _ in range(self.CALLS // THREADS):
                apis[number % len(apis)].call("it")

        elapsed = together(THREADS, calls)
        times = server.times["/it"]
        assert len(times) == self.CALLS
        assert most_within(times, 1) <= self.RATE + self.BURST
        assert self.CALLS / elapsed >= 0.9 * self.RATE

    def test_threads_of_an_api_keep_its_limits_together(self) -> None:
        with Counting() as server, Api(self.limit(), base_url=server.url) as api:
            self.held(server, [api])

    def test_apis_that_share_a_pacing_keep_them_together(self) -> None:
        pacing = Pacing()
        with (
            Counting() as server,
            Api(self.limit(), base_url=server.url, pacing=pacing) as api,
            Api(self.limit(), base_url=server.url, pacing=pacing) as other,
        ):
            self.held(server, [api, other, api.using(timeout=3)])

    def test_a_quota_is_of_all_threads_together(self) -> None:
        """An outage sees each call once, and no more retries than the quota, however many threads there are."""
        rules = Retry(attempts=5, backoff=0.001, quota=7)
        with Counting(http(503)) as server, Api(self.limit(), base_url=server.url, retry=rules, pacing=False) as api:

            def calls(_: int) -> None:
                for _ in range(4):
                    with pytest.raises(StatusError):
                        api.call("it")

            together(THREADS, calls)
            assert len(server.heard) == THREADS * 4 + 7


def seconds_of(api: Api, *operations: str) -> float:
    begun = time.monotonic()
    for name in operations:
        api.call(name)
    return time.monotonic() - begun


def test_each_attempt_waits_for_its_turn() -> None:
    api, _ = client(limited(10), status(503), status(503), b"", retry=Retry(backoff=0), base_url="http://a.test")
    assert 0.2 <= seconds_of(api, "it") < 0.6


def test_a_tags_limit_is_shared_by_its_operations() -> None:
    api, _ = client(limited(None, tag=10), b"", base_url="http://a.test")
    assert 0.2 <= seconds_of(api, "it", "other", "it") < 0.6


def test_hosts_are_apart() -> None:
    pacing = Pacing()
    apis = [client(limited(0.1), b"", base_url=f"http://{host}.test", pacing=pacing)[0] for host in "abc"]
    assert sum(seconds_of(api, "it") for api in apis) < 1


def test_apis_are_apart_unless_they_share_one() -> None:
    apis = [client(limited(0.1), b"", base_url="http://a.test")[0] for _ in range(3)]
    assert sum(seconds_of(api, "it") for api in apis) < 1


def test_operations_without_a_limit_never_wait_and_false_is_no_pacing() -> None:
    api, _ = client(limited(0.1), b"", base_url="http://a.test")
    assert seconds_of(api, *["it"], *["free"] * 50) < 1
    unpaced, _ = client(limited(0.1), b"", base_url="http://a.test", pacing=False)
    assert seconds_of(unpaced, *["it"] * 50) < 1


class TestPatience:
    """A turn that would come too late is none."""

    def late(self, **settings: Any) -> tuple[Api, Any]:
        rules = {"requests": 1, "seconds": 10}
        return client(limited(rules), b"", base_url="http://a.test", timeout=(1, 1, 2), **settings)

    @pytest.mark.parametrize("retry", [None, Retry(backoff=5)], ids=["once", "with Retry"])
    def test_it_is_told_at_once_and_nothing_is_sent(self, retry: Any) -> None:
        api, transport = self.late(retry=retry)
        api.call("it")
        begun = time.monotonic()
        with pytest.raises(TimedOut) as caught:
            api.call("it")
        assert time.monotonic() - begun < 1
        assert (caught.value.sent, caught.value.passing, len(transport.sent)) == (False, False, 1)
        assert "(1 requests per 10 seconds for it), later than 2 s; it never reached the server" in str(caught.value)

    def test_it_takes_no_turn(self) -> None:
        api, transport = client(limited(4), b"", base_url="http://a.test")
        impatient = api.using(timeout=(1, 1, 0.05))
        api.call("it")
        for _ in range(100):
            with pytest.raises(TimedOut):
                impatient.call("it")
        assert seconds_of(api, "it") < 1
        assert len(transport.sent) == 2

    def test_what_the_wait_took_is_off_the_attempts_time(self) -> None:
        api, transport = client(limited(5), b"", base_url="http://a.test", timeout=(1, 1, 2))
        seconds_of(api, "it", "it")
        assert 1.5 < transport.sent[1].timeout[2] <= 1.82


def test_turns_are_given_in_the_order_of_asking() -> None:
    served: list[int] = []
    api, _ = client(limited(10), b"", base_url="http://a.test")
    api.call("it")

    def call(number: int) -> None:
        api.call("it")
        served.append(number)

    threads = [Thread(target=call, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)  # so that they ask in this order
    for thread in threads:
        thread.join(5)
    assert served == sorted(served)


def test_who_waits_long_for_one_limit_keeps_nobody_from_another() -> None:
    """A slow operation of a tag, and a quick one of the same."""
    api, _ = client(limited({"requests": 1, "seconds": 2}, tag=100), b"", base_url="http://a.test")
    api.call("it")
    waiting = Thread(target=api.call, args=("it",))
    waiting.start()
    time.sleep(0.1)
    assert seconds_of(api, "other") < 0.5
    waiting.join(5)


LIMITS = st.builds(
    RateLimit,
    st.just("a"),
    st.floats(0.1, 50),
    st.floats(0.1, 5),
    st.one_of(st.just(1.0), st.floats(1, 20)),
)
# Of each call: the seconds since the one before, and how long it would wait.
CALLS = st.lists(st.tuples(st.one_of(st.just(0.0), st.floats(0, 3)), st.floats(0, 60)), max_size=40)


@pytest.fixture(scope="module")
def clock() -> Iterator[list[float]]:
    """Give the time of `Pacing`, to be set."""
    now = [0.0]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("odp_dynamic.pacing.monotonic", lambda: now[0])
        yield now


@given(limit=LIMITS, calls=CALLS)
def test_no_window_is_exceeded(limit: RateLimit, calls: Any, clock: list[float]) -> None:
    """In any time of its seconds, a limit lets pass at most its requests and one burst, in the order of asking."""
    pacing, clock[0] = Pacing(), 1000.0
    turns: list[float] = []
    for since, patience in calls:
        clock[0] += since
        wait = pacing.turn("host", limit, patience)
        assert wait >= 0
        if wait <= patience:
            turns.append(clock[0] + wait)
    step = limit.seconds / limit.requests
    assert all(turn <= following + step * 1e-6 for turn, following in pairwise(turns))
    for first, begin in enumerate(turns):
        within = [moment for moment in turns[first:] if moment < begin + limit.seconds - step * 1e-6]
        assert len(within) <= limit.requests + limit.burst + 1e-6


@given(limit=LIMITS, count=st.integers(1, 50))
def test_nothing_allowed_is_wasted(limit: RateLimit, count: int, clock: list[float]) -> None:
    """Calls that all come at once are through as early as the limit allows."""
    pacing, clock[0] = Pacing(), 1000.0
    waits = [pacing.turn("host", limit, 1e9) for _ in range(count)]
    earliest = max(0.0, (count - limit.burst) * limit.seconds / limit.requests)
    assert abs(waits[-1] - earliest) <= 1e-6 * (1 + earliest)
