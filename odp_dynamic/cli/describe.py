"""`odp describe`: one operation or one schema, as a person would want to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import closest
from ._complete import names
from ._exits import Mistake
from ._options import Settings, about_documents, pass_settings
from ._output import say, say_json

if TYPE_CHECKING:
    from .._api import Api


@click.command(short_help="Tell all about an operation or a schema.")
@click.argument("name", metavar="ID|SCHEMA", shell_complete=names)
@about_documents
@pass_settings
def describe(settings: Settings, name: str) -> None:
    """Tell all about an operation, or a schema of the document.

    Parameters, body, answers, the key it needs, and an example of a call that validates.
    """
    told = _told(settings.api(), name)
    if settings.wants_json:
        say_json(told)
        return
    from ._told import text_of  # laying out text is of no use to JSON

    for line in text_of(told):
        say(line)


def _told(api: Api, name: str) -> dict[str, Any]:
    from ._telling import tell_operation, tell_schema

    if name in api.operations:
        return tell_operation(api.operations[name])
    if name in api.schemas:
        return tell_schema(api.schemas[name])
    near = closest(name, [*api.operations, *api.schemas])
    hint = f"; did you mean {near!r}?" if near else "; `odp operations` lists the operations"
    raise Mistake(f"no operation or schema is called {name!r}{hint}")
