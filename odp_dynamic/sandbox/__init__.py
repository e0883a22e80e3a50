"""The other side of the wire: the service of a document, with memory.

A request goes one way: `_routes` finds its operation, `_keys` lets it in, `_referee` judges it, a handler out of
`_handlers` does the work in one transaction of `_store`, `_referee` judges the answer. `_sandbox` strings these
together; `_transport` (no socket) and `_server` (loopback) bring requests to it.

Rules of the service come from `odp-facts.md`; where it is silent, `_behaviour` has a setting for what was decided.
"""

from __future__ import annotations

from ._behaviour import Behaviour
from ._faultplan import Fault
from ._sandbox import Sandbox

__all__ = ["Behaviour", "Fault", "Sandbox"]
