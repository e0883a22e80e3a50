"""How the service behaves where nobody outside knows, or where sources contradict each other (facts §11)."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from inspect import cleandoc
from typing import Any, Literal, NamedTuple, Self, TypeVar, get_args, get_type_hints

from ..errors import closest

T = TypeVar("T")


class Setting(NamedTuple):
    """Is one open question: its words, none where it is a number from 1; the default; what it asks, and why so."""

    name: str
    values: tuple[str, ...]
    default: str | int
    why: str

    def __str__(self) -> str:
        words = " | ".join(map(repr, self.values)) or f"a whole number from 1 ({self.default})"
        return f"{self.name}: {words}\n{textwrap.indent(textwrap.fill(self.why, 96), '    ')}"


def _open(default: T, why: str) -> T:
    """Return a field that answers an open question, with the reason of its default."""
    told: Any = field(default=default, metadata={"why": why})
    answer: T = told
    return answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """Is one answer to each open question about the service; the first value named is the default.

    Raises ValueError for a word that a setting does not have. “Facts §N” is the evidence, as the package says. The
    settings, which `odp sandbox --forms` tells too:
    """

    merge: Literal["latest", "oldest", "survivor"] = _open(
        "latest",
        "Which value an attribute has after a merge: the one written last, as if all writes had gone to one "
        "profile (a partial update overwrites, facts §4); the one written first; or that of the profile that was "
        "made first and whose number survives. In each case the others fill what it does not have, those made "
        "earlier first.",
    )
    anonymous_profile: Literal["merged", "moved"] = _open(
        "merged",
        "What happens to a profile without any high-confidence identifier when one of its identifiers is seen "
        "with one: nobody else claims it, which is no conflict, so all of it joins; or the identifier alone "
        "moves, as it does in a conflict (facts §4 has words for conflicts only).",
    )
    unknown_identifier: Literal["ignored", "low", "high"] = _open(
        "ignored",
        "What an identifier is that the account does not have: nothing, for fields capture data only after they "
        "were created (facts §5); or an identifier of that confidence. A seed's `identifiers` creates them.",
    )
    most_identifier_values: int = _open(
        25,
        "How many values of one identifier a profile keeps (facts §3).",
    )
    forgotten_identifier: Literal["least recent", "most recent"] = _open(
        "least recent",
        "Which goes when they are more, by when they were last seen; facts §4 leave it open.",
    )
    email_case: Literal["kept", "folded"] = _open(
        "kept",
        "Whether addresses that differ by case are different; nothing says that they are not (facts §11.10).",
    )
    event_without_identifier: Literal["dropped", "refused"] = _open(
        "dropped",
        "What becomes of an event that identifies nobody: the document lets it in, nothing visible happens (facts §2).",
    )
    profile_without_identifier: Literal["refused", "dropped"] = _open(
        "refused",
        "What becomes of a profile that identifies nobody: it has nowhere to go (facts §11.6).",
    )
    repeated_event: Literal["dropped", "stored"] = _open(
        "dropped",
        "What becomes of an event whose `idempotence_id` was seen: the vendor's SDKs stamp each event with one "
        "and send again after a failure, which makes sense only if it is dropped (facts §3); for how long is not "
        "known: for ever.",
    )
    most_items: int = _open(
        500,
        "How many items a batch has at most: what the vendor's documentation says since 2019 (facts §3).",
    )
    too_many_items: Literal["refused", "accepted"] = _open(
        "refused",
        "What becomes of a larger batch: undocumented (facts §11.1); a limit that is documented is held to be meant.",
    )
    empty_batch: Literal["accepted", "refused"] = _open(
        "accepted",
        "What becomes of a batch of none: the document allows it (facts §11.5).",
    )
    invalid_items: Literal["refuse all", "refuse them"] = _open(
        "refuse all",
        "What a fault of one item does to the others: 'Bad Request' and the want of any receipt speak for all or "
        "nothing (facts §7); or the others are stored, and the answer is the same.",
    )
    invalids: Literal["all", "first"] = _open(
        "all",
        "Which faults a refusal lists: an array speaks for all (facts §7).",
    )
    wrong_type: Literal["refused", "ignored"] = _open(
        "refused",
        "What becomes of a value that is not of its field's type: the service reads the schema before it answers, "
        "for it names a missing primary key (facts §2), so it may refuse a type too; or the value is not stored "
        "(facts §11.7).",
    )
    long_text: Literal["refused", "cut", "ignored", "stored"] = _open(
        "refused",
        "What becomes of a text of more than 1024 characters: it is no text as the documentation has it (facts §3).",
    )
    unknown_field: Literal["ignored", "stored"] = _open(
        "ignored",
        "What becomes of a field that the schema does not have: accepted with 202, stored only if it was defined "
        "(facts §2).",
    )
    null: Literal["clears", "ignored"] = _open(
        "clears",
        "What null does to a stored value: as in files (facts §4); for REST it is inferred (facts §11.9).",
    )
    blank: Literal["stored", "clears"] = _open(
        "stored",
        "What an empty text does to a stored value: it clears in files (facts §4), but the vendor's SDK turns it "
        "into null before it sends, which it need not if the service did.",
    )
    large_epoch: Literal["seconds", "milliseconds"] = _open(
        "seconds",
        "What a number of more than 100,000,000,000 is as a time: seconds, as documented (facts §4), which is "
        "beyond the year 5138; or milliseconds (facts §11.10).",
    )
    unknown_object: Literal["refused", "not found", "dropped"] = _open(
        "refused",
        "What becomes of objects of a type that the schema does not have: 400, which the document declares; 404, "
        "as the vendor's own document has it (facts §11.8), which fails where the served document does not "
        "declare it; or 202.",
    )

    found_profile: Literal["Accepted", "OK"] = _open(
        "Accepted",
        "How the live wire answers for a profile that is found: 202, as the vendor's document has it; or 200, which "
        "its SDK takes as well (facts §11.4). The document's own wire always answers 200.",
    )

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Return the behaviour that a mapping of settings tells, in which numbers may be text.

        Raises ValueError for a setting that there is not, naming the closest.
        """
        known = {setting.name: setting for setting in settings()}
        for name in told:
            if name not in known:
                near = closest(name, known)
                raise ValueError(f"there is no setting {name!r}{f'; did you mean {near!r}?' if near else ''}")
        return cls(**{name: value if known[name].values else _number(value) for name, value in told.items()})

    def __post_init__(self) -> None:
        for name, words, _, _ in settings():
            value = getattr(self, name)
            if not words and (not isinstance(value, int) or value < 1):
                raise ValueError(f"{name} must be a number of at least 1")
            if words and value not in words:
                near = closest(str(value), words)
                hint = f"; did you mean {near!r}?" if near else f": {', '.join(map(repr, words))}"
                raise ValueError(f"{name} has no {value!r}{hint}")


@cache
def settings() -> tuple[Setting, ...]:
    """Return all settings."""
    hints = get_type_hints(Behaviour)
    told: list[Any] = list(fields(Behaviour))
    return tuple(Setting(one.name, get_args(hints[one.name]), one.default, one.metadata["why"]) for one in told)


def _number(told: Any) -> Any:
    return int(told) if isinstance(told, str) and told.isascii() and told.isdigit() and len(told) < 10 else told


# For `help`, which shows nothing of what stands at a field.
Behaviour.__doc__ = "\n\n".join([cleandoc(Behaviour.__doc__ or ""), *map(str, settings())])
DEFAULT = Behaviour()
