"""What a handler gets."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple


class Call(NamedTuple):
    """Is one judged request.

    `path` and `query` hold the decoded parameters, `body` the decoded JSON (None where there is none). `db` is the
    connection, inside the transaction that is the request's; `now` is the one time of everything that it does.
    """

    db: sqlite3.Connection
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    now: str
