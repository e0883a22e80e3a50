"""Types for a dynamic client: a stub file (PEP 561) of the operations and the schemas of an Api's documents.

A type checker cannot read an OpenAPI document. It can read what is written here of one: a TypedDict for each schema of
an object, and a class `Api` whose `call`, `request` and `prepare` have an overload for each operation, by its id, and
whose methods are the operations whose ids are Python names. There is no overload for any other id, so that a misspelt
one is refused, as are a misspelt argument, a wrong type and a missing name.

The types are those of values as JSON has them: a date within a body is text. What is given by name, a parameter or a
property of the body, may also be a date, a UUID, a Decimal or a tuple, which the client writes the obvious way. An
object is closed for a checker unless its schema invites other names (``additionalProperties``): a misspelt name is more
likely than a wish to send what nothing describes. For the same reason a schema without a ``type`` that has rules for
one kind of value only, such as ``properties``, is taken to be of that kind. What types cannot say, such as bounds and
patterns, is judged when the call is made; what they cannot tell is ``Any``.
"""

from __future__ import annotations

from .._api import Api
from ._writing import written

__all__ = ["stubs"]


def stubs(api: Api) -> str:
    """Return the stub file of an Api's documents: the same text for the same documents.

    Raises SpecError for an operation that could not be called.
    """
    return written(api)
