"""The way of a request through the sandbox: a fault may hit it, the service answers, the journal is told, it leaves."""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

from ._answers import Answer, now, written
from ._calls import Outcome
from ._delivery import Delivery, Sleep, deliver, refusal_by
from ._faultplan import Fault, Faults
from ._journal import Entry, Journal, excerpt
from ._masks import Masks
from ._requests import Arrived
from ._routes import Found
from ._service import Judged, Service

_NOTHING = Judged(Answer(0), b"")


class _Passage(NamedTuple):
    """Is what is known of a request when it has passed; `judged` is the service's answer, `answer` what is sent."""

    request: Arrived
    at: str
    found: Found | None
    fault: Fault | None
    judged: Judged
    outcomes: tuple[Outcome, ...]
    answer: Answer
    content: bytes
    milliseconds: float


class FrontDoor:
    """Takes requests to the service, and says in the journal what became of them."""

    def __init__(self, service: Service, faults: Faults, journal: Journal, masks: Masks) -> None:
        self._service = service
        self._faults = faults
        self._journal = journal
        self._masks = masks

    def take(self, request: Arrived, sleep: Sleep) -> Delivery:
        """Return what leaves for a request, which stands in the journal by then; raise Lost where nothing leaves."""
        at, found = now(), self._service.find(request)
        fault = self._faults.draw(found.operation.id) if found else None
        if fault and fault.delay and fault.when == "before":
            sleep(fault.delay)
        outcomes: list[Outcome] = []
        begun = perf_counter()
        judged = self._judged(found, request, at, outcomes, fault)
        answer, content = _sent(judged, fault)
        elapsed = round((perf_counter() - begun) * 1000, 3)
        passage = _Passage(request, at, found, fault, judged, tuple(outcomes), answer, content, elapsed)
        self._journal.record(self._entry(passage))
        if fault and fault.delay and fault.when == "after":
            sleep(fault.delay)
        return deliver(answer, content, fault, sleep)

    def _judged(
        self, found: Found | None, request: Arrived, at: str, outcomes: list[Outcome], fault: Fault | None
    ) -> Judged:
        """Return the service's answer, which is none where a fault needs none."""
        if fault is None:
            return self._service.answer(found, request, at, outcomes)
        if fault.undoes and fault.kind in {"status", "reset"}:
            return _NOTHING
        return self._service.answer(found, request, at, outcomes, lasting=not fault.undoes)

    def _entry(self, passage: _Passage) -> Entry:
        request, at, found, fault, judged, outcomes, answer, content, elapsed = passage
        masks, operation = self._masks, found.operation if found else None
        presented = masks.presented(request)
        masked = masks.masking(presented)
        return Entry(
            number=0,  # the journal counts
            time=at,
            operation=operation.id if operation else None,
            method=request.method,
            template=operation.path if operation else None,
            target=masks.target(request, masked),
            key=masks.kind(presented),
            headers=masks.headers(request, masked),
            body=excerpt(request.body, masked),
            status=None if fault and fault.kind == "reset" else answer.status,
            answer=excerpt(content, masked),
            milliseconds=elapsed,
            verdict=_verdict(judged.answer.status, fault),
            why=judged.why,
            problems=judged.problems,
            outcomes=outcomes,
            fault=fault,
        )


def _sent(judged: Judged, fault: Fault | None) -> tuple[Answer, bytes]:
    """Return the answer that is sent, whole."""
    if fault is None or fault.kind != "status":
        return judged.answer, judged.content
    answer = refusal_by(fault)
    return answer, written(answer)


def _verdict(status: int, fault: Fault | None) -> str:
    """Return a word for what the service made of a request: its answer's status says it, 0 that it saw nothing."""
    if status < 400:
        return "undone" if fault and fault.undoes else "accepted"
    return "refused" if status < 500 else "failed"
