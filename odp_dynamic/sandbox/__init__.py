"""The other side of the wire: the service of a document, with memory.

A request goes one way. `_transport` (no socket) or `_server` (loopback) bring it to `_frontdoor`, where a fault out of
`_faultplan` may hit it. `_service` answers it: `_routes` finds its operation, `_keys` lets it in, `_referee` judges it,
a handler out of `_handlers` does the work in one transaction of `_store`, `_referee` judges the answer. `_journal` is
told what became of it, without what `_masks` hides, and `_delivery` makes of the answer what leaves, fault and all.
Beside the document's paths `_control` answers for the sandbox itself. `_documents` says which document it is: one that
has `_live`'s wire is answered on it, by the same work. `_sandbox` strings these together.

“Facts §N” cites the evidence about the live service that was collected for this project, and is kept outside of it;
where it is silent, `_behaviour` has a setting for what was decided.
"""

from __future__ import annotations

from ._behaviour import Behaviour
from ._calls import Outcome
from ._faultplan import Fault, Faults
from ._journal import Entry, Journal
from ._sandbox import Sandbox

__all__ = ["Behaviour", "Entry", "Fault", "Faults", "Journal", "Outcome", "Sandbox"]
