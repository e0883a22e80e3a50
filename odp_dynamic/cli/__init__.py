"""The command line: a thin skin over the package, one small module for each command.

What a command does, the library can do; what is here reads words, calls it and shows what came of it. `_exits` has
the one table of exit codes, `_options` what all commands take, `_output` what reaches the terminal. Each command
imports what it needs when it runs, so that looking something up costs no HTTP library.
"""

from __future__ import annotations

from typing import Any

import click

from ._exits import exit_codes
from ._groups import Group
from ._options import common, version
from ._output import colours, forgive

# In the order of the help; each is the module of its name, imported when it is asked for.
_COMMANDS = ("demo", "operations", "describe", "call", "validate", "load", "sandbox", "spec", "doctor")

_EPILOG = """\
\b
Environment (an option wins over its variable):
  ODP_ENV              settings of this name in odp.toml, or under [tool.odp] in
                       pyproject.toml; they win over the variables below
  ODP_SPEC             the OpenAPI document: a path or a URL
  ODP_OVERLAYS         overlays upon it, separated by commas; none for none
  ODP_SERVER           which of its servers: a number, a URL, a description, or
                       a variable's value such as eu1 or region=eu1
  ODP_BASE_URL         a base URL that replaces the document's servers
  ODP_<SCHEME>         the secret of a security scheme, its name in upper snake
                       case: myApiKey is ODP_MY_API_KEY (odp doctor lists them)
  ODP_ALLOW_REF_HOSTS  hosts that the document's $refs may be fetched from
  ODP_DEBUG            1 shows the traceback of an error
  NO_COLOR             any value: no colours

\b
Exit codes:
  0 done                 3 invalid request, nothing was sent
  1 the check failed     4 the server refused
  2 usage                5 network
                         6 invalid response

\b
Completion of operation ids, for bash (zsh and fish likewise):
  eval "$(_ODP_COMPLETE=bash_source odp)"
"""


class _Odp(Group):
    """Is the group of all commands, around which errors become exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        with exit_codes():
            return super().invoke(ctx)


@click.group(
    cls=_Odp,
    package=__name__,
    names=_COMMANDS,
    name="odp",
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@common
@version
@click.pass_context
def app(context: click.Context) -> None:
    """Call the operations of an OpenAPI document, validated both ways.

    Data goes to stdout, everything else to stderr. Begin with `odp demo`.
    """
    context.color = colours()


def run() -> None:
    """Run the command line of this process, and leave with its exit code."""
    forgive()
    app.main(prog_name="odp")
