"""The service: what happens to a request between arriving and being answered, and what there is to tell of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NamedTuple

from .._document import Document
from .._examples import example
from .._operations import Operation
from .._pointers import join
from .._values import Problem
from .._wire._answers import details
from ._answers import FORBIDDEN, Answer, message, written
from ._batches import too_many
from ._behaviour import Behaviour
from ._calls import Call, Outcome
from ._faults import UNPRIVILEGED, UNREADABLE, departures, faults_of, refusal_of
from ._handlers import BATCHES, JUDGES, handlers_of
from ._keys import Keys
from ._referee import Referee
from ._requests import Arrived, Unread, Unreadable, is_json
from ._routes import Found, Routes
from ._store import Store

_READING = frozenset({"GET", "HEAD"})
_METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")

_log = logging.getLogger("odp_dynamic.sandbox")


class Judged(NamedTuple):
    """Is an answer with its bytes, and, where it is a refusal, with the reason and its places in the request."""

    answer: Answer
    content: bytes
    why: str = ""
    problems: tuple[Problem, ...] = ()


class _Undone(Exception):
    """Ends a transaction whose work is not to last."""


class Service:
    """Answers requests by a document: found, let in, judged, worked on, judged again."""

    def __init__(self, document: Document, keys: Keys, store: Store, behaviour: Behaviour, referee: Referee) -> None:
        self.document = document
        self.routes = Routes(document)
        self._handlers = handlers_of(document)
        self._keys = keys
        self._referee = referee
        self._store = store
        self._behaviour = behaviour

    def find(self, request: Arrived) -> Found | None:
        """Return the operation that a request is for, None where it is for none."""
        return self.routes.find(request.method, request.path)

    def answer(
        self, found: Found | None, request: Arrived, at: str, told: list[Outcome], *, lasting: bool = True
    ) -> Judged:
        """Return the answer; what became of each item is added to `told`. Work that is not `lasting` is undone."""
        try:
            if request.unread:
                return _unread(request.unread)
            if found is None:
                return _forbidden(HTTPStatus.FORBIDDEN, self._lost(request))  # not 404, nor 405: facts §1
            return self._locked_out(found, request) or self._answered(found, request, at, told, lasting=lasting)
        except Exception as error:  # noqa: BLE001  # a server answers, whatever happens
            _log.exception("%s failed", found.operation.id if found else request.method)
            told.clear()
            return refused(HTTPStatus.INTERNAL_SERVER_ERROR, f"the sandbox failed: {type(error).__name__}")

    def _locked_out(self, found: Found, request: Arrived) -> Judged | None:
        """Return the refusal of a request without the right key, None for one with it."""
        places = {"header": request.headers, "query": request.arguments(), "cookie": request.cookies()}
        if self._keys.allow(found.operation, places):
            return None
        status = _refused_status(found.operation)
        if self._keys.know(found.operation.document, places):
            return refused(status, UNPRIVILEGED)
        return _forbidden(status, "no key of the request opens this operation")

    def _answered(self, found: Found, request: Arrived, at: str, told: list[Outcome], *, lasting: bool) -> Judged:
        """Judge the request, do the work, and have the answer judged."""
        operation, path = found
        try:
            body = request.data()
        except Unreadable:
            return refused(HTTPStatus.BAD_REQUEST, UNREADABLE)
        if operation.id in BATCHES and (why := too_many(body, self._behaviour)):
            told.append(
                Outcome(None, "refused", why)
            )  # unjudged: to tell the faults of 200,000 items takes half a minute
            return refused(HTTPStatus.BAD_REQUEST, why)
        errors = self._referee.request_errors(operation, path, request)
        faults = faults_of(errors, batch=operation.id in BATCHES)
        if errors and not (faults and operation.id in JUDGES):
            return _refused(errors, operation)
        handler = self._handlers.get(operation.id)
        if handler is None:
            return self._allowed(operation, _exemplary(operation), "no handler: answered with an example")
        write = request.method not in _READING
        with suppress(_Undone), self._store.transaction(write=write) as db:
            answer = handler(Call(db, path, request.arguments(), body, at, self._behaviour, told, faults))
            if not lasting:
                told.clear()
                raise _Undone
        judged = self._allowed(operation, answer)
        return _with_problems(judged, errors, operation) if errors else judged

    def _allowed(self, operation: Operation, answer: Answer, note: str = "") -> Judged:
        """Return the answer, or a failure that says how it would have broken the document."""
        content = written(answer)
        faults = self._referee.answer_faults(operation, answer.status, answer.media_type, content)
        if faults:
            _log.error("%s would answer %d against the document: %s", operation.id, answer.status, "; ".join(faults))
            told = f"the sandbox's answer would break the document: {'; '.join(faults)}"
            return refused(HTTPStatus.INTERNAL_SERVER_ERROR, told)
        if answer.status < HTTPStatus.BAD_REQUEST:
            return Judged(answer, content, note)
        return Judged(answer, content, _reason(answer.data), _places(answer.data))

    def _lost(self, request: Arrived) -> str:
        """Return why no operation was found."""
        prefix = self.routes.prefix
        if not request.path.startswith(f"{prefix}/"):
            return f"the path is outside of the base path {prefix}"
        known = [method for method in _METHODS if self.routes.find(method, request.path)]
        return f"the document has only {' and '.join(known)} here" if known else "the document has no such path"


def refused(status: int, text: str) -> Judged:
    """Return a refusal for one reason, in the service's envelope."""
    answer = message(status, text)
    return Judged(answer, written(answer), text)


def _forbidden(status: int, why: str) -> Judged:
    answer = Answer(status, FORBIDDEN)
    return Judged(answer, written(answer), why)


def _unread(unread: Unread) -> Judged:
    status, why = unread
    if status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return refused(status, why)
    answer = Answer(status, {"message": "Request Too Long"})  # the front door's words, facts §1
    return Judged(answer, written(answer), why)


def _refused(errors: Sequence[Exception], operation: Operation) -> Judged:
    """Return the refusal that tells all that the referee found."""
    answer = refusal_of(errors, batch=operation.id in BATCHES)
    problems = tuple(problem for error in errors for problem in _problems(error, operation))
    return Judged(answer, written(answer), _reason(answer.data), problems)


def _with_problems(judged: Judged, errors: Sequence[Exception], operation: Operation) -> Judged:
    """Return a refusal with what the referee found, which knows the places better, and what the handler added."""
    refused = _refused(errors, operation)
    known = {problem.message for problem in _places(refused.answer.data)}
    added = [problem for problem in judged.problems if problem.message not in known]
    return judged._replace(problems=(*refused.problems, *added))


def _reason(data: Any) -> str:
    """Return in one sentence why a body of ours refuses."""
    faults = details(data)
    return f"{len(faults)} faults" if len(faults) > 1 else faults[0].message if faults else ""


def _places(data: Any) -> tuple[Problem, ...]:
    return tuple(fault for fault in details(data) if fault.pointer)


def _problems(error: Exception, operation: Operation) -> list[Problem]:
    """Return what the referee found, place by place."""
    name = getattr(error, "name", None)
    location = next((one.location for one in operation.parameters if one.name == name), "")
    where, skipped = (f"{location}.{name}", 1) if location else ("body", 0)
    keywords = {tuple(rule.absolute_path): rule.validator for rule in getattr(error.__cause__, "schema_errors", ())}
    places = [(place[skipped:], told) for place, told in departures([error])]
    if not places:
        return [Problem(where, "", "content", _reason(refusal_of([error], batch=False).data))]
    return [Problem(where, join("", *place), str(keywords.get(place) or "required"), told) for place, told in places]


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
