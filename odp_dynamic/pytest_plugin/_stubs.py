"""`odp_stub`: a script of answers, each for a call that the document allows, each an answer that it allows.

1. A stub answers calls of its operation whose arguments match; each scripted answer is given once unless it says
   `times`, in the order in which they were scripted.
2. Stubs are tried in the order of the script; after `in_order` only the next answer counts.
3. A call that none answers fails at once, and says of each stub why not; one that was swallowed fails at the end.
4. An answer that was never asked for fails at the end.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Self

from .._api import Api
from .._bind import UNSET
from .._document import Document
from .._values import Request, Response
from ..errors import TransportError
from ._answers import Give, answering, breaking, failing
from ._any import ANY
from ._calls import Call, call_of
from ._expecting import Expected, expected, misses

_NOWHERE = "https://stub.invalid"  # RFC 6761, 6.4: a host that no network has


class Unscripted(AssertionError):
    """Says that the calls of a test and its script differ, and how."""

    __module__ = __package__  # the name by which users know it


class Answer:
    """Is one scripted answer: what gives it, how often, and how often it has been given."""

    def __init__(self, give: Give, told: str, times: Any, line: str) -> None:
        if times is not ANY and (not isinstance(times, int) or times < 1):
            raise ValueError("times is how often the answer is given, 1 or more, or ANY: as often as it is asked for")
        self.give = give
        self.told = told
        self.line = line
        self.times = times
        self.given = 0

    @property
    def is_open(self) -> bool:
        """Tell whether it can be given once more."""
        return self.times is ANY or self.given < self.times

    @property
    def is_due(self) -> bool:
        """Tell whether it has not been given as often as was scripted; ANY is at least once."""
        return self.given < (1 if self.times is ANY else self.times)


class Stub:
    """Is an expected call and its answers, which are given one after the other."""

    def __init__(self, script: list[tuple[Stub, Answer]], wanted: Expected, line: str) -> None:
        self.wanted = wanted
        self.line = line
        self.answers: list[Answer] = []
        self._script = script

    def __repr__(self) -> str:
        return f"<Stub {self.wanted} at {self.line}>"

    def returns(
        self,
        data: Any = None,
        *,
        status: int | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
        times: Any = 1,
    ) -> Self:
        """Answer with data; raise InvalidStub, at this line, for what the document does not allow.

        `status` is by default the first success that is declared. `times` is how often; ANY: as often as asked.
        """
        __tracebackhide__ = True
        give, status = answering(self.wanted.operation, data, status, content_type, headers)
        return self._add(give, str(status), times)

    def raises(self, error: type[TransportError] | TransportError, *, sent: bool = True, times: Any = 1) -> Self:
        """Fail as a network does: with TimedOut or TransportError; `sent` says whether the server may have got it."""
        __tracebackhide__ = True
        give = failing(self.wanted.operation, error, sent=sent)
        return self._add(give, (error if isinstance(error, type) else type(error)).__name__, times)

    def breaks(
        self,
        content: bytes = b"",
        *,
        status: int = 200,
        content_type: str | None = "application/json",
        headers: Mapping[str, str] | None = None,
        times: Any = 1,
    ) -> Self:
        """Answer against the document, on purpose; raise InvalidStub for what it does allow."""
        __tracebackhide__ = True
        give = breaking(self.wanted.operation, content, status, content_type, headers)
        return self._add(give, f"{status}, which breaks the document", times)

    def _add(self, give: Give, told: str, times: Any) -> Self:
        answer = Answer(give, told, times, _line(2))
        self.answers.append(answer)
        self._script.append((self, answer))
        return self

    def why_not(self, call: Call) -> list[str]:
        """Return the reasons why the stub does not answer a call; none when it does."""
        if call.operation != self.wanted.operation.id:
            return ["is for another operation"]
        reasons = list(misses(self.wanted, call))
        if not reasons and not self.answers:
            return ["has no answer; add .returns(…)"]
        if not reasons and not any(answer.is_open for answer in self.answers):
            return ["matches, but all its answers have been given; say times= or script another"]
        return reasons


class Stubs:
    """Is a transport that follows a script; `api` is the client to hand to the code under test."""

    def __init__(self, document: Document) -> None:
        schemes = (document.root.get("components") or {}).get("securitySchemes") or {}
        keys = dict.fromkeys(schemes, "stub")
        self.api = Api(document, environment="", transport=self, credentials=keys, base_url=_NOWHERE, retry=None)
        self.calls: list[Call] = []
        self._stubs: list[Stub] = []
        self._script: list[tuple[Stub, Answer]] = []
        self._ordered = False
        self._failed: list[str] = []
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<Stubs {len(self._stubs)} scripted, {len(self.calls)} calls>"

    def on(self, operation_id: str, /, body: Any = UNSET, **arguments: Any) -> Stub:
        """Begin a stub for calls of an operation; raise InvalidStub for arguments that no call could have.

        A value must be equal, ANY must be given, None says what it says in a call (a parameter is not given, a property
        is null), and what is not named may be anything. `body` is compared as a whole; properties of it are named like
        arguments.
        """
        __tracebackhide__ = True
        wanted = expected(self.api.operations[operation_id], body, arguments)
        stub = Stub(self._script, wanted, _line(1))
        self._stubs.append(stub)
        return stub

    def in_order(self) -> Self:
        """Demand that calls come in the order in which their answers were scripted."""
        self._ordered = True
        return self

    def send(self, request: Request, /) -> Response:
        """Answer as scripted; raise Unscripted, with the reason of each miss, for a call that is not in the script."""
        __tracebackhide__ = True
        call = call_of(self.api.operations[request.operation], request)
        with self._lock:
            self.calls.append(call)
            answer = self._next(call) if self._ordered else self._matching(call)
            if answer is None:
                self._failed.append(self._told(call))
                raise Unscripted(self._failed[-1])
            answer.given += 1
        return answer.give(request)

    def difference(self) -> str:
        """Return how the calls differ from the script: one that was swallowed, answers never asked for; or nothing."""
        unused = [f"  {stub.line}: {stub.wanted} has no answer" for stub in self._stubs if not stub.answers]
        unused += [f"  {_due(stub, answer)}" for stub, answer in self._script if answer.is_due]
        if self._failed or not unused:
            return "\n".join(self._failed)
        count = f"{len(unused)} scripted answer{'s were' if len(unused) != 1 else ' was'}"
        return "\n".join([f"{count} never asked for", *unused])

    def _matching(self, call: Call) -> Answer | None:
        stub = next((stub for stub in self._stubs if not stub.why_not(call)), None)
        return next((answer for answer in stub.answers if answer.is_open), None) if stub else None

    def _next(self, call: Call) -> Answer | None:
        for stub, answer in self._script:
            if answer.is_open and not stub.why_not(call):
                return answer
            if answer.is_due:
                return None
        return None

    def _told(self, call: Call) -> str:
        lines = list(self._candidates(call)) or [
            "  the script is at its end" if self._stubs else "  nothing is scripted"
        ]
        return "\n".join([f"no stub answers {call}", *lines])

    def _candidates(self, call: Call) -> Iterator[str]:
        if self._ordered:
            stub, answer = next(((s, a) for s, a in self._script if a.is_due), (None, None))
            if stub and answer:
                reasons = "; ".join(stub.why_not(call))
                yield f"  {answer.line}: {stub.wanted}, which is next in order, {reasons}"
            return
        for stub in self._stubs:
            yield "\n    ".join([f"  {stub.line}: {stub.wanted}", *stub.why_not(call)])


def _due(stub: Stub, answer: Answer) -> str:
    often = f", given {answer.given} of {answer.times} times" if answer.given else ""
    return f"{answer.line}: {stub.wanted} → {answer.told}{often}"


def _line(above: int) -> str:
    """Return the file and line of whoever called the function so many calls above this one's caller."""
    frame = sys._getframe(above + 1)  # noqa: SLF001  # what `inspect` stands on, without reading every source
    path = Path(frame.f_code.co_filename)
    return f"{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path.name}:{frame.f_lineno}"
