"""`odp spec`: work on documents themselves, one small module for each command."""

from __future__ import annotations

import click

from .._groups import Group

# In the order of the help; each is the module of its name.
_COMMANDS = ("check", "diff", "overlay", "drift", "stubs")


@click.group(
    cls=Group, package=__name__, names=_COMMANDS, short_help="Work on documents: faults, changes, overlays, types."
)
def spec() -> None:
    """Work on OpenAPI documents."""
