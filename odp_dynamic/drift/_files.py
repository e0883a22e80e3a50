"""Ledgers as JSON, and the one file that several processes keep theirs in."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._files import write_whole
from ._tallies import BOUNDS, Bounds, Count, Entry, Tally

VERSION = 1
_MOST_BYTES = 256 * 2**20
_TEXTS = Entry._fields
Tallies = dict[str, Tally]


class LedgerError(ValueError):
    """Says which file is no ledger, and why; nothing of what is in it."""


def merged(*several: Mapping[str, Tally], bounds: Bounds = BOUNDS) -> Tallies:
    """Return the sum of tallies; beyond the most operations those stay whose ids sort first."""
    total: Tallies = {}
    for tallies in several:
        for name, tally in tallies.items():
            if name in total:
                total[name].merge(tally)
            else:
                total[name] = tally.copy()
    return {name: total[name] for name in sorted(total)[: bounds.operations]}


def to_json(tallies: Mapping[str, Tally]) -> dict[str, Any]:
    """Return tallies as JSON, in one order."""
    told = {
        name: {"more": tally.more, "entries": [_told(entry, tally.entries[entry]) for entry in sorted(tally.entries)]}
        for name, tally in sorted(tallies.items())
    }
    return {"drift": VERSION, "operations": told}


def of_json(data: Any, source: str) -> Tallies:
    """Return the tallies of a JSON value; raise LedgerError where it is none of ours."""
    try:
        if data["drift"] != VERSION:
            raise LedgerError(f"{source}: is a ledger of another version; this one reads version {VERSION}")
        found = {name: _tally(told) for name, told in data["operations"].items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        if isinstance(error, LedgerError):
            raise
        raise LedgerError(f"{source}: is no drift ledger; move it away, or name another file") from None
    return merged(found)  # within the bounds, whoever wrote it


def _told(entry: Entry, count: Count) -> dict[str, Any]:
    texts = {name: text for name, text in entry._asdict().items() if text or name in {"status", "kind"}}
    return {**texts, "times": count.times, "first": moment(count.first), "last": moment(count.last)}


def _tally(told: Mapping[str, Any]) -> Tally:
    tally = Tally(more=_whole(told["more"]))
    tally.add(dict(_pair(one) for one in told["entries"]))
    return tally


def _pair(told: Mapping[str, Any]) -> tuple[Entry, Count]:
    texts = [told.get(name, "") for name in _TEXTS]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    return Entry(*texts), Count(_whole(told["times"]), _seconds(told["first"]), _seconds(told["last"]))


def _whole(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise TypeError
    return number


def moment(seconds: int) -> str:
    """Return seconds since 1970 as a moment (RFC 3339)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())


def load(path: Path) -> Tallies:
    """Return what is in a file, nothing where there is none; raise LedgerError for one that is no ledger."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise LedgerError(f"{path}: is larger than {_MOST_BYTES >> 20} MB, which no ledger is")
        text = path.read_bytes()
    except FileNotFoundError:
        if not path.parent.is_dir():
            raise LedgerError(f"{path}: cannot be written: there is no folder {path.parent}") from None
        return {}
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise LedgerError(f"{path}: is no JSON; move it away, or name another file") from None
    return of_json(data, str(path))


def add_to(path: Path, tallies: Mapping[str, Tally]) -> None:
    """Add tallies to what is in a file, which is replaced as a whole; one process at a time does so.

    Raises LedgerError as `load` does, and then leaves the file alone; OSError where it cannot be written.
    """
    with _alone(path.with_name(f"{path.name}.lock")):
        total = to_json(merged(load(path), tallies))
        # What a service does is the owner's business: the file is theirs.
        write_whole(path, json.dumps(total, ensure_ascii=False, indent=1), private=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process is at it; the system gives the lock back for one that was killed."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            from fcntl import LOCK_EX, flock
        except ImportError:  # Windows, where a lock is on bytes
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]  # it is there
        else:
            flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)
