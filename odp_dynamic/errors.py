"""What can go wrong, by who must act.

OdpError
├── SpecError              the document's author
├── UnknownOperation       the caller: no such operationId
├── ContractError          what was sent or received breaks the document
│   ├── InvalidRequest       by the caller; nothing was sent
│   └── InvalidResponse      by the server
├── TransportError         the network
│   └── TimedOut
└── StatusError            the server said no
    ├── BadRequest 400 · NotAuthorized 401, 403 · NotFound 404 · Conflict 409
    └── RateLimited 429 · ServerError 5xx

Each error holds data and composes its sentence in ``__str__``. A sentence names the operation, the place, the rule and
the likely fix; it never holds a value of a payload, a value of a parameter or a secret. All of them pickle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ._values import Attempt, Problem, Request, Response


def closest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `name` was most likely meant to be, or None when none is near."""
    import difflib  # only a mistake pays for it

    by_folded = {known.casefold(): known for known in names}
    found = difflib.get_close_matches(str(name).casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(name: str | None) -> str:
    """Return the end of a sentence about a name that is not known; `name` is what `closest` found."""
    return f"; did you mean {name!r}?" if name else ""


class OdpError(Exception):
    """Is the base of every error that this package raises."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"  # and not what it holds, which may be personal


class SpecError(OdpError):
    """Says that an OpenAPI document cannot be used, where, and what to do; its author must act.

    `pointer` is the RFC 6901 JSON pointer of the place, `line` its line in the text (from 1) where it is known,
    `source` the document's file name or URL.
    """

    def __init__(self, message: str, pointer: str = "", source: str = "", line: int | None = None) -> None:
        super().__init__(message, pointer, source, line)
        self.message = message
        self.pointer = pointer
        self.source = source
        self.line = line

    def __str__(self) -> str:
        place = [self.source] if self.source else []
        place += [f"line {self.line}"] if self.line is not None else []
        place += [f"at {self.pointer}"] if self.pointer else []
        return f"{', '.join(place)}: {self.message}" if place else self.message


class UnknownOperation(OdpError, KeyError, AttributeError):
    """Says that no operation has this id, and which one is near; the caller must act.

    It is a LookupError and an AttributeError too, so that mappings, `hasattr` and `getattr` behave.
    """

    def __init__(self, operation: str, closest: str | None = None) -> None:
        super().__init__(operation, closest)
        self.operation = operation
        self.closest = closest

    def __str__(self) -> str:
        return f"no operation is called {self.operation!r}{did_you_mean(self.closest)}"


class UnknownSchema(OdpError, KeyError):
    """Says that no component schema has this name, and which one is near."""

    def __init__(self, name: str, closest: str | None = None) -> None:
        super().__init__(name, closest)
        self.name = name
        self.closest = closest

    def __str__(self) -> str:
        return f"no schema is called {self.name!r}{did_you_mean(self.closest)}"


class ContractError(OdpError):
    """Is the base of the two errors that say that the contract, the document, is broken.

    `operation` is the operationId, `problems` all that is wrong, in the order of the document.
    """

    _side = "exchange"

    def __init__(self, operation: str, problems: Sequence[Problem]) -> None:
        super().__init__(operation, problems)
        self.operation = operation
        self.problems = tuple(problems)

    def __str__(self) -> str:
        count = f"{len(self.problems)} problem{'s'[: len(self.problems) != 1]}"
        return "\n".join([f"{self.operation}: {count} in the {self._side}", *(f"  {p}" for p in self.problems)])


class InvalidRequest(ContractError):
    """Says what is wrong with a request; nothing was sent; the caller must act."""

    _side = "request; nothing was sent"


class InvalidResponse(ContractError):
    """Says where an answer departs from the document; `response` is the answer; the server's owner must act."""

    def __init__(self, operation: str, problems: Sequence[Problem], response: Response) -> None:
        super().__init__(operation, problems)
        self.args = (operation, problems, response)
        self.response = response

    @property
    def _side(self) -> str:  # type: ignore[override]  # what a class says of all, this one says of one answer
        return f"response (HTTP {self.response.status})"


class TransportError(OdpError):
    """Says that no answer came: `request` is what was to be sent, `sent` whether the server may have received it.

    `passing` says whether another attempt may fare better; `history` tells of all attempts, and `sent` is of any.
    """

    def __init__(self, message: str, request: Request, *, sent: bool = True, passing: bool = True) -> None:
        super().__init__(message, request)
        self.message = message
        self.request = request
        self.sent = sent
        self.passing = passing
        self.history: tuple[Attempt, ...] = ()

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self.args, self.__dict__

    def __str__(self) -> str:
        fate = "it may have reached the server" if self.sent else "it never reached the server"
        return f"{self.request.operation}: {self.message}; {fate}{_told(self.history)}"


class TimedOut(TransportError):
    """Says that connecting, or waiting for the answer, took longer than the timeout."""


class StatusError(OdpError):
    """Says that the server refused a request that the document allows.

    `operation` is the operationId, `status` the HTTP status, `response` the whole answer, and `details` the service's
    own faults as `Problem` values whose `pointer` leads into the request's body. The sentence leaves out the
    service's words, for they may repeat personal data: they are in `details`.
    """

    def __init__(
        self, operation: str, response: Response, details: Sequence[Problem] = (), meaning: str | None = None
    ) -> None:
        super().__init__(operation, response, details, meaning)
        self.operation = operation
        self.response = response
        self.status = response.status
        self.details = tuple(details)
        self.meaning = meaning

    def __str__(self) -> str:
        parts = [f"{self.operation}: the server answered {self.status} {phrase(self.status)}".rstrip()]
        parts += [self.meaning] if self.meaning else ["the document does not declare this status"]
        if self.details:
            places = ", ".join(sorted({f"{d.where} {d.pointer}".strip() for d in self.details}))
            parts.append(f"what it says is wrong is in .details ({places})")
        advice = self._advice()
        return "; ".join([*parts, advice] if advice else parts) + _told(self.response.history)

    def _advice(self) -> str:
        return ""


def _told(history: Sequence[Attempt]) -> str:
    """Return what is to be said of the attempts: of one, why it was the only one; of several, each in a line."""
    if len(history) > 1:
        return "".join(f"\n  {attempt}" for attempt in history)
    return f"; not sent again: {history[0].end}" if history and history[0].end else ""


def phrase(status: int) -> str:
    """Return the words for an HTTP status, "" for one that has none."""
    from http import HTTPStatus  # only a refusal pays for it

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


class BadRequest(StatusError):
    """Is 400: the service refuses the payload although its form is right."""


class NotAuthorized(StatusError):
    """Is 401 or 403: the key is missing, wrong, of the wrong kind, or of another region."""

    def _advice(self) -> str:
        return "check that the key is current, of the kind this operation needs, and of this server's region"


class NotFound(StatusError):
    """Is 404."""


class Conflict(StatusError):
    """Is 409."""


class RateLimited(StatusError):
    """Is 429; `retry_after` is how many seconds the server asks to wait, None where it does not say."""

    @property
    def retry_after(self) -> float | None:
        """Read Retry-After: seconds, or a date (RFC 9110, 10.2.3)."""
        return retry_after(self.response.headers)

    def _advice(self) -> str:
        wait = self.retry_after
        return "slow down" if wait is None else f"wait {wait:g} s"


class ServerError(StatusError):
    """Is 5xx: the service failed."""


_BY_STATUS: Mapping[int, type[StatusError]] = {
    400: BadRequest,
    401: NotAuthorized,
    403: NotAuthorized,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
}


def status_error(status: int) -> type[StatusError]:
    """Return the class of the error that stands for an HTTP status."""
    return _BY_STATUS.get(status) or (ServerError if status >= 500 else StatusError)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a Retry-After header asks for, 0 for one that has passed, None for none or nonsense."""
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    if not value:
        return None
    from datetime import UTC  # a date is rare, and the imports are not free
    from email.utils import parsedate_to_datetime
    from time import time

    try:
        date = parsedate_to_datetime(value)
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - time())
    except (TypeError, ValueError, OverflowError):
        return None
