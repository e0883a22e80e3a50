"""Names that lead far, round and round, or to very many: what is read of them is bounded."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from odp_dynamic.uses import UNNAMED, find


def _written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


CHAIN = {f"m{n}.py": f"from m{n + 1} import *\nfrom m{n + 1} import X\n" for n in range(1_000)}
MESH = {f"m{n}.py": "".join(f"from m{k} import *\n" for k in range(60)) for n in range(60)}
TEXT = "x" * 1_500_000


@pytest.mark.parametrize(
    ("files", "uses", "unread"),
    [
        ({**CHAIN, "m1000.py": "X = 'get'", "app.py": "from m0 import X\napi.call(X)\nX.get()\nX().get()"}, None, None),
        ({**MESH, "app.py": "from m0 import *\napi.call(X)\nX.get()\nX().get()"}, 0, 1),
        (
            {"app.py": "from app import *\nimport app\napi.call(app.app.app.X)\napi.call(X)\nclass X(X): X = X.X\n"},
            0,
            2,
        ),
        ({"app.py": f"D = {dict.fromkeys(range(50_000), 'get')}\n" + "api.call(D[7])\n" * 3_000}, 3_000, 0),
        ({"app.py": f"D = {['get'] * 50_000}\n" + "api.call(D[7])\n" * 3_000}, 3_000, 0),
        (
            {"app.py": f"D = {['get'] * 50_000}\n" + "".join(f"for x{n} in D: api.call(x{n})\n" for n in range(3_000))},
            3_000,
            3_000,
        ),
        ({"app.py": "a = b\nb = a\n" * 2_000 + "api.call(a)\na.get()\na().get()"}, 0, 1),
        ({"app.py": "a = a if b else a\nb = a if b else b\n" * 2_000 + "api.call(a)\na.get()"}, 0, 1),
        (
            {
                "app.py": "".join(f"class A{n}(A{n + 1}, A{n + 2}): pass\n" for n in range(500))
                + "api.call(A0.X)\nA0().get()"
            },
            0,
            1,
        ),
        ({"ops.py": "X = 'get'\nY = '" + TEXT + "'", "app.py": "import ops\n" + "api.call(ops.X)\n" * 2_000}, 2_000, 0),
        (
            {
                **{f"o{n}.py": f"X = 'get'\n{TEXT!r}" for n in range(5)},
                "app.py": "".join(f"import o{n}\napi.call(o{n}.X)\n" for n in range(5)),
            },
            2,
            3,
        ),
        ({"app.py": "".join(f"a{n} = a{n + 1}[0].b\n" for n in range(5_000)) + "api.call(a0)\na0.get()"}, 0, 1),
        (
            {
                "app.py": "from "
                + "." * 500
                + " import X\nimport "
                + ".".join("a" * 500)
                + " as Y\napi.call(X)\napi.call(Y.X)"
            },
            0,
            2,
        ),
    ],
    ids=[
        "chain",
        "stars",
        "itself",
        "dict",
        "list",
        "loops",
        "round",
        "either",
        "bases",
        "large",
        "many",
        "deep",
        "dots",
    ],
)
def test_hostile_names_take_a_bounded_time(
    tmp_path: Path, files: dict[str, str], uses: int | None, unread: int | None
) -> None:
    """And what is too much of it is not known."""
    begun = time.perf_counter()
    found = find([_written(tmp_path, files)], {"get"})
    assert time.perf_counter() - begun < 30
    assert uses is None or len(found.uses) == uses
    assert unread is None or len(found.unread) == unread
    assert {one.reason for one in found.unread} <= {UNNAMED}
