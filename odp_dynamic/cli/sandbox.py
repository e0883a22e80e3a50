"""`odp sandbox`: the service of the document, with memory, on a loopback port."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import click

from ._exits import Mistake
from ._options import Settings, about_documents, pass_settings
from ._output import bold, note, say, say_json


@click.command(short_help="Serve the document on this machine, with memory.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port. [default: a free one]")
@click.option("--database", default=":memory:", metavar="FILE", help="Where it keeps its state. [default: memory]")
@click.option("--seed", type=click.Path(), metavar="FILE", help="A first state, for a new database: see --forms.")
@click.option("--faults", type=click.Path(), metavar="FILE", help="What goes wrong on purpose: see --forms.")
@click.option(
    "--referee",
    type=click.Choice(["always", "sample", "off"]),
    default="always",
    show_default=True,
    help="What openapi-core judges: all, one request in ten, or only what looks wrong.",
)
@click.option(
    "--set",
    "behaviour",
    multiple=True,
    metavar="NAME=VALUE",
    help="What it does where nobody outside knows: see --forms; repeatable.",
)
@click.option("--forms", is_flag=True, help="Tell what a seed, a fault and --set may say; serve nothing.")
@click.option("--journal", is_flag=True, help="Print what becomes of each request, and of its items.")
@about_documents
@pass_settings
def sandbox(
    settings: Settings,
    *,
    port: int,
    database: str,
    seed: str | None,
    faults: str | None,
    referee: str,
    behaviour: tuple[str, ...],
    forms: bool,
    journal: bool,
) -> None:
    """Serve the document's operations, with memory, until Ctrl-C.

    It listens on 127.0.0.1 only, and answers to keys of its own, which it prints.
    """
    from ._journal import follow
    from ._sandboxes import opened

    if forms:
        _tell_forms(as_json=settings.wants_json)
        return
    with (
        _stopping() as stopped,
        opened(settings, database, seed=seed, faults=faults, referee=referee, behaviour=behaviour) as served,
        _listening(served, port) as handle,
    ):
        _tell(settings, served, handle)
        if journal:
            follow(served.journal, stopped, as_json=settings.wants_json)
        stopped.wait()
    note("the sandbox is closed")


def _tell_forms(*, as_json: bool) -> None:
    from inspect import getdoc

    from ..sandbox import Fault
    from ..sandbox._behaviour import settings
    from ..sandbox._seeds import FORM, form

    if as_json:
        schemas = form().document.root["components"]["schemas"]
        say_json({"seed": schemas, "settings": [setting._asdict() for setting in settings()]})
        return
    words = "\n\n".join(map(str, settings()))
    for name, told in (("--seed", FORM), ("--faults: a list of these", getdoc(Fault) or ""), ("--set", words)):
        say(f"{bold(name)}\n\n{told.rstrip()}\n")


def _listening(served: Any, port: int) -> Any:
    try:
        return served.serve(port)
    except OSError as error:
        reason = (error.strerror or "it cannot be used").lower()
        raise Mistake(f"port {port}: {reason}; choose another --port, or 0 for a free one") from None


@contextmanager
def _stopping() -> Iterator[Event]:
    """Give an event that Ctrl-C and SIGTERM set, so that the sandbox is closed in good order."""
    stopped = Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(settings: Settings, served: Any, handle: Any) -> None:
    from .._settings import variable_of
    from ._sandboxes import credentials_of

    variables = {variable_of(name): secret for name, secret in credentials_of(served).items()}
    if settings.wants_json:
        environment = {"ODP_BASE_URL": handle.url, **variables}
        say_json({"url": handle.url, "page": handle.page, "environment": environment})
    else:
        _tell_people(served, handle, variables)
    note("Ctrl-C ends it")  # which also flushes: who reads a pipe waits for the URL


def _tell_people(served: Any, handle: Any, variables: dict[str, str]) -> None:
    import shlex

    say(f"sandbox of {served.document.root['info']['title']} at {handle.url}")
    say(f"a page that shows what is in it: {handle.page}")
    say(f"keys: {served.public_key} (public), {served.private_key} (private)")
    say()
    say("To call it from another shell:")
    words = " ".join(
        f"{name}={shlex.quote(value)}" for name, value in {"ODP_BASE_URL": handle.url, **variables}.items()
    )
    say(f"  export {words}")
    say()
