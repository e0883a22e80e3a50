"""Servers: URLs that paths can be added to, and their variables (OAS 3.1.1, 4.8.5 and 4.8.6)."""

from __future__ import annotations

from collections.abc import Iterator

from .._pointers import join
from .._templates import Template
from ._census import Census, Place
from ._findings import Finding


def findings(census: Census) -> Iterator[Finding]:
    """Yield what is wrong with the URLs of servers and with their variables."""
    for place in census.of("server"):
        yield from _url(place)
        yield from _defaults(place)


def _url(place: Place) -> Iterator[Finding]:
    url, variables = place.node["url"], place.node.get("variables") or {}
    pointer = join(place.pointer, "url")
    if "?" in url or "#" in url:
        told = "a path is added to the end of it, so that '?' and '#' have no place in it; remove what begins there"
        yield Finding("error", "server-url", pointer, told)
    names = set(Template.of(url).names)
    for name in sorted(names - variables.keys()):
        told = f"nothing says what {{{name}}} stands for; add it to 'variables'"
        yield Finding("error", "server-variable", pointer, told)
    for name in variables:
        if name not in names:
            told = f"the URL has no {{{name}}}; write it there, or remove the variable"
            yield Finding("warning", "server-variable", join(place.pointer, "variables", name), told)


def _defaults(place: Place) -> Iterator[Finding]:
    for name, variable in (place.node.get("variables") or {}).items():
        if variable.get("enum") and variable["default"] not in variable["enum"]:
            told = "the default is none of the values that the 'enum' beside it allows; add it there, or change it"
            yield Finding("error", "server-variable", join(place.pointer, "variables", name, "default"), told)
