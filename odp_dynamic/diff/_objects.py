"""What two forms of objects differ in: their properties, and which of these must be there."""

from __future__ import annotations

from collections.abc import Iterator

from .._meaning import ANY, NOTHING, Form, Opaque, Side, view, written_at
from ._differences import Difference, Step
from ._places import Place


def object_differences(place: Place, old: Form, new: Form) -> Iterator[Difference]:
    """Yield what differs in the properties themselves, and queue what these must fit."""
    for name in dict.fromkeys([*old.properties, *new.properties]):
        yield from _property(place, old, new, name)
    for pattern in dict.fromkeys([*old.patterns, *new.patterns]):
        yield from _pattern(place, old, new, pattern)
    place.queue(old.additional, new.additional, Step("property"))
    yield from _required(place, old, new)


def _property(place: Place, old: Form, new: Form, name: str) -> Iterator[Difference]:
    before, after = view(old, name), view(new, name)
    was_told, is_told = _is_told(old, name), _is_told(new, name)
    if was_told and not is_told and _is_plain(place.new_side, new, name):
        yield _removed(place, old, new, name)
    elif is_told and not was_told and _is_plain(place.old_side, old, name):
        if name not in _names(new):
            yield _added(place, old, new, name)
    else:
        place.queue(before, after, Step("property", name))


def _is_told(form: Form, name: str) -> bool:
    """Return whether a property is described, and goes this way: what is readOnly is no part of a request."""
    return form.properties.get(name, NOTHING) != NOTHING


def _is_plain(side: Side, form: Form, name: str) -> bool:
    """Return whether a property without a schema of its own may hold anything, or may not be there."""
    node = view(form, name)
    return node == ANY or not side.shape(node)


def _removed(place: Place, old: Form, new: Form, name: str) -> Difference:
    is_closed, was_required = not place.new_side.shape(view(new, name)), name in _names(old)
    rule, told = "property-removed", "the property is no longer described: it may be ignored, or missing"
    if name in new.properties:
        rule, told = place.hiding(is_hidden=True)
    elif is_closed:
        told = "the property is no longer allowed"
    return place.difference(
        rule,
        told,
        name=name,
        narrows=is_closed,
        widens=was_required or not is_closed,
        lost=({"required": [name]},) if is_closed else (),
        gained=({"properties": {name: False}},) if was_required else (),
        old=_pointer(old, name),
        least="maybe",
        most="breaking" if is_closed or was_required else "maybe",
    )


def _added(place: Place, old: Form, new: Form, name: str) -> Difference:
    is_closed = not place.old_side.shape(view(old, name))
    rule, told = "property-added", "the property is described now: it could hold anything before"
    if name in old.properties:
        rule, told = place.hiding(is_hidden=False)
    elif is_closed:
        told = "the property is new"
    return place.difference(
        rule,
        told,
        name=name,
        narrows=not is_closed and new.properties[name] != ANY,
        widens=is_closed,
        gained=({"required": [name]},) if is_closed else (),
        new=_pointer(new, name),
        most="breaking" if is_closed else "maybe",
    )


def _pointer(form: Form, name: str) -> str | None:
    return written_at(form.properties[name]) or form.pointer()


def _pattern(place: Place, old: Form, new: Form, pattern: str) -> Iterator[Difference]:
    before, after = (form.patterns.get(pattern, form.additional) for form in (old, new))
    if not (old.patterns and new.patterns) or pattern in old.patterns.keys() & new.patterns.keys():
        place.queue(before, after, Step("pattern", pattern))  # no other pattern has a say in both
        return
    rule, verb = ("removed", "gone") if pattern in old.patterns else ("added", "new")
    told, ways = f"the rule for properties like {pattern} is {verb}", {"narrows": True, "widens": True}
    rules = tuple(
        Opaque("names", pattern, (node,), form.pointer() or "") for form, node in ((old, before), (new, after))
    )
    yield place.difference(f"patternProperties-{rule}", told, **ways, lost=({},), gained=({},), rules=rules)


def _names(form: Form) -> frozenset[str]:
    """Return the properties that must be there."""
    return form.value("required") or frozenset()


def _required(place: Place, old: Form, new: Form) -> Iterator[Difference]:
    places = {"old": old.pointer("required"), "new": new.pointer("required")}
    for name in sorted(_names(new) - _names(old)):
        is_new = not _is_told(old, name)
        was_refused = is_new and not place.old_side.shape(view(old, name))
        yield place.narrowed(
            "required-added",
            "the new property is required" if is_new else "the property is required now",
            {"properties": {name: False}},
            name=name,
            widens=was_refused,
            gained=({"required": [name]},) if was_refused else (),
            **places,
        )
    for name in sorted(_names(old) - _names(new)):
        if _is_told(new, name) or not _is_told(old, name):  # or else it is told of as removed
            told, gained = "the property is no longer required", {"properties": {name: False}}
            yield place.widened("required-removed", told, gained, name=name, **places)
