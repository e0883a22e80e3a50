"""How a load is done: what the library, the command line and Spark all hand to it."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any, Literal, NamedTuple

from ._identity import Marker, marker
from ._report import Reject


class LoadSettings(NamedTuple):
    """Is how rows are loaded into an operation.

    - `batch` is how many rows go together, `largest` how many bytes: by default the document's ``maxItems``, or 100,
      and 4 MB. `senders` threads send.
    - `rejects` is a file (JSON Lines) or a function that gets each row that was not stored; `most_rejects` ends the
      load beyond so many.
    - `journal` is a file that knows which rows are done; `resume` goes on from it, `resend_doubtful` also with those
      that were sent without an answer. `sources` tells one load from another: what was read, in any JSON form.
    - `idempotency` is the JSON pointer at which each row gets an id made of its place and content, so that the service
      knows one that is sent again: by default the document's ``x-idempotency-pointer``; False for none.
      `identity` makes of that pointer what puts ids into rows which have no place to be known by.
    - `check` judges all rows and sends none.
    """

    batch: int | None = None
    largest: int = 4_000_000
    senders: int = 4
    rejects: str | PathLike[str] | Callable[[Reject], None] | None = None
    journal: str | PathLike[str] | None = None
    resume: bool = False
    resend_doubtful: bool = False
    idempotency: str | Literal[False] | None = None
    identity: Callable[[str], Marker] = marker
    most_rejects: int | None = None
    check: bool = False
    sources: Any = ()


_LEAST = {"batch": 1, "largest": 1, "senders": 1, "most_rejects": 0}


def senseless(settings: LoadSettings, limit: int | None) -> list[str]:
    """Return all that makes no sense in settings; `limit` is the document's for a batch, if any."""
    told = settings._asdict()
    wrong = [
        f"{name} must be a whole number of at least {least}"
        for name, least in _LEAST.items()
        if told[name] is not None and not (isinstance(told[name], int) and told[name] >= least)
    ]
    if limit and not wrong and settings.batch is not None and settings.batch > limit:
        wrong.append(f"batch is at most {limit} here, says the document")
    if settings.idempotency and not str(settings.idempotency).startswith("/"):
        wrong.append("idempotency is a JSON pointer into a row, such as /data/id, or False")
    if settings.resend_doubtful and not settings.resume:
        wrong.append("resend_doubtful is for a load that goes on: set resume too")
    return wrong
