"""Python's own parser, and why it cannot read a source."""

from __future__ import annotations

import ast
import warnings
from sys import version_info

# What is raised by sources that cannot be read: the parser's own bound is a MemoryError, null bytes were a ValueError
# before Python 3.12, and so are half characters; LookupError is an encoding that there is not.
UNREADABLE = (SyntaxError, RecursionError, MemoryError, ValueError, LookupError)


def parsed(source: bytes | str) -> ast.Module:
    """Return the tree of a source. Raises one of `UNREADABLE`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a source is warned of is its author's business
        return ast.parse(source)


def why_unread(error: BaseException) -> tuple[int, str]:
    """Return the line that makes a source unreadable, 0 where it is all of it, and why."""
    if isinstance(error, SyntaxError):
        python = f"Python {version_info.major}.{version_info.minor}"
        return error.lineno or 0, f"is no Python that {python} reads: {error.msg}"
    if isinstance(error, RecursionError | MemoryError):
        return 0, "is nested too deeply to read"
    return 0, "is no text that Python reads"
