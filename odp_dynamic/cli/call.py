"""`odp call`: call an operation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import click

from .._settings import RESPONSES
from ._complete import operation_ids
from ._options import Settings, WithSandbox, collecting, common, pass_settings, reached
from ._output import harmless, note, on_terminal, say, say_json

if TYPE_CHECKING:
    from .._api import Api
    from .._values import Response


@click.command(cls=WithSandbox, short_help="Call an operation.")
@click.argument("operation_id", metavar="ID", shell_complete=operation_ids)
@click.argument("words", metavar="[NAME=VALUE]...", nargs=-1)
@click.option("--body", metavar="JSON|@FILE|-", help="The body: JSON, a JSON or YAML file, or standard input.")
@click.option("--dry-run", is_flag=True, help="Print the request as curl, secrets masked; send nothing.")
@click.option("--sandbox", metavar="[=FILE]", help="Call an embedded sandbox, with its own keys; FILE is its database.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Seconds. [default: 5 to connect, then 30]",
)
@click.option(
    "--responses",
    type=click.Choice(RESPONSES),
    help="What becomes of an answer that departs from the document. [default: raise]",
)
@click.option("-i", "--include", is_flag=True, help="Print the answer's status and headers first.")
@collecting
@common
@pass_settings
def call(settings: Settings, /, operation_id: str, words: tuple[str, ...], **options: Any) -> None:
    """Call an operation, and print its answer's data.

    \b
    NAME=VALUE   a parameter, or a property of the body when --body is not given.
                 The document decides the type: 5 is a number only where it wants
                 one. Repeat NAME for a list; A.B=VALUE is B inside of A.
    NAME:=JSON   any JSON value as it stands.

    The request is validated before it is sent, the answer when it is back. The status line goes to stderr. Keys come
    from the environment or from odp.toml: see odp doctor.
    """  # noqa: D301  # \b is click's word for lines that stay as they are
    from .._bind import UNSET, Binder
    from ._arguments import arguments_of
    from ._payloads import body_of

    with _client(settings, options) as api:
        operation = api.operations[operation_id]
        given = options["body"]
        body = UNSET if given is None else body_of(given, Binder(operation).media_type)
        request = api.prepare(operation_id, body, **arguments_of(operation, words, body))
        if options["dry_run"]:
            say(harmless(request.curl()))
        else:
            _show(api.send(request), options)


@contextmanager
def _client(settings: Settings, options: dict[str, Any]) -> Iterator[Api]:
    """Give the client that the options ask for: of the network, or of a sandbox."""
    changes: dict[str, Any] = {name: options[name] for name in ("timeout", "responses") if options[name] is not None}
    once = {} if options["sandbox"] is None else {"retry": None}
    with reached(settings, options["sandbox"], **once, **changes) as api:
        yield _telling(api, options)


def _telling(api: Api, options: dict[str, Any]) -> Api:
    """Return the client that only keeps what it would warn of: it is told in sentences of ours."""
    from .._api import settings_in_use

    options["responses"] = settings_in_use(api).responses
    return api.using(responses="record") if options["responses"] == "warn" else api


def _show(response: Response, options: dict[str, Any]) -> None:
    note(_status_line(response))
    if options["responses"] == "warn":
        for problem in response.problems:
            note(f"Warning: {problem}")
    if options["include"]:
        say(f"HTTP {response.status} {_phrase(response.status)}".rstrip())
        for name, value in response.headers.items():
            say(harmless(f"{name}: {value}"))
        say()
    _show_data(response.data)


def _show_data(data: Any) -> None:
    if isinstance(data, bytes):
        if on_terminal():
            note(f"{len(data)} bytes, which a terminal cannot show; redirect them to a file")
        else:
            sys.stdout.buffer.write(data)
    elif isinstance(data, str):
        say(harmless(data) if on_terminal() else data)
    elif data is not None:
        say_json(data)


def _status_line(response: Response) -> str:
    parts = [f"{response.status} {_phrase(response.status)}".rstrip(), f"{response.elapsed * 1000:.0f} ms"]
    parts += [f"{response.attempts} attempts"] if response.attempts > 1 else []
    count = len(response.problems)
    parts += [f"{count} departure{'s'[: count != 1]} from the document"] if count else []
    return ", ".join(parts)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
