"""Shell completion of names that are in the document."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from ..errors import OdpError
from ._exits import Mistake
from ._options import Settings


def operation_ids(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the operations whose id begins so, each with its summary."""
    try:
        known = context.ensure_object(Settings).api().operations
        return [CompletionItem(name, help=known[name].summary) for name in known if _begins(name, begun)]
    except (OdpError, Mistake):  # a document that cannot be read completes nothing
        return []


def names(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the operations and the schemas whose name begins so."""
    try:
        schemas = context.ensure_object(Settings).api().schemas
    except (OdpError, Mistake):
        return []
    return operation_ids(context, parameter, begun) + [CompletionItem(name) for name in schemas if _begins(name, begun)]


def _begins(name: str, begun: str) -> bool:
    return name.casefold().startswith(begun.casefold())
