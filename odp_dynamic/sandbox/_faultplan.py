"""Faults: what goes wrong on purpose, how often, and whether the work was done.

A fault is armed in `Faults`; each request of its operation draws, and the first fault that hits is the request's. How
an answer is then spoilt is `_delivery`'s business. In JSON or YAML a fault is a mapping of the same names:

.. code-block:: yaml

    - {operation: sendEvents, status: 429, retry_after: 2, times: 3}
    - {operation: sendEvents, kind: reset, when: after, skip: 1, times: 1}   # taken, and the answer is lost
    - {kind: delay, delay: 0.5, probability: 0.1, seed: 7}                   # any operation
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any

from .._document._yaml import build
from ..errors import closest

# Of each kind: the fields that are its own, and when it hits unless it says.
_KINDS: Mapping[str, tuple[frozenset[str], str]] = {
    "status": (frozenset({"status", "retry_after", "body", "content_type"}), "before"),
    "delay": (frozenset(), "before"),
    "cut": (frozenset({"sent"}), "after"),
    "invalid_json": (frozenset(), "after"),
    "content_type": (frozenset({"content_type"}), "after"),
    "reset": (frozenset(), "before"),
    "trickle": (frozenset({"piece", "pause"}), "after"),
}
_WHEN = ("before", "after")
_HARMLESS = frozenset({"delay", "trickle"})  # the work is done, and the answer comes whole


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Is one thing that goes wrong on purpose.

    `kind` is one of

    - ``"status"``: answers `status`, with `retry_after` (seconds, or a date) as its header where given, and the
      service's envelope, or `body`, as `content_type`. It is the kind of a fault that has a `status` and names none
    - ``"delay"``: waits `delay` seconds. It is the kind of a fault that has only a `delay`; all kinds may have one
    - ``"cut"``: states the answer's whole length, sends `sent` bytes of its body (half of it), and closes
    - ``"invalid_json"``: the body breaks off in the middle, and states that length
    - ``"content_type"``: the answer says that it is `content_type` (``text/html``)
    - ``"reset"``: the connection is reset, and no answer sent
    - ``"trickle"``: the body comes `piece` bytes at a time, with `pause` seconds between them

    It hits requests of `operation` (None is any), `times` in all (None is for ever) after `skip` were let through,
    each with `probability`. The draws follow from `seed`: the same requests are hit in the next run.

    `when` is ``"before"``: nothing was done, or ``"after"``: the work was done, and only the answer suffers, which is
    what a client must survive that sends again. Those that need an answer to spoil hit after, unless they say; before,
    the work is done and undone. A delay goes before or after the work; the work is done in either case.

    Raises ValueError for what makes no sense, and says what would.
    """

    kind: str = ""
    operation: str | None = None
    times: int | None = None
    skip: int = 0
    probability: float = 1.0
    seed: int = 0
    when: str = ""
    delay: float = 0.0
    status: int | None = None
    retry_after: int | str | None = None
    body: Any = None
    content_type: str = ""
    sent: int | None = None
    piece: int = 16
    pause: float = 0.05

    def __post_init__(self) -> None:
        kind = self.kind or ("status" if self.status is not None else "delay" if self.delay else "status")
        object.__setattr__(self, "kind", kind)
        if str(kind) not in _KINDS:  # JSON may tell anything
            hint = _meant(str(kind), _KINDS)
            raise ValueError(f"a fault's kind is one of {', '.join(_KINDS)}; {kind!r} is none{hint}")
        for name, (is_right, rule) in _RULES.items():
            if not is_right(getattr(self, name)):
                raise ValueError(f"a fault's {name} must be {rule}")
        own, when = _KINDS[kind]
        object.__setattr__(self, "when", self.when or when)
        foreign = _OWNED & _given(self).keys() - own
        if foreign:
            raise ValueError(f"a fault of the kind {kind!r} has no {' and no '.join(sorted(foreign))}")
        if kind == "status" and self.status is None:
            raise ValueError("a fault needs a status, or another kind than 'status'")
        if kind == "trickle" and self.when == "before":
            raise ValueError("a trickle is of the answer; it cannot come before the work")

    @property
    def undoes(self) -> bool:
        """Tell whether the work is not done."""
        return self.when == "before" and self.kind not in _HARMLESS

    def __str__(self) -> str:
        told = [str(self.status) if self.kind == "status" else self.kind.replace("_", " ")]
        told += [f"{self.delay:g} s late"] if self.delay and self.kind != "delay" else []
        return f"{', '.join(told)}, {self.when} the work"

    def to_json(self) -> dict[str, Any]:
        """Return the fault as a mapping that `fault_of` takes, without what is as it would be anyway."""
        return {"kind": self.kind, "when": self.when, **_given(self)}


def fault_of(told: Any) -> Fault:
    """Return the fault that a mapping tells; raise ValueError for a name that no fault has."""
    if not isinstance(told, Mapping):
        raise ValueError("a fault is a mapping of names, such as {status: 503}")  # noqa: TRY004  # one kind of error
    for name in told:
        if name not in _NAMES:
            raise ValueError(f"a fault has no {name!r}{_meant(str(name), _NAMES)}")
    return Fault(**told)


def faults_in(told: Any) -> list[Fault]:
    """Return the faults of a list of mappings."""
    if not isinstance(told, list):
        raise ValueError("faults are told as a list of mappings, such as [{status: 503}]")  # noqa: TRY004  # as above
    return [fault_of(one) for one in told]


class Faults:
    """Is the faults that are armed, in the order in which they are asked; threads may share it.

    A fault that has hit as often as it may is gone. `operations` are those that a fault may name.
    """

    def __init__(self, operations: Iterable[str]) -> None:
        self._operations = frozenset(operations)
        self._armed: list[_Armed] = []
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<Faults: {', '.join(map(str, self)) or 'none'}>"

    def __iter__(self) -> Iterator[Fault]:
        return iter([armed.fault for armed in self._armed])

    def __len__(self) -> int:
        return len(self._armed)

    def add(self, *faults: Fault) -> None:
        """Arm faults, behind those that are; raise ValueError for an operation that the document does not have."""
        armed = self._ready(faults)
        with self._lock:
            self._armed = [*self._armed, *armed]

    def replace(self, *faults: Fault) -> None:
        """Arm these faults and no others."""
        armed = self._ready(faults)
        with self._lock:
            self._armed = armed

    def load(self, path: str | Path) -> None:
        """Arm the faults of a YAML or JSON file; raise ValueError for one that tells none, SpecError for no YAML."""
        told = build(Path(path).read_text(encoding="utf-8"), str(path))
        try:
            self.add(*faults_in(told))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    def remove(self, fault: Fault) -> None:
        """Disarm a fault; it may be gone already."""
        with self._lock:
            self._armed = [armed for armed in self._armed if armed.fault is not fault]

    def clear(self) -> None:
        """Disarm all."""
        self.replace()

    def to_json(self) -> list[dict[str, Any]]:
        """Return the armed faults as mappings, each with how often it has hit."""
        with self._lock:
            return [{**armed.fault.to_json(), "hits": armed.hits} for armed in self._armed]

    def draw(self, operation: str) -> Fault | None:
        """Return the fault that hits a request of an operation, None where none does."""
        if not self._armed:
            return None
        with self._lock:
            hit = next((armed for armed in self._armed if armed.hits_one_of(operation)), None)
            if hit is None:
                return None
            if hit.hits == hit.fault.times:
                self._armed = [armed for armed in self._armed if armed is not hit]
            return hit.fault

    def _ready(self, faults: Iterable[Fault]) -> list[_Armed]:
        armed = [_Armed(fault) for fault in faults]
        for name in (one.fault.operation for one in armed):
            if name is not None and name not in self._operations:
                raise ValueError(f"no operation is called {name!r}{_meant(name, self._operations)}")
        return armed


class _Armed:
    """Is a fault with its count and its own draws, so that no other fault's requests change them."""

    __slots__ = ("_random", "_skip", "fault", "hits")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.hits = 0
        self._skip = fault.skip
        self._random = Random(fault.seed)  # noqa: S311  # to be foreseen is its purpose

    def hits_one_of(self, operation: str) -> bool:
        """Tell whether a request of an operation is hit, and count it."""
        fault = self.fault
        if fault.operation not in (None, operation):
            return False
        if self._skip:
            self._skip -= 1
            return False
        if fault.probability < 1 and self._random.random() >= fault.probability:
            return False
        self.hits += 1
        return True


def _given(fault: Fault) -> dict[str, Any]:
    """Return the fields that are not as they would be anyway."""
    told = {one.name: getattr(fault, one.name) for one in fields(fault) if getattr(fault, one.name) != one.default}
    return {name: value for name, value in told.items() if name not in {"kind", "when"}}


def _meant(name: str, names: Iterable[str]) -> str:
    near = closest(name, names)
    return f"; did you mean {near!r}?" if near else ""


def _is_count(value: Any, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value) and value >= 0


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and (value.isprintable() or not value)


_RULES: Mapping[str, tuple[Any, str]] = {
    "operation": (lambda value: value is None or isinstance(value, str), "the id of an operation"),
    "times": (lambda value: value is None or _is_count(value, 1), "a whole number from 1"),
    "skip": (_is_count, "a whole number from 0"),
    "probability": (lambda value: _is_time(value) and 0 < value <= 1, "above 0 and at most 1"),
    "seed": (lambda value: isinstance(value, int), "a whole number"),
    "when": (lambda value: value in ("", *_WHEN), " or ".join(_WHEN)),
    "delay": (_is_time, "a number of seconds"),
    "status": (lambda value: value is None or (_is_count(value, 200) and value < 600), "from 200 to 599"),
    "retry_after": (lambda value: value is None or _is_count(value) or _is_line(value), "whole seconds, or a date"),
    "content_type": (_is_line, "a media type"),
    "sent": (lambda value: value is None or _is_count(value), "a number of bytes"),
    "piece": (lambda value: _is_count(value, 1), "a number of bytes from 1"),
    "pause": (_is_time, "a number of seconds"),
}
_NAMES = [one.name for one in fields(Fault)]
_OWNED = frozenset().union(*(own for own, _ in _KINDS.values()))
