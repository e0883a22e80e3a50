"""The floors of the package, and the rule that its code knows no operation."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import odp_dynamic

PACKAGE = Path(odp_dynamic.__file__).parent
SPEC = yaml.safe_load((PACKAGE.parent / "spec" / "odp-rest-v3.yaml").read_text(encoding="utf-8"))
# A line of the docstring's picture: the floor's number, its modules, a gap, what they are.
_FLOOR = re.compile(r"^ +(\d+)  (\S.*?) {3,}", re.MULTILINE)
FLOOR_OF = {
    name.rstrip("/"): int(number)
    for number, names in _FLOOR.findall(odp_dynamic.__doc__ or "")
    for name in names.split()
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def home_of(path: Path) -> str:
    """Return the module or folder right under the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_by(path: Path) -> Iterator[str]:
    """Yield the siblings that a file imports anywhere: also in functions, and for typing."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == len(path.relative_to(PACKAGE).parts):
            yield from [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]


def absolute_imports(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append(node.module or "")
    return [name for name in found if name.split(".")[0] == "odp_dynamic"]


def test_the_picture_has_every_module() -> None:
    """The floors are those of the package's docstring, and it leaves no module out and names none that is not there."""
    there = {home_of(path) for path in MODULES} - {"__init__"}
    assert there == FLOOR_OF.keys()


@pytest.mark.parametrize("path", [p for p in MODULES if home_of(p) in FLOOR_OF], ids=name_of)
def test_imports_point_down(path: Path) -> None:
    home = home_of(path)
    siblings = {name for name in imported_by(path) if name in FLOOR_OF and name != home}
    assert not {name for name in siblings if FLOOR_OF[name] >= FLOOR_OF[home]}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_inside_the_package_are_relative(path: Path) -> None:
    """Or the test above would not see them."""
    assert absolute_imports(path.read_text(encoding="utf-8")) == []


def test_absolute_imports_are_seen_wherever_they_stand() -> None:
    source = "def f():\n    import odp_dynamic._api\nif TYPE_CHECKING:\n    from odp_dynamic import Api\nimport odp\n"
    assert absolute_imports(source) == ["odp_dynamic._api", "odp_dynamic"]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_transport_and_the_tools_know_an_http_library(path: Path) -> None:
    names = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else []
        )
    }
    if FLOOR_OF.get(home_of(path), 9) <= FLOOR_OF["_api"] and home_of(path) != "_transport":
        assert not names & {"requests", "urllib3", "httpx", "openapi_core", "werkzeug", "click", "rich"}


def _names_of_the_document() -> set[Any]:
    methods = {"get", "put", "post", "delete", "patch"}
    operations = (item[method] for item in SPEC["paths"].values() for method in item.keys() & methods)
    ids = (operation["operationId"] for operation in operations)
    return {*ids, *SPEC["paths"], *SPEC["components"]["schemas"]}


# From Python 3.12 on the text of an f-string is a token of its own.
_TELLING = {tokenize.NAME, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}


def words_of(source: str) -> Iterator[tuple[int, str]]:
    """Yield every name and every piece of a string of a source, with its line; comments are talk."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in _TELLING:
            yield token.start[0], token.string


def named_in(source: str) -> list[str]:
    """Return where a source names an operation, a path or a schema of the bundled document, as a whole word."""
    ends = {True: r"(?![\w/{-])", False: r"(?!\w)"}
    starts = {True: r"(?<![\w/.-])", False: r"(?<!\w)"}
    patterns = [
        re.compile(starts[name[0] == "/"] + re.escape(name) + ends[name[0] == "/"]) for name in _names_of_the_document()
    ]
    return [
        f"line {line}: {found[0]}"
        for line, text in words_of(source)
        for pattern in patterns
        if (found := pattern.search(text))
    ]


@pytest.mark.parametrize("path", [p for p in MODULES if home_of(p) != "sandbox"], ids=name_of)
def test_no_operation_path_or_schema_is_written_by_hand(path: Path) -> None:
    """Change the document, and the client has changed: only the sandbox plays the service's part."""
    assert named_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    ["getProfile = 1", "x = 'call getProfile now'", "url = f'{base}/events'", "x = Profile()", "'/schema/objects'"],
)
def test_a_name_of_the_document_would_be_found(source: str) -> None:
    assert named_in(source)


@pytest.mark.parametrize("source", ["ProfileStore = 1", "x = 'application/events'", "# Segment", "'profile segments'"])
def test_other_words_are_free(source: str) -> None:
    assert not named_in(source)
