"""Keys that are found elsewhere: in a variable, in a file, or in what a command writes."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odp_dynamic import Api, InvalidRequest
from odp_dynamic._secrets import Secrets, Source, Unavailable, source_of
from tests.apis import client, secured

KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
SECRET = "canary-5ecret"  # noqa: S105  # the canary
DOCUMENT = secured({"key": []}, key=KEY)


def python(code: str, *arguments: str) -> dict[str, Any]:
    return {"command": [sys.executable, "-c", code, *arguments]}


def signed(source: Any) -> str:
    return client(DOCUMENT, credentials={"key": source})[0].prepare("it").headers["X-Key"]


def refused(source: Any) -> str:
    api, transport = client(DOCUMENT, credentials={"key": source})
    with pytest.raises(InvalidRequest) as caught:
        api.call("it")
    [problem] = caught.value.problems
    assert (problem.where, transport.sent, caught.value.__context__) == ("security", [], None)
    return problem.message


@pytest.fixture(autouse=True)
def _shells_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a key that must not be taken where another was named, whatever becomes of that."""
    monkeypatch.setenv("ODP_KEY", "of-the-shell")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"], ids=repr)
def test_a_key_is_read_where_it_is_said_to_be(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", SECRET + ending)
    (tmp_path / "key").write_bytes((SECRET + ending).encode())
    monkeypatch.setenv("HOME", str(tmp_path))
    write = f"import sys; sys.stdout.write({SECRET + ending!r})"
    sources = ({"env": "SOME_KEY"}, {"file": str(tmp_path / "key")}, {"file": "~/key"}, python(write))
    assert [signed(source) for source in sources] == [SECRET] * 4


def test_a_command_may_be_one_text_and_sees_no_shell(tmp_path: Path) -> None:
    (tmp_path / "a b").write_text("import sys; print('-'.join(sys.argv[1:]))")
    assert signed({"command": f"'{sys.executable}' '{tmp_path / 'a b'}' $HOME ;x `y`"}) == "$HOME-;x-`y`"


def test_a_command_hears_nothing_and_is_not_heard(capfd: pytest.CaptureFixture[str]) -> None:
    code = f"import sys; sys.stderr.write({SECRET!r}); assert sys.stdin.read() == ''; print('k')"
    assert signed(python(code)) == "k"
    assert capfd.readouterr() == ("", "")


def test_basic_takes_its_pair_from_anywhere() -> None:
    api, _ = client(
        secured({"b": []}, b={"type": "http", "scheme": "basic"}), credentials={"b": python("print('a:b')")}
    )
    assert api.prepare("it").headers["Authorization"] == "Basic YTpi"


FAILURES: list[tuple[Any, str]] = [
    ({"env": "NO_SUCH_KEY"}, "the variable NO_SUCH_KEY, for 'key', is not set; set it"),
    ({"file": "/no/such/file"}, "the file for 'key' cannot be read: No such file or directory; see /no/such/file"),
    ({"file": "/"}, "the file for 'key' cannot be read: Is a directory; see /"),
    ({"file": "~no-such-user/x"}, "the file for 'key' cannot be read: its path is none; see ~no-such-user/x"),
    ({"file": "a\0b"}, "the file for 'key' cannot be read: its path is none"),
    ({"file": "/dev/null"}, "the file /dev/null, for 'key', gave nothing; see that the key is there"),
    ({"file": "/dev/zero"}, "the file for 'key' gave more than a key; see what it gives"),
    (python("print()"), "a command, for 'key', gave nothing; see that the key is there"),
    (python(f"print({SECRET!r}); raise SystemExit(3)"), "the command for 'key' ended with exit code 3; run it by hand"),
    (python("import os; os.kill(os.getpid(), 9)"), "the command for 'key' ended by signal 9; run it by hand"),
    (python(r"import sys; sys.stdout.buffer.write(b'canary\xff')"), "the command for 'key' gave what is no text"),
    (python(f"print({SECRET!r} * 99999)"), "the command for 'key' gave more than a key"),
    (python(f"print({SECRET!r} + chr(10) + 'more')"), "the secret for X-Key has white space or characters"),
    ({"command": ["no-such-program", SECRET]}, "the command for 'key' cannot be run: No such file or directory"),
    ({"command": ["/"]}, "the command for 'key' cannot be run: Permission denied"),
]


@pytest.mark.parametrize(("source", "said"), FAILURES, ids=[said[-60:] for _, said in FAILURES])
def test_a_key_that_is_not_there_is_a_problem_that_says_what_to_do(source: Any, said: str) -> None:
    """And no other key is taken in its place."""
    message = refused(source)
    assert said in message
    assert "canary" not in message


def test_a_command_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("odp_dynamic._secrets._PATIENCE", 0.2)
    slow = python(f"import time; print({SECRET!r}, flush=True); time.sleep(60)")
    assert refused(slow) == "the command for 'key' did not end within 0.2 s; run it by hand"


def counting(tmp_path: Path, code: str = "print('k')") -> tuple[dict[str, Any], Path]:
    """Return a command that writes a line into a file each time it runs, and the file."""
    file = tmp_path / "runs"
    file.touch()
    return python(f"import sys; open(sys.argv[1], 'a').write('x'); {code}", str(file)), file


def test_it_is_looked_up_when_first_needed_and_once_for_each_copy(tmp_path: Path) -> None:
    source, runs = counting(tmp_path)
    api, _ = client(DOCUMENT, credentials={"key": source})
    assert runs.read_text() == ""
    for _ in range(3):
        api.prepare("it")
    assert runs.read_text() == "x"
    copy = api.using(timeout=1)
    assert runs.read_text() == "x"
    copy.prepare("it")
    copy.prepare("it")
    assert runs.read_text() == "xx"


@pytest.mark.parametrize("fails", [False, True])
def test_threads_wait_for_one_look_up(fails: bool, tmp_path: Path) -> None:  # noqa: FBT001  # a table's column
    source, runs = counting(tmp_path, "import time; time.sleep(0.2); " + ("sys.exit(1)" if fails else "print('k')"))
    secrets = Secrets({"key": source})
    told: list[Any] = []

    def look() -> None:
        try:
            told.append(secrets.get("key"))
        except Unavailable as error:
            told.append(str(error))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert runs.read_text() == "x"
    assert told == [("the command for 'key' ended with exit code 1; run it by hand" if fails else "k")] * 8


def test_what_failed_is_tried_again_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    secrets = Secrets({"key": {"file": str(file)}})
    for _ in range(2):
        with pytest.raises(Unavailable):
            secrets.get("key")
        file.write_text(SECRET)
    assert secrets.anew().get("key") == SECRET
    monkeypatch.setattr("odp_dynamic._secrets._AGAIN", -1.0)
    assert secrets.get("key") == SECRET


def test_only_the_key_that_is_needed_is_looked_up(tmp_path: Path) -> None:
    source, runs = counting(tmp_path)
    document = secured({"key": []}, {"other": []}, key=KEY, other=KEY)
    client(document, credentials={"key": "given", "other": source})[0].prepare("it")
    assert runs.read_text() == ""


def test_a_client_with_sources_travels_and_looks_up_anew(tmp_path: Path) -> None:
    source, runs = counting(tmp_path)
    api = Api(DOCUMENT, credentials={"key": source})
    api.prepare("it")
    carried = pickle.dumps(api)
    again = pickle.loads(carried)  # noqa: S301  # ours
    assert again.prepare("it") == api.prepare("it")
    assert runs.read_text() == "xx"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_fork_does_not_wait_for_threads_that_it_has_not() -> None:
    """One that is just looking up a key holds a lock, for ever in the child."""
    code = (
        "import os, sys, threading, time\n"
        "from odp_dynamic._secrets import Secrets\n"
        "secrets = Secrets({'k': {'command': [sys.executable, '-c', 'import time; time.sleep(1); print(5)']}})\n"
        "threading.Thread(target=secrets.get, args='k').start()\n"
        "time.sleep(0.3)\n"
        "child = os.fork()\n"
        "if child == 0: os._exit(7 if secrets.get('k') == '5' else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=30, check=False)
    assert done.returncode == 7


WRONG: list[tuple[Any, str]] = [
    ({}, "must be a key, or where it is found: one of 'env'"),
    ({"envv": SECRET}, "did you mean 'env'?"),
    ({"secret": SECRET}, "one of 'env' (a variable), 'file' (a path) and 'command' (a list of words)"),
    ({"env": "A", "file": SECRET}, "must be a key, or where it is found"),
    ({"env": SECRET}, "'env' must be the name of a variable: letters, digits and underscores"),
    ({"env": 5}, "'env' must be the name of a variable"),
    ({"file": ""}, "'file' must be a path"),
    ({"file": [SECRET]}, "'file' must be a path"),
    ({"command": []}, "'command' must be a list of words"),
    ({"command": ""}, "'command' must be a list of words"),
    ({"command": [""]}, "'command' must be a list of words"),
    ({"command": [SECRET, 5]}, "'command' must be a list of words"),
    ({"command": f"'{SECRET}"}, "'command' must be a list of words"),
    ({"command": ["a", "b\0"]}, "'command' must be a list of words"),
    (5, "must be a key, or where it is found"),
    (SECRET.encode(), "must be a key, or where it is found"),
    ([SECRET, 5], "must be a key, or where it is found"),
]


@pytest.mark.parametrize(("value", "said"), WRONG, ids=[str(value)[:30] for value, _ in WRONG])
def test_what_says_no_place_is_a_setting_that_makes_no_sense(value: Any, said: str) -> None:
    with pytest.raises(ValueError, match="the credential for 'key' is wrong") as caught:
        Api(DOCUMENT, credentials={"key": value})
    assert said in str(caught.value)
    assert "canary" not in f"{caught.value}{caught.value.__context__}{caught.value.__cause__}"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.dictionaries(st.text(), v)))
def test_anything_is_a_source_or_told_without_its_values(value: Any) -> None:
    told = ""
    try:
        found = source_of(value)
    except ValueError as error:
        told = str(error)
    assert told.startswith(("must be a key", "'env' must", "'file' must", "'command' must")) or isinstance(
        found, Source
    )


def test_reprs_hold_no_secret_and_no_words_of_a_command() -> None:
    secrets = Secrets({"a": SECRET, "b": {"command": [SECRET]}, "c": (SECRET, SECRET)})
    assert repr(secrets) == "<Secrets a, b, c>"
    assert str(secrets.source("b")) == "a command"
    assert secrets.source("a") is None
