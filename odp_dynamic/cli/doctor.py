"""`odp doctor`: whether every operation can be called from here, and if not, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from ._options import Settings, common, pass_settings
from ._output import bad, bold, dim, good, harmless, say, say_json


@click.command(short_help="Tell which operations can be called, and what is missing.")
@common
@pass_settings
def doctor(settings: Settings) -> None:
    """Tell which document, keys and server are in use, and which operations can be called.

    Nothing is sent. The exit code is 0 when every operation can be called, else 1.
    """
    from ._findings import find

    found = find(settings)
    if settings.wants_json:
        say_json(found)
    else:
        for line in _lines(found):
            say(line)
    if not found["ok"]:
        raise click.exceptions.Exit(1)


def _lines(found: dict[str, Any]) -> Iterator[str]:
    from ._columns import table

    yield bold("Documents")
    for document in found["documents"]:
        yield f"  {harmless(document['source'])}"
        yield f"    {harmless(_about(document))}"
    yield bold("Base URLs")
    yield from (f"  {harmless(url) or 'none'}" for url in found["base_urls"])
    yield bold("Keys")
    yield from table((key["scheme"], key["kind"], _key(key)) for key in found["keys"])
    yield bold("Operations")
    yield from _operations(found["operations"])
    yield bold("Versions")
    yield from table([("Python", found["versions"]["Python"], "")])
    others = (f"{name} {number}" for name, number in found["versions"].items() if name != "Python")
    from ._columns import paragraph

    yield from paragraph(", ".join(others), 2)
    yield ""
    yield from _verdict(found)


def _about(document: dict[str, Any]) -> str:
    parts = [
        f"from {document['origin']}",
        f"version {document['version']}",
        f"OpenAPI {document['openapi']}",
        f"{document['operations']} operations",
    ]
    return ", ".join([*parts, f"sha256 {document['sha256']}"] if document["sha256"] else parts)


def _key(key: dict[str, Any]) -> str:
    if key["present"] is None:
        return "no secret: the connection's own business"
    if not key["present"]:
        return f"missing: set {key['variable']}"
    return f"from {key['variable']}{', ends in ' + key['ends_in'] if key['ends_in'] else ''}"


def _operations(operations: list[dict[str, Any]]) -> Iterator[str]:
    for operation in operations:
        mark = good("✓") if operation["ok"] else bad("✗")
        yield f"  {mark} {harmless(operation['id'])}"
    for reason in dict.fromkeys(reason for operation in operations for reason in operation["reasons"]):
        yield dim(f"    {harmless(reason)}")


def _verdict(found: dict[str, Any]) -> Iterator[str]:
    operations = found["operations"]
    able = sum(operation["ok"] for operation in operations)
    if found["ok"]:
        yield good(f"✓ all {able} operations can be called")
        return
    yield bad(f"✗ {able} of {len(operations)} operations can be called")
    yield from (f"  {harmless(advice)}" for advice in found["advice"])
