"""`odp doctor`: whether every operation can be called from here, and if not, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from ._complete import operation_ids
from ._exits import Mistake
from ._options import Settings, common, pass_settings
from ._output import bad, bold, dim, good, harmless, say, say_json


@click.command(short_help="Tell which operations can be called, and what is missing.")
@click.argument("words", metavar="[NAME=VALUE]...", nargs=-1)
@click.option("--connect", is_flag=True, help="Open a connection to each base URL: TLS, certificate, proxy, clock.")
@click.option("--call", metavar="ID", shell_complete=operation_ids, help="Call this operation once; a GET or HEAD.")
@common
@pass_settings
def doctor(settings: Settings, /, words: tuple[str, ...], *, connect: bool, call: str | None) -> None:
    """Tell which document, overlays, environment, keys and servers are in use, and which operations can be called.

    Nothing is sent, but for what --connect and --call ask for; NAME=VALUE are the call's parameters. The exit code is
    0 when every operation can be called, each connection is as it should be and the call is answered, else 1.
    """
    from ._findings import find

    if words and call is None:
        raise Mistake("NAME=VALUE are parameters of a call; name its operation with --call")
    found = find(settings, connect=connect, call=call, words=words)
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
    if found["overlays"]:
        yield bold("Overlays")
    yield from (harmless(f"  {told['overlay']}, from {told['origin']}") for told in found["overlays"])
    if found["environment"]:
        yield bold("Environment")
        yield harmless("  {name}, from {file}, named by {origin}".format(**found["environment"]))
    yield bold("Base URLs")
    yield from map(_server, found["servers"]) if found["servers"] else ["  none"]
    yield bold("Keys")
    yield from table((key["scheme"], key["kind"], _key(key)) for key in found["keys"])
    yield bold("Operations")
    yield from _operations(found["operations"])
    yield from _reached(found)
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
    if document["sha256"]:
        parts += [f"sha256 {document['sha256']}", f"of {document['modified'][:10]} ({_age(document['modified'])})"]
    return ", ".join(parts)


def _age(moment: str) -> str:
    days = (datetime.now(UTC) - datetime.fromisoformat(moment)).days
    return "today" if days < 1 else f"{days} day{'s'[: days != 1]} old"


def _server(server: dict[str, Any]) -> str:
    variables = (f"{name} {told['value']} from {told['origin']}" for name, told in server["variables"].items())
    return harmless(f"  {server['url']}, from {', '.join([server['origin'], *variables])}")


def _key(key: dict[str, Any]) -> str:
    if key["present"] is None:
        return "no secret: the connection's own business"
    if not key["present"]:
        return f"missing: {key['problem'] or 'set ' + key['variable']}"
    return f"from {key['source']}{', ends in ' + key['ends_in'] if key['ends_in'] else ''}"


def _operations(operations: list[dict[str, Any]]) -> Iterator[str]:
    for operation in operations:
        yield f"  {_mark(operation)} {harmless(operation['id'])}"
    for reason in dict.fromkeys(reason for operation in operations for reason in operation["reasons"]):
        yield dim(f"    {harmless(reason)}")


def _reached(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was found over the network, where that was asked for."""
    if found["connections"] is not None:
        yield bold("Connections")
    for connection in found["connections"] or ():
        yield f"  {_mark(connection)} {harmless(connection['url'])}{_details(connection)}"
        yield from (f"    {harmless(text)}" for text in (connection["problem"], *connection["warnings"]) if text)
    if found["call"] is not None:
        call = found["call"]
        yield bold("Call")
        told = ", ".join(
            f"{call[name]}{unit}" for name, unit in (("status", ""), ("ms", " ms")) if call[name] is not None
        )
        yield f"  {_mark(call)} {harmless(call['operation'])}{': ' * bool(told)}{told}"
        lines = (call["problem"] or "").splitlines() + call.get("departures", [])
        yield from (f"    {harmless(line)}" for line in lines)


def _details(connection: dict[str, Any]) -> str:
    parts = [
        (connection["ms"], "in {} ms"),
        (connection["proxy"], "through the proxy {}"),
        (connection["tls"], "{}"),
        (connection["issuer"], "certificate by {}"),
        (connection["days_left"], "{} days left"),
        (connection["clock_ahead"], "clock {:+d} s"),
    ]
    return harmless("".join(f", {form.format(value)}" for value, form in parts if value is not None))


def _mark(told: dict[str, Any]) -> str:
    return good("✓") if told["ok"] else bad("✗")


def _verdict(found: dict[str, Any]) -> Iterator[str]:
    operations = found["operations"]
    able = sum(operation["ok"] for operation in operations)
    if operations and able == len(operations):
        yield good(f"✓ all {able} operations can be called")
    else:
        yield bad(f"✗ {able} of {len(operations)} operations can be called")
        yield from (f"  {harmless(advice)}" for advice in found["advice"])
    if found["connections"] and not all(connection["ok"] for connection in found["connections"]):
        yield bad("✗ not every base URL can be reached")
    if found["call"] and not found["call"]["ok"]:
        yield bad(f"✗ the call of {harmless(found['call']['operation'])} failed")
