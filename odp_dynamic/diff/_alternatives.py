"""Which alternative of an old schema became which of the new one."""

from __future__ import annotations

from collections.abc import Callable

from .._meaning import Form
from .._pointers import split

Forms = tuple[Form, ...]


def paired(
    old: Forms, new: Forms, are_same: Callable[[Form, Form], bool]
) -> tuple[list[tuple[Form, Form]], list[Form], list[Form]]:
    """Return the alternatives that became others, those that are gone, and those that are new.

    Those that are the same on both sides come first, then those of the same name, then the most alike.
    """
    if len(old) == len(new) == 1:
        return [(old[0], new[0])], [], []
    rest, left = list(new), []
    for form in old:
        same = next((other for other in rest if _may_be_same(form, other) and are_same(form, other)), None)
        if same is None:
            left.append(form)
        else:
            rest.remove(same)
    pairs = []
    for likeness, form, other in sorted(
        ((_likeness(form, other), form, other) for form in left for other in rest), key=lambda found: -found[0]
    ):
        if likeness > 0 and form in left and other in rest:
            pairs.append((form, other))
            left.remove(form)
            rest.remove(other)
    return pairs, left, rest


def _may_be_same(one: Form, other: Form) -> bool:
    return one.rules.keys() == other.rules.keys() and one.properties.keys() == other.properties.keys()


def _likeness(one: Form, other: Form) -> float:
    """Return from 0 to 3 how much two alternatives have in common."""
    names = {split(pointer)[-1] for pointer in one.sources} & {split(pointer)[-1] for pointer in other.sources}
    named = any(not name.isdigit() for name in names)
    mine, others = one.properties.keys(), other.properties.keys()
    shared = len(mine & others) / len(mine | others) if mine | others else 0.5
    return 2 * named + shared
