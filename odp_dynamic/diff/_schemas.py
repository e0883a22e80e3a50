"""What two schemas differ in: each place is visited once, and what differs there is told once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .._meaning import KINDS, NOTHING, Form, Node, Shape, Side, referring, written_at
from ..errors import SpecError
from ._alternatives import paired
from ._annotations import annotation_differences
from ._arrays import queue_items
from ._assuming import Assuming
from ._differences import Difference
from ._objects import object_differences
from ._opaque import ENTANGLED, opaque_differences
from ._places import Place, Waiting
from ._rules import listed_differences, ruled_differences

MOST_PLACES = 400_000
MOST_DIFFERENCES = 10_000


class Comparison:
    """Compares schemas of two documents, and remembers which are the same."""

    def __init__(self, old: Side, new: Side) -> None:
        self.old = old
        self.new = new
        self._same: set[tuple[Node, Node]] = set()
        self._met: set[tuple[Node, Node]] = set()
        self._answers = Assuming()
        self._visited = 0

    def differences(self, old: Node, new: Node) -> list[Difference]:
        """Return all that two nodes differ in, from the outside inwards.

        Raises SpecError for schemas that are too large to compare.
        """
        found: list[Difference] = []
        visited = self._walk(deque([(old, new, ())]), found)
        self._met |= visited
        if not found and self._answers.is_idle:
            self._same |= visited
        return found

    def has_met(self, old: Node, new: Node) -> bool:
        """Return whether two nodes were compared already, by themselves or within others."""
        return (old, new) in self._met

    def are_same(self, old: Form, new: Form) -> bool:
        """Return whether two alternatives allow the same values, as far as that can be read off them."""

        def found() -> bool:
            waiting: Waiting = deque()
            first = list(form_differences(Place(self, old.sources, new.sources, (), waiting), old, new))
            self._walk(waiting, first, until=_about_values)
            return not _about_values(first)

        return self._answers.answer((id(old), id(new)), found)  # both sides keep their forms

    def accept_the_same(self, old: Node, new: Node) -> bool:
        """Return whether two nodes allow the same values, as far as that can be read off them."""
        return self._answers.answer((old, new), lambda: not _about_values(self.differences(old, new)))

    def is_covered(self, form: Form, by: tuple[Form, ...], *, is_old: bool) -> bool:
        """Return whether one of the other document's alternatives allows all that a form does."""
        return any(self._covers(form, other, is_old=is_old) for other in by)

    def _covers(self, form: Form, other: Form, *, is_old: bool) -> bool:
        old, new = (form, other) if is_old else (other, form)

        def takes_more(found: list[Difference]) -> bool:
            return any(difference.narrows if is_old else difference.widens for difference in found)

        def found() -> bool:
            waiting: Waiting = deque()
            first = list(form_differences(Place(self, old.sources, new.sources, (), waiting), old, new))
            self._walk(waiting, first, until=takes_more)
            return not takes_more(first)

        return self._answers.answer((is_old, id(old), id(new)), found)

    def _walk(
        self, waiting: Waiting, found: list[Difference], *, until: Callable[[list[Difference]], bool] | None = None
    ) -> set[tuple[Node, Node]]:
        """Visit what is waiting, nearest first; a pair that is met again within itself adds nothing."""
        visited: set[tuple[Node, Node]] = set()
        while waiting and not (until and until(found)):
            old, new, trail = waiting.popleft()
            if (old, new) not in visited and (old, new) not in self._same:
                visited.add((old, new))
                self._count(new)
                found.extend(_each_once(_differences_at(Place(self, old, new, trail, waiting))))
            if len(found) > MOST_DIFFERENCES:
                told = f"there are more than {MOST_DIFFERENCES} differences: these are not two versions of one document"
                raise SpecError(told, "", self.new.document.source)
        return visited

    def _count(self, node: Node) -> None:
        self._visited += 1
        if self._visited > MOST_PLACES:
            told = f"there are more than {MOST_PLACES} places to compare"
            raise SpecError(told, written_at(node) or "", self.new.document.source)


def _about_values(found: list[Difference]) -> bool:
    return any(difference.is_about_values for difference in found)


def _each_once(found: Iterable[Difference]) -> Iterable[Difference]:
    """Put together what is told alike of several kinds of values, or several alternatives, at one place."""
    told: dict[tuple[Any, ...], Difference] = {}
    for one in found:
        details = tuple(rule and rule.detail for rule in one.rules)
        key = (one.rule, one.trail, one.name, one.old, one.new, one.reason, details)
        same = told.setdefault(key, one)
        if same is not one:
            narrows, widens = same.narrows or one.narrows, same.widens or one.widens
            lost, gained = same.lost + one.lost, same.gained + one.gained
            told[key] = same._replace(narrows=narrows, widens=widens, lost=lost, gained=gained)
    return told.values()


def _differences_at(place: Place) -> Iterator[Difference]:
    old, new = place.old_side.shape(place.old), place.new_side.shape(place.new)
    if bool(old) != bool(new):
        yield _allowed(place, is_now=bool(new))
        return
    yield from _kinds(place, old, new)
    for kind in KINDS:
        if kind in old and kind in new:
            found = _alternatives(place, old[kind], new[kind])
            yield from found if len(old) == len(new) == 1 else (_of_kind(kind, difference) for difference in found)
    if old and new:
        yield from annotation_differences(place)


def _of_kind(kind: str, difference: Difference) -> Difference:
    """Return a difference of one kind of values where others will do too: only a value of that kind shows it."""
    lost, gained = ([{"type": kind, **tried} for tried in tries] for tries in (difference.lost, difference.gained))
    return difference._replace(lost=tuple(lost), gained=tuple(gained))


def _allowed(place: Place, *, is_now: bool) -> Difference:
    """Tell of a place where either document allows nothing at all."""
    if NOTHING in (place.old, place.new):
        rule, told = place.hiding(is_hidden=not is_now)
        return place.widened(rule, told, {}) if is_now else place.narrowed(rule, told, {})
    is_other = bool(place.trail) and place.trail[-1] == ("property", None)
    keyword, subject = ("additionalProperties", "other properties are") if is_other else ("schema", "a value is")
    if is_now:
        return place.widened(f"{keyword}-widened", f"{subject} allowed now", {})
    return place.narrowed(f"{keyword}-narrowed", f"{subject} no longer allowed", {})


def _kinds(place: Place, old: Shape, new: Shape) -> Iterator[Difference]:
    gone = [kind for kind in KINDS if kind in old and kind not in new]
    come = [kind for kind in KINDS if kind in new and kind not in old]
    if gone:
        told = f"{', '.join(gone)} {_is(gone)} no longer allowed"
        yield place.narrowed("type-narrowed", told, *({"type": kind} for kind in gone))
    if come:
        told = f"{', '.join(come)} {_is(come)} allowed now"
        yield place.widened("type-widened", told, *({"type": kind} for kind in come))


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _alternatives(place: Place, old: tuple[Form, ...], new: tuple[Form, ...]) -> Iterator[Difference]:
    pairs, removed, added = paired(old, new, place.comparison.are_same)
    for mine, other in pairs:
        yield from form_differences(place, mine, other)
    for form in removed:
        if place.comparison.is_covered(form, new, is_old=True):
            continue
        told, lost = f"an alternative of type {form.kind} is gone", referring(form.sources)
        yield place.narrowed("alternative-removed", told, lost, old=form.pointer())
    for form in added:
        if place.comparison.is_covered(form, old, is_old=False):
            continue
        told, gained = f"an alternative of type {form.kind} is new", referring(form.sources)
        yield place.widened("alternative-added", told, gained, new=form.pointer())


def form_differences(place: Place, old: Form, new: Form) -> Iterator[Difference]:
    """Yield what two alternatives differ in, and queue what stands within them."""
    found = [*listed_differences(place, old, new), *ruled_differences(place, old, new)]
    found += opaque_differences(place, old, new)
    if old.kind == "array":
        queue_items(place, old, new)
    elif old.kind == "object":
        found += object_differences(place, old, new)
    is_entangled = any(opaque.keyword in ENTANGLED for form in (old, new) for opaque in form.opaque)
    for difference in found:
        yield difference._replace(narrows=True, widens=True) if is_entangled else difference
