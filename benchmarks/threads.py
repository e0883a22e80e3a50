"""Many calls at once, by threads and by processes, against bare `requests` doing the same; and what care costs.

A thread of `requests` has a session of its own. Threads and processes stay for all rounds, and their connections with
them. On few cores the server takes its share of them: the calls per second tell less than their ratio.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from threading import local
from time import perf_counter
from typing import Any

import requests
import yaml

from benchmarks.calls import EMAIL, KEYS, server
from benchmarks.measure import Row, in_turn, ratio_row, seconds
from odp_dynamic import Api, RequestsTransport

SPEC = Path(__file__).parent.parent / "spec" / "odp-rest-v3.yaml"
CALLS = 800  # in a round, by all together
ROUNDS = 11


def rows() -> list[Row]:
    """Measure threads, processes, and calls with and without retries and pacing."""
    with server() as base:
        threads = [_row(f"{_counted(count, 'thread')}", in_threads(base, count)) for count in (1, 4, 16)]
        processes = [_row(f"{_counted(count, 'process')}", in_processes(base, count)) for count in (1, 2)]
        return [*threads, *processes, _care(base)]


def _counted(count: int, what: str) -> str:
    plural = {"thread": "threads", "process": "processes"}[what]
    return f"{count} {what if count == 1 else plural}"


def _row(who: str, measured: tuple[float, float, float]) -> Row:
    ours, other, ratio = measured
    name = f"validated `getProfile` by {who} / `session.get(…).json()`"
    return Row(name, f"{1 / ours:,.0f} calls/s", f"{1 / other:,.0f} calls/s", f"{ratio:.2f}", "≤ 0.7", ratio <= 0.7)


def _ours(api: Api) -> Callable[[], Any]:
    return lambda: api.call("getProfile", identifier_field="email", identifier_value=EMAIL)


def _bare(session: requests.Session, base: str) -> Callable[[], Any]:
    session.headers["x-api-key"] = KEYS["privateApiKey"]
    return lambda: session.get(f"{base}/profiles/email/ada%40example.com", timeout=(5, 30)).json()


def in_threads(base: str, count: int) -> tuple[float, float, float]:
    """Return the seconds of one call when so many threads share an Api, those of bare `requests`, and their ratio."""
    own = local()

    def bare() -> Any:
        if not hasattr(own, "get"):
            own.session = requests.Session()
            own.get = _bare(own.session, base)
        return own.get()

    with ThreadPoolExecutor(count) as pool, Api(base_url=base, credentials=KEYS, pacing=False) as api:

        def together(call: Callable[[], Any]) -> float:
            each = CALLS // count
            begun = perf_counter()
            for done in [pool.submit(seconds, call, each) for _ in range(count)]:
                done.result()
            return (perf_counter() - begun) / (each * count)

        ours = _ours(api)
        return in_turn(lambda: together(ours), lambda: together(bare), ROUNDS)


def in_processes(base: str, count: int) -> tuple[float, float, float]:
    """Return the same of so many processes, each with a client of its own."""
    with ExitStack() as stack:
        ours = [stack.enter_context(_worker(_work_ours, base)) for _ in range(count)]
        bare = [stack.enter_context(_worker(_work_bare, base)) for _ in range(count)]

        def together(workers: list[Connection]) -> float:
            each = CALLS // count
            begun = perf_counter()
            for worker in workers:
                worker.send(each)
            for worker in workers:
                worker.recv()
            return (perf_counter() - begun) / (each * count)

        return in_turn(lambda: together(ours), lambda: together(bare), ROUNDS)


@contextmanager
def _worker(work: Callable[[Connection, str], None], base: str) -> Iterator[Connection]:
    """Start a process; give the end of a pipe that is told how often to call, and tells when it is done."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=work, args=(there, base))
    process.start()
    yield here
    here.send(0)
    process.join()


def _work_ours(told: Connection, base: str) -> None:
    with Api(base_url=base, credentials=KEYS, pacing=False) as api:
        _work(told, _ours(api))


def _work_bare(told: Connection, base: str) -> None:
    with requests.Session() as session:
        _work(told, _bare(session, base))


def _work(told: Connection, call: Callable[[], Any]) -> None:
    while times := told.recv():
        told.send(seconds(call, times))


def _care(base: str) -> Row:
    """Measure what retries and pacing cost a call that needs neither."""
    document = yaml.safe_load(SPEC.read_text(encoding="utf-8"))
    for item in document["paths"].values():
        for operation in item.values():
            operation["x-rate-limit"] = {"requests": 1_000_000, "burst": 1_000}
    # On one connection: two differ by more than what is measured.
    settings: dict[str, Any] = {"base_url": base, "credentials": KEYS, "transport": RequestsTransport()}
    with Api(document, **settings) as api:
        assert api.operations["getProfile"].rate_limits
        on, off = _ours(api), _ours(Api(document, **settings, retry=None, pacing=False))
        measured = in_turn(lambda: seconds(on, 50), lambda: seconds(off, 50), 201)
    return ratio_row("a validated `getProfile` with Retry and a rate limit / without", measured, 1.03, "µs")
