"""Stubs: types with which checkers accept what the client takes, and refuse what it would refuse."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import odp_dynamic
from odp_dynamic import Api, ContractError, Request, Response, UnknownOperation
from odp_dynamic._bind import UNSET, Binder
from odp_dynamic._examples import example
from odp_dynamic._layers import bundled_document
from odp_dynamic.stubs import stubs
from tests.apis import JSON, KEYS, answering, body, one, parameter
from tests.documents import document, with_schemas

CASES = Path(__file__).parent / "cases" / "stubs"
PACKAGE = Path(odp_dynamic.__file__).parent
FILES = {"bundled.py": None, "hard.py": CASES / "hard.yaml"}
CLIENTS = {"odp_dynamic.typed", "hard_api"}  # where the files of calls have their Api from
WRONG = "# wrong"
# What the client sends all the same: an open object is open, and a format is no more than a hint.
TO_CHECKERS = "# wrong to checkers"


def wrong_lines(name: str, *marks: str) -> set[tuple[str, int]]:
    """Return the lines of a file that end with one of the marks."""
    lines = (CASES / name).read_text(encoding="utf-8").splitlines()
    return {(name, number) for number, line in enumerate(lines, 1) if line.endswith(marks)}


MARKED = set().union(*(wrong_lines(name, WRONG, TO_CHECKERS) for name in FILES))

# Names that Python keeps, that stubs use themselves, that a class has, that need quotes, and that fold into others.
PLAIN = "a b class list str Any Literal self operation_id arguments body __x _y Api call get 1a None date type Never"
AWKWARD = "x-y query.a _typing _odp builtins print ﬁ fi é ½ ' \" \\ 😀"
NAMES = st.sampled_from([*PLAIN.split(), *AWKWARD.split()])
SCALARS = st.none() | st.booleans() | st.integers(-1, 1) | st.sampled_from(["", "a", "'", "\n", "\ud800"])
KINDS = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
OTHERS: list[dict[str, Any]] = [{}, {"additionalProperties": True}, {"additionalProperties": {"type": "string"}}]
LEAVES = st.one_of(
    st.booleans(),
    st.builds(lambda name: {"$ref": f"#/components/schemas/{name}"}, st.sampled_from(["One", "list"])),
    st.builds(lambda kinds: {"type": kinds}, st.lists(KINDS, min_size=1, max_size=3, unique=True)),
    st.builds(lambda values: {"enum": values}, st.lists(SCALARS, min_size=1, max_size=3, unique_by=repr)),
)


def grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    marks = st.sampled_from([{}, {"readOnly": True}, {"writeOnly": True}])
    return st.one_of(
        st.builds(
            lambda inside, names, others: {"type": "object", "properties": inside, "required": names, **others},
            st.dictionaries(NAMES, st.builds(lambda schema, mark: {"allOf": [schema], **mark}, inner, marks)),
            st.lists(NAMES, max_size=1),
            st.sampled_from([*OTHERS, {"additionalProperties": False}]),
        ),
        st.builds(lambda keyword, parts: {keyword: parts}, st.sampled_from(["allOf", "anyOf", "oneOf"]), several),
        st.builds(lambda first, rest: {"type": "array", "prefixItems": first, "items": rest}, several, inner),
    )


SCHEMAS = st.recursive(LEAVES, grown, max_leaves=5)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Return a document of a few operations and schemas with names that are hard to write."""
    components = draw(st.dictionaries(NAMES, SCHEMAS, max_size=3))
    named = {"One": {"properties": {"one": draw(SCHEMAS)}}, "list": {"type": "array", "items": draw(SCHEMAS)}}
    paths = {}
    for number, name in enumerate(draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))):
        given = st.tuples(NAMES, st.sampled_from(["query", "header", "cookie"]))
        parameters = [
            parameter(word, place, draw(SCHEMAS), required=draw(st.booleans()))
            for word, place in draw(st.lists(given, max_size=3, unique=True))
        ]
        media = draw(st.sampled_from([JSON, "multipart/form-data", "text/plain", "*/*"]))
        operation = {"operationId": name, "parameters": parameters, "responses": answering(draw(SCHEMAS))}
        if draw(st.booleans()):
            operation["requestBody"] = body(draw(SCHEMAS), media, required=draw(st.booleans()))
        paths[f"/{number}"] = {"post": operation}
    return document(paths=paths, components={"schemas": {**components, **named}})


def written(folder: Path) -> list[str]:
    """Write stubs of documents that Hypothesis makes, and return their names."""
    names: list[str] = []

    @settings(max_examples=60, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(documents())
    def write(source: dict[str, Any]) -> None:
        names.append(f"made{len(names)}.pyi")
        (folder / names[-1]).write_text(stubs(Api(source)), encoding="utf-8")

    write()
    return names


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the files of calls, and a module and its stubs as a user would keep them."""
    place = tmp_path_factory.mktemp("calls")
    for name in FILES:
        shutil.copy(CASES / name, place)
    (place / "hard_api.py").write_text("from odp_dynamic import Api as Api\n", encoding="utf-8")
    (place / "hard_api.pyi").write_text(stubs(Api(CASES / "hard.yaml")), encoding="utf-8")
    (place / "empty.pyi").write_text(stubs(Api(document())), encoding="utf-8")
    written(place)
    return place


def checked(folder: Path, *words: str) -> Any:
    """Return what a type checker of this environment says."""
    ran = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, check=False)
    assert ran.returncode == 1, ran.stderr.decode()
    return ran.stdout


def differences(told: dict[tuple[str, int], str]) -> list[str]:
    """Return where a checker and the marks disagree, with what the checker said."""
    return [f"{name}:{line}: {told.get((name, line), 'accepted')}" for name, line in sorted(told.keys() ^ MARKED)]


def test_mypy_refuses_the_wrong_calls_and_no_others(folder: Path) -> None:
    """Nor has it anything to say of the stubs themselves, of any document."""
    files = sorted(path.name for path in folder.glob("*.py*") if path.name != "hard_api.py")
    said = checked(folder, "mypy", "--strict", "--config-file=", "--cache-dir=cache", "--output=json", *files)
    errors = [one for one in map(json.loads, said.splitlines()) if one["severity"] == "error"]
    assert differences({(one["file"], one["line"]): one["message"] for one in errors}) == []


def test_pyright_refuses_the_wrong_calls_and_no_others(folder: Path) -> None:
    """It is basedpyright, which is pyright and the program that it runs on, with pyright's strict rules."""
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    said = json.loads(checked(folder, "basedpyright", "--outputjson", "--pythonpath", sys.executable))
    errors = [one for one in said["generalDiagnostics"] if one["severity"] == "error"]
    places = [(Path(one["file"]).name, one["range"]["start"]["line"] + 1) for one in errors]
    assert differences(dict(zip(places, (one["message"] for one in errors), strict=True))) == []


def test_the_stubs_of_the_bundled_document_are_those_of_the_document_as_it_is() -> None:
    """Where this fails: `odp spec stubs -o odp_dynamic/typed.pyi`."""
    assert (PACKAGE / "typed.pyi").read_text(encoding="utf-8") == stubs(Api(bundled_document()))
    assert (PACKAGE / "py.typed").exists()  # or no checker would look


def test_the_typed_client_is_the_client() -> None:
    from odp_dynamic import typed

    assert typed.Api is Api


class Exemplary:
    """Is a transport that answers with an example of what the document promises."""

    def __init__(self, source: Any) -> None:
        self._operations = Api(source).operations

    def send(self, request: Request, /) -> Response:
        operation = self._operations[request.operation]
        status, declared = next(iter(operation.responses.items()))
        code = 200 if status == "default" else int(status)
        name, media = next(iter(declared.content.items()), ("", None))
        content = b""
        if name.endswith("json") and media is not None and media.schema is not None:
            content = json.dumps(example(operation.document.root, media.schema.pointer, "response")).encode()
        elif name:
            content = b"1"
        return Response(code, {"Content-Type": name.replace("*/*", JSON)}, content, request)


def statements(name: str) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield the statements of a file of calls, and whether the client itself refuses them; imports of types are not."""
    refused, passed = wrong_lines(name, WRONG), wrong_lines(name, TO_CHECKERS)
    for node in ast.parse((CASES / name).read_text(encoding="utf-8")).body:
        lines = {(name, line) for line in range(node.lineno, (node.end_lineno or 0) + 1)}
        is_import = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if lines & passed or is_import or (isinstance(node, ast.ImportFrom) and node.module in CLIENTS):
            continue
        if lines & refused and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            continue  # it is about what comes back
        yield node, bool(lines & refused)


@pytest.mark.parametrize("name", FILES)
def test_what_checkers_accept_the_client_takes_and_what_they_refuse_it_refuses(name: str) -> None:
    """All calls of the files are made, and the answers are used; a checker is stricter only where a line says so."""
    source = FILES[name]
    api = Api(source, transport=Exemplary(source), credentials=KEYS, pacing=False)
    names: dict[str, Any] = {"__name__": "calls", "Api": lambda *_: api}
    taken, refused = [], []
    for node, is_refused in statements(name):
        code = compile(ast.Module([node], []), name, "exec", flags=annotations_flag())
        try:
            exec(code, names)  # noqa: S102  # ours
        except (ContractError, UnknownOperation, AttributeError, TypeError) as error:
            refused += [] if is_refused else [f"line {node.lineno}: {error}"]
        else:
            taken += [f"line {node.lineno}"] if is_refused else []
    assert [*taken, *refused] == []


def annotations_flag() -> int:
    """Return the flag by which annotations are not evaluated, for their names are for checkers alone."""
    import __future__

    return __future__.annotations.compiler_flag


def overloads(text: str) -> Iterator[tuple[str, dict[str, bool], set[str], bool]]:
    """Yield each form of `prepare` in stubs: the id, what is given by name and whether it must be, behind **, any."""
    tree = ast.parse(text)
    classes = {one.name: one for one in tree.body if isinstance(one, ast.ClassDef)}
    made = {one.targets[0].id: one.value for one in tree.body if isinstance(one, ast.Assign)}  # type: ignore[attr-defined]
    for form in classes["Api"].body:
        if not isinstance(form, ast.FunctionDef) or form.name != "prepare" or len(form.args.posonlyargs) < 2:
            continue
        told: Any = form.args.posonlyargs[1].annotation
        keywords = zip(form.args.kwonlyargs, form.args.kw_defaults, strict=True)
        behind: Any = form.args.kwarg and form.args.kwarg.annotation
        mapping: set[str] = set()
        if isinstance(behind, ast.Subscript) and "Unpack" in ast.unparse(behind.value):
            name = ast.unparse(behind.slice)
            mapping = {field.target.id for field in classes[name].body} if name in classes else literals(made[name])  # type: ignore[attr-defined]
        named = {argument.arg: default is None for argument, default in keywords}
        yield ast.literal_eval(told.slice), named, mapping, behind is not None and not mapping


def literals(call: Any) -> set[str]:
    return {ast.literal_eval(key) for key in call.args[1].keys}


@settings(max_examples=60)
@given(documents())
def test_what_stubs_name_is_bound_and_what_is_bound_is_named(source: dict[str, Any]) -> None:
    """Each form of a call, with all that it names, has no name that belongs nowhere; and no parameter is left out.

    An object that the query has exploded is given whole, or its members are.
    """
    api = Api(source)
    text = stubs(api)
    assert text == stubs(Api(source))
    named: dict[str, set[str]] = {name: set() for name in api.operations}
    for name, keywords, mapping, takes_any in overloads(text):
        arguments = dict.fromkeys([*keywords, *mapping], "x")
        binder = Binder(api.operations[name])
        exploded = [one.parameter for one in binder.exploded]
        whole = {key for key, one in zip(binder.names, binder.operation.parameters, strict=True) if one in exploded}
        members = {key for key in arguments if key not in binder.names and binder.parent(key)}
        for left_out in (whole, members):
            given = {key: value for key, value in arguments.items() if key not in left_out}
            assert binder.bind(UNSET, given).strays == ()
        assert not keywords.keys() & mapping
        named[name] |= {*arguments, *(binder.names if takes_any else ())}
    for name, operation in api.operations.items():
        assert set(Binder(operation).names) <= named[name]


def test_documents_together_have_one_client_and_their_schemas_names_of_their_own() -> None:
    def of(name: str, property_: str) -> dict[str, Any]:
        schema = {"Thing": {"properties": {property_: {"type": "string"}}}}
        answer = {"operationId": name, "responses": answering({"$ref": "#/components/schemas/Thing"})}
        return one(answer, path=f"/{name}", components={"schemas": schema})

    text = stubs(Api([of("first", "one"), of("second", "two")]))
    assert [
        line for line in text.splitlines() if line.startswith(("class Thing", "    def first", "    def second"))
    ] == [
        "class Thing(TypedDict):",
        "class Thing2(TypedDict):",
        "    def first(self) -> Thing:",
        "    def second(self) -> Thing2:",
    ]


def nested(levels: int, leaf: Any) -> Any:
    """Return a schema of lists within lists."""
    for _ in range(levels):
        leaf = {"type": "array", "items": leaf}
    return leaf


def doubled(levels: int) -> dict[str, Any]:
    """Return schemas each of which has the next one twice, written in two ways, and none of which is a component."""
    there = "#/paths/~1things/post/responses/200/content/application~1json/schema/$defs"
    inner = {
        str(n): {
            "anyOf": [
                {"type": "array", "items": {"$ref": f"{there}/{n + 1}"}},
                {"type": "object", "additionalProperties": {"$ref": f"{there}/{n + 1}"}},
            ]
        }
        for n in range(levels)
    }
    return {"$defs": {**inner, str(levels): {"type": "string"}}, "$ref": f"{there}/0"}


HOSTILE = {
    "lists within lists": one({"responses": answering(nested(120, {"type": "string"}))}),
    "a schema that is only itself": with_schemas(
        A={"$ref": "#/components/schemas/B"}, B={"allOf": [{"$ref": "#/components/schemas/B"}]}
    ),
    "everything twice": one({"responses": answering(doubled(40))}),
    "a chain of objects": with_schemas(
        **{f"S{n}": {"properties": {"next": {"$ref": f"#/components/schemas/S{n + 1}"}}} for n in range(2000)}, S2000={}
    ),
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_hostile_documents_have_stubs_of_a_bounded_size(source: dict[str, Any]) -> None:
    """What has no end, or would take too many words, is Any."""
    text = stubs(Api(source))
    ast.parse(text)
    assert len(text) < 400_000
