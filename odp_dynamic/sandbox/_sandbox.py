"""The sandbox itself: what happens to a request between arriving and leaving."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from .._api import Api
from .._document import Document, bundled, load
from .._examples import example
from .._operations import Operation
from .._pointers import join
from ._answers import FORBIDDEN, Answer, message, now
from ._calls import Call
from ._faults import UNREADABLE, refusal_of
from ._handlers import BATCHES, HANDLERS
from ._keys import Keys
from ._requests import Arrived, TooLarge, Unreadable, arrived, is_json
from ._routes import Routes
from ._seeds import Seed, steps
from ._standard import furnish
from ._store import Store
from ._transport import WsgiTransport

if TYPE_CHECKING:
    from ._server import Served

_IN_PROCESS = "https://sandbox.invalid"  # RFC 6761, 6.4: a host that no network has
_READING = frozenset({"GET", "HEAD"})

_log = logging.getLogger("odp_dynamic.sandbox")


class Sandbox:
    """Is the service of a document, with memory: a WSGI application, used in process or on a loopback port.

    `database` is a file's path, or ``":memory:"``. `document` is whatever `load` takes, None for the bundled one.
    `seed` is a first state (see `_seeds`), put into a new database and again by `reset`; an existing file is left as
    it is. The keys are those of DESIGN §7. Operations of the document that have no handler answer with an example.

    Raises SpecError for a document that cannot be used, and ValueError for a database or a seed that cannot.
    """

    def __init__(
        self,
        database: str | PathLike[str] = ":memory:",
        document: Any = None,
        seed: Seed | None = None,
        *,
        public_key: str = "sandbox-public",
        private_key: str = "sandbox-private",
    ) -> None:
        from ._referee import Referee  # openapi-core: who only imports this package need not pay for it

        self.document: Document = _loaded(document)
        self.public_key = public_key
        self.private_key = private_key
        self._keys = Keys(public_key, private_key)
        self._routes = Routes(self.document)
        self._referee = Referee(self.document)
        self._steps = [] if seed is None else steps(seed)
        self._served: list[Served] = []
        self._store = Store(str(database), furnish)
        if self._store.is_new:
            self._plant()

    def __repr__(self) -> str:
        return f"<Sandbox of {self.document.source}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a WSGI call (PEP 3333)."""
        try:
            answer = self.answer(arrived(environ))
        except TooLarge:
            answer = Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"message": "Request Too Long"})
        content = _written(answer)
        headers = [("Content-Length", str(len(content)))]
        if content:
            headers.append(("Content-Type", answer.media_type))
        start_response(f"{answer.status:d} {HTTPStatus(answer.status).phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]

    @property
    def credentials(self) -> dict[str, str]:
        """Return a secret for each security scheme of the document, as `Api` takes them."""
        return self._keys.credentials(self.document)

    def api(self, **settings: Any) -> Api:
        """Return an `Api` of this document that reaches the sandbox without a socket, with keys that open all of it.

        `settings` are those of `Api`; ``transport`` may be replaced too.
        """
        mine = {
            "transport": WsgiTransport(self),
            "credentials": self.credentials,
            "base_url": f"{_IN_PROCESS}{self._routes.prefix}",
        }
        return Api(self.document, **{**mine, **settings})

    def serve(self, port: int = 0) -> Served:
        """Listen on 127.0.0.1 and return the handle: ``.url``, ``.close()``, a context manager; port 0 is a free one.

        Raises OSError where the port is taken.
        """
        from ._server import Served  # werkzeug's server: who works in process does not need it

        served = Served(self, port, self._routes.prefix, self._served.remove)
        self._served.append(served)
        return served

    def reset(self) -> None:
        """Return to the first state: the standard schema and segments, and the seed."""
        self._store.clear()
        self._plant()

    def close(self) -> None:
        """Stop serving and close the database; a second time does nothing."""
        for served in list(self._served):
            served.close()
        self._store.close()

    def answer(self, request: Arrived) -> Answer:
        """Return the answer to a request: found, let in, judged, worked on, judged again."""
        found = self._routes.find(request.method, request.path)
        if found is None:
            return Answer(HTTPStatus.FORBIDDEN, FORBIDDEN)  # not 404, nor 405: facts §1
        operation, path = found
        places = {"header": request.headers, "query": request.arguments(), "cookie": request.cookies()}
        if not self._keys.allow(operation, places):
            return Answer(_refused_status(operation), FORBIDDEN)
        try:
            body = request.data()
        except Unreadable:
            return message(HTTPStatus.BAD_REQUEST, UNREADABLE)
        errors = self._referee.request_errors(operation, path, request)
        if errors:
            return refusal_of(errors, batch=operation.id in BATCHES)
        try:
            return self._judged(operation, self._worked(operation, request, path, body))
        except Exception as error:  # noqa: BLE001  # a server answers, whatever happens
            _log.exception("%s failed", operation.id)
            return message(HTTPStatus.INTERNAL_SERVER_ERROR, f"the sandbox failed: {type(error).__name__}")

    def _worked(self, operation: Operation, request: Arrived, path: dict[str, str], body: Any) -> Answer:
        """Do the operation's work, in one transaction."""
        handler = HANDLERS.get(operation.id)
        if handler is None:
            return _exemplary(operation)
        with self._store.transaction(write=request.method not in _READING) as db:
            return handler(Call(db, path, request.arguments(), body, now()))

    def _judged(self, operation: Operation, answer: Answer) -> Answer:
        """Return the answer, or a failure that says how it would have broken the document."""
        faults = self._referee.answer_faults(operation, answer.status, answer.media_type, _written(answer))
        if not faults:
            return answer
        _log.error("%s would answer %d against the document: %s", operation.id, answer.status, "; ".join(faults))
        told = f"the sandbox's answer would break the document: {'; '.join(faults)}"
        return message(HTTPStatus.INTERNAL_SERVER_ERROR, told)

    def _plant(self) -> None:
        for step in self._steps:
            operation = self._routes.operations[step.operation]
            path = operation.path
            for name, value in step.path.items():
                path = path.replace(f"{{{name}}}", quote(value, safe=""))
            headers = {"x-api-key": self.private_key, "content-type": "application/json"}
            body = json.dumps(step.body).encode()
            answer = self.answer(Arrived(operation.method, f"{self._routes.prefix}{path}", "", headers, body))
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise ValueError(f"the seed does not fit: {step.operation} answers {answer.status}: {answer.data}")


def _loaded(document: Any) -> Document:
    if document is None:
        return load(bundled())
    return document if isinstance(document, Document) else load(document)


def _written(answer: Answer) -> bytes:
    if answer.data is None:
        return b""
    if not is_json(answer.media_type.partition(";")[0]):
        return str(answer.data).encode()
    return json.dumps(answer.data, ensure_ascii=False, separators=(",", ":")).encode()


def _refused_status(operation: Operation) -> int:
    """Return the status that the document has for a key that will not do: 401; 403 where it says nothing (facts §1)."""
    unauthorized = HTTPStatus.UNAUTHORIZED
    return unauthorized if str(int(unauthorized)) in operation.responses else HTTPStatus.FORBIDDEN


def _exemplary(operation: Operation) -> Answer:
    """Return an example of the operation's first success: what an operation without a handler answers."""
    statuses = sorted(status for status in operation.responses if status.startswith("2")) or ["200"]
    status = int(statuses[0].replace("X", "0"))
    response = operation.response(status)
    if response is None or not response.content:
        return Answer(status)
    name, media = next(iter(response.content.items()))
    if media.schema is None:
        return Answer(status, {} if is_json(name) else "", name)
    return Answer(status, example(operation.document.root, join(media.pointer, "schema"), "response"), name)
