"""Traffic that departs from a document: what of it a ledger keeps, and whether the proposal makes it clean."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from time import time
from typing import Any

from odp_dynamic import Api, Request, Response, StatusError
from odp_dynamic._document import Document
from odp_dynamic.drift import Finding, Ledger, Proposal, findings, propose
from odp_dynamic.overlay import apply_overlay
from tests.apis import BASE, JSON, answering, client
from tests.documents import document

NAMED = {"type": "object", "properties": {"name": {"type": "string"}}}
SCHEMA = "/paths/~1things/get/responses/200/content/application~1json/schema"
SECRET = {"type": "string", "writeOnly": True}


def source_of(case: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a case: one operation, ``it``."""
    responses = case["responses"] if "responses" in case else answering(case["schema"])
    return document(
        case.get("openapi", "3.1.0"),
        paths={"/things": {"get": {"operationId": "it", "responses": responses}}},
        servers=[{"url": BASE}],
        components={"schemas": {"Named": NAMED, "Secret": SECRET, **case.get("schemas", {})}},
    )


class Answer:
    """Is one answer: a body with status 200, unless it is a dict that says otherwise."""

    def __init__(self, told: Any) -> None:
        whole = isinstance(told, dict) and {"status", "raw", "type"} & told.keys()
        self.status = told.get("status", 200) if whole else 200
        self.type = told.get("type", JSON) if whole else JSON
        raw = told.get("raw") if whole else None
        none = whole and "body" not in told
        written = told.get("body") if whole else told
        text = written if isinstance(written, str) and self.type.startswith("text/") else json.dumps(written)
        self.content = b"" if none and raw is None else (raw or text).encode("latin-1")

    def __call__(self, request: Request) -> Response:
        return Response(self.status, {"Content-Type": self.type}, self.content, request)


def _response(api: Api, operation: str) -> Response:
    try:
        return api.request(operation)
    except StatusError as error:
        return error.response


def drift_of(source: Any, answers: Sequence[Any], clock: Callable[[], float] = time) -> tuple[Ledger, Api]:
    """Return the ledger of some answers to ``it``, and the client that had them."""
    ledger = Ledger(clock=clock)
    api, _ = client(source, *answers, drift=ledger, responses="record")
    for _ in answers:
        _response(api, "it")
    return ledger, api


def document_of(api: Api) -> Document:
    return next(iter(api.operations.values())).document


def replayed(source: Any, answers: Sequence[Any], proposal: Proposal) -> tuple[list[Finding], list[Any]]:
    """Return what the same answers depart in where the document is as was proposed: drift, and problems."""
    overlays = [proposal.overlay] if proposal.overlay is not None else []
    ledger = Ledger()
    api, _ = client(source, *answers, drift=ledger, overlays=overlays, responses="record")
    problems = [problem for _ in answers for problem in _response(api, "it").problems]
    return findings(ledger), problems


def proposed(source: Any, answers: Sequence[Any]) -> Proposal:
    ledger, api = drift_of(source, answers)
    return propose(ledger, document_of(api))


def applied(source: Any, proposal: Proposal) -> Any:
    """Return a document as a proposal makes it."""
    return source if proposal.overlay is None else apply_overlay(source, proposal.overlay).document


def line(finding: Finding) -> str:
    told = [finding.status, finding.media, finding.place, finding.kind]
    told += [finding.detail] if finding.kind in {"rule", "header"} else []
    told += ["|".join(finding.types)] if finding.kind != "rule" or finding.types else []
    return " ".join([*told, f"{finding.times}/{finding.answers}"])
