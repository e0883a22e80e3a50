"""What a document may ask of the machine; everything beyond is refused, within a second."""

from __future__ import annotations

MAX_DEPTH = 250  # real documents stay below 50; `copy`, `pickle` and validators recurse, and survive this
MAX_BYTES = 64 * 2**20
MAX_CHAIN = 100  # references that lead to nothing but references
MAX_COPIES = 2_000_000
MAX_FAULTS = 1000  # that are told of one document
MAX_REPEATED = 100_000  # collections of a mapping that stand in it once more


def copies_allowed(size: int) -> int:
    """Return how many nodes may be copied for aliases in a document of `size` characters.

    Real documents repeat themselves a few times; a "billion laughs" bomb does so by powers of ten.
    """
    return min(MAX_COPIES, max(100_000, 4 * size))
