"""The wire: bound arguments to a request, an answer to data; from value to value, with no HTTP library in sight."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .._bind import UNSET, Binder, Bound
from .._operations import Operation, Parameter
from .._plain import NotJSON
from .._security import Credential
from .._templates import Template
from .._values import Problem
from ..errors import SpecError
from ._answers import judge as judge
from ._answers import read as read
from ._answers import refusal as refusal
from ._bodies import encode
from ._styles import expand, expand_cookie, expand_header, percent

# RFC 9110, 5.5: what http.client would refuse, or would send as something else.
_UNSENDABLE = r"[^\t\x20-\x7e\x80-\xff]"


class Written(NamedTuple):
    """Is what arguments become: `path` below the server's URL, `query` and `cookies` piece by piece, headers, body."""

    path: str
    query: list[str]
    cookies: list[str]
    headers: dict[str, str]
    body: bytes | None


class Writer:
    """Writes the arguments of one operation, by a plan made once from its path's template and its parameters."""

    def __init__(self, operation: Operation, binder: Binder) -> None:
        self.operation = operation
        self.media_type = binder.media_type
        self._accept = _accept(operation)
        self._segments = [Template.of(segment) for segment in operation.path.split("/")[1:]]
        self._pens = [_pen(parameter) for parameter in operation.parameters]
        named = {name for segment in self._segments for name in segment.names}
        declared = {p.name for p in operation.parameters if p.location == "path"}
        for name in sorted(named - declared):
            message = f"the path has {{{name}}}, and no parameter declares it; add one with in: path"
            raise SpecError(message, operation.pointer, operation.document.source)

    def write(self, bound: Bound, problems: list[Problem]) -> Written:
        """Return the pieces of the request; what cannot be written is added to `problems`."""
        places: dict[str, str] = {}
        query: list[str] = []
        cookies: list[str] = []
        headers = {"Accept": self._accept}
        for parameter, value, pen in zip(self.operation.parameters, bound.values, self._pens, strict=True):
            if value is None:
                continue
            try:
                text = pen(value)
            except ValueError as error:
                _add(problems, parameter.where, parameter.pointer, "style", error)
                continue
            if parameter.location == "path":
                places[parameter.name] = text
            elif parameter.location == "header":
                headers[parameter.name] = text
            elif text:
                (query if parameter.location == "query" else cookies).append(text)
        path = self._path(places, problems)
        return Written(path, query, cookies, headers, self._body(bound, headers, problems))

    def _path(self, places: Mapping[str, str], problems: list[Problem]) -> str:
        written = []
        for template in self._segments:
            if names := template.names:
                segment = template.filled([places.get(name, "") for name in names])
                # RFC 3986, 5.2.4: what HTTP libraries fold away would reach another resource.
                empty = [name for name in names if places.get(name) == ""]
                if empty or (segment in {".", ".."} and all(name in places for name in names)):
                    message = "cannot be sent safely: '', '.' and '..' would reach another resource"
                    problems.append(Problem(f"path.{[*empty, *names][0]}", "", "path", message, self.operation.pointer))
                written.append(segment)
            else:
                written.append(template.literals[0])
        return "/" + "/".join(written)

    def _body(self, bound: Bound, headers: dict[str, str], problems: list[Problem]) -> bytes | None:
        media = self.media_type
        if bound.body is UNSET or media is None:
            return None
        try:
            content, headers["Content-Type"] = encode(bound.body, media.name, media.encoding)
        except ValueError as error:
            _add(problems, "body", media.pointer, "content", error)
            return None
        return content


def sign(written: Written, credentials: Sequence[Credential]) -> None:
    """Put credentials in their places."""
    for location, name, value in credentials:
        if location == "header":
            written.headers[name] = value
        elif location == "query":
            written.query.append(f"{percent(name)}={percent(value)}")
        else:
            written.cookies.append(f"{name}={value}")


def _accept(operation: Operation) -> str:
    """Return what the operation's answers may be, the successful ones first."""
    statuses = sorted(operation.responses, key=lambda status: not status.startswith("2"))
    names = dict.fromkeys(name for status in statuses for name in operation.responses[status].content)
    return ", ".join(names) or "application/json"


def _pen(parameter: Parameter) -> Callable[[Any], str]:
    """Return the function that writes a parameter's value."""
    name, style, explode = parameter.name, parameter.style, parameter.explode
    if parameter.media_type is not None:
        return _content_pen(parameter, parameter.media_type)
    if parameter.location == "header":
        return lambda value: expand_header(value, explode)
    if parameter.location == "cookie":
        return lambda value: expand_cookie(name, value, explode)
    allow_reserved = parameter.allow_reserved and parameter.location == "query"
    return lambda value: expand(name, value, style, explode, allow_reserved=allow_reserved)


def _content_pen(parameter: Parameter, media_type: str) -> Callable[[Any], str]:
    def pen(value: Any) -> str:
        text = encode(value, media_type)[0].decode()
        if parameter.location == "header":
            return _header_safe(text)
        return percent(text) if parameter.location == "path" else f"{percent(parameter.name)}={percent(text)}"

    return pen


def _header_safe(text: str) -> str:
    if re.search(_UNSENDABLE, text) or text != text.strip():
        raise ValueError("has white space at its ends, or characters that a header cannot carry")
    return text


def _add(problems: list[Problem], where: str, pointer: str, keyword: str, error: ValueError) -> None:
    """Add that something cannot be written, unless its schema has already been found broken."""
    if any(problem.where == where for problem in problems):
        return
    place, reason = (error.pointer, error.reason) if isinstance(error, NotJSON) else ("", str(error))
    problems.append(Problem(where, place, keyword, reason, pointer))
