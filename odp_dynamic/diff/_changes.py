"""A change between two versions of a document: what it means, for whom, and where it is written."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from .._bind import UNSET

Level = Literal["breaking", "maybe", "compatible", "docs"]
Direction = Literal["request", "response", ""]

LEVELS: tuple[Level, ...] = ("breaking", "maybe", "compatible", "docs")


class Change(NamedTuple):
    """Is one difference in meaning between an old and a new document.

    - `level` is ``"breaking"``, ``"maybe"`` (it can break, and nothing proves or disproves it), ``"compatible"`` or
      ``"docs"`` (people read it otherwise, machines do not).
    - `rule` is its kind, such as ``"enum-narrowed"``: a name that does not change from release to release.
    - `operation` is the id of the operation concerned, "" where it is the whole document.
    - `direction` is which way the values go, ``"request"`` or ``"response"``; "" where no values are concerned.
    - `where` is the part as in `Problem.where`: ``"body"``, ``"query.fields"``, ``"response 200"``, ``"security"``,
      ``"servers"``, ``"operation"``, or ``"header X-Id of response 200"``.
    - `pointer` is the place within a value of that part, as a JSON pointer in which ``*`` stands for any item of an
      array or any other property of an object: ``"/*/type"``; "" is the whole value.
    - `reason` is a sentence for people.
    - `old` and `new` are the JSON pointers where it is written in the one and in the other document, None where it is
      written in one of them only.
    - `witness` is a value of the part that shows it: in a request the old document accepts it and the new one refuses
      it, in a response the other way round. Both were tried. UNSET where the change is not about values, or where none
      was found.
    """

    level: Level
    rule: str
    operation: str
    direction: Direction
    where: str
    pointer: str
    reason: str
    old: str | None
    new: str | None
    witness: Any = UNSET
