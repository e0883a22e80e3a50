"""What all commands take: which document, which environment, which server, which form of output.

The options stand before or after the command's name; the nearer one wins, and documents and overlays add up.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .._settings import without_none
from ._exits import Mistake
from ._output import note, on_terminal

if TYPE_CHECKING:
    from .._api import Api
    from .._layers import Sources

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Settings:
    """Is what the common options said; `as_json` is None where they did not."""

    specs: list[str] = field(default_factory=list)
    overlays: list[str] = field(default_factory=list)
    environment: str | None = None
    server: str | None = None
    base_url: str | None = None
    drift: str | None = None
    as_json: bool | None = None

    def api(self, **others: Any) -> Api:
        """Return the client that the options ask for; raise a usage error for a setting that makes no sense."""
        from .._api import Api

        told = ("environment", "server", "base_url", "drift")
        mine: dict[str, Any] = {name: getattr(self, name) for name in told}
        if self.overlays:
            mine["overlays"] = without_none(self.overlays)
        with told_to_people():
            return Api(self.specs or None, **{**mine, **others})

    def sources(self, document: str | None = None) -> Sources:
        """Return where the documents are that the options ask for, or one other, and the overlays upon them, unread."""
        from .._api import named_settings
        from .._layers import sources

        with told_to_people():
            named = named_settings(self.environment)
            overlays = without_none(self.overlays) if self.overlays else named.get("overlays")
            return sources(document or self.specs or named.get("document"), overlays)

    @property
    def wants_json(self) -> bool:
        """Tell whether output is JSON: as was said, else where no person reads it."""
        return not on_terminal() if self.as_json is None else self.as_json


@contextmanager
def told_to_people() -> Iterator[None]:
    """Turn warnings of ours into notes, and a ValueError, a setting that makes no sense, into a usage error."""
    import warnings

    try:
        with warnings.catch_warnings(record=True, action="always") as warned:
            yield
    except ValueError as error:
        raise Mistake(str(error)) from None
    for warning in warned:
        if warning.category is UserWarning:
            note(f"Warning: {warning.message}")


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def callback(context: click.Context, _: click.Parameter, value: Any) -> Any:
        settings = context.ensure_object(Settings)
        if isinstance(value, tuple):
            getattr(settings, name).extend(value)
        elif value is not None:
            setattr(settings, name, value)
        return value

    return callback


def _option(name: str, *words: str, **attributes: Any) -> Callable[[F], F]:
    return click.option(*words, callback=_keep(name), expose_value=False, **attributes)


_SPEC = _option(
    "specs", "--spec", metavar="PATH|URL", multiple=True, help="OpenAPI document; repeatable. [default: ODP's own]"
)
_OVERLAY = _option(
    "overlays",
    "--overlay",
    metavar="NAME|PATH|URL",
    multiple=True,
    help="Overlay upon it, or none; repeatable. [default: odp-limits upon ODP's own]",
)
_ENVIRONMENT = _option("environment", "--env", metavar="NAME", help="Settings of this name in odp.toml.")
_SERVER = _option(
    "server",
    "--server",
    metavar="SERVER",
    help="One of its servers: number, URL, description, or a variable's value such as eu1 or region=eu1.",
)
_BASE_URL = _option("base_url", "--base-url", metavar="URL", help="Base URL in place of its servers.")
_DRIFT = _option(
    "drift", "--drift", metavar="FILE", help="Collect in FILE where answers depart from the document: odp spec drift."
)
_JSON = _option("as_json", "--json/--text", default=None, help="Form of the output, terminal or not.")


def common(function: F) -> F:
    """Give a command the common options; they end up in its `Settings`."""
    return _SPEC(_OVERLAY(_ENVIRONMENT(_SERVER(_BASE_URL(_JSON(function))))))


def upon_documents(function: F) -> F:
    """Give a command the option of overlays alone."""
    return _OVERLAY(function)


def collecting(function: F) -> F:
    """Give a command that calls operations the option to collect where answers depart."""
    return _DRIFT(function)


def about_documents(function: F) -> F:
    """Give a command those of the common options that concern documents alone."""
    return _SPEC(_OVERLAY(_ENVIRONMENT(_JSON(function))))


@contextmanager
def reached(
    settings: Settings, database: str | None, *, through: Callable[[Any], Any] | None = None, **changes: Any
) -> Iterator[Api]:
    """Give the client that the options ask for: of a sandbox where a database is named, else of the network.

    `through` makes the transport that reaches the sandbox.
    """
    if database is None:
        with settings.api(**changes) as api:
            yield api
        return
    from ._sandboxes import opened  # only who asks for one pays for it

    collected = {"drift": settings.drift} if settings.drift is not None else {}
    with opened(settings, database) as sandbox:
        reaching = {"transport": through(sandbox)} if through else {}
        with told_to_people():
            made = sandbox.api(**collected, **reaching, **changes)
        with made as api:
            yield api


class WithSandbox(click.Command):
    """Takes ``--sandbox`` with a value after an equals sign only, or the next word would be taken for one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = args[: args.index("--")] if "--" in args else args
        given = ["--sandbox=:memory:" if word == "--sandbox" else word for word in options]
        return super().parse_args(ctx, [*given, *args[len(options) :]])


pass_settings = click.make_pass_decorator(Settings, ensure=True)


def version(function: F) -> F:
    """Give a command --version."""
    return click.option(
        "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version."
    )(function)


def _show_version(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  # click's form
    if value:
        from importlib.metadata import version as installed

        sys.stdout.write(f"odp {installed('odp-dynamic')}\n")
        context.exit()
