"""A finding: what is wrong with a document, or likely to be, and where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from .._pointers import split

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
_BEHIND_ALL = 1 << 30


class Finding(NamedTuple):
    """Is one thing that the author of a document should look at.

    - `level` is ``"error"`` (this library refuses the document, or OpenAPI forbids it), ``"warning"`` (likely a
      mistake) or ``"note"`` (worth knowing).
    - `rule` is its kind, such as ``"path-parameter"``: a name that does not change from release to release.
    - `pointer` is the JSON pointer of the place (RFC 6901) in the document, or in `source` where that is another.
    - `message` says what is wrong, and what to do; it never repeats a value of an example.
    - `line` is the line of the text, from 1; None where there is no text, or where an overlay moved what stands there.
    - `source` is the name of the document: the path as it was given, the URL, or ``"<dict>"``.
    """

    level: Level
    rule: str
    pointer: str
    message: str
    line: int | None = None
    source: str = ""


def in_order(findings: Iterable[Finding], root: Any) -> list[Finding]:
    """Return findings in the order of the document `root`; what is about a place comes before what is within it."""
    ranks: dict[int, dict[str, int]] = {}

    def key(finding: Finding) -> tuple[tuple[int, ...], int]:
        node, way = root, []
        for token in split(finding.pointer):
            if isinstance(node, dict):
                known = ranks.setdefault(id(node), {}) or ranks[id(node)]
                if not known:
                    known.update({name: rank for rank, name in enumerate(node)})
                way.append(known.get(token, _BEHIND_ALL))
                node = node.get(token)
            elif isinstance(node, list) and token.isascii() and token.isdigit() and int(token) < len(node):
                way.append(int(token))
                node = node[int(token)]
            else:
                way.append(_BEHIND_ALL)
                node = None
        return tuple(way), LEVELS.index(finding.level)

    return sorted(findings, key=key)
