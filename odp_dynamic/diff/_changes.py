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
    - `operation` is the id of the operation concerned, or ``"webhook NAME (POST)"``; "" where it is the whole
      document.
    - `direction` is which way the values go: ``"request"`` to the service, ``"response"`` from it; "" where no values
      are concerned. What a webhook or a callback brings comes from the service: it goes the way of a response.
    - `where` is the part as in `Problem.where`: ``"body"``, ``"query.fields"``, ``"response 200"``, ``"security"``,
      ``"servers"``, ``"operation"``, or ``"header X-Id of response 200"``, ``"link next of response 200"``. A callback,
      or a part of it, is told of the operation that asks for it: ``"body of callback NAME (POST EXPRESSION)"``.
    - `pointer` is the place within a value of that part, as a JSON pointer in which ``*`` stands for any item of an
      array or any other property of an object: ``"/*/type"``; "" is the whole value.
    - `reason` is a sentence for people.
    - `old` and `new` are the JSON pointers where it is written in the one and in the other document, None where it is
      written in one of them only.
    - `witness` is a value of the part that shows it: on the way to the service the old document accepts it and the new
      one refuses it, on the way back the other way round. Both were tried. UNSET where the change is not about values,
      or where none was found.
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

    @property
    def is_of_callback(self) -> bool:
        """Whether it is about a callback, or what stands in one, and not about the very calls of the operation."""
        return self.where.startswith("callback ") or " of callback " in self.where
