"""What the items of two forms of arrays must fit."""

from __future__ import annotations

from .._meaning import Form, item_of
from ._differences import Step
from ._places import Place


def queue_items(place: Place, old: Form, new: Form) -> None:
    """Have the items compared that both forms can have: the first ones each for itself, then all others."""
    longest = max(len(old.prefix), len(new.prefix))
    limits = [form.value("maxItems") for form in (old, new) if form.value("maxItems") is not None]
    most = min(limits, default=longest + 1)
    for index in range(int(min(longest, most))):
        place.queue(item_of(old, index), item_of(new, index), Step("item", index))
    if most > longest:
        place.queue(old.items, new.items, Step("item", longest or None))
