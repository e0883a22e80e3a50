"""The garbage collector, which is the process's: whatever the library pauses goes on again."""

import gc
import os
import sys
import threading
from collections.abc import Iterator

import pytest

from odp_dynamic._collector import collector_paused
from odp_dynamic._document._text import parse
from odp_dynamic.errors import SpecError


@pytest.fixture(autouse=True)
def on() -> Iterator[None]:
    assert gc.isenabled(), "whatever ran before this has left the collector off"
    yield
    gc.enable()


def test_it_is_left_on_where_it_was_on() -> None:
    parse("a: 1", "x")
    assert gc.isenabled()
    with pytest.raises(SpecError):
        parse("a: [", "x")
    assert gc.isenabled()


def test_it_is_left_off_where_it_was_off() -> None:
    gc.disable()
    parse("a: 1", "x")
    assert not gc.isenabled()


def test_it_goes_on_when_the_last_thread_that_paused_it_has_left() -> None:
    """Also where one comes in at the very moment when another leaves, as in a pool that compiles operations."""
    interval = sys.getswitchinterval()
    ready = threading.Barrier(9)
    was_on_inside = []

    def often() -> None:
        ready.wait()
        for _ in range(2_000):
            with collector_paused():
                was_on_inside.append(gc.isenabled())

    threads = [threading.Thread(target=often) for _ in range(8)]
    try:
        for thread in threads:
            thread.start()
        sys.setswitchinterval(1e-6)  # while none is being started, which debuggers and measurers of coverage trace
        ready.wait()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert gc.isenabled()
    assert not any(was_on_inside)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.parametrize("wanted", [True, False], ids=["on", "off"])
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_forked_during_anothers_pause_has_it_as_the_program_wants_it(wanted: bool) -> None:  # noqa: FBT001
    if not wanted:
        gc.disable()
    inside, done = threading.Event(), threading.Event()

    def pause() -> None:
        with collector_paused():
            inside.set()
            done.wait(10)

    thread = threading.Thread(target=pause)
    thread.start()
    inside.wait(10)
    child = os.fork()
    if not child:
        as_wanted = gc.isenabled() is wanted
        with collector_paused():
            paused = not gc.isenabled()
        os._exit(0 if as_wanted and paused and gc.isenabled() is wanted else 1)
    done.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert gc.isenabled() is wanted


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_a_fork_does_not_put_on_what_the_program_has_put_off_since() -> None:
    with collector_paused():
        pass
    gc.disable()
    child = os.fork()
    if not child:
        os._exit(1 if gc.isenabled() else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
