"""What two schemas differ in: each place is visited once, and what differs there is told once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._pointers import join
from ._alternatives import paired
from ._annotations import annotated
from ._changes import Level
from ._forms import ANY, KINDS, NOTHING, Form, Node, Shape, item_of, key_of, view
from ._rules import RULES, RuleKind, keyword_of, not_listed, told
from ._shapes import Side, matches, referring

_ENTANGLED = {"unevaluatedProperties", "unevaluatedItems", "patternProperties"}
_SHOWN = 6  # names or values in one sentence


class Step(NamedTuple):
    """Is one step from a value to one within it: `name` None is any item of an array, or any other property."""

    kind: str
    name: str | int | None = None


Trail = tuple[Step, ...]


class Difference(NamedTuple):
    """Is what two schemas differ in at one place of the values.

    `narrows` says that the new one may refuse what the old one accepted, `widens` that it may accept what the old one
    refused; `lost` and `gained` are schemas for values that would show the one and the other at this place. `least`
    and `most` bound its level where values do not tell all, `name` is the property of the value that is meant.
    """

    rule: str
    trail: Trail
    old: str | None
    new: str | None
    reason: str
    narrows: bool = False
    widens: bool = False
    lost: tuple[Any, ...] = ()
    gained: tuple[Any, ...] = ()
    name: str | None = None
    least: Level = "compatible"
    most: Level = "breaking"

    @property
    def pointer(self) -> str:
        """The place in a value, as a pointer in which ``*`` is any item or any other property."""
        tokens = ["*" if step.name is None else step.name for step in self.trail]
        return join("", *tokens, *([] if self.name is None else [self.name]))


class Comparison:
    """Compares schemas of two documents, and remembers which are the same."""

    def __init__(self, old: Side, new: Side) -> None:
        self.old = old
        self.new = new
        self._same: set[tuple[Node, Node]] = set()
        self._forms: dict[tuple[str, Node, Node], bool] = {}

    def differences(self, old: Node, new: Node) -> list[Difference]:
        """Return all that two nodes differ in."""
        found: list[Difference] = []
        visited = self._walk(deque([(old, new, ())]), found)
        if not found:
            self._same |= visited
        return found

    def _walk(
        self, waiting: deque[tuple[Node, Node, Trail]], found: list[Difference], *, to_the_first: bool = False
    ) -> set[tuple[Node, Node]]:
        visited: set[tuple[Node, Node]] = set()
        while waiting and not (found and to_the_first):
            old, new, trail = waiting.popleft()
            if (old, new) in visited or (old, new) in self._same:
                continue
            visited.add((old, new))
            found.extend(_At(self, old, new, trail, waiting).differences())
        return visited

    def are_same(self, old: Form, new: Form) -> bool:
        """Return whether two forms allow the same values, as far as that can be read off them."""
        key = (old.kind, old.sources, new.sources)
        if key not in self._forms:
            waiting: deque[tuple[Node, Node, Trail]] = deque()
            found = list(_At(self, old.sources, new.sources, (), waiting).of_forms(old, new))
            if not found:
                self._walk(waiting, found, to_the_first=True)
            self._forms[key] = not any(difference.narrows or difference.widens for difference in found)
        return self._forms[key]


class _At:
    """Is one place in the values, and the nodes that they must fit there."""

    def __init__(self, of: Comparison, old: Node, new: Node, trail: Trail, waiting: Any) -> None:
        self.of = of
        self.old = old
        self.new = new
        self.trail = trail
        self._waiting = waiting

    def differences(self) -> Iterator[Difference]:
        old, new = self.of.old.shape(self.old), self.of.new.shape(self.new)
        yield from self._kinds(old, new)
        for kind in KINDS:
            if kind in old and kind in new:
                yield from self._alternatives(old[kind], new[kind])
        if old and new:
            yield from self._annotations()

    def _difference(self, rule: str, reason: str, **more: Any) -> Difference:
        more.setdefault("old", self.old[0] if self.old else None)
        more.setdefault("new", self.new[0] if self.new else None)
        return Difference(rule, self.trail, reason=reason, **more)

    def _kinds(self, old: Shape, new: Shape) -> Iterator[Difference]:
        if not old and not new:
            return
        if not new or not old:
            yield self._allowed(is_now=bool(new))
            return
        for kinds, verb, way in (
            (old.keys() - new.keys(), "no longer", "narrow"),
            (new.keys() - old.keys(), "now", "widen"),
        ):
            if kinds:
                names = ", ".join(kind for kind in KINDS if kind in kinds)
                tries = tuple({"type": kind} for kind in KINDS if kind in kinds)
                side = {"narrows": True, "lost": tries} if way == "narrow" else {"widens": True, "gained": tries}
                allows = "allows" if way == "widen" else "allowed"
                yield self._difference(
                    f"type-{way}ed",
                    f"{names} {verb} {allows}".replace("now allows", "is allowed now").replace(
                        "no longer allowed", "is no longer allowed"
                    ),
                    **side,
                )

    def _allowed(self, *, is_now: bool) -> Difference:
        extra = bool(self.trail) and self.trail[-1].name is None and self.trail[-1].kind == "property"
        subject = "other properties are" if extra else "a value is"
        keyword = "additionalProperties" if extra else "schema"
        if is_now:
            return self._difference(f"{keyword}-widened", f"{subject} allowed now", widens=True, gained=({},))
        return self._difference(f"{keyword}-narrowed", f"{subject} no longer allowed", narrows=True, lost=({},))

    def _alternatives(self, old: tuple[Form, ...], new: tuple[Form, ...]) -> Iterator[Difference]:
        pairs, removed, added = paired(old, new, self.of.are_same)
        for a, b in pairs:
            yield from self.of_forms(a, b)
        for form in removed:
            lost = (referring(form.sources),)
            yield self._difference(
                "alternative-removed",
                f"one of the alternatives for {_a(form.kind)} is gone",
                narrows=True,
                lost=lost,
                old=form.pointer(""),
            )
        for form in added:
            gained = (referring(form.sources),)
            yield self._difference(
                "alternative-added",
                f"there is one more alternative for {_a(form.kind)}",
                widens=True,
                gained=gained,
                new=form.pointer(""),
            )

    def of_forms(self, old: Form, new: Form) -> Iterator[Difference]:
        """Yield what two alternatives differ in, and queue what stands within them."""
        found = [*self._listed(old, new), *self._ruled(old, new), *self._opaque(old, new)]
        if old.kind == "array":
            self._items(old, new)
        elif old.kind == "object":
            found += [*self._properties(old, new), *self._required(old, new)]
        keywords = {opaque.keyword for form in (old, new) for opaque in form.opaque}
        for difference in found:
            # What such a keyword allows depends on its neighbours: nothing in such a form is sure to go one way only.
            yield difference._replace(narrows=True, widens=True) if keywords & _ENTANGLED else difference

    def _listed(self, old: Form, new: Form) -> Iterator[Difference]:
        before, after = old.value("enum"), new.value("enum")
        if before is None and after is None:
            return
        places = {"old": old.pointer("enum"), "new": new.pointer("enum")}
        if before is None or after is None:
            listed = [value for value in (before or after).values()]
            if before is None:
                tries = tuple(not_listed(old, after))
                yield self._difference(
                    "enum-narrowed", f"only {_few(listed)} allowed now", narrows=True, lost=tries, **places
                )
            else:
                tries = tuple(not_listed(new, before))
                yield self._difference(
                    "enum-widened", f"more than {_few(listed)} allowed now", widens=True, gained=tries, **places
                )
                gone = [value for value in listed if not self.of.new.accepts(self.new, value)]
                if gone:
                    yield self._gone(gone, places)
            return
        gone = [value for key, value in before.items() if key not in after]
        come = [value for key, value in after.items() if key not in before]
        if gone:
            yield self._gone(gone, places)
        if come:
            gained = tuple({"const": value} for value in come)
            yield self._difference("enum-widened", f"{_few(come)} allowed now", widens=True, gained=gained, **places)

    def _gone(self, values: list[Any], places: Mapping[str, Any]) -> Difference:
        lost = tuple({"const": value} for value in values)
        return self._difference("enum-narrowed", f"{_few(values)} no longer allowed", narrows=True, lost=lost, **places)

    def _ruled(self, old: Form, new: Form) -> Iterator[Difference]:
        for rule in RULES:
            before, after = old.value(rule.keyword), new.value(rule.keyword)
            if before != after:
                yield from self._of_rule(rule, old, new, before, after)

    def _of_rule(self, rule: RuleKind, old: Form, new: Form, before: Any, after: Any) -> Iterator[Difference]:
        narrows = after is not None and "enum" not in old.rules and not rule.implies(old, after)
        widens = before is not None and "enum" not in new.rules and not rule.implies(new, before)
        if not narrows and not widens:
            return
        way = "changed" if narrows and widens else "narrowed" if narrows else "widened"
        yield self._difference(
            f"{keyword_of(rule)}-{way}",
            f"{keyword_of(rule)} is {told(rule.keyword, after)}, was {told(rule.keyword, before)}",
            narrows=narrows,
            widens=widens,
            lost=tuple(rule.tries(old, after)) if narrows else (),
            gained=tuple(rule.tries(new, before)) if widens else (),
            old=old.pointer(rule.keyword),
            new=new.pointer(rule.keyword),
        )

    def _opaque(self, old: Form, new: Form) -> Iterator[Difference]:
        rest = list(new.opaque)
        for mine in old.opaque:
            other = next((o for o in rest if self._is_same(mine, o)), None)
            if other is not None:
                rest.remove(other)
                continue
            changed = next((o for o in rest if o.keyword == mine.keyword), None)
            if changed is not None:
                rest.remove(changed)
            yield self._difference(
                f"{mine.keyword}-{'removed' if changed is None else 'changed'}",
                f"{mine.keyword} {'is gone' if changed is None else 'says something else'}",
                narrows=changed is not None,
                widens=True,
                lost=({},),
                gained=({},),
                old=mine.pointer,
                new=changed.pointer if changed else None,
            )
        for added in rest:
            yield self._difference(
                f"{added.keyword}-added",
                f"{added.keyword} is new",
                narrows=True,
                lost=({},),
                old=None,
                new=added.pointer,
            )

    def _is_same(self, one: Any, other: Any) -> bool:
        if (one.keyword, one.detail, len(one.nodes)) != (other.keyword, other.detail, len(other.nodes)):
            return False
        return not any(
            difference.narrows or difference.widens
            for a, b in zip(one.nodes, other.nodes, strict=True)
            for difference in self.of.differences(a, b)
        )

    def _items(self, old: Form, new: Form) -> None:
        longest = max(len(old.prefix), len(new.prefix))
        most = min(form.value("maxItems") if form.value("maxItems") is not None else longest + 1 for form in (old, new))
        for index in range(min(longest, most)):
            self._queue(item_of(old, index), item_of(new, index), Step("item", index))
        if most > longest:
            self._queue(old.items, new.items, Step("item", longest or None))

    def _queue(self, old: Node, new: Node, step: Step) -> None:
        if old != ANY or new != ANY:
            self._waiting.append((old, new, (*self.trail, step)))

    def _properties(self, old: Form, new: Form) -> Iterator[Difference]:
        for name in dict.fromkeys([*old.properties, *new.properties]):
            before, after = view(old, name, matches), view(new, name, matches)
            if (name in old.properties and name in new.properties) or not self._is_plain(old, new, name):
                self._queue(before, after, Step("property", name))
            elif name in old.properties:
                yield from self._removed(old, name, is_closed=not self.of.new.shape(after))
            elif name not in (new.value("required") or ()):
                yield from self._added(new, name, is_closed=not self.of.old.shape(before))
        for pattern in dict.fromkeys([*old.patterns, *new.patterns]):
            if pattern in old.patterns and pattern in new.patterns:
                self._queue(old.patterns[pattern], new.patterns[pattern], Step("pattern", pattern))
            else:
                verb, gone = ("is gone", True) if pattern in old.patterns else ("is new", False)
                yield self._difference(
                    f"patternProperties-{'removed' if gone else 'added'}", f"the rule for properties like {pattern} {verb}",
                    narrows=True, widens=True, lost=({},), gained=({},),
                )  # fmt: skip
        self._queue(old.additional, new.additional, Step("property"))

    def _is_plain(self, old: Form, new: Form, name: str) -> bool:
        """Return whether a name without a schema of its own is free, or refused, on the side that does not have it."""
        form, side = (new, self.of.new) if name in old.properties else (old, self.of.old)
        node = view(form, name, matches)
        return node == ANY or not side.shape(node)

    def _removed(self, old: Form, name: str, *, is_closed: bool) -> Iterator[Difference]:
        if old.properties[name] == NOTHING:
            return
        was_required = name in (old.value("required") or ())
        verb = "is no longer allowed" if is_closed else "is no longer described: it may be ignored, or missing"
        yield self._difference(
            "property-removed",
            f"the property {verb}",
            name=name,
            narrows=is_closed,
            widens=was_required or not is_closed,
            lost=({"required": [name]},) if is_closed else (),
            gained=({"properties": {name: False}},) if was_required else (),
            old=self._property_pointer(old, name),
            least="maybe",
            most="breaking" if is_closed or was_required else "maybe",
        )

    def _added(self, new: Form, name: str, *, is_closed: bool) -> Iterator[Difference]:
        if new.properties[name] == NOTHING:
            return
        told_of = "is new" if is_closed else "is described now: it could hold anything before"
        yield self._difference(
            "property-added",
            f"the property {told_of}",
            name=name,
            narrows=not is_closed and new.properties[name] != ANY,
            widens=is_closed,
            gained=({"required": [name]},) if is_closed else (),
            new=self._property_pointer(new, name),
            most="breaking" if is_closed else "maybe",
        )

    @staticmethod
    def _property_pointer(form: Form, name: str) -> str | None:
        node = form.properties[name]
        return node[0] if node and node != NOTHING else form.pointer("required")

    def _required(self, old: Form, new: Form) -> Iterator[Difference]:
        before, after = (form.value("required") or frozenset() for form in (old, new))
        places = {"old": old.pointer("required"), "new": new.pointer("required")}
        for name in sorted(after - before):
            is_new = name not in old.properties
            refused = is_new and not self.of.old.shape(view(old, name, matches))
            yield self._difference(
                "required-added", "the new property is required" if is_new else "the property is required now",
                name=name, narrows=True, widens=refused, lost=({"properties": {name: False}},),
                gained=({"required": [name]},) if refused else (), **places,
            )  # fmt: skip
        for name in sorted(before - after):
            if name in new.properties or name not in old.properties:
                gained = ({"properties": {name: False}},)
                yield self._difference(
                    "required-removed",
                    "the property is no longer required",
                    name=name,
                    widens=True,
                    gained=gained,
                    **places,
                )

    def _annotations(self) -> Iterator[Difference]:
        before, after = annotated(self.of.old.document, self.old), annotated(self.of.new.document, self.new)
        for keyword in dict.fromkeys([*before, *after]):
            if key_of(before.get(keyword)) != key_of(after.get(keyword)):
                yield self._annotation(keyword, before.get(keyword), after.get(keyword))

    def _annotation(self, keyword: str, before: Any, after: Any) -> Difference:
        verb = "is new" if before is None else "is gone" if after is None else "is another"
        level: Level = "docs"
        if keyword == "default" and self.of.old.direction == "request":
            level = "maybe"
        elif keyword == "deprecated":
            level, verb = "compatible", "is true now" if after else "is no longer true"
        return self._difference(f"{keyword}-changed", f"{keyword} {verb}", least=level, most=level)


def _few(values: list[Any]) -> str:
    shown = ", ".join(map(key_of, values[:_SHOWN]))
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return f"{shown}{more} {'is' if len(values) == 1 else 'are'}"


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "ao" else "null" if kind == "null" else f"a {kind}"
