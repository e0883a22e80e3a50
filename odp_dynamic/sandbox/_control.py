"""The sandbox's own path, beside the document's: its journal, its state and its faults as JSON, for people and tools.

==========================  ====================================================================================
``GET /_sandbox/``          what there is; a browser gets the page for people (see `_page`)
``GET /_sandbox/journal``   ``{"first": 1, "last": 12, "entries": […]}``; ``?since=N`` leaves out what was seen,
                            ``operation``, ``status`` and ``became`` choose; ask again with ``since=last`` to follow
                            it, and forget what is before ``first``: it was cleared, or there is no room
``DELETE /_sandbox/journal``  forgets all entries
``GET /_sandbox/state``     profiles, objects, schema, segments (see `_views`); ``?limit=N``
``POST /_sandbox/reset``    as `Sandbox.reset`
``POST /_sandbox/seed``     as `Sandbox.seed`, with the seed as body
``GET /_sandbox/faults``    the armed faults, each with its hits
``POST /_sandbox/faults``   arms one more; ``PUT`` arms those of a list and no others; ``DELETE`` disarms all
==========================  ====================================================================================

It asks for no key, so it is for this machine only: a peer that is not, a Host that is not (a name that somebody made
point here: DNS rebinding), and a page of another origin are refused. What it is asked stands in no journal, and no
fault hits it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from ..errors import SpecError
from ._answers import Answer, message, written
from ._delivery import Delivery
from ._faultplan import Faults, fault_of, faults_in
from ._journal import Journal
from ._page import ASSETS, asset, is_for_a_person, page
from ._page import HEADERS as PAGE_HEADERS
from ._requests import Arrived, Unreadable

PREFIX = "/_sandbox"
_OURS = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), *PAGE_HEADERS]
_DONE = Answer(HTTPStatus.NO_CONTENT)

Page = Callable[["Control", Arrived], Answer]


class Control:
    """Answers what is asked under the reserved path, by the journal and the faults of a sandbox and three functions."""

    def __init__(
        self,
        journal: Journal,
        faults: Faults,
        state: Callable[[int], Mapping[str, Any]],
        reset: Callable[[], None],
        seed: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._journal = journal
        self._faults = faults
        self._state = state
        self._reset = reset
        self._seed = seed

    @staticmethod
    def owns(path: str) -> bool:
        """Tell whether a path is the sandbox's own."""
        return path.startswith(f"{PREFIX}/") or path == PREFIX

    def answer(self, request: Arrived) -> Delivery:
        """Return what leaves for a request of the reserved path."""
        answer = self._answered(request)
        content = written(answer)
        headers = [("Content-Length", str(len(content))), *_HEADERS]
        headers += [("Content-Type", answer.media_type)] if content else []
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers.append(("Allow", ", ".join(_PAGES[request.path])))
        return Delivery(answer.status, headers, iter((content,)))

    def _answered(self, request: Arrived) -> Answer:
        stranger = _stranger(request)
        if stranger:
            return message(HTTPStatus.FORBIDDEN, stranger)
        page = _PAGES.get(request.path)
        if page is None:
            return message(HTTPStatus.NOT_FOUND, f"the sandbox has nothing here; see {PREFIX}/")
        if request.method not in page:
            return message(HTTPStatus.METHOD_NOT_ALLOWED, f"only {' and '.join(page)} will do here")
        try:
            return page[request.method](self, request)
        except (ValueError, SpecError) as error:
            return message(HTTPStatus.BAD_REQUEST, str(error))

    def overview(self, request: Arrived) -> Answer:
        if is_for_a_person(request.headers.get("accept", "")):
            return page()
        return Answer(HTTPStatus.OK, {path: list(methods) for path, methods in _PAGES.items()})

    def read_journal(self, request: Arrived) -> Answer:
        asked = request.arguments()
        since, last = _number(asked, "since", 0), self._journal.newest
        chosen = self._journal.where(
            operation=asked.get("operation"), status=asked.get("status"), became=asked.get("became"), since=since
        )
        entries = [entry.to_json() for entry in chosen if entry.number <= last]
        first = next((entry.number for entry in self._journal), last + 1)
        return Answer(HTTPStatus.OK, {"first": first, "last": last, "entries": entries})

    def clear_journal(self, _: Arrived) -> Answer:
        self._journal.clear()
        return _DONE

    def read_state(self, request: Arrived) -> Answer:
        return Answer(HTTPStatus.OK, self._state(_number(request.arguments(), "limit", 200)))

    def do_reset(self, _: Arrived) -> Answer:
        self._reset()
        return _DONE

    def do_seed(self, request: Arrived) -> Answer:
        seed = _body(request)
        if not isinstance(seed, Mapping):
            raise ValueError("a seed is a mapping of its parts")  # noqa: TRY004  # one kind of error
        self._seed(seed)
        return _DONE

    def read_faults(self, _: Arrived) -> Answer:
        return Answer(HTTPStatus.OK, self._faults.to_json())

    def add_fault(self, request: Arrived) -> Answer:
        self._faults.add(fault_of(_body(request)))
        return self.read_faults(request)

    def put_faults(self, request: Arrived) -> Answer:
        self._faults.replace(*faults_in(_body(request)))
        return self.read_faults(request)

    def clear_faults(self, _: Arrived) -> Answer:
        self._faults.clear()
        return _DONE


def _file(name: str) -> Page:
    return lambda *_: asset(name)


_PAGES: Mapping[str, Mapping[str, Page]] = {
    PREFIX: {"GET": Control.overview},  # as people type it
    f"{PREFIX}/": {"GET": Control.overview},
    **{f"{PREFIX}/{name}": {"GET": _file(name)} for name in ASSETS},
    f"{PREFIX}/journal": {"GET": Control.read_journal, "DELETE": Control.clear_journal},
    f"{PREFIX}/state": {"GET": Control.read_state},
    f"{PREFIX}/reset": {"POST": Control.do_reset},
    f"{PREFIX}/seed": {"POST": Control.do_seed},
    f"{PREFIX}/faults": {
        "GET": Control.read_faults,
        "POST": Control.add_fault,
        "PUT": Control.put_faults,
        "DELETE": Control.clear_faults,
    },
}


def _stranger(request: Arrived) -> str:
    """Return why a request is not from this machine's own user, "" where it may be; in process there is no peer."""
    if request.peer and not _is_loopback(request.peer):
        return "only this machine may look in here"
    host = request.headers.get("host")
    if host is not None and _name_of(host) not in _OURS:
        return f"the Host must be one of {', '.join(sorted(_OURS))}"
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "a page of another origin may not look in here"
    return ""


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    told = asked.get(name, str(default))
    if not (told.isascii() and told.isdigit() and len(told) < 16):
        raise ValueError(f"{name} must be a whole number")
    return int(told)


def _body(request: Arrived) -> Any:
    """Return the JSON body, whatever the request says that it is; raise ValueError for none."""
    if request.unread:
        raise ValueError(request.unread.why)
    try:
        return request._replace(headers={"content-type": "application/json"}).data()
    except Unreadable:
        raise ValueError("the body is no JSON") from None
