"""Secrets as callers give them: as they are, or by where they are found."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from ._forks import begins_anew
from .errors import closest, did_you_mean

_PATIENCE = 30  # seconds: a person may have to unlock something
_AGAIN = 30.0  # seconds after which what failed is tried again: no storm of commands, and no failure for ever
_LONGEST = 65536  # bytes of a file; a device has no end
KINDS = ("env", "file", "command")
_KNOWN = "'env' (a variable), 'file' (a path) and 'command' (a list of words)"


class Unavailable(Exception):
    """Says why a secret that should be found somewhere is not, and what to do; never what was found there."""


class Source(NamedTuple):
    """Is where a secret is found: `kind` is env, file or command, `what` a variable, a path or the words to run."""

    kind: str
    what: tuple[str, ...]

    def __str__(self) -> str:
        if self.kind == "command":  # its words may hold a secret themselves
            return "a command"
        return f"${self.what[0]}" if self.kind == "env" else f"the file {self.what[0]}"

    def found(self, scheme: str) -> str:
        """Return the secret of a scheme; raise Unavailable when there is none."""
        text = {"env": _in_environment, "file": _in_file, "command": _from_command}[self.kind](self.what, scheme)
        if not text:
            raise Unavailable(f"{self}, for {scheme!r}, gave nothing; see that the key is there")
        return text


class Secrets:
    """Holds what a caller gave as credentials; a secret that is found elsewhere is looked up once, when first needed.

    `given` maps a security scheme's name to its secret (for HTTP's basic scheme also ``(user, password)``), or to
    where that is found: a mapping of one of env, file and command. Threads may share it. A pickle of it, or `anew`,
    looks up anew. Raises ValueError for what is neither.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = {name: _read(name, value) for name, value in given.items() if value not in (None, "")}
        self._found: dict[str, str] = {}
        self._failed: dict[str, tuple[str, float]] = {}
        self._lock = Lock()
        begins_anew(self)

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __repr__(self) -> str:
        return f"<Secrets {', '.join(self._given)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._given,)

    def anew(self) -> Secrets:
        """Return the same with nothing looked up yet."""
        return _again(self._given)

    def source(self, scheme: str) -> Source | None:
        """Return where the secret of a scheme is found, None where it was given as it is, or not at all."""
        given = self._given.get(scheme)
        return given if isinstance(given, Source) else None

    def get(self, scheme: str) -> str | None:
        """Return the secret of a scheme, None where none was given; raise Unavailable when it is not to be found.

        What failed is not tried again for 30 seconds.
        """
        given = self._given.get(scheme)
        if not isinstance(given, Source):
            return given
        return self._found.get(scheme) or self._looked_up(scheme, given)

    def begin_anew(self) -> None:
        """Take a new lock: a thread that held the old one is not in this process, which was forked."""
        self._lock = Lock()

    def _looked_up(self, scheme: str, source: Source) -> str:
        with self._lock:  # others wait for the answer rather than ask too
            if scheme in self._found:
                return self._found[scheme]
            why, when = self._failed.get(scheme, ("", 0.0))
            if not why or monotonic() - when > _AGAIN:
                try:
                    return self._found.setdefault(scheme, source.found(scheme))
                except Unavailable as error:
                    why = str(error)
                self._failed[scheme] = why, monotonic()
        raise Unavailable(why)


def source_of(value: Any) -> Source:
    """Return the source that a mapping describes; raise ValueError with a sentence that has nothing of its values."""
    if not isinstance(value, Mapping) or len(value) != 1:
        raise ValueError(f"must be a key, or where it is found: one of {_KNOWN}")
    [(kind, what)] = value.items()
    if kind not in KINDS:
        near = closest(kind, KINDS) if isinstance(kind, str) else None
        raise ValueError(f"must be a key, or where it is found: one of {_KNOWN}{did_you_mean(near)}")
    if kind == "command":
        return Source(kind, _words(what))
    if not isinstance(what, str) or not what.strip():
        raise ValueError(f"{kind!r} must be {'the name of a variable' if kind == 'env' else 'a path'}")
    if kind == "env" and not re.fullmatch(r"[A-Za-z_]\w*", what, re.ASCII):
        raise ValueError("'env' must be the name of a variable: letters, digits and underscores")
    return Source(kind, (what,))


def _words(command: Any) -> tuple[str, ...]:
    wrong = "'command' must be a list of words, or a text that can be split into them, and is run without a shell"
    if isinstance(command, str):
        import shlex

        try:
            command = shlex.split(command)
        except ValueError as error:
            raise ValueError(f"{wrong}: {str(error).lower()}") from None
    if not isinstance(command, list | tuple) or not command or not all(isinstance(word, str) for word in command):
        raise ValueError(wrong)
    if not command[0] or "\0" in "".join(command):
        raise ValueError(wrong)
    return tuple(command)


def _read(name: str, value: Any) -> str | Source:
    """Return what a caller gave for a scheme in the one form that is kept."""
    if isinstance(value, str | Source):
        return value
    if isinstance(value, tuple | list) and all(isinstance(part, str) for part in value):
        return ":".join(value)
    try:
        return source_of(value)
    except ValueError as error:
        raise ValueError(f"the credential for {name!r} is wrong: {error}") from None


def _again(given: Mapping[str, Any]) -> Secrets:
    return Secrets(given)


def _in_environment(what: tuple[str, ...], scheme: str) -> str:
    secret = os.environ.get(what[0], "").strip()
    if not secret:
        raise Unavailable(f"the variable {what[0]}, for {scheme!r}, is not set; set it")
    return secret


def _in_file(what: tuple[str, ...], scheme: str) -> str:
    try:
        with Path(what[0]).expanduser().open("rb") as file:
            content = file.read(_LONGEST + 1)
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: there is no home
        reason = getattr(error, "strerror", None) or "its path is none"
    else:
        return _text(content, f"the file for {scheme!r}")
    raise Unavailable(f"the file for {scheme!r} cannot be read: {reason}; see {what[0]}")


def _from_command(what: tuple[str, ...], scheme: str) -> str:
    import subprocess

    name = f"the command for {scheme!r}"
    quiet = subprocess.DEVNULL
    try:
        ran = subprocess.run(  # noqa: S603  # the caller's own words, and no shell
            what, stdin=quiet, stdout=subprocess.PIPE, stderr=quiet, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        why = f"{name} did not end within {_PATIENCE} s; run it by hand"
    except OSError as error:
        why = f"{name} cannot be run: {error.strerror}; see its first word"
    else:
        if ran.returncode == 0:
            return _text(ran.stdout, name)
        how = f"with exit code {ran.returncode}" if ran.returncode > 0 else f"by signal {-ran.returncode}"
        why = f"{name} ended {how}; run it by hand"
    raise Unavailable(why)  # out here, for the other error has what was written so far


def _text(content: bytes, name: str) -> str:
    if len(content) > _LONGEST:
        raise Unavailable(f"{name} gave more than a key; see what it gives")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = None
    if text is None:
        raise Unavailable(f"{name} gave what is no text; see what it gives")
    return text.rstrip("\r\n")
