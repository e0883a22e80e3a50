"""What `import odp_dynamic` gives: its names, its weight, its errors."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import odp_dynamic
from odp_dynamic import errors
from odp_dynamic.errors import UnknownSchema
from tests.apis import client, status

# DESIGN.md, section 3.
NAMES = [
    *("Api", "Operation", "Parameter", "Schema", "Request", "Response", "Problem"),
    *("Transport", "RequestsTransport", "Retry"),
    *("OdpError", "SpecError", "UnknownOperation", "ContractError", "InvalidRequest", "InvalidResponse"),
    *("TransportError", "TimedOut", "StatusError", "BadRequest", "NotAuthorized", "NotFound", "Conflict"),
    *("RateLimited", "ServerError"),
]
TREE: dict[str, tuple[str | type, ...]] = {
    "OdpError": (Exception,),
    "SpecError": ("OdpError",),
    "UnknownOperation": ("OdpError", LookupError, AttributeError),
    "ContractError": ("OdpError",),
    "InvalidRequest": ("ContractError",),
    "InvalidResponse": ("ContractError",),
    "TransportError": ("OdpError",),
    "TimedOut": ("TransportError",),
    "StatusError": ("OdpError",),
    **dict.fromkeys(
        ("BadRequest", "NotAuthorized", "NotFound", "Conflict", "RateLimited", "ServerError"), ("StatusError",)
    ),
}
REQUEST = odp_dynamic.Request("it", "GET", "https://api.test/a", {"Accept": "*/*"}, target="https://api.test/a")
RESPONSE = odp_dynamic.Response(429, {"Retry-After": "7"}, b"{}", REQUEST, data={})
PROBLEM = odp_dynamic.Problem("body", "/0/type", "required", "is required and missing", "/x")
ERRORS: list[Any] = [
    errors.OdpError("words"),
    errors.SpecError("words", "/paths", "spec.yaml", 3),
    errors.UnknownOperation("itt", "it"),
    UnknownSchema("Itt", "It"),
    errors.ContractError("it", [PROBLEM]),
    errors.InvalidRequest("it", [PROBLEM]),
    errors.InvalidResponse("it", [PROBLEM], RESPONSE),
    errors.TransportError("words", REQUEST, sent=False),
    errors.TimedOut("words", REQUEST),
    errors.StatusError("it", RESPONSE, [PROBLEM], "refused"),
    errors.BadRequest("it", RESPONSE),
    errors.NotAuthorized("it", RESPONSE),
    errors.NotFound("it", RESPONSE),
    errors.Conflict("it", RESPONSE),
    errors.RateLimited("it", RESPONSE),
    errors.ServerError("it", RESPONSE),
]


def modules_after(code: str) -> set[str]:
    """Return the names of all modules that a fresh interpreter has after some code."""
    told = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)  # ours
    return set(json.loads(ran.stdout))


def test_the_names_are_those_of_the_design() -> None:
    assert sorted(odp_dynamic.__all__) == sorted(NAMES)
    assert sorted(dir(odp_dynamic)) == sorted(NAMES)


def test_each_name_gives_what_is_called_so() -> None:
    for name in NAMES:
        assert getattr(odp_dynamic, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(odp_dynamic, "Client")


def test_star_import_gives_them_all() -> None:
    names: dict[str, Any] = {}
    exec("from odp_dynamic import *", names)  # noqa: S102  # it is only allowed at a module's top
    assert set(NAMES) <= names.keys()


@pytest.mark.parametrize("name", NAMES)
def test_each_name_and_its_public_members_have_a_docstring(name: str) -> None:
    thing = getattr(odp_dynamic, name)
    public = [member for key, member in vars(thing).items() if not key.startswith("_")]
    for member in (thing, *(m for m in public if inspect.isfunction(m) or isinstance(m, property))):
        assert (member.__doc__ or "").strip(), member


def test_the_docstrings_are_our_own() -> None:
    """And not those that a named tuple or a protocol makes up."""
    for name in NAMES:
        assert not getattr(odp_dynamic, name).__doc__.startswith(f"{name}("), name


def test_the_root_alone_loads_nothing_but_the_standard_library() -> None:
    added = modules_after("import odp_dynamic") - modules_after("")
    assert {name.split(".")[0] for name in added} - set(sys.stdlib_module_names) == {"odp_dynamic"}


def test_introspection_loads_no_http_library() -> None:
    code = (
        "from odp_dynamic import Api\n"
        "api = Api()\n"
        "for operation in api.operations.values(): operation.request_body, operation.responses\n"
        "for schema in api.schemas.values(): schema.problems(1), schema.is_valid({})\n"
        "help(api.getProfile), dir(api), repr(api)\n"
    )
    loaded = modules_after(f"import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()):\n  exec({code!r})")
    assert not loaded & {
        "requests",
        "urllib3",
        "http.client",
        "openapi_core",
        "werkzeug",
        "click",
        "rich",
        "yaml.cyaml2",
    }


def test_a_call_loads_nothing_for_settings_that_it_does_not_have() -> None:
    """Files of settings and commands that give keys are for those who use them."""
    code = (
        "from odp_dynamic import Api, TransportError\n"
        "api = Api(credentials={'publicApiKey': 'k'}, base_url='http://127.0.0.1:1', retry=None)\n"
        "try: api.call('sendEvents', [{'type': 'a', 'action': 'b'}])\n"
        "except TransportError as error: pass\n"
    )
    loaded = modules_after(code)
    assert "requests" in loaded
    assert not loaded & {"tomllib", "subprocess", "shlex", "odp_dynamic._config", "odp_dynamic._probe"}


def test_a_payload_that_fits_never_loads_the_slow_reference() -> None:
    code = "from odp_dynamic import Api\nassert Api().schemas['EventInput'].is_valid({'type': 'a', 'action': 'b'})"
    assert not modules_after(code) & {"jsonschema", "referencing", "requests"}


def test_types_travel_with_the_package() -> None:
    assert (Path(odp_dynamic.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("name", TREE)
def test_the_tree_of_errors(name: str) -> None:
    for base in TREE[name]:
        assert issubclass(getattr(odp_dynamic, name), getattr(odp_dynamic, base) if isinstance(base, str) else base)


def test_an_unknown_schema_is_a_lookup_error_of_the_tree() -> None:
    assert issubclass(UnknownSchema, (odp_dynamic.OdpError,))
    assert issubclass(UnknownSchema, (LookupError,))


def test_every_status_has_its_error() -> None:
    known = {400: "BadRequest", 401: "NotAuthorized", 403: "NotAuthorized", 404: "NotFound", 409: "Conflict"}
    for code in range(300, 600):
        expected = known.get(code) or ("RateLimited" if code == 429 else "ServerError" if code > 499 else "StatusError")
        assert errors.status_error(code).__name__ == expected


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("travel", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])  # noqa: S301  # ours
def test_errors_travel(error: Any, travel: Any) -> None:
    """Between processes, with all that they hold and with their notes."""
    error.add_note("a note")
    arrived = travel(error)
    assert (type(arrived), str(arrived), arrived.__notes__) == (type(error), str(error), error.__notes__)
    assert {k: v for k, v in vars(arrived).items() if k != "__notes__"} == {
        k: v for k, v in vars(error).items() if k != "__notes__"
    }


def test_errors_that_were_raised_travel() -> None:
    api, _ = client(None, status(503, {"message": "x"}))
    for name in ("listSegments", "getProfile", "nope"):
        with pytest.raises(odp_dynamic.OdpError) as caught:
            api.call(name)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301  # ours


def test_a_miss_is_told_as_python_expects_it() -> None:
    api, _ = client()
    assert not hasattr(api, "nope")
    assert not hasattr(api, "__fspath__")
    assert not hasattr(api, "_nope")
    assert getattr(api, "nope", 5) == 5
    assert api.operations.get("nope") is None
    assert api.schemas.get("Nope") is None
    assert "nope" not in api.operations


def test_copies_of_a_client_are_clients() -> None:
    api, transport = client(None, b"[]")
    assert copy.copy(api).call("listSegments") == []
    assert len(transport.sent) == 1


def test_a_client_that_is_not_yet_made_asks_for_nothing() -> None:
    """Or `copy` and `pickle` would look for operations before there are any, without end."""
    bare = object.__new__(odp_dynamic.Api)
    with pytest.raises(AttributeError):
        bare.getProfile  # noqa: B018  # asking is the point


@pytest.mark.parametrize("value", [REQUEST, RESPONSE, PROBLEM], ids=lambda value: type(value).__name__)
def test_values_travel_and_do_not_change(value: Any) -> None:
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301  # ours
    with pytest.raises(AttributeError):
        value.url = "x"


def test_operations_and_schemas_travel() -> None:
    api, _ = client()
    operation = pickle.loads(pickle.dumps(api.operations["getProfile"]))  # noqa: S301  # ours
    assert operation.id == "getProfile"
    assert [p.name for p in operation.parameters] == ["identifier_field", "identifier_value", "fields"]
    schema = pickle.loads(pickle.dumps(api.schemas["EventInput"]))  # noqa: S301  # ours
    assert not schema.is_valid({})
    assert copy.deepcopy(api.operations["sendEvents"]).request_body is not None


def test_operations_do_not_change() -> None:
    api, _ = client()
    operation: Any = api.operations["getProfile"]
    with pytest.raises(AttributeError):
        operation.path = "/x"
    with pytest.raises(TypeError):
        operation.responses["200"] = None
    with pytest.raises(TypeError):
        api.operations["x"] = operation  # type: ignore[index]  # a Mapping
