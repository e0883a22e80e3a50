"""The overlay odp-live-v3 makes of the document the live service's wire, as the evidence about it has it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from odp_dynamic import Api, InvalidRequest, Request
from odp_dynamic._document import bundled
from odp_dynamic.sandbox import Sandbox
from odp_dynamic.sandbox._transport import WsgiTransport

TABLE = yaml.safe_load((Path(__file__).parent / "cases" / "live.yaml").read_text(encoding="utf-8"))
OVERLAY = yaml.safe_load(bundled("overlays/odp-live-v3.yaml").read_text(encoding="utf-8"))
KEYS = {"publicApiKey": "AbC-eu1", "privateApiKey": "AbC-eu1.secret"}


def cases(kind: str) -> list[Any]:
    told = [(name, case) for name, parts in TABLE.items() for case in parts[kind]]
    return [pytest.param(name, case, id=f"{name}: {case['by']}") for name, case in told]


@pytest.fixture(scope="module")
def api() -> Api:
    return Api(overlays=["odp-live-v3"], credentials=KEYS)


@cache
def core() -> OpenAPI:
    root = Api(overlays=["odp-live-v3"]).operations["getProfile"].document.root
    return OpenAPI.from_dict({**root, "servers": [{"url": "https://live.invalid"}]})


def judged_by_openapi_core(errors: Any) -> bool:
    return not list(errors)


def asked(path: str, method: str, template: str, body: Any, media_type: str = "application/json") -> MockRequest:
    data = None if body is None else json.dumps(body).encode()
    names = re.findall(r"\{(\w+)\}", template)
    values = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", template), path.partition("?")[0])
    view_args = dict(zip(names, values.groups(), strict=True)) if values else {}
    headers = {"x-api-key": "k"}
    return MockRequest(
        "https://live.invalid", method.lower(), path, template, view_args=view_args, headers=headers, data=data,
        content_type=media_type,
    )  # fmt: skip


@pytest.mark.parametrize(("name", "case"), cases("requests"))
def test_what_is_sent_is_judged_as_the_evidence_has_it(api: Api, name: str, case: dict[str, Any]) -> None:
    """By our engine, with the places; by openapi-core too, which reads no object whose members have any name."""
    operation = api.operations[name]
    body = {"body": case["body"]} if "body" in case else {}
    arguments = case.get("arguments", {})
    path = case.get("url") or filled(operation.path, arguments)
    if "refused" in case:
        with pytest.raises(InvalidRequest) as caught:
            api.prepare(name, **body, **arguments)
        assert sorted(problem.pointer for problem in caught.value.problems) == sorted(case["refused"])
    else:
        assert api.prepare(name, **body, **arguments).url == f"https://api.eu1.odp.optimizely.com/v3{path}"
    if not any(parameter.name == "identifier" for parameter in operation.parameters):
        errors = core().iter_request_errors(asked(path, operation.method, operation.path, case.get("body")))
        assert judged_by_openapi_core(errors) is ("refused" not in case)


def filled(path: str, arguments: dict[str, str]) -> str:
    for name, value in arguments.items():
        path = path.replace(f"{{{name}}}", value)
    return path


@pytest.mark.parametrize(("name", "case"), cases("answers"))
def test_what_is_answered_is_judged_as_the_evidence_has_it(api: Api, name: str, case: dict[str, Any]) -> None:
    """By our engine and by openapi-core."""
    operation = api.operations[name]
    declared = operation.response(case["status"])
    assert declared is not None
    is_right = not case.get("refused", False)
    assert (declared.problems(case["body"]) == ()) is is_right
    request = asked(operation.path, operation.method, operation.path, None)
    answer = MockResponse(json.dumps(case["body"]).encode(), status_code=case["status"])
    assert judged_by_openapi_core(core().iter_response_errors(request, answer)) is is_right


@pytest.mark.parametrize(("name", "case"), cases("requests"))
def test_the_sandbox_answers_as_the_evidence_has_it(api: Api, name: str, case: dict[str, Any]) -> None:
    """Also what a client would have refused; each in a sandbox of its own."""
    operation = api.operations[name]
    body = json.dumps(case["body"]).encode() if "body" in case else None
    path = case.get("url") or filled(operation.path, case.get("arguments", {}))
    headers = {"x-api-key": "sandbox-private", "content-type": "application/json"}
    with Sandbox(overlays=["odp-live-v3"]) as sandbox:
        url = f"https://sandbox.invalid/v3{path}"
        answer = WsgiTransport(sandbox).send(Request(name, operation.method, url, headers, body))
    success = next((status for status in sorted(operation.responses, reverse=True) if status < "300"), "403")
    # What stands beside attributes is let through by the service, and refused by the document: see the overlay.
    assert answer.status == int(case.get("answer", success))


def test_every_operation_has_its_evidence() -> None:
    """Each with a request and an answer, under the id that it has always had."""
    assert TABLE.keys() == Api().operations.keys() == Api(overlays=["odp-live-v3"]).operations.keys()


def test_every_action_names_its_fact() -> None:
    """With a mark for how far to trust it; but for the one that tells a sandbox which wire it is."""
    marked = re.compile(r"\[[DSTFI](, [^\]]+)?\]")
    unmarked = [action["target"] for action in OVERLAY["actions"] if not marked.search(action["description"])]
    assert unmarked == ["$.info"]


def test_every_action_does_something(recwarn: pytest.WarningsRecorder) -> None:
    Api(overlays=["odp-live-v3"])
    assert not recwarn.list


def test_it_holds_limits_too_in_either_order() -> None:
    for overlays in (["odp-live-v3"], ["odp-limits", "odp-live-v3"]):
        api = Api(overlays=overlays)
        for name in ("sendEvents", "upsertProfile", "upsertObjects"):
            body = api.operations[name].request_body
            assert body is not None
            item = {"type": "a", "identifiers": {"email": "e"}} if name == "sendEvents" else {"attributes": {}}
            assert [problem.keyword for problem in body.problems([item] * 501)] == ["maxItems"]
        assert api.operations["upsertProfile"].replayable


@pytest.mark.parametrize(
    ("key", "host"),
    [
        ("AbC", "api.us1"),
        ("AbC.secret", "api.us1"),
        ("AbC-eu1", "api.eu1"),
        ("AbC-eu1.secret", "api.eu1"),
        ("AbC-au1.secret", "api.au1"),
        ("AbC.secret-eu1", "api.us1"),
        ("A-eu1.b.c", "api.us1"),
        ("AbC-xx1.secret", "api.us1"),
    ],
)
def test_the_region_is_read_in_the_key(key: str, host: str) -> None:
    """[S] Node SDK: the part before the last dot, and its end."""
    request = Api(overlays=["odp-live-v3"], credentials={"privateApiKey": key}).prepare("listSegments")
    assert request.url == f"https://{host}.odp.optimizely.com/v3/segments"


def test_a_server_may_be_named() -> None:
    api = Api(overlays=["odp-live-v3"], credentials=KEYS)
    assert api.using(server="au1").prepare("listSegments").url == "https://api.au1.odp.optimizely.com/v3/segments"
    assert api.using(server=1).prepare("listSegments").url == "https://api.zaius.com/v3/segments"
