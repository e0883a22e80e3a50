"""The client: look up, prepare, send, judge."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from . import _settings
from ._bind import UNSET
from ._contract import Contract
from ._document import Source as Overlay
from ._layers import Source, sources
from ._operations import Operation
from ._retry import Retry
from ._schema import Schema
from ._secrets import Secrets
from ._security import Keys
from ._servers import Servers, Wanted, wanted, where
from ._shared import Shared
from ._values import Headers, Problem, Request, Response, Transport
from ._wire import judge, read, refusal, sign
from .errors import InvalidRequest, InvalidResponse, OdpError, closest
from .pacing import Pacing

if TYPE_CHECKING:
    from .drift import Ledger

Responses = Literal["raise", "warn", "record", "ignore"]

# What is told of every answer of every Api of this process, in the thread of its call: `watching` is for tools that
# measure a whole run, such as contract coverage. A transport sees one Api's requests; nothing else sees them all.
watching: list[Callable[[Operation, Response], None]] = []


class _Settings(NamedTuple):
    """Is what one Api has of its own; all the rest it shares with its copies."""

    credentials: Secrets
    server: Wanted
    base_url: str | None
    retry: Retry | None
    timeout: tuple[float, float, float]
    responses: Responses
    drift: Ledger | Literal[""] | None  # "": none, whatever `responses` says


class _View:
    """Is what one Api has worked out for a contract: the base URLs of its operations, and their functions."""

    __slots__ = ("bases", "contract", "functions")

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.bases: dict[Any, str | Problem] = {}
        self.functions: dict[str, Callable[..., Any]] = {}


class Api:
    """Calls the operations of an OpenAPI document, and validates what goes out and what comes back.

    `document` is a path, a URL, an open file or a dict, or a list of several that together make one client; None is
    the one in ``$ODP_SPEC``, or else the one that comes with the package.

    - `overlays` are changes to the document that are written beside it (`odp_dynamic.overlay`), applied in this order:
      paths, URLs, open files, dicts, or names of those that come with the package. None are those in
      ``$ODP_OVERLAYS``, or else ``["odp-limits"]`` for the document that comes with the package, nothing for another;
      ``[]`` is none at all. An action that selects nothing is a warning.
    - `environment` names settings in ``odp.toml``, or under ``[tool.odp]`` in ``pyproject.toml``; None is the one in
      ``$ODP_ENV``, "" none. What is passed here wins over it, and it wins over all other variables.
    - `credentials` maps a security scheme's name to its secret (for HTTP's basic scheme: ``(user, password)``), or to
      where it is found: ``{"env": "NAME"}``, ``{"file": "path"}`` or ``{"command": ["program", "argument"]}``, looked
      up when it is first needed, once for each copy. A missing one is looked up in the environment, as ``ODP_`` and the
      scheme's name in upper snake case.
    - `server` picks one of the document's servers by index, URL, description or a value of a variable of it, or maps
      the variables' names to values; `base_url` replaces them all.
    - `transport` is what sends, `retry` the `Retry` that wraps it (None: never again), `pacing` the
      `odp_dynamic.pacing.Pacing` that keeps the document's rate limits, to share one with another Api; by default one
      of its own, and False for none.
    - `timeout` is in seconds: to connect, to wait for each piece of the answer, and for one attempt in all (60 unless a
      third number is given); one number stands for the first two. [default: (5, 30)]
    - `responses` says what becomes of an answer that departs from the document: ``"raise"`` (the default), ``"warn"``,
      ``"record"`` (kept in `Response.problems`, and in `drift`) or ``"ignore"`` (not looked for).
    - `drift` is where such departures are collected, whatever `responses` says and before anything is raised: a
      `odp_dynamic.drift.Ledger`, or the path of its file. None is the file in ``$ODP_DRIFT``, or else a ledger in
      memory where `responses` is ``"record"``; "" is none.

    It needs no key and opens no connection until a call does. Threads may share it. Raises SpecError for a document
    that cannot be used, ValueError for a setting that makes no sense.
    """

    def __init__(
        self,
        document: Source | Sequence[Source] | None = None,
        /,
        *,
        overlays: Overlay | Sequence[Overlay] | None = None,
        environment: str | None = None,
        credentials: Mapping[str, Any] | None = None,
        server: Wanted = None,
        base_url: str | None = None,
        transport: Transport | None = None,
        retry: Retry | None = Retry(),  # noqa: B008  # rules alone: never changed
        pacing: Pacing | Literal[False] | None = None,
        timeout: float | tuple[float, float] | tuple[float, float, float] | None = None,
        responses: Responses | None = None,
        drift: Ledger | str | PathLike[str] | None = None,
    ) -> None:
        named = named_settings(environment)
        written = sources(
            named.get("document") if document is None else document,
            named.get("overlays") if overlays is None else overlays,
        )
        loaded = written.load()
        for told in loaded.idle:
            warnings.warn(told, stacklevel=_callers_level())
        if transport is None and retry is not None:
            transport = retry.transport
        paced = None if pacing is False else Pacing() if pacing is None else pacing
        self._shared = Shared(loaded.documents, transport, paced, written)
        server, base_url = where(server, base_url, named)
        if not isinstance(credentials or {}, Mapping):
            raise TypeError("credentials must be a mapping: the name of each security scheme, and its secret")
        given = {name: secret for name, secret in (credentials or {}).items() if secret not in (None, "")}
        self._adopt(
            credentials={**named.get("credentials", {}), **given},
            server=server,
            base_url=base_url,
            retry=retry,
            timeout=named.get("timeout") if timeout is None else timeout,
            responses=named.get("responses") if responses is None else responses,
            drift=(named.get("drift") or _settings.setting(_settings.DRIFT)) if drift is None else drift,
        )

    def _adopt(self, **settings: Any) -> None:
        settings["responses"] = "raise" if settings["responses"] is None else settings["responses"]
        if settings["responses"] not in _settings.RESPONSES:
            raise ValueError(f"responses must be one of {', '.join(map(repr, _settings.RESPONSES))}")
        given = settings["credentials"]
        settings["credentials"] = given.anew() if isinstance(given, Secrets) else Secrets(given or {})
        if settings["drift"] is None and settings["responses"] == "record":
            settings["drift"] = _ledger()
        elif settings["drift"]:
            settings["drift"] = _ledger(settings["drift"])
        settings["timeout"] = _timeouts((5, 30) if settings["timeout"] is None else settings["timeout"])
        settings["server"] = wanted(settings["server"])
        wrong = None if settings["base_url"] is None else _settings.wrong_base_url(settings["base_url"])
        if wrong:
            raise ValueError(f"base_url {wrong}")
        self._settings = _Settings(**settings)
        self._seen = _View(self._shared.contract)

    def using(self, **changes: Any) -> Self:
        """Return a copy with other settings that shares the documents, reloaded or not, and the connections.

        `changes` are keywords of the constructor: credentials, server, base_url, retry, timeout, responses, drift. A
        `server` puts the base URL aside that was there; keys that are found elsewhere are looked up anew.
        """
        unknown = next((name for name in changes if name not in _Settings._fields), None)
        if unknown is not None:
            near = closest(unknown, _Settings._fields)
            known = ", ".join(_Settings._fields)
            raise TypeError(f"no setting {unknown!r}{f'; did you mean {near!r}?' if near else ''}; there are {known}")
        if changes.get("server") is not None:  # they are one setting, as where they come from
            changes = {"base_url": None, **changes}
        copy = object.__new__(type(self))
        copy._shared = self._shared  # a copy of this very class
        copy._adopt(**self._settings._asdict() | changes)
        return copy

    @property
    def operations(self) -> Mapping[str, Operation]:
        """Return all operations by id; a miss raises UnknownOperation, which names the closest."""
        return self._shared.contract.operations

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """Return all component schemas by name; a miss raises a KeyError that names the closest."""
        return self._shared.contract.schemas

    @property
    def drift(self) -> Ledger | None:
        """Return the ledger that collects where answers depart from the document, None where there is none."""
        return self._settings.drift or None

    def call(self, operation_id: str, /, body: Any = UNSET, **arguments: Any) -> Any:
        """Call an operation and return the decoded, validated body of its answer, None where there is none.

        `arguments` are its parameters by name, or properties of its JSON body when no `body` is given. A parameter that
        is None is not given. Raises UnknownOperation, InvalidRequest (nothing was sent), TransportError, StatusError
        (the server refused) and InvalidResponse.
        """
        view = self._view
        return self._sent(view, self._prepared(view, operation_id, body, arguments)).data

    def request(self, operation_id: str, /, body: Any = UNSET, **arguments: Any) -> Response:
        """Do what `call` does and return the whole answer."""
        view = self._view
        return self._sent(view, self._prepared(view, operation_id, body, arguments))

    def prepare(self, operation_id: str, /, body: Any = UNSET, **arguments: Any) -> Request:
        """Return a request built, validated and signed, but not sent; raise InvalidRequest with all that is wrong."""
        return self._prepared(self._view, operation_id, body, arguments)

    def send(self, request: Request, /) -> Response:
        """Send a prepared request and judge the answer; raise what `call` raises from there on."""
        return self._sent(self._view, request)

    def reload(self) -> bool:
        """Read the documents anew, follow them from the next call on, and return whether they say anything else.

        They are read, with their overlays, where they were when the Api was made, also those that a variable named:
        paths, URLs, and dicts as they are now. The document that comes with the package, and a `Document`, stay. Copies
        made by `using` follow; connections, quotas, rate limits, settings and secrets stay. A call that has begun ends
        with the document it began with; what was taken of `operations` or `schemas` stays what it is, and a prepared
        request is judged by the document of the moment at which it is sent.

        Raises SpecError for a document that cannot be used, and ValueError where one was an open file, or no longer has
        the `server` of this Api; all goes on as before then.
        """
        return self._shared.reload(self._check_reloaded)

    def close(self) -> None:
        """Close the connections, those of copies too, and save the ledger of drift."""
        self._shared.close()
        if self.drift is not None:
            self.drift.save()

    @property
    def _view(self) -> _View:
        """Return what is worked out for the contract of this moment; one call has one."""
        view = self._seen
        if view.contract is not self._shared.contract:
            view = self._seen = _View(self._shared.contract)
        return view

    def _prepared(self, view: _View, operation_id: str, body: Any, arguments: dict[str, Any]) -> Request:
        operation, binder, writer, signer, servers = view.contract.plans[operation_id]
        bound = binder.bind(body, arguments)
        problems = binder.problems(bound)
        written = writer.write(bound, problems)
        keys = signer.keys(self._settings.credentials)
        base = self._base(view, servers, operation_id, keys)
        if isinstance(base, Problem):
            problems.append(base)
            base = ""
        credentials = keys if isinstance(keys, Problem) else signer.credentials(keys, base)
        if isinstance(credentials, Problem):
            problems.append(credentials)
        elif not problems:
            sign(written, credentials)
            return self._assembled(operation, base, written, credentials, bound.values)
        raise InvalidRequest(operation.id, binder.in_order(problems))

    def _sent(self, view: _View, request: Request) -> Response:
        operation = view.contract.operations[request.operation]
        try:
            return self._judged(operation, self._sender.send(request))
        except OdpError as error:
            error.add_note(f"Reproduce with: {request.curl(values=False)}")
            raise

    @cached_property
    def _sender(self) -> Transport:
        return self._shared.sender(self._settings.retry)

    def _check_reloaded(self, old: Contract, new: Contract, idle: Sequence[str]) -> None:
        """Raise ValueError where an operation that has the server that was asked for would have it no more."""
        server = None if self._settings.base_url else self._settings.server
        lost = new.without(server, new.operations.keys() & old.operations.keys()) if server is not None else {}
        for name in sorted(lost.keys() - old.without(server, lost).keys()):
            raise ValueError(f"{name}: {lost[name].message}; the document that was there stays")
        for told in idle:
            warnings.warn(told, stacklevel=_callers_level())

    def _base(self, view: _View, servers: Servers, operation_id: str, keys: Keys | Problem) -> str | Problem:
        keyed = servers.keyed and isinstance(keys, Keys)
        place = (operation_id, keys) if keyed else operation_id
        found = view.bases.get(place)
        if found is not None:
            return found
        secrets = keys.secrets if isinstance(keys, Keys) else ()
        return view.bases.setdefault(place, servers.base(self._settings.base_url, self._settings.server, secrets))

    def _assembled(self, operation: Operation, base: str, written: Any, credentials: Any, values: list[Any]) -> Request:
        headers = written.headers
        if written.cookies:
            headers["Cookie"] = "; ".join(written.cookies)
        url = base + written.path
        return Request(
            operation.id,
            operation.method,
            f"{url}?{'&'.join(written.query)}" if written.query else url,
            headers,
            written.body,
            base + operation.path,
            frozenset([(place, name) for place, name, _ in credentials]),
            operation.replayable,
            self._settings.timeout,
            values,
            operation.rate_limits,
        )

    def _judged(self, operation: Operation, response: Response) -> Response:
        mode, ledger = self._settings.responses, self.drift
        if type(response.headers) is dict:  # as a test's double may well have them; names compare without case
            response = response._replace(headers=Headers(response.headers))
        response = read(response) if mode == "ignore" and ledger is None else judge(operation, response)
        if ledger is not None:
            ledger.record(operation, response)
            if mode == "ignore":
                response = response._replace(problems=())
        for watch in watching:
            watch(operation, response)
        status = response.status
        if status >= 400 or (status >= 300 and not {str(status), "3XX"} & operation.responses.keys()):
            raise refusal(operation, response)
        if response.problems and mode != "record":
            error = InvalidResponse(operation.id, response.problems, response)
            if mode == "raise":
                raise error
            warnings.warn(str(error), stacklevel=_callers_level())
        return response

    def __getstate__(self) -> tuple[Any, ...]:
        return self._shared.state, self._settings._asdict()  # connections and what was worked out stay here

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        shared, settings = state
        self._shared = Shared(*shared)
        self._adopt(**settings)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):  # also what copy and pickle ask for before there is anything to answer with
            raise AttributeError(name)
        from ._signatures import function_of

        view = self._view
        found = view.functions.get(name)
        return found or view.functions.setdefault(name, function_of(view.contract.plans[name].binder, self.call))

    def __dir__(self) -> list[str]:
        from keyword import iskeyword

        names = (name for name in self.operations if name.isidentifier() and not iskeyword(name) and name[0] != "_")
        return sorted({*super().__dir__(), *names})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        sources = ", ".join(document.source for document in self._shared.contract.documents)
        return f"<Api {sources}: {len(self.operations)} operations>"


def _callers_level() -> int:
    """Return the stack level of the line outside this package that made the call, however it was made."""
    from inspect import currentframe

    level, frame = 0, currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("odp_dynamic."):
        level, frame = level + 1, frame.f_back
    return level


def _timeouts(timeout: Any) -> tuple[float, float, float]:
    """Return all three; an attempt takes a minute at most where nothing else is said, but a wait may be longer."""
    given = tuple(timeout) if isinstance(timeout, tuple | list) else (timeout, timeout)
    if len(given) not in {2, 3} or not all(isinstance(seconds, int | float) and seconds > 0 for seconds in given):
        raise ValueError("timeout must be seconds above 0: one, or two (to connect, and to wait), or a third (in all)")
    connect, wait, total = given if len(given) == 3 else (*given, max(60, *given))
    return connect, wait, total


def _ledger(drift: Any = None) -> Ledger:
    from .drift import Ledger

    return drift if isinstance(drift, Ledger) else Ledger(drift)


def named_settings(environment: str | None) -> Mapping[str, Any]:
    """Return the settings of an environment, none where none is named."""
    name = _settings.setting(_settings.ENVIRONMENT) if environment is None else environment
    if not name:
        return {}
    from ._config import environment as found

    return found(name).settings


def settings_in_use(api: Api) -> _Settings:
    """Return the settings of an Api, for tools that tell of them."""
    return api._settings  # noqa: SLF001  # its own module
