"""Environments: settings in a file of the project, under a name."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic import Api, InvalidRequest
from odp_dynamic._config import ConfigError, environment
from tests.apis import Scripted, one, secured, status
from tests.documents import write

KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
SERVERS = [
    {"url": "https://{region}.a.test", "variables": {"region": {"default": "us1", "enum": ["us1", "eu1"]}}},
    {"url": "https://b.test"},
]
DOCUMENT = secured({"myKey": []}, myKey=KEY) | {"servers": SERVERS}
STAGING = """
[env.staging]
document = "spec/main.yaml"
server = "eu1"
timeout = [2, 7]
responses = "warn"
[env.staging.credentials]
myKey = { env = "STAGING_KEY" }
[env.other]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a document and an odp.toml, and go to a folder inside it."""
    (tmp_path / "spec").mkdir()
    (tmp_path / "work" / "here").mkdir(parents=True)
    write(tmp_path / "spec", main=DOCUMENT)
    (tmp_path / "odp.toml").write_text(STAGING)
    monkeypatch.chdir(tmp_path / "work" / "here")
    monkeypatch.setenv("STAGING_KEY", "canary-staging")
    return tmp_path


def refused(text: str, name: str = "staging", file: str = "odp.toml") -> list[str]:
    Path(file).write_text(text)
    with pytest.raises(ConfigError) as caught:
        environment(name)
    assert isinstance(caught.value, ValueError)
    assert str(caught.value).startswith(str(Path.cwd() / file))
    assert caught.value.__context__ is None
    return list(caught.value.problems)


@pytest.mark.usefixtures("project")
def test_it_says_all_that_a_call_needs() -> None:
    request = Api(environment="staging").prepare("it")
    assert (request.url, request.headers["X-Key"]) == ("https://eu1.a.test/things", "canary-staging")
    assert request.timeout[:2] == (2, 7)
    transport = Scripted(status(206))
    with pytest.warns(UserWarning, match="206"):
        Api(environment="staging", transport=transport).call("it")
    assert len(transport.sent) == 1


def test_it_is_only_read_when_it_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "odp.toml").write_text("no TOML")
    Api(DOCUMENT)
    monkeypatch.setenv("ODP_ENV", "staging")
    Api(DOCUMENT, environment="")
    with pytest.raises(ConfigError, match="is no TOML"):
        Api(DOCUMENT)


@pytest.mark.usefixtures("project")
def test_the_variable_names_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODP_ENV", "staging")
    assert Api().prepare("it").url == "https://eu1.a.test/things"
    assert Api(environment="other").operations.keys() != {"it"}


@pytest.mark.usefixtures("project")
def test_the_caller_wins_over_it_and_it_over_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a production key in the shell would go to staging, or a staging key to production."""
    shell = {"ODP_MY_KEY": "production", "ODP_BASE_URL": "https://live.test", "ODP_SPEC": "/nowhere"}
    for name, value in shell.items():
        monkeypatch.setenv(name, value)
    request = Api(environment="staging").prepare("it")
    assert (request.url, request.headers["X-Key"]) == ("https://eu1.a.test/things", "canary-staging")
    settings: dict[str, Any] = {"credentials": {"myKey": "given"}, "server": 1, "timeout": 9}
    request = Api(environment="staging", **settings).prepare("it")
    assert (request.url, request.headers["X-Key"], request.timeout[:2]) == ("https://b.test/things", "given", (9, 9))
    assert Api(one(), environment="staging", server=0).prepare("it").url == "https://api.test/v1/things"
    assert Api(environment="staging", base_url="https://c.test").prepare("it").url == "https://c.test/things"
    for nothing in (None, ""):  # as `os.environ.get` gives it
        request = Api(environment="staging", credentials={"myKey": nothing}).prepare("it")
        assert (request.url, request.headers["X-Key"]) == ("https://eu1.a.test/things", "canary-staging")
    monkeypatch.delenv("STAGING_KEY")
    with pytest.raises(InvalidRequest, match="STAGING_KEY, for 'myKey', is not set"):  # and not the one of the shell
        Api(environment="staging").prepare("it")


def test_what_it_leaves_out_is_looked_up_as_before(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ODP_MY_KEY": "k", "ODP_BASE_URL": "https://c.test"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ODP_SPEC", str(project / "spec" / "main.yaml"))
    request = Api(environment="other").prepare("it")
    assert (request.url, request.headers["X-Key"], request.timeout[:2]) == ("https://c.test/things", "k", (5, 30))


@pytest.mark.parametrize("mode", ["raise", "warn", "record", "ignore"])
def test_its_responses_count_where_the_caller_is_silent(mode: str, project: Path) -> None:
    (project / "odp.toml").write_text(f"[env.it]\nresponses = '{mode}'\n")
    assert Api(one(), environment="it").using()._settings.responses == mode  # noqa: SLF001  # no other way in
    assert Api(one(), environment="it", responses="raise")._settings.responses == "raise"  # noqa: SLF001  # as above


def test_base_url_and_a_table_of_variables(project: Path) -> None:
    text = '[env.a]\nbase_url = "https://x.test/v9"\n[env.b]\nserver = { region = "eu1" }\n[env.c]\nserver = 1\n'
    (project / "odp.toml").write_text(text)
    urls = [Api(DOCUMENT, environment=name, credentials={"myKey": "k"}).prepare("it").url for name in "abc"]
    assert urls == ["https://x.test/v9/things", "https://eu1.a.test/things", "https://b.test/things"]


def test_the_nearest_file_counts_and_of_two_the_one_of_our_own(project: Path) -> None:
    inner = project / "work"
    ours = '[tool.odp.env.staging]\nserver = "b"\n'
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert environment("staging").file == project / "odp.toml"
    (inner / "pyproject.toml").write_text(ours)
    assert environment("staging").settings == {"server": "b"}
    (inner / "odp.toml").write_text("[env.staging]\ntimeout = 1.5\n")
    assert environment("staging").settings == {"timeout": 1.5}
    (inner / "here" / "odp.toml").mkdir()  # a folder is no file
    assert environment("staging").file == inner / "odp.toml"


def test_paths_are_relative_to_the_file(project: Path) -> None:
    text = '[env.s]\ndocument = ["spec/main.yaml", "https://a.test/x"]\n[env.s.credentials]\n'
    (project / "odp.toml").write_text(text + 'a = { file = "keys/a" }\nb = { file = "~/b" }\nc = { file = "/c" }\n')
    settings = environment("s").settings
    assert settings["document"] == [str(project / "spec/main.yaml"), "https://a.test/x"]
    places = {name: source.what[0] for name, source in settings["credentials"].items()}
    assert places == {"a": str(project / "keys/a"), "b": "~/b", "c": "/c"}


@pytest.mark.usefixtures("project")
def test_all_that_is_wrong_is_told_at_once_with_its_place() -> None:
    wrong = """
    [evn.x]
    [env.staging]
    documnt = "a"
    document = 5
    base_url = "ftp://a"
    server = [1]
    timeout = [1, 2, 3, 4]
    responses = "warm"
    [env.staging.credentials]
    a = "canary"
    b = ["ada", "canary"]
    c = { comand = ["canary"] }
    d = { env = "canary-5ecret" }
    [env.other]
    what = 1
    """
    problems = refused(wrong)
    assert problems == [
        "evn is no setting; did you mean 'env'? (there are env)",
        (
            "env.staging.documnt is no setting; did you mean 'document'? "
            "(there are document, overlays, base_url, server, timeout, responses, drift, credentials)"
        ),
        "env.staging.document must be a path, a URL, or a list of them",
        "env.staging.base_url must be a URL that begins with http:// or https://",
        "env.staging.server must be a number, a text, or a table of variables such as { region = 'eu1' }",
        "env.staging.timeout must be seconds above 0: one, or two (to connect, and to wait), or a third (in all)",
        "env.staging.responses must be one of raise, warn, record, ignore; did you mean 'warn'?",
        *(
            f"env.staging.credentials.{name} must not be the key itself, for files get committed; write where it is "
            'found: { env = "NAME" }, { file = "path" } or { command = ["program", "argument"] }'
            for name in "ab"
        ),
        (
            "env.staging.credentials.c is wrong: must be a key, or where it is found: one of 'env' (a variable), "
            "'file' (a path) and 'command' (a list of words); did you mean 'command'?"
        ),
        "env.staging.credentials.d is wrong: 'env' must be the name of a variable: letters, digits and underscores",
        "env.staging.server stands beside base_url, which replaces the document's servers; keep one of them",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no environment is called 'staging' (it has none)"),
        (
            "[env.stagin]\n[env.live]",
            "no environment is called 'staging'; did you mean 'stagin'? (there are stagin, live)",
        ),
        ("env = 1", "env must be a table of environments"),
        ("[env]\nstaging = 1", "env.staging must be a table of settings"),
        ("[env.staging]\ncredentials = 1", "env.staging.credentials must be a table of security schemes"),
        ("[env.staging]\ntimeout = true", "env.staging.timeout must be seconds above 0"),
        ("[env.staging]\ntimeout = 0", "env.staging.timeout must be seconds above 0"),
        ("[env.staging]\ntimeout = [1]", "env.staging.timeout must be seconds above 0"),
        ("[env.staging]\ntimeout = []", "env.staging.timeout must be seconds above 0"),
        ("[env.staging]\ntimeout = nan", "env.staging.timeout must be seconds above 0"),
        ("[env.staging]\nserver = true", "env.staging.server must be a number, a text"),
        ("[env.staging]\nresponses = []", "env.staging.responses must be one of raise"),
        ("[env.staging]\ndocument = []", "env.staging.document must be a path"),
        ("[env.staging]\nbase_url = 'https://canary:x@a.test'", "base_url must be without a user and a password"),
        ("[env.staging]\nbase_url = 'https://[x'", "base_url must be a URL"),
        ("[env.staging", "is no TOML: "),
        ("a = " + "9" * 5000, "is no TOML that can be read"),
        ("a = " + "[" * 50_000, "is no TOML"),
    ],
    ids=lambda part: part[:40],
)
@pytest.mark.usefixtures("project")
def test_what_makes_no_sense_is_told_with_what_to_do(text: str, said: str) -> None:
    problems = refused(text)
    assert [said in problem for problem in problems] == [True]
    assert "canary" not in problems[0]


@pytest.mark.usefixtures("project")
def test_a_shared_file_names_its_places_in_full() -> None:
    [problem] = refused("[tool.odp.env.staging]\nx = 1", file="pyproject.toml")
    assert problem.startswith("tool.odp.env.staging.x is no setting")
    assert refused("tool.odp = 1", file="pyproject.toml") == ["tool.odp must be a table"]
    Path("pyproject.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(ConfigError, match="must be UTF-8"):
        environment("staging")


def test_no_file_at_all_says_what_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"no odp.toml is here or above; write odp.toml with \[env.NAME\], or unset"):
        Api(environment="staging")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(project: Path) -> None:
    (project / "odp.toml").chmod(0)
    with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
        environment("staging")


@pytest.mark.usefixtures("project")
def test_a_client_of_an_environment_travels(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its settings with it: the file is not read again."""
    carried = pickle.dumps(Api(environment="staging"))
    monkeypatch.chdir("/")
    assert pickle.loads(carried).prepare("it").url == "https://eu1.a.test/things"  # noqa: S301  # ours


def test_the_error_travels() -> None:
    error = ConfigError("odp.toml", ["a", "b"])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # ours
    assert (str(again), again.problems) == (str(error), ("a", "b"))


@pytest.mark.usefixtures("project")
def test_a_sandbox_and_a_stub_are_no_environments_business(monkeypatch: pytest.MonkeyPatch) -> None:
    from odp_dynamic.sandbox import Sandbox

    monkeypatch.setenv("ODP_ENV", "no-such")
    assert Sandbox().api().prepare("listSegments").url.endswith("/segments")


VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
)


@given(
    st.dictionaries(st.sampled_from(["document", "base_url", "server", "timeout", "responses", "credentials"]), VALUES)
)
def test_whatever_stands_there_is_read_or_refused(table: Any) -> None:
    from odp_dynamic._config import _Reading

    problems: list[str] = []
    settings = _Reading("env.x", Path("/p"), problems).settings(table)
    if not problems:
        settings.pop("document", None)
        Api(one(), **settings, environment="")
