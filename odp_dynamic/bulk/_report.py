"""What a load tells: while it runs, and when it has ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._values import Problem
from ..errors import OdpError


class Reject(NamedTuple):
    """Is a row that was not accepted, and why.

    `source`, `line` (from 1) and `number` (from 0) say where it stands, `by` who refused it: ``"input"`` (no row could
    be read there), ``"check"`` (the document) or ``"server"``, with `status`. `row` is the row, or the text that is
    none.
    """

    source: str
    line: int
    number: int
    by: str
    problems: tuple[Problem, ...]
    row: Any
    status: int = 0

    def to_json(self) -> str:
        """Return its line of the reject file."""
        told = {
            "file": self.source,
            "line": self.line,
            "by": self.by,
            **({"status": self.status} if self.status else {}),
            "problems": [
                {
                    name: value
                    for name, value in zip(("pointer", "keyword", "message"), problem[1:4], strict=True)
                    if value
                }
                for problem in self.problems
            ],
            "row": self.row,
        }
        try:
            return json.dumps(told, ensure_ascii=False, allow_nan=False, default=str)
        except ValueError:  # the row has no JSON form, and that is why it is here
            return json.dumps({**told, "row": repr(self.row)}, ensure_ascii=False)


class Progress(NamedTuple):
    """Is how far a load is: rows read, acknowledged, rejected, in doubt, and done before; requests; seconds so far."""

    read: int = 0
    acknowledged: int = 0
    rejected: int = 0
    in_doubt: int = 0
    done_before: int = 0
    requests: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Return the rows that were settled in a second."""
        settled = self.acknowledged + self.rejected + self.in_doubt
        return settled / self.seconds if self.seconds else 0.0


class LoadReport(NamedTuple):
    """Is what became of a load.

    `progress` counts the rows of this run, `acknowledged`, `rejected` and `in_doubt` those of all its runs. `kinds`
    counts problems by kind, a sentence without values; `examples` are the first rejects of each. `stopped` says why the
    load ended before its rows did, "" where it did not, and `error` is what was raised where that was an error;
    `journal` is its file.
    """

    progress: Progress
    acknowledged: int
    rejected: int
    in_doubt: int
    kinds: Mapping[str, int]
    examples: Mapping[str, tuple[Reject, ...]]
    stopped: str = ""
    journal: str = ""
    error: OdpError | None = None

    @property
    def ok(self) -> bool:
        """Tell whether every row was accepted."""
        return not (self.rejected or self.in_doubt or self.stopped)


class Tally:
    """Counts rejects by kind, a place and a rule, and keeps the first few of each; memory stays flat."""

    _MOST_KINDS = 1000
    _MOST_EXAMPLES = 3

    def __init__(self) -> None:
        self.kinds: dict[str, int] = {}
        self.examples: dict[str, tuple[Reject, ...]] = {}

    def add(self, reject: Reject) -> None:
        """Count a reject, once for each kind of problem that it has."""
        for told in dict.fromkeys(_kinds(reject)):
            kind = told if told in self.kinds or len(self.kinds) < self._MOST_KINDS else "other kinds"
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            known = self.examples.get(kind, ())
            if len(known) < self._MOST_EXAMPLES:
                self.examples[kind] = (*known, reject)


def _kinds(reject: Reject) -> list[str]:
    """Return the kinds of a reject; a server's own words are left out, for they may repeat what was sent."""
    if reject.by == "server":
        return [f"the server refused it with {reject.status}, for a reason of its own: see the reject"]
    return [f"{p.pointer}: {p.message}" if p.pointer else p.message for p in reject.problems]
