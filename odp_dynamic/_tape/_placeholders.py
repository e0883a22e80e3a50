"""What stands in a recording for a value that was hidden."""

from __future__ import annotations

import re
from typing import Any

_PLACEHOLDER = re.compile(r"<[a-z]+[^<>]*:\d+>")


def is_placeholder(value: Any) -> bool:
    """Tell whether a recorded value stands for one that was hidden."""
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value) is not None
