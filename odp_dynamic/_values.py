"""The values that travel through a call: a request, a response, a problem.

They are frozen, and they know nothing of documents or networks. Named tuples rather than dataclasses: they cost a
tenth to build and nothing to import, and a call builds two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

MASK = "***"
V = TypeVar("V")


class Problem(NamedTuple):
    """Is one departure from the document; it never holds the value that is wrong.

    `where` is the part of the exchange: ``"body"``, ``"path.object_id"``, ``"query.fields"``, ``"security"``,
    ``"response"``. `pointer` is the JSON pointer (RFC 6901) inside that part, `keyword` the rule's keyword, `message`
    a sentence about the place, `schema` the JSON pointer of the rule in the document.
    """

    where: str
    pointer: str
    keyword: str
    message: str
    schema: str = ""

    def __str__(self) -> str:
        return f"{f'{self.where} {self.pointer}'.strip()}: {self.message}"


class Headers(Mapping[str, str]):
    """Is a read-only mapping of header fields whose names compare without case (RFC 9110, 5.1)."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str] | Sequence[tuple[str, str]] = ()) -> None:
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        self._fields: dict[str, tuple[str, str]] = {}
        for name, value in pairs:
            before = self._fields.get(name.lower())
            self._fields[name.lower()] = (name, f"{before[1]}, {value}" if before else value)

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"<Headers {', '.join(self)}>"


class RateLimit(NamedTuple):
    """Is how often calls may be made: `requests` in `seconds`, and `burst` of them at once.

    `name` is what they share it under: an operation's id, or a tag's name after ``"tag "``.
    """

    name: str
    requests: float
    seconds: float = 1.0
    burst: float = 1.0

    def __str__(self) -> str:
        per = "second" if self.seconds == 1 else f"{self.seconds:g} seconds"
        return f"{self.requests:g} requests per {per} for {self.name}"


class Request(NamedTuple):
    """Is a request ready to be sent: built, validated and signed.

    `operation` is the operationId, `url` absolute and percent-encoded, `headers` as they go out, `body` the bytes.
    `target` is the URL with the path's template still in it, which is what messages show. `secrets` lists the places
    that hold credentials, such as ``("header", "x-api-key")``. `replayable` says that sending it twice does no more
    than sending it once. `timeout` is in seconds: to connect, to wait for each piece of the answer, and in all.
    `arguments` are the values that the caller gave for the operation's parameters, in their order (None: not given),
    for transports that look at calls rather than at bytes; the body is left out, for `body` has it. `rate_limits` are
    those that the document has for the operation.
    """

    operation: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    target: str = ""
    secrets: frozenset[tuple[str, str]] = frozenset()
    replayable: bool = False
    timeout: tuple[float, float, float] = (5, 30, 60)
    arguments: Sequence[Any] = ()
    rate_limits: tuple[RateLimit, ...] = ()

    def __repr__(self) -> str:
        return f"<Request {self.operation} {self.method} {self.target}>"

    def curl(self, *, values: bool = True) -> str:
        """Return the request as a curl command for a POSIX shell, with its secrets masked.

        `values=False` leaves out all that may be personal: the path's and the query's values, and the body.
        """
        words = ["curl"] if self.method == "GET" else ["curl", "-X", self.method]
        words.append(_shell_word(self._masked_url() if values else self.target))
        for name, value in self.headers.items():
            shown = _masked_header(name, value, self.secrets) if values or _is_plain(name) else MASK
            words += ["-H", _shell_word(f"{name}: {shown}")]
        if self.body is not None:
            words += ["--data-binary", _shell_word(_printable(self.body)) if values else f"'<{len(self.body)} bytes>'"]
        return " ".join(words)

    def _masked_url(self) -> str:
        url = self.url
        for place, name in self.secrets:
            if place == "query":
                url = re.sub(rf"([?&]{re.escape(quote(name, safe=''))}=)[^&]*", rf"\g<1>{MASK}", url)
        return url


def _is_plain(header: str) -> bool:
    return header.lower() in {"accept", "content-type", "user-agent", "content-encoding"}


def _masked_header(name: str, value: str, secrets: frozenset[tuple[str, str]]) -> str:
    if name.lower() == "cookie":
        hidden = {cookie for place, cookie in secrets if place == "cookie"}
        crumbs = (crumb.partition("=") for crumb in value.split("; "))
        return "; ".join(f"{key}={MASK if key in hidden else crumb}" for key, _, crumb in crumbs)
    hidden_headers = {header.lower() for place, header in secrets if place == "header"}
    return MASK if name.lower() in hidden_headers else value


def _shell_word(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _printable(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"<{len(body)} bytes>"


class Attempt(NamedTuple):
    """Is one attempt at a request, and what followed.

    `reason` says in a few words what came of it, `status` is the answer's, None where there was none, `elapsed` the
    seconds it took. `wait` is the seconds until the next attempt, None where none followed; `end` says why not, ""
    where none was needed.
    """

    number: int
    reason: str
    status: int | None
    elapsed: float
    wait: float | None = None
    end: str = ""

    def __str__(self) -> str:
        after = f"waited {self.wait:.2g} s" if self.wait is not None else f"not sent again: {self.end}"
        told = f"attempt {self.number}: {self.reason} after {self.elapsed:.2g} s"
        return f"{told}; {after}" if self.wait is not None or self.end else told


class Response(NamedTuple):
    """Is an answer.

    `status` is the HTTP status, `content` the body's bytes after content coding, `data` the decoded body (None where
    there is none or it cannot be decoded), `elapsed` the seconds of the last attempt, `attempts` how often the
    request was sent, `problems` where the answer departs from the document. `history` tells of each attempt, where
    there were several or where there would have been another one.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    request: Request
    elapsed: float = 0.0
    attempts: int = 1
    data: Any = None
    problems: tuple[Problem, ...] = ()
    history: tuple[Attempt, ...] = ()

    def __repr__(self) -> str:
        kind = self.headers.get("Content-Type", "no content type")
        return f"<Response {self.request.operation} {self.status} {kind} {len(self.content)} bytes>"


class Transport(Protocol):
    """Is anything that can send a request: the network, a wrapper around it, or a test's double."""

    def send(self, request: Request, /) -> Response:
        """Return the answer, whatever its status; raise TransportError when there is none."""
        ...


class LazyMapping(Mapping[str, V]):
    """Is a read-only mapping whose values are made on first use, and whose misses say what was meant."""

    __slots__ = ("_made", "_make", "_names", "_unknown")

    def __init__(
        self, names: Iterable[str], make: Callable[[str], V], unknown: Callable[[str, Iterable[str]], KeyError]
    ) -> None:
        self._names = dict.fromkeys(names)
        self._make = make
        self._unknown = unknown
        self._made: dict[str, V] = {}

    def __getitem__(self, name: str) -> V:
        try:
            return self._made[name]
        except KeyError:
            if name not in self._names:
                raise self._unknown(name, self._names) from None
        # Two threads may both make it; both then use the one that was kept.
        return self._made.setdefault(name, self._make(name))

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<{len(self)}: {', '.join(self)}>"
