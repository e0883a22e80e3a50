"""As a program among programs: signals, pipes, encodings, terminals, and what it loads."""

from __future__ import annotations

import errno
import json
import os
import pty
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from odp_dynamic import Api

from .conftest import KEYS, Process, clean_environment

ODP = [sys.executable, "-m", "odp_dynamic"]


def _started(*words: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # our own program
        [*ODP, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(**environment),
        encoding="utf-8",
    )


def _line_with(stream: IO[str] | None, words: str) -> str:
    assert stream is not None
    return next(line for line in stream if words in line)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_serves_until_a_signal_and_ends_with_0(number: int) -> None:
    with _started("--text", "sandbox") as sandbox:
        words = _line_with(sandbox.stdout, "export ").split()[1:]
        environment = dict(word.split("=", 1) for word in words)
        called = subprocess.run(
            [*ODP, "call", "listSegments"], env=clean_environment(**environment), capture_output=True, check=True
        )
        sandbox.send_signal(number)
        _, words_at_the_end = sandbox.communicate(timeout=20)
    assert json.loads(called.stdout)
    assert sandbox.returncode == 0
    assert "Traceback" not in words_at_the_end


def test_the_sandbox_tells_a_program_its_url_and_keys() -> None:
    with _started("sandbox", "--json") as sandbox:
        assert sandbox.stdout is not None
        text = ""
        while not text.endswith("}\n}\n"):
            text += sandbox.stdout.readline()
        told = json.loads(text)
        with Api(base_url=told["url"], credentials={"privateApiKey": "sandbox-private"}) as api:
            assert api.call("listSegments")
        sandbox.send_signal(signal.SIGTERM)
        sandbox.communicate(timeout=20)
    assert told["environment"]["ODP_BASE_URL"] == told["url"]
    assert told["page"] == f"{told['url'].removesuffix('/v3')}/_sandbox/"
    assert sandbox.returncode == 0


def test_a_port_in_use_is_one_sentence(process: Process) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = process("sandbox", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "already in use" in done.stderr


def test_ctrl_c_during_a_call_is_130_without_a_traceback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with _started("call", "listSegments", "--base-url", url, **KEYS) as caller:
            connection, _ = silent.accept()
            caller.send_signal(signal.SIGINT)
            out, err = caller.communicate(timeout=20)
            connection.close()
    assert caller.returncode == 130
    assert out == ""
    assert "Traceback" not in err


@pytest.mark.parametrize("words", ["operations --json", "describe getProfile", "--help", "doctor"])
def test_a_reader_that_goes_away_is_no_error(words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as pipe:  # noqa: PTH123  # it has no path
        done = subprocess.run(
            [*ODP, *words.split()], stdout=pipe, stderr=subprocess.PIPE, env=clean_environment(), check=False
        )
    assert done.stderr == b""


def test_a_closed_stdout_is_no_crash() -> None:
    command = f"{shlex.join(ODP)} operations >&- 2>&1; {shlex.join(ODP)} call nothing 2>&-"
    done = subprocess.run(command, shell=True, capture_output=True, env=clean_environment(), check=False)  # noqa: S602
    assert done.returncode == 2
    assert done.stdout == done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*ODP, "operations"], stdout=full, stderr=subprocess.PIPE, env=clean_environment(), check=False
        )
    assert done.returncode == 2
    assert done.stderr.decode().strip() == f"Error: {os.strerror(errno.ENOSPC)}"


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"}, {"LANG": "C", "LC_ALL": "C"}])
@pytest.mark.parametrize("words", ["demo", "doctor", "describe getProfile", "operations --text", "call zürich=ü"])
def test_no_encoding_makes_it_crash(process: Process, words: str, environment: dict[str, str]) -> None:
    done = process(*words.split(), **environment)
    assert done.returncode in {0, 1, 2}
    assert "Traceback" not in done.stderr
    assert "UnicodeEncodeError" not in done.stderr


def test_words_that_are_no_text_are_refused(process: Process) -> None:
    done = process("call", "getProfile", "identifier_field=email", "identifier_value=\udcff", "--dry-run", **KEYS)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", ["operations", "describe getProfile", "describe Profile", "--help", "call -h"])
def test_looking_something_up_loads_no_http_library_and_no_rich(words: str) -> None:
    code = (
        "import sys\n"
        "from odp_dynamic.__main__ import main\n"
        f"sys.argv = ['odp', *{words.split()!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=clean_environment(), check=True, encoding="utf-8"
    )
    loaded = set(done.stderr.split())
    heavy = {"requests", "urllib3", "http.client", "rich", "openapi_core", "werkzeug", "sqlite3"}
    assert loaded & heavy == set()


def _on_a_terminal(*words: str, **environment: str) -> str:
    """Return what a terminal is shown."""
    ours, theirs = pty.openpty()
    try:
        running = subprocess.Popen(
            [*ODP, *words], stdout=theirs, stderr=theirs, env=clean_environment(TERM="xterm", **environment)
        )
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
        running.wait(timeout=20)
    finally:
        os.close(ours)
    return shown.decode()


def test_a_terminal_gets_a_table_and_colours() -> None:
    shown = _on_a_terminal("operations")
    assert "\x1b[" in shown
    assert "10 operations" in shown
    assert "{\r\n" not in shown
    assert "\x1b[" in _on_a_terminal("call", "listSegments", "--sandbox")
    assert "\x1b[" in _on_a_terminal("describe", "getProfile")


@pytest.mark.parametrize(
    "words", ["operations", "describe getProfile", "demo", "doctor", "call listSegments --sandbox"]
)
def test_no_color_is_honoured(words: str) -> None:
    assert "\x1b[3" not in _on_a_terminal(*words.split(), NO_COLOR="1")


def test_python_m_is_odp(process: Process) -> None:
    assert process("--version").stdout.startswith("odp ")


def test_no_name_of_the_document_is_in_the_command_line_s_code() -> None:
    import odp_dynamic.cli

    known = [*Api().operations, *Api().schemas, *(operation.path for operation in Api().operations.values())]
    for file in Path(odp_dynamic.cli.__file__).parent.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        names = [name for name in known if name in text and name not in {"Profile", "Segment"}]
        assert names == [], file.name
