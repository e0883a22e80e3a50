"""Calls in sources and recordings: which are found, and which of them a new document breaks.

The tables of tests/cases/uses give a source, and the operations before and after (`tests.using`), the latter as a
patch upon the former (RFC 7396); ``expect`` has a line ``LINE ID LEVEL`` for each use, and after it, it may be, words
that the reasons have. LINE is ``CELL:LINE`` where a case has the ``cells`` of a notebook, and begins with the file but
for app.py where it has several ``files``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from odp_dynamic import Api, InvalidRequest
from odp_dynamic._tape import Exchange, write
from odp_dynamic.uses import UNKNOWN, Found, Unread, Use, find, judge
from tests.test_diff_cases import merged
from tests.using import document, loaded, notebook

FOLDER = Path(__file__).parent / "cases" / "uses"
TABLES = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
CASES = {f"{stem}: {case['name']}": case for stem, cases in TABLES.items() for case in cases}
GET = {"get": {"parameters": {"q": {"type": "string"}}}}
SHORTER = {"get": {"parameters": {"q": {"type": "string", "maxLength": 3}}}}


def found_in(folder: Path, source: str | bytes, ids: set[str] | None = None) -> Found:
    path = folder / "app.py"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return find([path], {"get"} if ids is None else ids)


def found_by(folder: Path, case: dict[str, Any]) -> Found:
    """Return what a case has: the source of one file, those of several by name, or the cells of a notebook."""
    files = {"app.py": case["source"]} if "source" in case else dict(case.get("files", {}))
    if "cells" in case:
        files["app.ipynb"] = json.dumps(notebook(case["cells"]), indent=1)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return find([folder], {*case.get("old", GET), *case.get("patch", {})})


def row(one: Use | Unread, folder: Path) -> str:
    """Return the line of one, without the name of the file where that is the only one."""
    told = Path(one.row).relative_to(folder).as_posix()
    return told.removeprefix("app.py:").removeprefix("app.ipynb:cell ")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_call_is_found_at_its_line_and_judged(case: dict[str, Any], tmp_path: Path) -> None:
    """All uses and no others are found, with what becomes of them and why; so are the calls that cannot be told."""
    old = case.get("old", GET)
    before, after = (document(one, case.get("document")) for one in (old, merged(old, case.get("patch", {}))))
    found = found_by(tmp_path, case)
    assert [row(unread, tmp_path) for unread in found.unread] == list(map(str, case.get("unread", [])))
    uses = judge(found.uses, before, after)
    expected = [line.split(" ", 3) for line in case["expect"]]
    told = [f"{row(one.use, tmp_path)} {one.use.operation} {one.level}" for one in uses]
    assert told == [" ".join(line[:3]) for line in expected]
    for one, line in zip(uses, expected, strict=True):
        assert all(words in " | ".join(map(str, one.reasons)) for words in line[3:])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_document_breaks_no_call_of_itself(case: dict[str, Any], tmp_path: Path) -> None:
    old = document(case.get("old", GET), case.get("document"))
    found = found_by(tmp_path, case)
    assert {one.level for one in judge(found.uses, old, old)} <= {"compatible"}


def test_what_a_use_holds(tmp_path: Path) -> None:
    """The place of the name that is called, counted in characters; the arguments, and what is not spelt out of them."""
    (use,) = found_in(tmp_path, "'é'; x = api.using().get([a, 1], q='b', r=c, **d)").uses
    assert (use.path, use.line, use.column) == ((tmp_path / "app.py").as_posix(), 1, 22)
    assert (use.kind, use.operation, use.open) == ("call", "get", True)
    assert use.arguments == {"q": "b", "r": UNKNOWN}
    assert use.body == [UNKNOWN, 1]


def test_what_is_said_of_the_very_call_is_not_said_again_as_a_change(tmp_path: Path) -> None:
    """A reason that is the call's own problem is told without the change that made it one."""
    kinds = [{"enum": ["a", "b"]}, {"enum": ["a"]}]
    bodies = ({"type": "object", "properties": {"kind": kind, "note": {"type": "string"}}} for kind in kinds)
    old, new = (document({"get": {"body": body}}) for body in bodies)
    (one,) = judge(found_in(tmp_path, 'api.get(kind="b", note=value)').uses, old, new)
    assert [(reason.level, reason.where, reason.pointer) for reason in one.reasons] == [("breaking", "body", "/kind")]


def test_a_name_that_is_bound_to_very_many_is_not_told_to_be_one_of_them(tmp_path: Path) -> None:
    names = ", ".join(f"'a{number}'" for number in range(1_000))
    found = found_in(tmp_path, f"for name in ({names}): api.call(name)")
    assert (found.uses, [unread.line for unread in found.unread]) == ((), [1])


def test_folders_are_walked_but_for_what_others_wrote(tmp_path: Path) -> None:
    hidden = (".venv/e.py", "env/e.py", "node_modules/f.py", "a/__pycache__/g.py", ".h.py/i.py")
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "pyvenv.cfg").touch()
    for name in ("a/b.py", "c.py", "d.txt", *hidden):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('api.call("get")')
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "c2.py").symlink_to(tmp_path / "c.py")
    found = find([tmp_path, tmp_path / "d.txt", tmp_path / "c.py"], {"get"})
    assert [Path(use.path).relative_to(tmp_path).as_posix() for use in found.uses] == ["c.py", "a/b.py", "d.txt"]
    assert found.unread == ()


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        (b"x = (\n\napi.call('get'", 3, "is no Python"),
        (b"print 'get'\n", 1, "is no Python"),
        (b"\0", None, ""),
        (b"# coding: klingon\n", None, ""),
        (b"\xff\xfe", None, ""),
        (b"x = " + b"(" * 5_000 + b")" * 5_000, None, ""),
        (b"x = " + b"-" * 100_000 + b"1", 0, "nested too deeply"),
        (b"x = " + b"[" * 150 + b"]" * 150 + b"\n" + b"x" * 4_000_000, 0, "larger than"),
    ],
    ids=["unfinished", "python 2", "null", "coding", "utf-16", "parentheses", "signs", "large"],
)
def test_a_source_that_cannot_be_read_is_told_of(tmp_path: Path, source: bytes, line: int | None, words: str) -> None:
    """And the others are read all the same."""
    (tmp_path / "good.py").write_text('api.call("get")')
    (tmp_path / "bad.py").write_bytes(source)
    found = find([tmp_path], {"get"})
    assert [use.path for use in found.uses] == [(tmp_path / "good.py").as_posix()]
    (unread,) = found.unread
    assert unread.path == (tmp_path / "bad.py").as_posix()
    assert words in unread.reason
    assert line is None or unread.line == line


@pytest.mark.parametrize(
    "source",
    ["'é'; api.get()", "# coding: latin-1\n'é'; api.get()".encode("latin-1"), "\ufeff'é'; api.get()"],
    ids=["utf-8", "latin-1", "byte order mark"],
)
def test_columns_are_counted_in_characters(tmp_path: Path, source: str | bytes) -> None:
    assert found_in(tmp_path, source).uses[0].column == 10


@pytest.mark.parametrize(
    "source",
    [
        "# coding: latin-1\nx = 'é'; api.call('get')".encode("latin-1"),
        "\ufeffapi.call('get')".encode(),
        b"api.call('get')\r\n",
        b"x = '\\d'; api.call('get')",
        b"x = " + b" + ".join([b"1"] * 500) + b"; api.call('get')",
        b"x = a" + b".b" * 90 + b"; api.call('get')",
        b"def f():\n" + b"".join(b" " * n + b"if x:\n" for n in range(1, 90)) + b" " * 90 + b"api.call('get')",
    ],
    ids=["latin-1", "byte order mark", "CRLF", "a warning", "a long sum", "a long chain", "deep"],
)
def test_odd_sources_are_read(tmp_path: Path, source: bytes) -> None:
    assert [use.operation for use in found_in(tmp_path, source).uses] == ["get"]


def test_a_large_source_takes_a_bounded_time(tmp_path: Path) -> None:
    names = "".join(f"a{n} = a{n - 1} + a{n - 1}\n" for n in range(1, 2_000))
    source = f"a0 = 'x'\n{names}" + "api.call('get', q=a1999)\n" * 2_000
    begun = time.perf_counter()
    assert len(found_in(tmp_path, source).uses) == 2_000
    assert time.perf_counter() - begun < 60


def test_nothing_of_a_source_is_run(tmp_path: Path) -> None:
    found_in(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w'); import antigravity; api.call('get')")
    assert not (tmp_path / "ran").exists()
    assert "antigravity" not in sys.modules


def exchange(operation: str = "get", **more: Any) -> Exchange:
    return Exchange(operation, **{"arguments": {}, "body": {}, "status": 200, "headers": {}, "answer": {}, **more})


def recorded(path: Path, *exchanges: Exchange) -> Found:
    write(path, loaded(GET), exchanges)
    return find([path], {"get", "post"})


@pytest.mark.parametrize(
    ("old", "new", "made", "level"),
    [
        (GET, SHORTER, {"arguments": {"query.q": "abcd"}}, "breaking"),
        (GET, SHORTER, {"arguments": {"query.q": "abc"}}, "compatible"),
        (GET, SHORTER, {"arguments": {"query.q": "<query.q:1>"}}, "compatible"),
        (GET, {"get": {}}, {"arguments": {"query.q": "abc"}}, "breaking"),
        (GET, {"get": {}}, {}, "compatible"),
        (GET, {"other": {}}, {}, "breaking"),
        (SHORTER, {"get": {}}, {"arguments": {"query.q": "abcd"}}, "compatible"),
        ({"get": {}}, {"get": {"security": [{"key": []}]}}, {}, "compatible"),
        (
            {"get": {"answer": {"type": "string"}}},
            {"get": {"answer": {"type": "integer"}}},
            {"headers": {"Content-Type": "application/json"}, "answer": {"json": "a"}},
            "breaking",
        ),
        (
            {"get": {"body": {"type": "string"}}},
            {"get": {"body": {"type": "string", "maxLength": 3}}},
            {"body": {"json": "abcd"}},
            "breaking",
        ),
    ],
    ids=["value", "good value", "masked", "gone", "not given", "operation", "stale", "keys", "answer", "body"],
)
def test_a_recording_breaks_where_its_replay_would_be_refused(
    tmp_path: Path, old: Any, new: Any, made: Any, level: str
) -> None:
    """Keys and servers are nothing to a replay; a recording that is stale already does not count."""
    found = recorded(tmp_path / "r.yaml", exchange(**made))
    more = {"components": {"securitySchemes": {"key": {"type": "http", "scheme": "basic"}}}}
    (one,) = judge(found.uses, document(old, more), document(new, more))
    assert (one.use.kind, one.level) == ("recording", level)


def test_each_exchange_of_a_recording_is_a_use_at_its_line(tmp_path: Path) -> None:
    found = recorded(tmp_path / "r.json", exchange(arguments={"query.q": "a"}), exchange("post"), exchange("else"))
    lines = (tmp_path / "r.json").read_text().splitlines()
    assert [(use.operation, lines[use.line - 1]) for use in found.uses] == [("get", "{"), ("post", "{")]
    assert '"get"' in lines[found.uses[0].line]
    assert '"post"' in lines[found.uses[1].line]


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("openapi: 3.1.0\n", 0),
        ('{"recordings": 1}', 0),
        ('{"recording": 1, "document": "d"}\n---\n{', 1),
        ('{"recording": 2, "document": "d"}', 1),
        ('{"recording": 1, "document": "d"}\n---\n{"operation": "get"}', 1),
        ('{"recording": 1, "document": "d"}\n---\n{"operation": "get", "status": "x"}', 1),
        ('{"recording": 1, "document": "d"}\n---\n{"operation": "get", "status": 1, "headers": {"A": 1}}', 1),
        ('{"recording": 1, "document": "d"}\n---\n[]', 1),
        ('{"recording": ' + "[" * 100_000, 1),
    ],
    ids=["document", "other", "cut", "form", "parts", "types", "headers", "list", "deep"],
)
def test_files_that_are_no_recordings_are_passed_over_and_broken_ones_told(
    tmp_path: Path, text: str, unread: int
) -> None:
    (tmp_path / "r.yaml").write_text(text)
    found = find([tmp_path], {"get"})
    assert (len(found.uses), len(found.unread)) == (0, unread)


TEXTS = st.text("abx", max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)
SIMPLE = st.sampled_from(
    [
        *({"type": kind} for kind in ("string", "integer", "boolean", "null")),
        {"type": "string", "maxLength": 2},
        {"type": "integer", "minimum": 0},
        {"enum": ["a", 1, None]},
        {"const": "b"},
        {"not": {"type": "string"}},
        {},
    ]
)


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3)},
        optional={
            "required": st.lists(st.sampled_from("abc"), unique=True, max_size=2),
            "additionalProperties": st.booleans() | inner,
        },
    )
    lists = st.fixed_dictionaries({"type": st.just("array"), "items": inner}, optional={"maxItems": st.integers(0, 2)})
    several = st.builds(
        lambda word, both: {word: both},
        st.sampled_from(["anyOf", "oneOf", "allOf"]),
        st.lists(inner, min_size=1, max_size=2),
    )
    conditions = st.fixed_dictionaries({"if": inner, "then": inner}, optional={"else": inner})
    return objects | lists | several | conditions


SCHEMAS = st.recursive(SIMPLE, _containers, max_leaves=5)
PARAMETERS = st.dictionaries(
    st.sampled_from(["p", "q"]),
    st.builds(
        lambda schema, place, required: {**schema, "in": place, "required": required},
        st.sampled_from([{"type": "string"}, {"type": "integer"}, {"type": "string", "maxLength": 2}, {}]),
        st.sampled_from(["query", "header", "cookie"]),
        st.booleans(),
    ),
)
OPERATIONS = st.fixed_dictionaries(
    {"parameters": PARAMETERS}, optional={"body": SCHEMAS, "body_required": st.booleans()}
)


@st.composite
def calls(draw: st.DrawFn, operation: Any) -> tuple[dict[str, Any], tuple[Any] | None]:
    """Draw the arguments and the body of a call: now and then of what the operation has no place for."""
    stray = draw(st.integers(0, 9)) == 0
    names = [*"pqabc", "query.p"] if stray else [*operation["parameters"], *"abc"] if draw(st.booleans()) else ["p"]
    arguments = st.dictionaries(st.sampled_from(names), TEXTS | VALUES, max_size=2)
    has_body = "body" in operation or stray
    return draw(arguments), draw(st.none() | st.tuples(VALUES)) if has_body else None


@st.composite
def versions(draw: st.DrawFn) -> tuple[Any, Any, tuple[dict[str, Any], tuple[Any] | None]]:
    """Draw an operation, the same with something of another, and a call."""
    old, other = draw(OPERATIONS), draw(OPERATIONS)
    kept = draw(st.sets(st.sampled_from(["parameters", "body", "body_required"])))
    new = {**other, **{name: old[name] for name in kept if name in old}}
    return old, new, draw(calls(old))


def accepts(operation: Any, body: tuple[Any] | None, arguments: dict[str, Any]) -> bool:
    try:
        Api(document({"get": operation}), overlays=[], base_url="https://a.test").prepare(
            "get", *(body or ()), **arguments
        )
    except InvalidRequest:
        return False
    return True


@settings(max_examples=400, deadline=None)
@given(versions=versions(), hidden=st.sets(st.integers(-2, 5)))
def test_a_call_that_the_new_document_alone_refuses_is_never_told_as_fine(
    tmp_path_factory: pytest.TempPathFactory, versions: Any, hidden: set[int]
) -> None:
    """Spelt out it is breaking, and nothing else is.

    With parts of it in names it may break; and where it is said to break, the new document takes no call of it that
    the old one took.
    """
    old, new, (arguments, body) = versions
    before, after = accepts(old, body, arguments), accepts(new, body, arguments)
    lines = [f"api.call({', '.join(words(arguments, body, parts))})\n" for parts in (set(), hidden)]
    found = found_in(tmp_path_factory.mktemp("source"), "".join(lines))
    written, partly = judge(found.uses, document({"get": old}), document({"get": new}))
    assert (written.level == "breaking") == (before and not after)
    if before:
        assert partly.level in ({"compatible", "maybe"} if after else {"breaking", "maybe"})


def words(arguments: dict[str, Any], body: tuple[Any] | None, hidden: set[int]) -> Iterator[str]:
    """Yield what stands in the parentheses of a call; what is hidden is a name bound nowhere.

    -1 hides all that is given by name, -2 all but the first.
    """
    numbers = iter(range(1_000))
    yield "'get'"
    yield from (text(value, hidden, numbers) for value in body or ())
    if -1 in hidden:
        yield "**hidden"
        return
    given = [f"{name!r}: {text(value, hidden, numbers)}" for name, value in arguments.items()]
    yield f"**{{{', '.join(given[:1] if -2 in hidden else given)}}}"
    if -2 in hidden:
        yield "**hidden"


def text(value: Any, hidden: set[int], numbers: Iterator[int]) -> str:
    """Return a value as Python writes it, but for those parts of it that are hidden, by their numbers."""
    if next(numbers) in hidden:
        return "hidden"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name!r}: {text(inner, hidden, numbers)}' for name, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(text(inner, hidden, numbers) for inner in value)}]"
    return repr(value)
