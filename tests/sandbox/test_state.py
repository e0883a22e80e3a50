"""What a sandbox keeps: across restarts, among threads, from seeds."""

from __future__ import annotations

import copy
import inspect
import re
import sqlite3
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from odp_dynamic._document import bundled, load
from odp_dynamic._pointers import split
from odp_dynamic.sandbox import Sandbox, _store
from odp_dynamic.sandbox._behaviour import Behaviour
from odp_dynamic.sandbox._comparisons import WORDS
from odp_dynamic.sandbox._conditions import _CLAUSES
from odp_dynamic.sandbox._seeds import _PARTS

from .conftest import Ask, in_process, on_loopback
from .people import event, partition, people

SEED = """
schema:
  tickets:
    display_name: Tickets
    fields: [{name: ticket_id, display_name: Ticket ID, type: string}]
  products:
    fields: [{name: colour, display_name: Colour, type: string}]
profiles:
  - {identifiers: {email: ada@example.com}, attributes: {first_name: Ada, country: NO}}
objects:
  products: [{object_id: p-1, fields: {name: Shirt, colour: red}}]
  tickets: [{object_id: t-1}]
events:
  - {type: order, action: purchase, identifiers: {email: ada@example.com}}
"""


def assert_seeded(ask: Ask) -> None:
    assert ask("GET", "/profiles/email/ada%40example.com").data["country"] == "NO"
    assert ask("GET", "/objects/products/p-1").data["fields"] == {"name": "Shirt", "colour": "red"}
    assert ask("GET", "/objects/tickets/t-1").status == 200
    counts = {told["name"]: told["customer_count"] for told in ask("GET", "/segments").data}
    assert (counts["buyers"], counts["repeat_buyers"]) == (1, 0)


def test_a_file_survives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "odp.db"
    with Sandbox(file) as sandbox:
        ask = in_process(sandbox)
        ask("POST", "/profiles", {"identifiers": {"email": "a"}, "attributes": {"city": "Paris"}})
        ask("POST", "/objects/products", [{"object_id": "p"}])
        ask("POST", "/schema/objects/tickets", {"display_name": "Tickets"})
        before = [ask("GET", path).data for path in ("/profiles/email/a", "/objects/products/p", "/schema/objects")]
    with Sandbox(str(file)) as sandbox:
        ask = in_process(sandbox)
        assert before == [
            ask("GET", path).data for path in ("/profiles/email/a", "/objects/products/p", "/schema/objects")
        ]


def test_what_only_a_seed_defines_survives_a_restart_too(tmp_path: Path) -> None:
    """Identifiers, segments and merges; and they go on working, without the seed and with other settings."""
    seed = {
        "identifiers": {"shop_id": "high"},
        "segments": [{"name": "mine", "condition": {"identifier": "shop_id"}}],
        "profiles": [{"identifiers": {"email": "a"}}, {"identifiers": {"shop_id": "1"}}],
    }
    file = tmp_path / "odp.db"
    Sandbox(file, seed=seed).close()
    with Sandbox(file, behaviour=Behaviour(merge="oldest")) as sandbox:
        in_process(sandbox)("POST", "/events", [event({"email": "a", "shop_id": "1"})])
        before = people(sandbox)
    with Sandbox(file) as sandbox:
        assert people(sandbox) == before
        assert partition(sandbox) == {frozenset({("email", "a"), ("shop_id", "1")})}
        assert [one["what"] for one in before[0]["timeline"]].count("merged") == 1
        assert "mine" in in_process(sandbox)("GET", "/profiles/shop_id/1").data["segments"]


def test_two_sandboxes_may_share_a_file(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "odp.db") as one, Sandbox(tmp_path / "odp.db") as other:
        in_process(one)("POST", "/objects/products", [{"object_id": "p"}])
        assert in_process(other)("GET", "/objects/products/p").status == 200


def test_two_sandboxes_may_write_to_a_file_at_once(tmp_path: Path) -> None:
    """As two processes would: each waits for the other, none reads what the other is about to change."""
    with Sandbox(tmp_path / "odp.db") as one, Sandbox(tmp_path / "odp.db") as other:

        def write(sandbox: Sandbox) -> set[int]:
            event = {"type": "t", "action": "a", "identifiers": {"email": "all"}}
            return {in_process(sandbox)("POST", "/events", [event]).status for _ in range(40)}

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(write, (one, other))) == [{202}, {202}]
        found = in_process(one)("GET", "/profiles/email/all").data
        assert found["insights"]["events"] == 80


def test_sandboxes_in_memory_share_nothing() -> None:
    with Sandbox() as one, Sandbox() as other:
        in_process(one)("POST", "/objects/products", [{"object_id": "p"}])
        assert in_process(other)("GET", "/objects/products/p").status == 404


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are my notes, and not to be overwritten by anything" * 40)
    with pytest.raises(ValueError, match=r"notes\.txt is no database"):
        Sandbox(file)
    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE mine (x)")
    connection.close()
    with pytest.raises(ValueError, match=r"other\.db is of another application"):
        Sandbox(other)


def test_a_file_that_another_process_keeps_to_itself_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Sandbox(tmp_path / "odp.db").close()
    monkeypatch.setattr(_store, "_PATIENCE", 0.05)
    with closing(sqlite3.connect(tmp_path / "odp.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ValueError, match=r"odp\.db cannot be opened: database is locked"):
            Sandbox(tmp_path / "odp.db")


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be opened"):
        Sandbox(tmp_path / "nowhere" / "odp.db")


def test_reset_returns_to_the_first_state() -> None:
    import yaml

    with Sandbox(seed={**yaml.safe_load("{profiles: []}"), "objects": {"products": [{"object_id": "p"}]}}) as sandbox:
        ask = in_process(sandbox)
        ask("POST", "/profiles", {"identifiers": {"email": "a"}})
        ask("POST", "/events", [{"type": "t", "action": "a", "identifiers": {"email": "a"}}])
        ask("POST", "/schema/objects/tickets", {"display_name": "Tickets"})
        ask("POST", "/objects/tickets", [{"object_id": "t"}])
        sandbox.reset()
        paths = ["/profiles/email/a", "/schema/objects/tickets", "/objects/tickets/t", "/objects/products/p"]
        assert [ask("GET", path).status for path in paths] == [404, 404, 404, 200]
        assert [told["name"] for told in ask("GET", "/schema/objects").data] == [
            "customers",
            "products",
            "orders",
            "events",
        ]


def test_a_seed_is_put_in_by_the_services_own_operations(tmp_path: Path) -> None:
    """It is read by YAML 1.2, where NO is Norway; and a file that exists is not seeded twice."""
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    for _ in range(2):
        with Sandbox(tmp_path / "odp.db", seed=seed) as sandbox:
            assert_seeded(in_process(sandbox))
            sandbox.reset()
            assert_seeded(in_process(sandbox))


ADA = {"identifiers": {"email": "ada"}}
NOBODY = {"attributes": {"city": "Rome"}}


@pytest.mark.parametrize(
    ("seed", "told"),
    [
        ({"profile": []}, "this is no seed:\n  seed /profile: is no property of this object; did you mean 'profiles'?"),
        ([], "this is no seed:\n  seed: must be an object, not an array"),
        ({"events": [5]}, "this is no seed:\n  seed /events/0: must be an object, not an integer"),
        (
            {"identifiers": {"a_id": "hgih"}},
            'seed /identifiers/a_id: must be one of "high", "low"; did you mean "high"?',
        ),
        ({"identifiers": {"A": "high"}}, "seed /identifiers/A: is a name that must match the pattern"),
        (
            {"profiles": [ADA, NOBODY]},
            "the seed does not fit: /profiles/1: upsertProfile answers 400: body /0: missing",
        ),
        (
            {"objects": {"nothing": []}},
            "the seed does not fit: /objects/nothing: upsertObjects answers 400: server: Unk",
        ),
        (
            {"schema": {"tickets": {"name": "x"}}},
            "/schema/tickets: createSchemaObject answers 400: body /display_name: ",
        ),
    ],
)
def test_a_seed_that_does_not_fit_is_refused(seed: Any, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        Sandbox(seed=seed)


def test_a_seed_file_must_be_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "seed.json").write_text("[]")
    with pytest.raises(ValueError, match=r"seed\.json: must be an object, not an array"):
        Sandbox(seed=tmp_path / "seed.json")


def test_help_shows_a_seed_that_works(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """With all parts that a seed has, and all words of a condition."""
    told = inspect.getdoc(Sandbox) or ""
    block = told.partition(".. code-block:: yaml")[2].partition("Attributes, identifiers")[0]
    (tmp_path / "seed.yaml").write_text(textwrap.dedent(block))
    assert set(re.findall(r"^    (\w+):", block, re.MULTILINE)) == set(_PARTS)
    assert all(re.search(rf"\b{word}\b", told) for word in (*_CLAUSES, *WORDS))
    with Sandbox(seed=tmp_path / "seed.yaml") as sandbox:
        assert "vips" in in_process(sandbox)("GET", "/profiles/shopify_id/s-1").data["segments"]
        assert in_process(sandbox)("GET", "/objects/tickets/t-1").data["fields"] == {"urgency": 5}
    assert not caplog.records


def test_a_seed_may_hold_what_python_writes_as_json() -> None:
    seed = {"profiles": ({**ADA, "attributes": {"dob_day": Decimal(10)}},)}
    with Sandbox(seed=seed) as sandbox:
        assert in_process(sandbox)("GET", "/profiles/email/ada").data["dob_day"] == 10


def test_what_of_a_seed_is_not_stored_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The service accepts it, and drops it; who writes a seed does not ask the journal."""
    lost = {"type": "t", "action": "a", "identifiers": {"emial": "x"}}
    Sandbox(seed={"profiles": [ADA, {**ADA, "attributes": {"citty": "x"}}], "events": [lost]}).close()
    assert [record.getMessage() for record in caplog.records] == [
        "the seed: /profiles/1 ignored attributes.citty: customers have no such field; the closest is 'city'",
        "the seed: /events/0 ignored identifiers.emial: the account has no such identifier; the closest is 'email'",
        "the seed: /events/0 dropped: an event without an identifier of the account is nobody's",
    ]


def test_a_file_whose_seed_did_not_fit_is_still_new(tmp_path: Path) -> None:
    """Half a seed is no state that anybody knows."""
    with pytest.raises(ValueError, match="does not fit"):
        Sandbox(tmp_path / "odp.db", seed={"profiles": [ADA, NOBODY]})
    bob = {"identifiers": {"email": "bob"}}
    with Sandbox(tmp_path / "odp.db", seed={"profiles": [bob]}) as sandbox:
        assert partition(sandbox) == {frozenset({("email", "bob")})}


SEEDING = """
import sys
from odp_dynamic.sandbox import Sandbox, _store
print("begins", flush=True)
Sandbox(sys.argv[1], seed={"profiles": [{"identifiers": {"email": f"e{n}"}} for n in range(50_000)]})
print("ends", flush=True)
"""


def test_a_process_that_is_killed_while_it_seeds_leaves_no_half_of_it(tmp_path: Path) -> None:
    file, command = tmp_path / "odp.db", [sys.executable, "-c", SEEDING, str(tmp_path / "odp.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # ours
        assert process.stdout is not None
        assert process.stdout.readline() == "begins\n"
        ends = time.monotonic() + 20
        while not file.exists() and time.monotonic() < ends:
            time.sleep(0.01)
        time.sleep(0.3)
        process.kill()
        assert process.stdout.read() == ""  # it was in the midst of it
    with Sandbox(file, seed={"profiles": [ADA]}) as sandbox:
        assert partition(sandbox) == {frozenset({("email", "ada")})}


def test_nobody_sees_half_a_reset() -> None:
    seed = {"profiles": [{"identifiers": {"email": f"{n}"}} for n in range(20)]}
    with Sandbox(seed=seed) as sandbox, ThreadPoolExecutor(1) as pool:
        ask = in_process(sandbox)

        def reset() -> None:
            for _ in range(10):
                sandbox.reset()

        resets = pool.submit(reset)
        seen = set()
        while not resets.done():
            seen.add(ask("GET", "/segments").data[0]["customer_count"])
        resets.result()
        assert seen == {20}


def test_a_seed_that_does_not_fit_changes_nothing() -> None:
    with Sandbox() as sandbox:
        ask = in_process(sandbox)
        ask("POST", "/profiles", {"identifiers": {"email": "mine"}})
        unfit: list[Any] = [{"profiles": [ADA, NOBODY]}, {"profile": []}]
        for seed in unfit:
            with pytest.raises(ValueError, match="seed"):
                sandbox.seed(seed)
        assert partition(sandbox) == {frozenset({("email", "mine")})}
        assert len(sandbox.journal) > 0


@pytest.mark.parametrize("way", ["in process", "on loopback"])
def test_threads_may_write_at_once(way: str, tmp_path: Path) -> None:
    """Eight threads, each 25 events of one customer and 25 of its own: none is lost, none twice."""
    keeping = Behaviour(unknown_field="stored")
    with Sandbox(tmp_path / "odp.db", behaviour=keeping) as sandbox, sandbox.serve() as served:

        def write(thread: int) -> set[int]:
            with requests.Session() as session:
                session.trust_env = False
                ask = in_process(sandbox) if way == "in process" else on_loopback(served.url, session)
                order = {"type": "order", "action": "purchase"}
                statuses = set()
                for n in range(25):
                    batch = [{**order, "identifiers": {"email": who}} for who in ("all", f"{thread}")]
                    statuses.add(ask("POST", "/events", batch).status)
                    body = {"identifiers": {"email": f"{thread}"}, "attributes": {f"n{n}": thread}}
                    statuses.add(ask("POST", "/profiles", body).status)
                    statuses.add(ask("GET", f"/profiles/email/{thread}").status)
                return statuses

        with ThreadPoolExecutor(8) as pool:
            assert set().union(*pool.map(write, range(8))) == {200, 202}
        for thread in range(8):
            profile = in_process(sandbox)("GET", f"/profiles/email/{thread}").data
            assert {name: profile[name] for name in profile if name.startswith("n")} == {
                f"n{n}": thread for n in range(25)
            }
    connection = sqlite3.connect(tmp_path / "odp.db")
    assert connection.execute("SELECT count(*) FROM events").fetchone() == (400,)
    assert connection.execute("SELECT count(*) FROM profiles").fetchone() == (9,)
    connection.close()


def changed(pointer: str, value: Any) -> Any:
    """Return the bundled document with another value in one place."""
    document = copy.deepcopy(load(bundled()).root)
    *above, last = split(pointer)
    node = document
    for token in above:
        node = node[token]
    node[last] = value
    return document


def test_a_request_is_one_transaction() -> None:
    """What fails half way leaves nothing behind: here a document lets something pass that no handler can store."""
    with Sandbox(document=changed("/components/schemas/EventInput", {})) as sandbox:
        ask = in_process(sandbox)
        reply = ask("POST", "/events", [{"type": "t", "action": "a", "identifiers": {"email": "a"}}, "nonsense"])
        assert (reply.status, reply.data["detail"]) == (500, {"message": "the sandbox failed: AttributeError"})
        assert ask("GET", "/profiles/email/a").status == 404


def test_an_answer_that_would_break_the_document_is_not_given() -> None:
    with Sandbox(document=changed("/components/schemas/Segment/properties/customer_count/type", "string")) as sandbox:
        reply = in_process(sandbox)("GET", "/segments")
        assert reply.status == 500
        assert "[0].customer_count must be of type string" in reply.data["detail"]["message"]


def test_a_status_that_the_document_does_not_declare_is_not_given() -> None:
    with Sandbox(document=changed("/paths/~1segments/get/responses", {"418": {"description": "tea"}})) as sandbox:
        assert in_process(sandbox)("GET", "/segments").status == 500


def test_a_document_that_asks_for_less_gets_less() -> None:
    """The vendor's events need no action (facts §2): where the document says so, they are stored without one."""
    with Sandbox(document=changed("/components/schemas/EventInput/required", ["type"])) as sandbox:
        ask = in_process(sandbox)
        assert ask("POST", "/events", [{"type": "pageview", "identifiers": {"email": "a"}}]).status == 202
        assert ask("GET", "/profiles/email/a").status == 200
