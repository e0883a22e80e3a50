"""The options of a write, read on the driver: all that a task needs, and all that is wrong with them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pyspark.sql.types import StructType

from .._api import Api
from .._bind import UNSET, Binder
from .._document import Document
from .._operations import Operation
from .._pointers import split
from .._settings import variable_of, without_none
from ..bulk import LoadError, LoadSettings
from ..bulk._settings import senseless
from ..bulk._target import target_of
from ..errors import closest, did_you_mean
from ._values import unwritable

_SPARKS_OWN = frozenset({"checkpointlocation"})


class Settings(NamedTuple):
    """Is what one write was told, in a form that travels to executors; no secret is in it.

    `document` is the one that has the operation. `idempotency` is a pointer, or False for no ids; `columns` are the
    names that lead to each column of ``row_id``.
    """

    document: Document
    operation: str
    arguments: Mapping[str, Any]
    schema: StructType
    careful: bool
    idempotency: str | Literal[False] = False
    columns: tuple[tuple[str, ...], ...] = ()
    environment: str | None = None
    server: str | None = None
    base_url: str | None = None
    batch: int | None = None
    senders: int = 1
    rejects: str | None = None
    max_rejects: int | None = None
    report: str | None = None
    nulls: bool = False

    def api(self) -> Api:
        """Return a client, with the keys of the machine that asks."""
        return Api(
            self.document,
            overlays=[],  # the driver has laid them
            environment=self.environment,
            server=self.server,
            base_url=self.base_url,
        )


def settings_of(options: Mapping[str, str], schema: StructType) -> Settings:
    """Return what options say of a write of rows with this schema; raise LoadError with all that is wrong."""
    given = {name.lower(): text for name, text in options.items() if name.lower() not in _SPARKS_OWN}
    found, wrong = _read(given)
    problems = list(wrong.values())
    if wrong.keys() & {"operation", "document"}:
        raise _wrong(problems)  # nothing more can be known
    written, overlays = found.pop("document", None), found.pop("overlays", None)
    api = Api(written, overlays=overlays, environment=found.get("environment"))
    _refuse_keys(api, given)
    operation = api.operations[found.pop("operation")]
    arguments = _arguments(operation, given, problems)
    idempotency = found.pop("idempotency", None)
    idempotency = operation.idempotency_pointer or False if idempotency is None else idempotency
    target = target_of(api, operation.id, arguments, replayable=bool(idempotency))
    problems += map(str, target.wrong(sending=False))
    problems += senseless(LoadSettings(batch=found.get("batch")), target.limit)
    problems += unwritable(schema)
    columns = found.pop("row_id", ())
    problems += (
        f"row_id names {'.'.join(path)}, which is no column" for path in columns if not _is_there(schema, path)
    )
    if columns and not idempotency:
        problems.append("row_id makes ids, but idempotency does not say where they go: give its JSON pointer")
    if problems:
        raise _wrong(problems)
    careful = not (idempotency or operation.replayable)
    return Settings(operation.document, operation.id, arguments, schema, careful, idempotency, columns, **found)


def _read(given: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Take our own options out of those that were given; return what they say, and what is wrong with others."""
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name in [name for name in given if name in _READERS]:
        try:
            found[name] = _READERS[name](given.pop(name))
        except ValueError as error:
            wrong[name] = f"{name} {error}"
    if not {"operation"} & (found.keys() | wrong.keys()):
        wrong["operation"] = "operation is missing: the id of the operation that takes the rows"
    return found, wrong


def _refuse_keys(api: Api, given: Mapping[str, str]) -> None:
    """Refuse what looks like a key, before anything repeats it."""
    documents = {id(operation.document): operation.document for operation in api.operations.values()}
    for document in documents.values():
        for scheme in (document.root.get("components") or {}).get("securitySchemes") or {}:
            forms = {_letters(scheme), _letters(variable_of(scheme))}
            if any(_letters(name) in {*forms, "credentials"} for name in given):
                raise LoadError(
                    f"a key is no option, for plans and logs show those: set {variable_of(scheme)} in the environment"
                    " of the executors, or name an environment; and change the key, if it was real"
                )


def _arguments(operation: Operation, given: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
    """Return the operation's arguments among the options, whose names Spark wrote in lower case."""
    binder = Binder(operation)
    known = dict.fromkeys([*binder.names, *binder.properties])
    arguments = {}
    for name, text in given.items():
        meant = [one for one in known if one.lower() == name]
        if len(meant) == 1:
            arguments[meant[0]] = _typed(binder, meant[0], text)
        elif meant:
            problems.append(f"{name} may be any of {', '.join(meant)}: Spark does not tell capitals apart")
        else:
            near = did_you_mean(closest(name, [*_READERS, *known]))
            problems.append(f"{name} is neither an option nor an argument of {operation.id}{near}")
    return arguments


def _typed(binder: Binder, name: str, text: str) -> Any:
    """Return what a text means: itself, unless the document refuses it there and takes what it is as JSON."""
    if not _wrong_there(binder, name, text):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if _wrong_there(binder, name, value) else value


def _wrong_there(binder: Binder, name: str, value: Any) -> bool:
    bound = binder.bind(UNSET, {name: value})
    alone = bound.body is not UNSET  # then it is a property: others, which rows have, are missing
    problems = binder.problems(bound)
    return any(split(p.pointer)[:1] == [name] if alone else p.keyword != "required" for p in problems)


def _is_there(schema: StructType, path: tuple[str, ...]) -> bool:
    node: Any = schema
    for name in path:
        if not isinstance(node, StructType) or name not in node.fieldNames():
            return False
        node = node[name].dataType
    return True


def _wrong(problems: list[str]) -> LoadError:
    if len(problems) == 1:
        return LoadError(f"the options of this write are wrong: {problems[0]}")
    return LoadError("\n  ".join([f"the options of this write have {len(problems)} problems", *problems]))


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _documents(text: str) -> Any:
    if not text.lstrip().startswith("["):
        return _text(text)
    try:
        sources = json.loads(text)
    except ValueError:
        sources = []
    if not sources or not all(isinstance(source, str) for source in sources):
        raise ValueError("must be a path, a URL, or a JSON array of them")
    return sources


def _overlays(text: str) -> list[str]:
    return without_none(name.strip() for name in _text(text).split(","))


def _count(text: str, least: int) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) < least:
        raise ValueError(f"must be a whole number of {least} or more")
    return int(text)


def _path(text: str) -> str:
    """Return a path that does not depend on where a process runs."""
    if re.match(r"[A-Za-z][\w+.-]+:", text):
        raise ValueError("must be a path of a file system that is mounted, and no URL")
    return str(Path(_text(text)).absolute())


def _file(text: str) -> str:
    path = _path(text)
    if not Path(path).parent.is_dir():  # better told now than when all rows have been sent
        raise ValueError("must be in a directory that is there")
    return path


def _pointer(text: str) -> str | Literal[False]:
    if text.lower() in {"false", "none"}:
        return False
    if not text.startswith("/"):
        raise ValueError("must be a JSON pointer such as /data/id, or false")
    return text


def _columns(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(name.strip().split(".")) for name in _text(text).split(","))


def _nulls(text: str) -> bool:
    if text not in {"omit", "send"}:
        raise ValueError("must be omit or send")
    return text == "send"


_READERS: dict[str, Callable[[str], Any]] = {
    "operation": _text,
    "document": _documents,
    "overlays": _overlays,
    "environment": str,
    "server": _text,
    "base_url": _text,
    "batch": lambda text: _count(text, 1),
    "senders": lambda text: _count(text, 1),
    "rejects": _path,
    "max_rejects": lambda text: _count(text, 0),
    "report": _file,
    "idempotency": _pointer,
    "row_id": _columns,
    "nulls": _nulls,
}
