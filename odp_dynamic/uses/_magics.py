"""Cells of notebooks as Python: what IPython reads before Python does is replaced, line by line.

The rules are those of IPython's input transformations, told in few words: at the beginning of a statement ``%`` and
``!`` begin a line that is none of Python's, ``%%`` at the beginning of a cell a cell that is none; ``?`` asks for help.
"""

from __future__ import annotations

import re

# Cell magics whose cell is Python all the same.
_OF_PYTHON = frozenset({"time", "timeit", "capture", "prun", "memit", "python", "python3", "pyspark"})
# Where a cell begins with one of these, as Databricks writes it, all of it may be in that language.
_FOREIGN = re.compile(r"\s*%(?:sql|md|sh|fs|scala|r|bash|html|javascript|js|latex|markdown)\b", re.ASCII)
_CELL = re.compile(r"\s*%%(\w*)", re.ASCII)
_REST = r"(?:[^\\\n]|\\.)*"  # of a line, and of those that continue it
_MEASURED = re.compile(r"[ \t]*(%(?:time|timeit|prun|memit)(?:[ \t]+-\w+(?:[ \t]*\d+)?)*)[ \t]+(?=[^\s-])", re.ASCII)
_LINE = re.compile(rf"([ \t]*)(?:[%!]|\?{{1,2}}(?=[\w.*])){_REST}|([ \t]*)%*[\w.*]+\?{{1,2}}[ \t]*(?=\n|\Z)", re.DOTALL)
_GIVEN = re.compile(rf"([ \t]*[\w.,*\[\] \t]+=[ \t]*)[%!]{_REST}", re.DOTALL)
_TOKEN = re.compile(
    r"""'''(?:[^\\']|\\.|'(?!''))*+(?:'''|\Z)|\"\"\"(?:[^\\"]|\\.|"(?!""))*+(?:\"\"\"|\Z)"""
    r"""|'(?:[^\\'\n]|\\.)*+'?|"(?:[^\\"\n]|\\.)*+"?|\#[^\n]*|\\\n|[^'"#()\[\]{}\\\n]+|.""",
    re.DOTALL,
)
_DEPTHS = {**dict.fromkeys("([{", 1), **dict.fromkeys(")]}", -1)}


def python_of(cell: str) -> str:
    """Return the text of a cell as Python, each line where it was; "" where the cell is in another language."""
    magic = _CELL.match(cell)
    if magic is not None:
        if magic[1] not in _OF_PYTHON:
            return ""
        end = cell.find("\n", magic.end())
        cell = "\n" * cell.count("\n", 0, magic.end()) + (cell[end:] if end >= 0 else "")
    return "".join(_replaced(cell))


def may_be_foreign(cell: str) -> bool:
    """Tell whether a cell that is no Python is one in another language, by how it begins."""
    return _FOREIGN.match(cell) is not None


def _replaced(cell: str) -> list[str]:
    """Return the parts of a cell, magics replaced; a line within brackets or a text begins no statement."""
    parts: list[str] = []
    at = depth = 0
    begins = True
    while at < len(cell):
        begun, begins = begins, False
        if begun and (magic := _magic(cell, at)) is not None:
            end, instead = magic
            parts.append(instead)
            at = end
        elif token := _TOKEN.match(cell, at):
            depth = max(0, depth + _DEPTHS.get(token[0], 0))
            begins = token[0] == "\n" and not depth
            parts.append(token[0])
            at = token.end()
    return parts


def _magic(cell: str, at: int) -> tuple[int, str] | None:
    """Return where a magic ends that begins at a place, and what stands for it: as many lines, and as far in."""
    if found := _MEASURED.match(cell, at):  # what is measured is Python
        begin, end = found.span(1)
        return found.end(), cell[at:begin] + "0;".ljust(end - begin) + cell[end : found.end()]
    if found := _LINE.match(cell, at):
        return found.end(), (found[1] or found[2] or "") + "pass" + "\n" * found[0].count("\n")
    if found := _GIVEN.match(cell, at):  # a name is given what only runs tell
        return found.end(), f"{found[1]}..." + "\n" * found[0].count("\n")
    return None
