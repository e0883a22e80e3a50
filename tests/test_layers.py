"""Overlays upon documents: which, in what order, upon which document, and how to be without."""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from odp_dynamic import Api, BadRequest, InvalidRequest, SpecError
from odp_dynamic._config import ConfigError
from odp_dynamic._document import Origin, bundled, load, normalise, read
from odp_dynamic._layers import OF_THE_BUNDLED, Stack, bundled_as_written, bundled_document, bundled_raw, layered
from odp_dynamic.overlay import apply_overlay
from odp_dynamic.sandbox import Behaviour, Sandbox
from odp_dynamic.sandbox._transport import WsgiTransport
from tests.apis import one
from tests.documents import document, write

HEAD = {"overlay": "1.1.0", "info": {"title": "t", "version": "v"}}
LIMITS = yaml.safe_load(bundled("overlays/odp-limits.yaml").read_text(encoding="utf-8"))


def overlay(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**HEAD, **more, "actions": list(actions)}


def says(text: str, **more: Any) -> dict[str, Any]:
    """Return an overlay that gives the one operation of `one` a summary, after what it had."""
    return overlay({"target": "$.paths.*.*", "update": {"summary": text, f"x-{text}": True}}, **more)


def summary(api: Api, name: str = "it") -> str:
    return api.operations[name].summary


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder, the current one, with a document and overlays."""
    write(tmp_path, main=one(), first=says("first"), second=says("second"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestWhich:
    """What is passed wins over an environment, that over the variable, and that over what the package has."""

    def test_paths_files_mappings_and_one_alone(self, folder: Path) -> None:
        text = io.StringIO(json.dumps(says("text")))
        ways: list[tuple[Any, str]] = [
            ("first.yaml", "first"),
            (folder / "second.yaml", "second"),
            (says("d"), "d"),
            (text, "text"),
        ]
        for told, expected in ways:
            assert summary(Api(one(), overlays=[told])) == expected
        assert summary(Api(one(), overlays="first.yaml")) == "first"
        assert summary(Api(one(), overlays=says("alone"))) == "alone"

    @pytest.mark.usefixtures("folder")
    def test_they_are_laid_in_order(self) -> None:
        for told in (["first.yaml", "second.yaml"], ["second.yaml", "first.yaml"]):
            api = Api("main.yaml", overlays=told)
            assert summary(api) == told[-1].removesuffix(".yaml")
            assert {"x-first", "x-second"} <= api.operations["it"].document.root["paths"]["/things"]["post"].keys()

    @pytest.mark.usefixtures("folder")
    def test_the_variable_and_what_wins_over_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ODP_OVERLAYS", "first.yaml, second.yaml")
        assert summary(Api("main.yaml")) == "second"
        assert summary(Api("main.yaml", overlays=["first.yaml"])) == "first"
        assert summary(Api("main.yaml", overlays=[])) == ""
        monkeypatch.setenv("ODP_OVERLAYS", "none")
        assert summary(Api("main.yaml")) == ""

    def test_an_environment_has_them_beside_its_file(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "odp.toml").write_text(
            '[env.a]\ndocument = "main.yaml"\noverlays = ["first.yaml"]\n[env.none]\noverlays = []\n'
            '[env.names]\noverlays = "odp-limits"\n[env.wrong]\noverlays = [5]\n'
        )
        (folder / "inner").mkdir()
        monkeypatch.chdir(folder / "inner")
        monkeypatch.setenv("ODP_OVERLAYS", "../second.yaml")
        assert summary(Api(environment="a")) == "first"
        assert Api(environment="none").operations["sendEvents"].idempotency_pointer is None
        assert Api(environment="names").operations["sendEvents"].idempotency_pointer == "/data/idempotence_id"
        with pytest.raises(ConfigError, match=r"env\.wrong\.overlays must be a list of names, paths and URLs"):
            Api(environment="wrong")

    def test_a_name_that_there_is_none_of_is_told_with_the_closest(self) -> None:
        with pytest.raises(SpecError, match=r"no overlay is called 'odp-limit'; did you mean 'odp-limits'\?"):
            Api(overlays=["odp-limit"])
        with pytest.raises(SpecError, match=r"\./odp-limits: cannot be read"):
            Api(overlays=["./odp-limits"])

    def test_nothing_is_laid_upon_what_was_loaded_already(self) -> None:
        loaded = load(one())
        assert Api(loaded).operations["it"].document is loaded
        with pytest.raises(ValueError, match="a Document was loaded already; give its path"):
            Api(loaded, overlays=[says("x")])

    def test_what_was_given_is_not_changed(self) -> None:
        source, told = one(), says("x")
        before = json.dumps([source, told])
        Api(source, overlays=[told])
        assert json.dumps([source, told]) == before


class TestStandingOnOthers:
    """An overlay may name those that come with the package and are to be laid before it."""

    def laid(self, *overlays: Any) -> list[str]:
        stack = Stack([read(bundled())])
        stack.lay(overlays)
        return list(dict.fromkeys(Path(name).stem for name, _ in stack.touched))

    @pytest.mark.parametrize(
        ("overlays", "order"),
        [
            (["odp-live-v3"], ["odp-limits", "odp-live-v3"]),
            (["odp-limits", "odp-live-v3"], ["odp-limits", "odp-live-v3"]),
            ([says("mine"), "odp-live-v3"], ["<overlay>", "odp-limits", "odp-live-v3"]),
            ([says("mine", **{"x-overlays": ["odp-limits"]})], ["odp-limits", "<overlay>"]),
            ([says("mine", **{"x-overlays": []})], ["<overlay>"]),
        ],
        ids=str,
    )
    def test_each_is_laid_once_and_before(self, overlays: list[Any], order: list[str]) -> None:
        assert self.laid(*overlays) == order

    @pytest.mark.parametrize("name", ["odp-limit", "other.yaml", "https://example.com/o.yaml", "../odp-limits"])
    def test_no_others_than_the_packages_can_be_named(self, name: str) -> None:
        """An overlay from elsewhere must not make anybody read a file or ask a host."""
        with pytest.raises(SpecError, match="no overlay is called"):
            self.laid(says("mine", **{"x-overlays": [name]}))

    def test_what_is_no_list_of_names_is_told(self) -> None:
        with pytest.raises(SpecError, match="/x-overlays must be an array"):
            self.laid(says("mine", **{"x-overlays": "odp-limits"}))


class TestExtends:
    """Of several documents, an overlay is for the one that it extends."""

    @pytest.fixture
    def two(self, folder: Path) -> list[str]:
        for name in ("a", "b"):
            write(folder, **{name: one({"operationId": name}, path=f"/{name}")})
        return ["a.yaml", str(folder / "b.yaml")]

    def test_the_named_one_alone(self, two: list[str], folder: Path) -> None:
        (folder / "overlays").mkdir()
        (folder / "overlays" / "o.yaml").write_text(json.dumps(says("x", extends="../b.yaml")))
        api = Api(two, overlays=["overlays/o.yaml"])
        assert (summary(api, "a"), summary(api, "b")) == ("", "x")

    def test_without_it_all_of_them(self, two: list[str]) -> None:
        api = Api(two, overlays=[says("x")])
        assert (summary(api, "a"), summary(api, "b")) == ("x", "x")

    def test_none_of_them_is_a_warning(self, two: list[str]) -> None:
        with pytest.warns(UserWarning, match=r"<overlay>: extends file:///c\.yaml, which is none of the documents"):
            api = Api(two, overlays=[says("x", extends="file:///c.yaml")])
        assert (summary(api, "a"), summary(api, "b")) == ("", "")

    def test_a_document_that_stands_alone_is_meant_in_any_case(self) -> None:
        assert summary(Api(one(), overlays=[says("x", extends="file:///c.yaml")])) == "x"

    def test_what_is_found_in_one_of_them_is_found(self, two: list[str]) -> None:
        told = overlay(
            {"target": "$.paths['/a'].post", "update": {"summary": "x"}}, {"target": "$.nope", "remove": True}
        )
        with pytest.warns(UserWarning, match="nope") as warned:
            Api(two, overlays=[told])
        assert [str(one.message) for one in warned] == ["<overlay>: action 2 ($.nope) selects nothing"]
        assert warned[0].filename == __file__


class TestRefusals:
    """An overlay never makes a document that calls could not rely on."""

    def test_what_is_wrong_then_names_the_overlay_and_no_line_of_the_text(self, folder: Path) -> None:
        words = r"main\.yaml, at /paths/~1things/post/.*; with first\.yaml and bad\.yaml upon it: look there too"
        write(folder, bad=overlay({"target": "$.paths.*.post.responses", "update": {"200": {"$ref": "#/nope"}}}))
        with pytest.raises(SpecError, match=words) as caught:
            Api("main.yaml", overlays=["first.yaml", "bad.yaml"])
        assert caught.value.line is None

    def test_a_document_that_loses_its_version(self) -> None:
        with pytest.raises(SpecError, match=r"'openapi' is missing; .* with <overlay> upon it"):
            Api(one(), overlays=[overlay({"target": "$.openapi", "remove": True})])

    def test_no_overlay_is_not_to_blame_for_a_document_that_was_wrong(self) -> None:
        with pytest.raises(SpecError) as caught:
            Api(document(paths=5))
        assert "upon it" not in str(caught.value)


class TestThePackagesOwn:
    """The document that comes with the package has its limits, and the file itself is left alone."""

    def test_every_action_of_it_finds_its_places_and_names_its_fact(self) -> None:
        assert apply_overlay(bundled(), LIMITS, strict=True).idle == ()
        assert all(len(action["description"]) > 50 for action in LIMITS["actions"])

    def test_it_changes_what_it_says_and_nothing_else(self) -> None:
        places = {touch.pointer for touch in apply_overlay(bundled(), LIMITS).touched}
        assert places == {
            "/paths/~1events/post/requestBody/content/application~1json/schema",
            "/paths/~1objects~1{object_type}/post/requestBody/content/application~1json/schema",
            "/tags/2",
            "/paths/~1profiles/post",
            "/paths/~1objects~1{object_type}/post",
            "/paths/~1events/post",
        }

    def test_limits_and_replay_safety_are_there_by_default(self) -> None:
        operations = Api().operations
        assert {name for name, it in operations.items() if it.rate_limits} == {"upsertProfile", "getProfile"}
        assert {str(operations[name].rate_limits[0]) for name in ("upsertProfile", "getProfile")} == {
            "10 requests per second for tag Profiles"
        }
        assert operations["upsertProfile"].replayable
        assert operations["upsertObjects"].replayable
        assert not operations["sendEvents"].replayable
        assert operations["sendEvents"].idempotency_pointer == "/data/idempotence_id"
        for name in ("sendEvents", "upsertObjects"):
            body = operations[name].request_body
            assert body is not None
            row = {"type": "a", "action": "b"}
            assert [p.message for p in body.problems([row] * 501)] == ["must have at most 500 items, and has 501"]
            assert not body.problems([row] * 500)

    @pytest.mark.parametrize("how", ["none at all", "the variable", "other overlays", "the document is named"])
    def test_there_are_ways_to_be_without(self, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
        other = overlay({"target": "$.info", "update": {"x-mine": True}})
        if how == "the variable":
            monkeypatch.setenv("ODP_OVERLAYS", "none")
        document = bundled() if how == "the document is named" else None
        api = Api(document, overlays={"none at all": [], "other overlays": [other]}.get(how))
        it = api.operations["sendEvents"]
        assert (it.idempotency_pointer, it.document.root["info"].get("x-mine")) == (
            None,
            True if how == "other overlays" else None,
        )

    def test_others_may_go_upon_it(self) -> None:
        api = Api(overlays=[*OF_THE_BUNDLED, overlay({"target": "$..[?@.maxItems]", "update": {"maxItems": 10}})])
        body = api.operations["sendEvents"].request_body
        assert body is not None
        assert body.problems([{"type": "a", "action": "b"}] * 11)

    def test_a_checkout_reads_it_at_run_time_and_comes_to_the_same(self) -> None:
        assert bundled_document().root == layered([bundled()], OF_THE_BUNDLED).documents[0].root
        assert bundled_as_written().root == load(bundled()).root != bundled_document().root
        assert pickle.loads(pickle.dumps(Api())).operations["sendEvents"].idempotency_pointer  # noqa: S301  # ours

    def test_the_build_writes_it_applied(self) -> None:
        """What hatch_build.py puts into a wheel is the document with the overlay, and loads to the same."""
        raw, _ = bundled_raw()
        assert normalise(json.loads(json.dumps(raw)), Origin("x")).root == bundled_document().root

    def test_who_has_no_overlay_pays_for_none(self) -> None:
        code = (
            "import sys\nfrom odp_dynamic import Api\n"
            "Api({'openapi': '3.1.0', 'info': {'title': 't', 'version': '1'}, 'paths': {}})\n"
            "assert not {'jsonpath_rfc9535', 'odp_dynamic._jsonpath'} & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


class TestTheSandbox:
    """The limits are the clients'; what the service does beyond them is its own."""

    def test_its_clients_have_the_document_that_every_client_has(self) -> None:
        with Sandbox() as sandbox, sandbox.api() as api:
            assert sandbox.document is bundled_document()
            assert api.operations["sendEvents"].document is bundled_document()

    def test_a_client_of_it_is_kept_from_a_batch_that_is_too_large_and_another_is_answered(self) -> None:
        rows = [{"type": "a", "action": "b", "identifiers": {"email": "ada@example.com"}}] * 501
        with Sandbox() as sandbox:
            with pytest.raises(InvalidRequest, match="must have at most 500 items, and has 501"):
                sandbox.api().call("sendEvents", rows)
            free: dict[str, Any] = {"overlays": [], "transport": WsgiTransport(sandbox), "retry": None}
            api = Api(credentials=sandbox.credentials, base_url="https://sandbox.invalid/v3", **free)
            with pytest.raises(BadRequest):
                api.call("sendEvents", rows)
            assert [outcome.why for outcome in sandbox.journal.last.outcomes] == ["a batch has at most 500 items"]

    def test_its_service_takes_as_many_as_its_behaviour_says(self) -> None:
        """Also where it is given the very document that clients have, as the command line does."""
        rows = [{"type": "a", "action": "b", "identifiers": {"email": "ada@example.com"}}] * 501
        for given in (None, bundled_document()):
            with Sandbox(document=given, behaviour=Behaviour(most_items=501)) as sandbox:
                free: dict[str, Any] = {"overlays": [], "transport": WsgiTransport(sandbox), "retry": None}
                api = Api(credentials=sandbox.credentials, base_url="https://sandbox.invalid/v3", **free)
                assert api.request("sendEvents", rows).status == 202

    def test_it_keeps_nobody_waiting(self) -> None:
        begun = time.monotonic()
        with Sandbox() as sandbox, sandbox.api() as api:
            for _ in range(40):
                api.call("upsertProfile", identifiers={"email": "ada@example.com"})
        assert time.monotonic() - begun < 3.9  # which ten calls a second would take
