"""Two clients at once, as fast as they can: nothing fails, nothing is lost, and memory stays where it is.

`benchmarks` does the same for half a minute, and measures how fast.
"""

from __future__ import annotations

import gc
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from jsonschema_path import SchemaPath

from odp_dynamic.sandbox import Sandbox

from .conftest import Ask, in_process
from .loading import load, sandbox

MOST = 50_000_000  # bytes, for what the journal keeps of the requests and sqlite of its file
EVENT = {"type": "t", "action": "a", "identifiers": {"email": "a"}}


@pytest.mark.parametrize("referee", ["always", "off"])
def test_two_clients(tmp_path: Path, referee: str) -> None:
    with sandbox(tmp_path / "odp.db", referee) as running:
        before = running.memory
        events, both = load(running.url, "sendEvents", 0), load(running.url, "both", 2)
        assert running.memory - before < MOST
    assert events.failed == both.failed == 0
    with closing(sqlite3.connect(tmp_path / "odp.db")) as db:
        [[stored]] = db.execute("SELECT count(*) FROM events")
    # All customers are known by one event; of two requests in turn, the first is one.
    assert stored >= 100 + events.answered + both.answered // 2


class TestReferee:
    """The setting that makes the sandbox cheaper lets nothing pass that would be refused."""

    @pytest.mark.parametrize("referee", ["sample", "off"])
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/events", [{"type": 1}]),
            ("/events", b""),
            ("/events", b"[{}"),
            ("/profiles", {"identifiers": []}),
            ("/schema/objects/tickets", {}),
        ],
    )
    def test_a_bad_request_is_refused_with_the_same_words(self, referee: str, path: str, body: object) -> None:
        answers = []
        for when in ("always", referee):
            with Sandbox(referee=when) as sandbox:  # type: ignore[arg-type]  # it is one of them
                ask: Ask = in_process(sandbox)
                answers += [[ask("POST", path, body) for _ in range(12)][-1]]
        assert answers[0].status == answers[1].status == 400
        assert answers[0].data["detail"] == answers[1].data["detail"]

    def test_what_is_sent_is_not_kept(self) -> None:
        """It keeps what it put together of the document, which is no more after a hundred strange requests."""
        with Sandbox() as sandbox:
            ask, kept = in_process(sandbox), set()
            for number in range(100):
                ask("POST", "/events", b"[]", Content_Type=f"text/{number}; v={number}")
                ask("GET", f"/profiles/email/{number}?x{number}=1")
                if number in {50, 99}:
                    gc.collect()
                    kept.add(sum(isinstance(one, SchemaPath) for one in gc.get_objects()))
        assert len(kept) == 1

    def test_another_word_is_refused(self) -> None:
        with pytest.raises(ValueError, match="referee has no 'never': 'always', 'sample', 'off'"):
            Sandbox(referee="never")  # type: ignore[arg-type]  # on purpose
