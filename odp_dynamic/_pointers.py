"""JSON pointers (RFC 6901), the addresses of everything in a document and in a payload."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote


def escape(token: str) -> str:
    """Return one reference token as it stands in a pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def join(pointer: str, *tokens: str | int) -> str:
    """Return the pointer that leads further, by `tokens`, from `pointer`."""
    return pointer + "".join(f"/{escape(str(token))}" for token in tokens)


def split(pointer: str) -> list[str]:
    """Return the unescaped tokens of a pointer; the pointer of the whole document has none."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def lookup(root: Any, pointer: str) -> Any:
    """Return what stands at `pointer` in `root`; raise LookupError where nothing does."""
    node = root
    for token in split(pointer):
        if isinstance(node, dict):
            node = node[token]
        elif isinstance(node, list) and token.isascii() and token.isdigit():
            node = node[int(token)]
        else:
            raise KeyError(token)
    return node


def to_fragment(pointer: str) -> str:
    """Return a pointer as the reference that a ``$ref`` holds: a URI fragment (RFC 6901, 6)."""
    return "#" + quote(pointer, safe="/~!$&'()*+,;=:@?")


def from_fragment(reference: str) -> str:
    """Return the pointer that a reference within the document holds."""
    return unquote(reference[1:]) if "%" in reference else reference[1:]
