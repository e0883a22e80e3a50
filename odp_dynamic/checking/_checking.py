"""The course of a check: what is written, then what it means, then what calls would make of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from .._collector import collector_paused
from .._contract import Contract
from .._document import Document, Origin, bundled, lines_of, opened, parsed
from .._document import Source as Written
from .._document._copying import copied
from .._layers import Sources, Stack, fetch_document, sources
from ..errors import SpecError
from . import _components, _examples, _operations, _paths, _schemas, _servers, _validator
from ._census import Census
from ._findings import Finding, in_order
from ._pruning import not_checked, pruned

_RULES = (
    _validator.of_schemas,
    _schemas.findings,
    _paths.findings,
    _operations.findings,
    _servers.findings,
    _components.findings,
    _examples.findings,
)
_ELSEWHERE = "/x-documents/"  # what stands in other documents has no line of this one


def check(document: Written | None = None, *, overlays: Written | Sequence[Written] | None = None) -> list[Finding]:
    """Return all that is wrong, or likely to be, with a document, in its order.

    `document` and `overlays` are as for `Api`: a path, a URL, an open file, a dict, or None for what ``$ODP_SPEC``
    names, else the bundled document. A document without an error among its findings is one that `Api` loads and
    `reload` takes. Raises SpecError for a document or an overlay that cannot be read, or for an overlay that cannot be
    laid; TransportError for one that cannot be fetched; ValueError for more than one document.
    """
    with collector_paused():
        return _checked(sources(document, overlays))


def _checked(given: Sources) -> list[Finding]:
    if len(given.documents) != 1:
        raise ValueError("one document is checked at a time; check each")
    source = given.documents[0]
    if isinstance(source, Document):
        raise ValueError("a Document was loaded already; give what it was loaded from")  # noqa: TRY004
    try:
        stack = Stack([_read(bundled() if source is None else source)])
    except _Refused as refusal:
        return [_refused(refusal.error)]
    stack.lay(given.overlays, fetch_document)
    raw, origin = stack.pairs[0]
    found = [Finding("warning", "idle-overlay", "", f"an overlay does nothing here: {told}") for told in stack.idle]
    found += _validator.of_openapi(raw)
    meant, notes = _of_meaning(stack, raw, origin, given.hosts)
    return _with_lines([*in_order(_once([*found, *meant]), raw), *notes], stack, origin)


class _Refused(Exception):  # never leaves this module
    """Says that there is a document, and that it cannot be read as one."""

    def __init__(self, error: SpecError) -> None:
        super().__init__(error)
        self.error = error


def _read(source: Written) -> tuple[dict[str, Any], Origin]:
    try:
        origin = opened(source, fetch_document)
    except SpecError as error:
        if error.line is None:
            raise  # there is no document
        raise _Refused(error) from None
    try:
        return parsed(source, origin), origin
    except SpecError as error:
        raise _Refused(error) from None


def _refused(error: SpecError) -> Finding:
    return Finding("error", "refused", error.pointer, error.message, error.line, error.source)


def _of_meaning(
    stack: Stack, raw: dict[str, Any], origin: Origin, hosts: AbstractSet[str]
) -> tuple[list[Finding], list[Finding]]:
    """Return what the loader and the rules find, and which rules told nothing, for the loader refuses something."""

    def faults(raw: dict[str, Any]) -> list[SpecError]:
        return stack.faults(copied(raw, origin.name), origin, fetch_document, hosts)

    def loaded(raw: dict[str, Any]) -> Document:
        return stack.normalised(copied(raw, origin.name), origin, fetch_document, hosts)

    try:
        return _of_loaded(loaded(raw)), []
    except SpecError:
        refused = faults(raw)
    left = pruned(copied(raw, origin.name), origin.name, refused, faults)
    found = list(map(_refused, refused))
    if left is None:
        return found, [not_checked("all but what OpenAPI's own schema says")]
    return [*found, *left.sure(_of_loaded(loaded(left.raw)))], [left.note()]


def _of_loaded(document: Document) -> list[Finding]:
    census = Census(document)
    found = [finding for rule in _RULES for finding in rule(census)]
    return [*found, *_of_calls(document)]


def _of_calls(document: Document) -> Iterator[Finding]:
    """Yield for what reason an operation could not be called; a reload asks the same."""
    contract = Contract([document])
    for name in contract.plans:
        try:
            contract.plans[name]
        except SpecError as error:
            yield _refused(error)


def _once(found: Iterable[Finding]) -> list[Finding]:
    """Leave out errors of a place for which a better one is there: our own words say what to do.

    The rules' come before the loader's, which ends at the first name of an operation; both before OpenAPI's schema,
    which tells of what is within a fault, and of a list in which something stands twice.
    """
    kept = list(dict.fromkeys(found))
    rules = {f.pointer for f in kept if f.level == "error" and f.rule not in {"openapi", "refused"}}
    refused = {f.pointer for f in kept if f.rule == "refused"}
    lists = {f.pointer.rpartition("/")[0] for f in kept if f.rule.startswith("duplicate-")}

    def is_known(finding: Finding) -> bool:
        if finding.rule == "refused":
            return finding.pointer in rules
        outer = finding.pointer.rpartition("/")[0]
        return finding.rule == "openapi" and (finding.pointer in rules | refused | lists or outer in refused)

    return [finding for finding in kept if not is_known(finding)]


def _with_lines(found: Iterable[Finding], stack: Stack, origin: Origin) -> list[Finding]:
    """Give findings the name of the document, and the line where an overlay has moved nothing."""
    named = [finding if finding.source else finding._replace(source=origin.name) for finding in found]
    if origin.text is None:
        return named
    removed = [touch.pointer.rpartition("/") for _, touch in stack.touched if touch.verb == "remove"]
    shifted = tuple(f"{outer}/" for outer, _, name in removed if name.isdigit())  # what was behind it has moved up
    mine = [f.pointer for f in named if f.line is None and f.source == origin.name and _has_line(f.pointer, shifted)]
    lines = lines_of(origin.text, mine)
    return [
        finding._replace(line=lines.get(finding.pointer))
        if finding.line is None and finding.source == origin.name
        else finding
        for finding in named
    ]


def _has_line(pointer: str, shifted: tuple[str, ...]) -> bool:
    return not pointer.startswith(_ELSEWHERE) and not (shifted and pointer.startswith(shifted))
