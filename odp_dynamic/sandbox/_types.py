"""What a field of each type takes (facts §4), and what such a value is to who calculates with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

LONGEST_TEXT = 1024  # characters, facts §3
_NUMBER = re.compile(r"[-+]?\d{1,300}(\.\d{1,300})?", re.ASCII)
_LARGE_EPOCH = 100_000_000_000  # the year 5138 in seconds, 1973 in milliseconds


def number_of(value: Any) -> float | None:
    """Return a number, or a text that is a plain decimal, as a number; None for anything else."""
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def seconds_of(value: Any, *, large: str = "seconds") -> float | None:
    """Return a time as seconds since 1970, None for what is no time.

    It is ISO 8601, UTC where no zone is given and midnight where no time is; or a number, of seconds; `large` says
    what a number is that is too large to be meant as such.
    """
    epoch = number_of(value)
    if epoch is not None:
        return epoch / 1000 if large == "milliseconds" and abs(epoch) > _LARGE_EPOCH else epoch
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _is_boolean(value: Any) -> bool:
    return isinstance(value, (bool, int, str)) and value in (True, False, "0", "1", "true", "false")


FITS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: number_of(value) is not None,
    "boolean": _is_boolean,
    "timestamp": lambda value: seconds_of(value) is not None,
}
