"""What became of the rows of a load in an embedded sandbox: an answer says that they were accepted, no more."""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import Any

from .._values import Request, Response
from ..sandbox._transport import WsgiTransport
from ._journal import NOTABLE

_MOST_KINDS = 1000  # that are remembered; there may be as many fields as rows


class Outcomes(WsgiTransport):
    """Sends to a sandbox, and counts what its journal tells of each item before that forgets it; threads share it."""

    def __init__(self, sandbox: Any) -> None:
        super().__init__(sandbox)
        self.became: Counter[str] = Counter()
        self.notable: Counter[str] = Counter()  # what came to something else than asked, in words
        self._journal = sandbox.journal
        self._seen = self._journal.newest
        self._lock = Lock()

    def send(self, request: Request) -> Response:
        """Return the sandbox's answer."""
        try:
            return super().send(request)
        finally:
            self._count()

    def _count(self) -> None:
        with self._lock:
            for entry in self._journal.since(self._seen):
                self._seen = entry.number
                for outcome in entry.outcomes:
                    self.became[outcome.became] += 1
                    words = ": ".join(filter(None, [outcome.became, ", ".join(outcome.fields), outcome.why]))
                    if outcome.became in NOTABLE and (words in self.notable or len(self.notable) < _MOST_KINDS):
                        self.notable[words] += 1
