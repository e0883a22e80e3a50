"""Environments: named settings in a project's `odp.toml`, or under ``[tool.odp]`` in its `pyproject.toml`.

::

    [env.staging]                      # [tool.odp.env.staging] in pyproject.toml
    document = "spec/odp.yaml"         # a path relative to this file, a URL, or a list of them
    overlays = ["odp-limits", "o.yaml"]  # names of the package's, paths, URLs; [] for none
    server = "eu1"                     # as `Api` takes it; or base_url = "https://…"
    timeout = [5, 30]
    responses = "warn"
    drift = "drift.json"               # where departures are collected; a path relative to this file

    [env.staging.credentials]
    privateApiKey = { command = ["pass", "show", "odp/staging"] }

The nearest file counts, from the current folder upwards; in one folder `odp.toml` does. Files get committed, so a
secret itself is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ._secrets import Source, source_of
from ._settings import ENVIRONMENT, RESPONSES, is_bare_name, without_none, wrong_base_url
from .errors import closest, did_you_mean

_FILE = "odp.toml"
_SHARED = "pyproject.toml"
_FORMS = '{ env = "NAME" }, { file = "path" } or { command = ["program", "argument"] }'


class ConfigError(ValueError):
    """Says all that is wrong with an environment's settings, each with its file and place, and what to do.

    Its author is the caller, or a colleague: as with the constructor's other settings it is a ValueError.
    """

    def __init__(self, source: str, problems: Iterable[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__(source, self.problems)

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return f"{self.source}: {self.problems[0]}"
        return "\n".join([f"{self.source}: {len(self.problems)} problems", *(f"  {p}" for p in self.problems)])


class Environment(NamedTuple):
    """Is a named environment: `file` is where it stands, `settings` are keywords of `Api`, and ``document``."""

    name: str
    file: Path
    settings: Mapping[str, Any]


def environment(name: str) -> Environment:
    """Return the environment of this name; raise ConfigError when there is none that can be used."""
    file, root, prefix = _nearest(Path.cwd())
    problems = [_unknown(prefix, key, ["env"]) for key in root if key != "env"]
    environments = root.get("env", {})
    if not isinstance(environments, dict):
        raise ConfigError(str(file), [*problems, f"{prefix}env must be a table of environments"])
    if name not in environments:
        known = f"there are {', '.join(environments)}" if environments else "it has none"
        near = did_you_mean(closest(name, environments))
        raise ConfigError(str(file), [*problems, f"no environment is called {name!r}{near} ({known})"])
    reading = _Reading(f"{prefix}env.{name}", file.parent, problems)
    settings = reading.settings(environments[name])
    if problems:
        raise ConfigError(str(file), problems)
    return Environment(name, file, settings)


def _nearest(start: Path) -> tuple[Path, dict[str, Any], str]:
    """Return the nearest file that has settings of ours, those settings, and how their places begin."""
    for folder in (start, *start.parents):
        if (folder / _FILE).is_file():
            return folder / _FILE, _parsed(folder / _FILE), ""
        if (folder / _SHARED).is_file():
            tool = _parsed(folder / _SHARED).get("tool")
            if isinstance(tool, dict) and "odp" in tool:
                ours = tool["odp"]
                if not isinstance(ours, dict):
                    raise ConfigError(str(folder / _SHARED), ["tool.odp must be a table"])
                return folder / _SHARED, ours, "tool.odp."
    advice = f"write {_FILE} with [env.NAME], or unset {ENVIRONMENT}"
    raise ConfigError(str(start), [f"an environment is named, but no {_FILE} is here or above; {advice}"])


def _parsed(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    except tomllib.TOMLDecodeError as error:
        why = f"is no TOML: {error.args[0]}"
    except (ValueError, RecursionError):
        why = "is no TOML that can be read: it must be UTF-8, and no number in it of thousands of digits"
    raise ConfigError(str(file), [why])  # out here, for the other error has the whole text


class _Reading:
    """Reads one environment's table, and adds all that is wrong with it to `problems`."""

    def __init__(self, place: str, folder: Path, problems: list[str]) -> None:
        self._place = place
        self._folder = folder
        self._problems = problems

    def settings(self, table: Any) -> dict[str, Any]:
        """Return the keywords of `Api` that a table stands for."""
        if not isinstance(table, dict):
            self._problems.append(f"{self._place} must be a table of settings")
            return {}
        readers: dict[str, Callable[[Any], Any]] = {
            "document": self._document,
            "overlays": self._overlays,
            "base_url": self._base_url,
            "server": self._server,
            "timeout": self._timeout,
            "responses": self._responses,
            "drift": self._drift,
            "credentials": self._credentials,
        }
        found = {}
        for name, value in table.items():
            if name in readers:
                found[name] = readers[name](value)
            else:
                self._problems.append(_unknown(f"{self._place}.", name, readers))
        if {"base_url", "server"} <= found.keys():
            self._wrong("server", "stands beside base_url, which replaces the document's servers; keep one of them")
        return found

    def _wrong(self, name: str, message: str) -> None:
        self._problems.append(f"{self._place}.{name} {message}")

    def _document(self, value: Any) -> Any:
        sources = value if isinstance(value, list) else [value]
        if not sources or not all(isinstance(source, str) and source for source in sources):
            self._wrong("document", "must be a path, a URL, or a list of them")
            return None
        return [self._located(source) for source in sources]

    def _overlays(self, value: Any) -> Any:
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, str) and source for source in sources):
            self._wrong("overlays", "must be a list of names, paths and URLs")
            return None
        return [source if is_bare_name(source) else self._located(source) for source in without_none(sources)]

    def _located(self, source: str) -> str:
        return source if source.lower().startswith(("http://", "https://")) else str(self._folder / source)

    def _base_url(self, value: Any) -> Any:
        wrong = wrong_base_url(value)
        if wrong:
            self._wrong("base_url", wrong)
        return value

    def _server(self, value: Any) -> Any:
        scalar = isinstance(value, str | int) and not isinstance(value, bool)
        if not scalar and not (isinstance(value, dict) and all(isinstance(v, str | int) for v in value.values())):
            self._wrong("server", "must be a number, a text, or a table of variables such as { region = 'eu1' }")
        return value

    def _timeout(self, value: Any) -> Any:
        given = value if isinstance(value, list) else [value, value]
        if len(given) not in {2, 3} or not all(type(seconds) in {int, float} and seconds > 0 for seconds in given):
            told = "must be seconds above 0: one, or two (to connect, and to wait), or a third (in all)"
            self._wrong("timeout", told)
        return tuple(value) if isinstance(value, list) else value

    def _responses(self, value: Any) -> Any:
        if value not in RESPONSES:
            near = closest(value, RESPONSES) if isinstance(value, str) else None
            self._wrong("responses", f"must be one of {', '.join(RESPONSES)}{did_you_mean(near)}")
        return value

    def _drift(self, value: Any) -> Any:
        if not isinstance(value, str) or not value:
            self._wrong("drift", "must be the path of a file")
            return None
        return str(self._folder / value)

    def _credentials(self, value: Any) -> dict[str, Source]:
        if not isinstance(value, dict):
            self._wrong(
                "credentials", f"must be a table of security schemes, each with where its key is found: {_FORMS}"
            )
            return {}
        return {name: found for name, given in value.items() if (found := self._source(name, given))}

    def _source(self, scheme: str, given: Any) -> Source | None:
        place = f"credentials.{scheme}"
        if not isinstance(given, dict):
            self._wrong(
                place, f"must not be the key itself, for files get committed; write where it is found: {_FORMS}"
            )
            return None
        try:
            source = source_of(given)
        except ValueError as error:
            self._wrong(place, f"is wrong: {error}")
            return None
        if source.kind == "file" and not source.what[0].startswith("~"):
            return source._replace(what=(str(self._folder / source.what[0]),))
        return source


def _unknown(prefix: str, name: str, known: Iterable[str]) -> str:
    words = list(known)
    return f"{prefix}{name} is no setting{did_you_mean(closest(name, words))} (there are {', '.join(words)})"
