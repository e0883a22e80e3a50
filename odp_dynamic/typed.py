"""`Api` for type checkers: the client of the document that comes with the package, with its calls typed.

It is `odp_dynamic.Api` itself; a checker reads ``typed.pyi``, which ``odp spec stubs`` has made of the document, and so
it knows each operation. For another document, or with other overlays, make stubs of your own. The names of types, such
as those of schemas, are for checkers: import them under ``if TYPE_CHECKING:``.
"""

from __future__ import annotations

from ._api import Api

__all__ = ["Api"]
