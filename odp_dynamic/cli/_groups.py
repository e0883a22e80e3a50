"""A group of commands, each a module of its name, imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from ..errors import closest
from ._exits import Mistake


class Group(click.Group):
    """Is a group whose commands are the modules `names` of `package`, in the order of the help."""

    def __init__(self, *args: Any, package: str, names: tuple[str, ...], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._package = package
        self._names = names

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self._names)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in self._names:
            return None
        command: click.Command = getattr(import_module(f".{name}", self._package), name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in self._names and not args[0].startswith("-"):
            near = closest(args[0], self._names)
            hint = f"; did you mean {near!r}?" if near else f"; there are {', '.join(self._names)}"
            raise Mistake(f"no command is called {args[0]!r}{hint}")
        return super().resolve_command(ctx, args)
