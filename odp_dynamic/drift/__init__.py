"""Drift: what a live service does that its document does not say, collected rather than thrown.

A `Ledger` looks at answers and keeps, for each operation, where they depart: by status, media type and pointer, with
counts, times and JSON types, and never a value. `findings` tells what is in it, `propose` writes the overlay that would
make the document true.
"""

from __future__ import annotations

from ._files import LedgerError
from ._findings import Finding, Unseen, findings, unseen
from ._ledger import Ledger
from ._proposal import Proposal, propose

__all__ = ["Finding", "Ledger", "LedgerError", "Proposal", "Unseen", "findings", "propose", "unseen"]
