"""How the service behaves where nobody outside knows, or where sources contradict each other (facts §11)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ..errors import closest


@dataclass(frozen=True, kw_only=True, slots=True)
class Behaviour:
    """Is one answer to each open question about the service; the first value named is what the evidence favours.

    Raises ValueError for a word that a field does not have.
    """

    merge: Literal["latest", "oldest", "survivor"] = "latest"
    """Which value an attribute has after a merge: the one written last, as if all writes had gone to one profile (a
    partial update overwrites, facts §4); the one written first; or that of the profile that was made first and whose
    number survives. In each case the others fill what it does not have."""

    anonymous_profile: Literal["merged", "moved"] = "merged"
    """What happens to a profile without any high-confidence identifier when one of its identifiers is seen with one:
    nobody else claims it, which is no conflict, so all of it joins; or the identifier alone moves, as it does in a
    conflict (facts §4 has words for conflicts only)."""

    unknown_identifier: Literal["ignored", "low", "high"] = "ignored"
    """What an identifier is that the account does not have: nothing, for fields capture data only after they were
    created (facts §5); or an identifier of that confidence. A seed's `identifiers` creates them."""

    most_identifier_values: int = 25
    """How many values of one identifier a profile keeps (facts §3)."""

    forgotten_identifier: Literal["least recent", "most recent"] = "least recent"
    """Which goes when they are more, by when they were last seen; facts §4 leave it open."""

    email_case: Literal["kept", "folded"] = "kept"
    """Whether addresses that differ by case are different; nothing says that they are not (facts §11.10)."""

    event_without_identifier: Literal["dropped", "refused"] = "dropped"
    """What becomes of an event that identifies nobody: the document lets it in, nothing visible happens (facts §2)."""

    profile_without_identifier: Literal["refused", "dropped"] = "refused"
    """What becomes of a profile that identifies nobody: it has nowhere to go (facts §11.6)."""

    repeated_event: Literal["dropped", "stored"] = "dropped"
    """What becomes of an event whose `idempotence_id` was seen: the vendor's SDKs stamp each event with one and send
    again after a failure, which makes sense only if it is dropped (facts §3); for how long is not known: for ever."""

    most_items: int = 500
    """How many items a batch has at most: what the vendor's documentation says since 2019 (facts §3)."""

    too_many_items: Literal["refused", "accepted"] = "refused"
    """What becomes of a larger batch: undocumented (facts §11.1); a limit that is documented is held to be meant."""

    empty_batch: Literal["accepted", "refused"] = "accepted"
    """What becomes of a batch of none: the document allows it (facts §11.5)."""

    invalid_items: Literal["refuse all", "refuse them"] = "refuse all"
    """What a fault of one item does to the others: "Bad Request" and the want of any receipt speak for all or nothing
    (facts §7); or the others are stored, and the answer is the same."""

    invalids: Literal["all", "first"] = "all"
    """Which faults a refusal lists: an array speaks for all (facts §7)."""

    wrong_type: Literal["refused", "ignored"] = "refused"
    """What becomes of a value that is not of its field's type: the service reads the schema before it answers, for it
    names a missing primary key (facts §2), so it may refuse a type too; or the value is not stored (facts §11.7)."""

    long_text: Literal["refused", "cut", "ignored", "stored"] = "refused"
    """What becomes of a text of more than 1024 characters: it is no text as the documentation has it (facts §3)."""

    unknown_field: Literal["ignored", "stored"] = "ignored"
    """What becomes of a field that the schema does not have: accepted with 202, stored only if it was defined
    (facts §2)."""

    null: Literal["clears", "ignored"] = "clears"
    """What null does to a stored value: as in files (facts §4); for REST it is inferred (facts §11.9)."""

    blank: Literal["stored", "clears"] = "stored"
    """What an empty text does to a stored value: it clears in files (facts §4), but the vendor's SDK turns it into
    null before it sends, which it need not if the service did."""

    large_epoch: Literal["seconds", "milliseconds"] = "seconds"
    """What a number of more than 100,000,000,000 is as a time: seconds, as documented (facts §4), which is beyond the
    year 5138; or milliseconds (facts §11.10)."""

    unknown_object: Literal["refused", "not found", "dropped"] = "refused"
    """What becomes of objects of a type that the schema does not have: 400, which the document declares; 404, as the
    vendor's own document has it (facts §11.8), which fails where the served document does not declare it; or 202."""

    def __post_init__(self) -> None:
        for name, allowed in _words().items():
            word = getattr(self, name)
            if word not in allowed:
                near = closest(str(word), allowed)
                hint = f"; did you mean {near!r}?" if near else f": {', '.join(map(repr, allowed))}"
                raise ValueError(f"{name} has no {word!r}{hint}")
        for name in ("most_identifier_values", "most_items"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 1:
                raise ValueError(f"{name} must be a number of at least 1")


@cache
def _words() -> dict[str, tuple[Any, ...]]:
    """Return the words that each field has."""
    hints = get_type_hints(Behaviour)
    return {name: get_args(hint) for name, hint in hints.items() if get_origin(hint) is Literal}


DEFAULT = Behaviour()
