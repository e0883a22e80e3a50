"""Recorded calls: the file that holds them, and whether they still fit a document.

The pytest plugin records and replays them; who compares documents reads them as calls that are made. Neither needs the
other, nor pytest.
"""

from __future__ import annotations

from ._file import Exchange as Exchange
from ._file import edition as edition
from ._file import parsed as parsed
from ._file import read as read
from ._file import write as write
from ._fitting import misfits as misfits
from ._payloads import content_of as content_of
from ._payloads import payload as payload
from ._payloads import value_of as value_of
from ._placeholders import is_placeholder as is_placeholder
