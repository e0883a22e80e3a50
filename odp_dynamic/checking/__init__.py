"""The pre-flight of a document: what keeps this library from using it, what OpenAPI forbids, what is likely a mistake.

A load ends with the first fault, for calls need a document and no list; this is the list, made before a document is
deployed or reloaded. It tells few things and is sure of them: a good document has no finding.
"""

from __future__ import annotations

from ._checking import check
from ._findings import LEVELS, Finding, Level

__all__ = ["LEVELS", "Finding", "Level", "check"]
