"""`odp demo`: a tour of all operations against the embedded sandbox, over real HTTP.

The tour itself is data beside the sandbox; what is here calls whatever it names, and checks what it promises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._exits import Mistake
from ._options import Settings, pass_settings, told_to_people, upon_documents
from ._output import bold, colours, say

if TYPE_CHECKING:
    from .._api import Api
    from ..sandbox import Sandbox
    from ._tour import Wire


@click.command(short_help="Take a tour of all operations, on a sandbox.")
@upon_documents
@pass_settings
def demo(settings: Settings) -> None:
    """Take a tour: each operation called on a sandbox, over HTTP.

    It shows each request and answer and what was validated, then a bad payload that is refused. It needs no key and no
    network; the exit code is 1 when anything is not as it should be. With --overlay odp-live-v3 it is the live
    service's wire.
    """
    if settings.specs:
        raise Mistake("the tour is of the package's own document; leave --spec out, or lay an --overlay upon it")
    click.get_current_context().color = colours()
    with _stage(settings.overlays) as (api, wire, sandbox, handle):
        tour = _tour_for(api)
        say(bold(str(sandbox.document.root["info"]["title"])))
        name = Path(sandbox.document.source).name
        upon = f" with {' and '.join(settings.overlays)} upon it" if settings.overlays else ""
        say(f"{len(api.operations)} operations, read from {name}{upon}; none of them is written by hand.")
        say("A sandbox of it listens on this machine, where openapi-core judges each request")
        say("and each answer once more, independently of odp.")
        say()
        say(f'    api = Api(base_url="{handle.url}", credentials=…)')
        failures = list(_failures(api, wire, tour))
        say()
        _say_end(api, failures, tour["live"])
    if failures:
        raise click.exceptions.Exit(1)


def _failures(api: Api, wire: Wire, tour: Mapping[str, Any]) -> Iterator[str]:
    """Go through the tour and yield what is not as it promises."""
    from ._tour import Stop, show_refusal

    calls = tour["calls"]
    for number, told in enumerate(calls, 1):
        yield from Stop(api, told, f"{number}/{len(calls)}").show()
    yield from show_refusal(api, wire, tour["refused"])
    left_out = set(api.operations) - {told["operation"] for told in calls}
    yield from (f"{name} is no part of the tour" for name in sorted(left_out))


def _say_end(api: Api, failures: list[str], live: str) -> None:
    from .._settings import variable_of
    from ._output import bad, good

    for failure in failures:
        say(bad(f"✗ {failure}"))
    if not failures:
        say(good(f"✓ all as promised: {len(api.operations)} operations called, each validated both ways"))
    schemes = {name: None for operation in api.operations.values() for need in operation.security for name in need}
    variables = " and ".join(variable_of(name) for name in schemes)
    say(live)
    say(f"To go live, set {variables}, and drop base_url.")


@contextmanager
def _stage(overlays: list[str]) -> Iterator[tuple[Api, Wire, Sandbox, Any]]:
    """Open a sandbox on a free port, and a client of it."""
    import requests

    from .._api import Api
    from .._settings import without_none
    from ..sandbox import Sandbox
    from ._sandboxes import credentials_of
    from ._tour import Wire

    session = requests.Session()
    session.trust_env = False  # a proxy has no business between us and our own sandbox
    with told_to_people():
        made = Sandbox(overlays=without_none(overlays))
    with made as sandbox, sandbox.serve() as handle:
        wire = Wire(session)
        secrets = credentials_of(sandbox)
        settings: dict[str, Any] = {"environment": "", "base_url": handle.url, "credentials": secrets}
        with Api(sandbox.document, **settings, transport=wire, retry=None) as api:
            yield api, wire, sandbox, handle


def _tour_for(api: Api) -> dict[str, Any]:
    """Return the tour that the document has the operations for."""
    from .. import sandbox
    from .._document._yaml import build
    from ._tour import fits

    files = sorted(Path(sandbox.__file__).parent.glob("tour*.yaml"), reverse=True)
    tours: list[dict[str, Any]] = [build(file.read_text(encoding="utf-8"), file.name) for file in files]
    found = next((tour for tour in tours if fits(api, tour)), None)
    if found is None:
        raise Mistake("no tour has its calls among these operations; take it without the overlay")
    return found
