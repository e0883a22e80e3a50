"""What an Api and its copies share: the contract, where its documents are, and connections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from ._collector import collector_paused
from ._contract import Contract
from ._document import Document
from ._forks import begins_anew
from ._layers import Sources
from ._retry import Retry
from ._values import Transport
from .pacing import Pacing


class Shared:
    """Is what an Api shares with its copies.

    The contract is what its calls are made by; `reload` puts another there, in one step that no call has to wait for.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        transport: Transport | None,
        pacing: Pacing | None,
        sources: Sources | None,
    ) -> None:
        self.contract = Contract(documents)
        self._sources = sources
        self._transport = transport
        self._pacing = pacing
        self._senders: WeakKeyDictionary[Any, Transport] = WeakKeyDictionary()
        self.begin_anew()
        begins_anew(self)

    @property
    def transport(self) -> Transport:
        """Return what sends; the real one is made when it is first needed, for it imports `requests`."""
        with self._lock:
            if self._transport is None:
                with collector_paused():
                    from ._transport import RequestsTransport

                    self._transport = RequestsTransport()
            return self._transport

    @property
    def state(self) -> tuple[Any, ...]:
        """Return what another process needs to make the same."""
        sources = self._sources if self._sources is not None and self._sources.can_travel else None
        return self.contract.documents, self._transport, self._pacing, sources

    def reload(self, check: Callable[[Contract, Contract, Sequence[str]], None]) -> bool:
        """Load the documents anew and put their contract in the place of the one there is; return whether it differs.

        `check` is called with the old, the new, and a sentence for each action of an overlay that did nothing, before
        anything changes; what it raises is raised.
        """
        with self._reloading:  # or the older of two readings might be the last word
            if self._sources is None:
                raise ValueError("its documents, a mapping or an open file, are in another process; reload it there")
            loaded = self._sources.load_again()
            contract = Contract(loaded.documents)
            if contract.says_what(self.contract):
                return False
            contract.work_out()
            check(self.contract, contract, loaded.idle)
            self.contract = contract
            return True

    def sender(self, retry: Retry | None) -> Transport:
        """Return what sends with these rules; copies with the same rules share it, and its quota."""
        paced = self._pacing.over(self.transport) if self._pacing is not None else self.transport
        if retry is None:
            return paced
        return self._senders.get(retry) or self._senders.setdefault(retry, retry.over(paced))

    def begin_anew(self) -> None:
        """Take new locks, in a child that was forked."""
        self._lock = Lock()
        self._reloading = Lock()

    def close(self) -> None:
        close: Callable[[], None] | None = getattr(self._transport, "close", None)
        if close is not None:
            close()
