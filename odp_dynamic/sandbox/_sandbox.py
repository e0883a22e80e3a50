"""The sandbox itself: the service, its journal, the faults put into it, and the ways to reach it."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from http import HTTPStatus
from inspect import cleandoc
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote

from .._api import Api
from .._document import Source as Written
from .._layers import bundled_as_written
from .._pointers import join
from .._wire._answers import details
from ._answers import Answer, now, phrase
from ._behaviour import DEFAULT, Behaviour
from ._calls import Outcome
from ._control import Control
from ._delivery import SLEEP
from ._documents import documents
from ._faultplan import Fault, Faults
from ._furnishing import furnish
from ._journal import Journal
from ._keys import Keys
from ._masks import Masks
from ._requests import Arrived, arrived
from ._seeds import FORM, Seed, Step, steps
from ._store import Store
from ._transport import WsgiTransport
from ._views import state

if TYPE_CHECKING:
    from ._server import Served
    from ._service import Service

_LOST = ("dropped", "ignored")  # of a seed, which nobody sends to see what becomes of it
_log = logging.getLogger("odp_dynamic.sandbox")

_IN_PROCESS = "https://sandbox.invalid"  # RFC 6761, 6.4: a host that no network has


class Sandbox:
    """Is the service of a document, with memory: a WSGI application, used in process or on a loopback port.

    `database` is a file's path, or ``":memory:"``. `document` is whatever `load` takes, None for the bundled one, whose
    limits hold for clients alone: what the service does beyond them is `behaviour`. `overlays` are laid upon it, as
    `Api` lays them, None for the bundled one's own; with ``"odp-live-v3"`` it speaks the live service's wire, over the
    same state.
    `seed` is a first state, put into a new database and again by `reset`; an existing file is left as it is. The keys
    open what the document's security schemes say: the private one also what the public one does. `behaviour` decides
    what nobody outside knows: see `Behaviour`. Neither is kept in the database. Operations of the document that have no
    handler answer with an example.

    `referee` says what openapi-core judges, whose verdict costs a third of a request's time: all that comes and goes, a
    ``"sample"`` of it, or nothing (``"off"``); what looks wrong at first sight is judged in any case.

    `journal` tells what became of each request, `faults` what goes wrong on purpose. Both are in memory only.

    Raises SpecError for a document that cannot be used, and ValueError for a database or a seed that cannot.
    """

    def __init__(
        self,
        database: str | PathLike[str] = ":memory:",
        document: Any = None,
        seed: Seed | None = None,
        *,
        overlays: Written | Sequence[Written] | None = None,
        public_key: str = "sandbox-public",
        private_key: str = "sandbox-private",
        behaviour: Behaviour = DEFAULT,
        referee: Literal["always", "sample", "off"] = "always",
    ) -> None:
        from ._frontdoor import FrontDoor
        from ._referee import Referee
        from ._service import Service  # openapi-core: who only imports this package need not pay for it

        self.document, served, idle = documents(document, overlays)
        for told in idle:
            warnings.warn(told, stacklevel=2)
        self.public_key = public_key
        self.private_key = private_key
        self._keys = Keys(public_key, private_key)
        self._steps = [] if seed is None else steps(seed)
        self._served: list[Served] = []
        judge = Referee(served, referee)
        self._store = Store(str(database))
        self._service = Service(served, self._keys, self._store, behaviour, judge)
        self._behaviour = behaviour
        self.journal = Journal()
        self.faults = Faults(self._service.routes.operations)
        self._door = FrontDoor(self._service, self.faults, self.journal, Masks(self.document, self._keys))
        self._control = Control(self.journal, self.faults, self._state, self.reset, self.seed)
        try:
            self._store.begin(self._fill)
        except BaseException:
            self._store.close()
            raise

    def __repr__(self) -> str:
        return f"<Sandbox of {self.document.source}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a WSGI call (PEP 3333); raise Lost, a ConnectionResetError, where a fault leaves no answer."""
        request = arrived(environ)
        if self._control.owns(request.path):
            delivery = self._control.answer(request)
        else:
            delivery = self._door.take(request, environ.get(SLEEP, time.sleep))
        start_response(f"{delivery.status:d} {phrase(delivery.status)}", delivery.headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else delivery.pieces

    @property
    def credentials(self) -> dict[str, str]:
        """Return a secret for each security scheme of the document, as `Api` takes them."""
        return self._keys.credentials(self.document)

    def api(self, **settings: Any) -> Api:
        """Return an `Api` of this document that reaches the sandbox without a socket, with keys that open all of it.

        `settings` are those of `Api`; ``transport`` may be replaced too.
        """
        mine: dict[str, Any] = {
            "environment": "",  # whatever $ODP_ENV says
            "transport": WsgiTransport(self),
            "credentials": self.credentials,
            "base_url": f"{_IN_PROCESS}{self._service.routes.prefix}",
            "pacing": False,  # nobody else is kept waiting
            "drift": "",  # $ODP_DRIFT is about the service itself
        }
        return Api(self.document, **{**mine, **settings})

    def serve(self, port: int = 0, *, patience: float = 60) -> Served:
        """Listen on 127.0.0.1 and return the handle: ``.url``, ``.close()``, a context manager; port 0 is a free one.

        A connection on which nothing comes for `patience` seconds is closed. Raises OSError where the port is taken.
        """
        from ._server import Served  # werkzeug's server: who works in process does not need it

        served = Served(self, port, self._service.routes.prefix, self._served.remove, patience)
        self._served.append(served)
        return served

    @contextmanager
    def fault(self, **told: Any) -> Iterator[Fault]:
        """Arm a fault, told as `Fault` takes it, for as long as the context lasts."""
        fault = Fault(**told)
        self.faults.add(fault)
        try:
            yield fault
        finally:
            self.faults.remove(fault)

    def reset(self) -> None:
        """Return to the first state: the standard schema and segments, and the seed that the sandbox was made with.

        The journal is cleared, for it tells of what is gone; its numbers go on. Faults stay armed: they are no state.
        """
        self._restore(())

    def seed(self, seed: Seed) -> None:
        """Return to the first state, and put a seed on top of it; `reset` does not know of it.

        Raises ValueError for a seed that does not fit, in which case nothing has changed.
        """
        self._restore(steps(seed))

    def close(self) -> None:
        """Stop serving and close the database; a second time does nothing."""
        for served in list(self._served):
            served.close()
        self._store.close()

    def answer(self, request: Arrived) -> Answer:
        """Return the service's answer to a request: past the journal, and past all faults."""
        return self._service.answer(self._service.find(request), request, now(), []).answer

    @cached_property
    def _seeder(self) -> Service:
        """The service that takes seeds: they are told in the words of the bundled document, whichever is served."""
        from ._referee import Referee
        from ._service import Service

        written = bundled_as_written()
        if self._service.document is written:
            return self._service
        return Service(written, self._keys, self._store, self._behaviour, Referee(written, "off"))

    def _state(self, limit: int) -> dict[str, Any]:
        service = {"title": self.document.root["info"]["title"], "base_path": self._service.routes.prefix}
        with self._store.transaction(write=False) as db:
            return {"service": service, **state(db, limit)}

    def _restore(self, more: Iterable[Step]) -> None:
        self._store.restore(lambda db: self._fill(db, more))
        self.journal.clear()

    def _fill(self, db: sqlite3.Connection, more: Iterable[Step] = ()) -> None:
        """Bring the first state about in an empty database, and more on top of it."""
        furnish(db)
        for step in (*self._steps, *more):
            if step.define is None:
                self._call(step)
            else:
                step.define(db)

    def _call(self, step: Step) -> None:
        """Make the call of a seed; raise ValueError for a refusal, and log what it came to besides being stored."""
        service = self._seeder
        operation = service.routes.operations[step.operation]
        path = operation.path
        for name, value in step.path.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        headers = {"x-api-key": self.private_key, "content-type": "application/json"}
        body = json.dumps(step.body).encode()
        request = Arrived(operation.method, f"{service.routes.prefix}{path}", "", headers, body)
        told: list[Outcome] = []
        answer = service.answer(service.find(request), request, now(), told).answer
        if answer.status >= HTTPStatus.BAD_REQUEST:
            faults = "; ".join(map(str, details(answer.data)))
            raise ValueError(f"the seed does not fit: {step.place}: {operation.id} answers {answer.status}: {faults}")
        for outcome in told:
            if outcome.became in _LOST:
                place = step.place if outcome.item is None else join(step.place, outcome.item)
                _log.warning("the seed: %s", " ".join([place, outcome.became, *outcome.fields]) + f": {outcome.why}")


# For `help`, where a user looks.
Sandbox.__doc__ = f"{cleandoc(Sandbox.__doc__ or '')}\n\n{FORM}"
