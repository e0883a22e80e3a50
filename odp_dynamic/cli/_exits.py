"""Exit codes: the one table, and the one place where an error becomes a sentence and a code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import click

from .._settings import setting
from ..errors import (
    InvalidRequest,
    InvalidResponse,
    OdpError,
    StatusError,
    TransportError,
    UnknownOperation,
)
from ._output import note, silence


class ExitCode(IntEnum):
    """Is what the shell learns."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    INVALID_REQUEST = 3
    REFUSED = 4
    NETWORK = 5
    INVALID_RESPONSE = 6
    OUR_FAULT = 70  # EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130  # 128 and the number of the signal, as a shell says it
    BROKEN_PIPE = 141
    TERMINATED = 143


# The first class that fits counts.
_CODES: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (InvalidRequest, ExitCode.INVALID_REQUEST),
    (InvalidResponse, ExitCode.INVALID_RESPONSE),
    (StatusError, ExitCode.REFUSED),
    (TransportError, ExitCode.NETWORK),
    (OdpError, ExitCode.USAGE),
    (KeyboardInterrupt, ExitCode.INTERRUPTED),
    (BrokenPipeError, ExitCode.BROKEN_PIPE),
    (OSError, ExitCode.USAGE),
    (Exception, ExitCode.OUR_FAULT),
)
_OURS = (click.ClickException, click.exceptions.Exit, click.Abort)  # click knows what to do with these


class Mistake(click.ClickException):
    """Says in a sentence what is wrong with what was asked for."""

    exit_code = ExitCode.USAGE


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn what is raised inside into a sentence on stderr and an exit code."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()  # or the interpreter does it at its end, and complains in its own way
    except _OURS:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # here is where they end
        code = code_of(error)
        if isinstance(error, OSError):
            silence()  # what is left in a buffer that cannot be written would be tried once more
        _tell(error, code)
        raise click.exceptions.Exit(code) from None


def code_of(error: BaseException) -> ExitCode:
    """Return what the shell learns of an error."""
    return next(code for kind, code in _CODES if isinstance(error, kind))


def _tell(error: BaseException, code: ExitCode) -> None:
    if setting("ODP_DEBUG"):
        import traceback

        note("".join(traceback.format_exception(error)).rstrip())
    if code in {ExitCode.INTERRUPTED, ExitCode.BROKEN_PIPE}:
        return
    for line in _sentences(error, code):
        note(line)


def _sentences(error: BaseException, code: ExitCode) -> Iterator[str]:
    if code is ExitCode.OUR_FAULT:  # its own words might hold a payload's values
        yield f"Error: this is a fault of odp itself ({type(error).__name__}); ODP_DEBUG=1 shows where"
        return
    if isinstance(error, OSError):
        yield f"Error: {': '.join(filter(None, [error.filename and os.fsdecode(error.filename), error.strerror]))}"
        return
    yield f"Error: {error}"
    if isinstance(error, StatusError):
        yield from (f"  the service: {': '.join(filter(None, [d.pointer, d.message]))}" for d in error.details)
    if isinstance(error, UnknownOperation):
        yield "  `odp operations` lists them all"
    elif isinstance(error, InvalidResponse):
        yield "  `--responses warn` shows such an answer all the same"
    yield from (f"  {line}" for line in getattr(error, "__notes__", ()))
