"""What is read of a source against what its run shows: modules are made at random, read, and run.

Each has constants in many forms, what may change them, imports of the others, and calls of them.
"""

from __future__ import annotations

import copy
import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odp_dynamic.uses import UNKNOWN, find

IDS = ("get", "post", "put")


def choices(told: str) -> st.SearchStrategy[str]:
    """Return what draws one of some texts, which stand between bars."""
    return st.sampled_from([text.strip() for text in told.split("|")])


# What a form has holes for: a name, another one, a text, a module, a value, and what stands for an id.
HOLES = {
    "<n>": choices("a | b"),
    "<o>": choices("a | b"),
    "<t>": choices(" | ".join(map(repr, IDS))),
    "<m>": choices("ops | ops | pkg.inner | pkg"),
    "<v>": choices(
        """<t> | [<t>, <t>] | (<t>, <t>) | {'k': <t>} | [[<t>], <t>] | {'k': [<t>]} | (<t>, [<t>]) | dict(k=<t>) | <n>
        | [<n>, <t>] | {'k': <n>} | {**<n>, 'k': <t>} | [*<n>, <t>] | <n>[0] | m.<n> | list(<n>)"""
    ),
    "<p>": choices(
        """<n> | <n> | <n> | <n>[0] | <n>[-1] | <n>['k'] | <n>.get('k') | K.<n> | E.<n> | E.<n>.value | m.<n> | m.K.<n>
        | <n>[1][0] | (x == 0 and <n> or <t>) | (<n> or <t>) | (y := <n>) | f'{<n>}' | 'p' + 'ut' | m.<n>[0]
        | m.<n>['k'] | <n>['k'][0]"""
    ),
}
FORMS = st.sampled_from(
    """<n> = <v>
    <n>, <o> = <t>, <v>
    <n> += <v>
    del <n>
    <n>: str = <v>
    <n>.append(<t>)
    <n>[0] = <t>
    <n>['k'] = <t>
    <n>['k'].append(<t>)
    <n>[0].append(<t>)
    K.<n> = <v>
    m.<n> = <t>
    m.<n>.append(<t>)
    m.<n>['k'] = <t>
    for <n> in <o>: pass
    for <n> in (<t>, <t>): api.call(<n>)
    for <n> in <o>: api.call(<n>, q=<n>)
    for <n> in <o>.values(): api.call(<n>)
    for i, <n> in enumerate(<o>): api.call(<n>)
    for <n> in E: api.call(<n>, q=<n>)
    for <n> in E: api.call(<n>.value)
    for <n>, <o> in [(<t>, <t>), (<t>, <t>)]: api.call(<o>)
    from <m> import <n>
    from <m> import *
    import <m> as m
    from <m> import <n> as <o>
    import pkg.inner
    class K: <n> = <v>
    class K(K): <o> = <v>
    class E(str, Enum): <n> = <t>
    class E(StrEnum): <n> = <t>
    class E(Enum): <n> = <t>
    class E(StrEnum): get = auto(); <n> = get
    def f(<n>=<v>): api.call(<n>)
    def g(): global <n>; <n> = <v>
    def h(): <n> = <v>; api.call(<p>, q=<n>)
    f()
    g()
    h()
    [api.call(<n>) for <n> in <o>]
    api.call(<p>, **<n>)
    api.call(<t>, q=pkg.inner.<n>)
    api.call(<t> if x else <p>, q=<v>)""".splitlines()
    + ["api.call(<p>, q=<v>)"] * 12
    + ["<n> = <v>", "<n> = <t>"] * 8
)


@st.composite
def statements(draw: st.DrawFn) -> str:
    """Draw a statement behind which a run goes on, for it is to show as much as it can."""
    form = draw(FORMS).strip()
    while holes := [hole for hole in HOLES if hole in form]:
        form = form.replace(holes[0], draw(HOLES[holes[0]]), 1)
    return f"try:\n    {form}\nexcept Exception: pass"


MODULES = st.lists(statements(), max_size=6).map("\n".join)


class Recorder:
    """Keeps what it is called with, by the file and the line."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, Any, dict[str, Any]]] = []

    def call(self, name: Any, **arguments: Any) -> None:
        frame = sys._getframe(1)  # noqa: SLF001  # there is no other way
        told = copy.deepcopy((name, arguments))
        self.calls.append((frame.f_code.co_filename, frame.f_lineno, *told))


def ran(folder: Path) -> Recorder:
    """Run app.py, and with it what it imports."""
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    recorder = Recorder()
    import builtins

    builtins.api = recorder  # type: ignore[attr-defined]
    try:
        runpy.run_path(str(folder / "app.py"))
    finally:
        del builtins.api  # type: ignore[attr-defined]
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            del sys.modules[name]
    return recorder


HEAD = "from enum import Enum, StrEnum, auto\nimport ops as m\nx = 0\n"


@settings(max_examples=300)
@given(app=st.lists(statements(), min_size=6, max_size=14).map("\n".join), others=st.tuples(*[MODULES] * 3))
def test_what_is_known_of_a_source_is_what_its_run_shows(
    tmp_path_factory: pytest.TempPathFactory, app: str, others: tuple[str, ...]
) -> None:
    """A call that is made is found with its id, or is told as one whose id is not known; what is known is true."""
    folder = tmp_path_factory.mktemp("sources")
    (folder / "pkg").mkdir()
    files = {
        "ops.py": others[0],
        "pkg/inner.py": others[1],
        "pkg/__init__.py": others[2],
        "app.py": app,
    }
    for name, text in files.items():
        (folder / name).write_text(HEAD + text)
    found = find([folder], set(IDS))
    unread = {(one.path, one.line) for one in found.unread}
    uses = {(use.path, use.line, use.operation): use for use in found.uses}
    for path, line, name, arguments in ran(folder).calls:
        place = Path(path).as_posix(), line
        if not isinstance(name, str) or name not in IDS:
            continue
        if (*place, name) not in uses:
            assert place in unread, (name, files)
            continue
        use = uses[*place, name]
        for key, value in arguments.items():
            read = use.arguments.get(key, UNKNOWN)
            assert fits(read, plain(value)), (key, files)


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return json.loads(json.dumps(value, default=repr))


def fits(read: Any, value: Any) -> bool:
    """Tell whether a value is one that was read, as far as that is known."""
    if read is UNKNOWN:
        return True
    if isinstance(read, dict) and isinstance(value, dict):
        known = {key: inner for key, inner in read.items() if key is not UNKNOWN}
        is_whole = UNKNOWN in read or known.keys() == value.keys()
        return is_whole and all(key in value and fits(inner, value[key]) for key, inner in known.items())
    if isinstance(read, list) and isinstance(value, list):
        if UNKNOWN in read:
            return len(value) >= 0
        return len(read) == len(value) and all(map(fits, read, value))
    return bool(read == value)
