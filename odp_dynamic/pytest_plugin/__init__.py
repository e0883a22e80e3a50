"""What tests of an integration need, as a pytest plugin.

Fixtures: `odp_sandbox`, a fresh sandbox for each test, and `odp_api`, a client of it; `odp_stub`, a script of answers;
`odp_recording`, a client whose calls are recorded or replayed. Functions: `assert_valid`, `recorder`; `ANY` stands for
every argument. Markers: ``odp_seed``, ``odp_behaviour``, ``odp_fault``, ``odp_recording``. Contract coverage:
``--odp-coverage``.

pytest imports this module in every run, also in those that never use it: it holds hooks and fixtures, and each fetches
what it does when it is first used.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:  # checkers and editors see ordinary imports
    from collections.abc import Generator, Iterator, Mapping
    from typing import Any

    from .._api import Api
    from ..sandbox import Sandbox
    from ._any import ANY as ANY
    from ._asserting import assert_valid as assert_valid
    from ._expecting import InvalidStub as InvalidStub
    from ._recordings import StaleRecording as StaleRecording
    from ._recordings import Unmaskable as Unmaskable
    from ._recordings import Unrecorded as Unrecorded
    from ._recordings import recorder as recorder
    from ._stubs import Stubs as Stubs
    from ._stubs import Unscripted as Unscripted

_HOME_OF = {
    "ANY": "_any",
    "InvalidStub": "_expecting",
    "StaleRecording": "_recordings",
    "Stubs": "_stubs",
    "Unmaskable": "_recordings",
    "Unrecorded": "_recordings",
    "Unscripted": "_stubs",
    "assert_valid": "_asserting",
    "recorder": "_recordings",
}
_MARKERS = (
    "odp_seed(seed): the first state of odp_sandbox, a mapping or a path that begins at the test's folder",
    "odp_behaviour(merge=…, unknown_identifier=…): settings of odp_sandbox, those of odp_dynamic.sandbox.Behaviour",
    "odp_fault(operation=…, status=…, retry_after=…, kind=…, times=…): what goes wrong in odp_sandbox, on purpose",
    "odp_recording(path=…, keep=[…]): the file of odp_recording, from the test's folder, and places left unmasked",
)

# The runs in force, the innermost last: a run may hold another, as pytest's own pytester does. For `assert_valid`.
configs: list[pytest.Config] = []

_STUBS = pytest.StashKey["Stubs"]()
_SANDBOX = pytest.StashKey["Sandbox"]()


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    return value


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    parser.addini(
        "odp_spec", "OpenAPI document for odp_dynamic's fixtures: a path from this file, or a URL", default=""
    )
    parser.addini(
        "odp_overlays", "overlays upon it: names of the package's, paths from this file, or URLs", type="linelist"
    )
    parser.addini("odp_record_keep", "places that recordings do not mask, such as body.type", type="linelist")
    group = parser.getgroup("odp_dynamic")
    group.addoption("--odp-spec", metavar="PATH|URL", help="OpenAPI document for odp_dynamic's fixtures")
    group.addoption("--odp-overlay", metavar="NAME|PATH|URL", action="append", help="overlay upon it; repeatable")
    group.addoption("--odp-record", metavar="MODE", choices=("replay", "record", "auto"), help="replay, record or auto")
    group.addoption("--odp-coverage", action="store_true", help="tell what of the document the run's calls exercised")
    group.addoption("--odp-coverage-json", metavar="FILE", help="write it to a file")
    group.addoption("--odp-coverage-fail-under", metavar="PERCENT", type=float, help="fail the run with less")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and coverage where it is asked for."""
    configs.append(config)
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    wanted = (config.getoption(f"odp_coverage{suffix}") for suffix in ("", "_json", "_fail_under"))
    if any(option not in (None, False) for option in wanted):
        from ._coverage import Coverage

        config.pluginmanager.register(Coverage(config), "odp_coverage")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Forget the run."""
    if config in configs:
        configs.remove(config)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test whose script differs from its calls; show what the sandbox did to one that failed.

    Here and not in a fixture's teardown, so that the test itself fails, and only when nothing else did.
    """
    __tracebackhide__ = True
    try:
        result = yield
    except Exception:
        if _SANDBOX in item.stash:
            from ._sandboxes import told

            item.add_report_section("call", "odp_sandbox", told(item.stash[_SANDBOX]))
        raise
    if _STUBS in item.stash and (difference := item.stash[_STUBS].difference()):
        pytest.fail(difference, pytrace=False)
    return result


@pytest.fixture
def odp_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Return a sandbox of the run's document, new for this test, with what its markers say: seed, behaviour, faults."""
    from ._sandboxes import sandbox_of

    with sandbox_of(request.node) as sandbox:
        request.node.stash[_SANDBOX] = sandbox
        yield sandbox


@pytest.fixture
def odp_api(odp_sandbox: Sandbox) -> Iterator[Api]:
    """Return a client of the sandbox, with keys that open all of it; it tries again without waiting."""
    from .._retry import Retry

    with odp_sandbox.api(retry=Retry(backoff=0)) as api:
        yield api


@pytest.fixture
def odp_stub(request: pytest.FixtureRequest) -> Stubs:
    """Return a script of answers: `odp_stub.api` is the client for the code under test."""
    from ._documents import document_of
    from ._stubs import Stubs as Stubs

    stubs = request.node.stash[_STUBS] = Stubs(document_of(request.config))
    return stubs


@pytest.fixture
def odp_recording_settings() -> Mapping[str, Any]:
    """Return the settings of the Api that `odp_recording` records with, such as `transport`; to be overridden."""
    return {}


@pytest.fixture
def odp_recording(request: pytest.FixtureRequest, odp_recording_settings: Mapping[str, Any]) -> Iterator[Api]:
    """Return a client whose calls are recorded, or replayed; see ``--odp-record``."""
    from ._recorded_tests import recording_of

    with recording_of(request.node, odp_recording_settings) as api:
        yield api
