"""Options are read by the document, whichever it is, and all that is wrong with them is told at once."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyspark.sql.datasource", reason="PySpark 4 is not installed: pip install 'odp-dynamic[spark]'")

from pyspark.sql.types import StructType

from odp_dynamic.bulk import LoadError
from odp_dynamic.spark._options import Settings, settings_of
from tests.apis import body, one, parameter
from tests.bulk.services import ROW

pytestmark = pytest.mark.usefixtures("spark")  # which parses types
COLUMNS = "n int, data struct<id:string>"
ARRAY = {"requestBody": body({"type": "array", "items": ROW, "maxItems": 50}, required=True)}


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """Return a document that nobody has seen: `it` takes an array of rows, and some parameters."""
    place = tmp_path / "document.json"
    parameters = [
        parameter("Kind", "path"),
        parameter("limit", schema={"type": "integer"}),
        parameter("zip", schema={"type": "string"}),
        parameter("twin"),
        parameter("Twin"),
        parameter("journal"),
    ]
    schemes = {"someKey": {"type": "apiKey", "in": "header", "name": "x-key"}}
    described = one({**ARRAY, "parameters": parameters}, path="/things/{Kind}")
    place.write_text(json.dumps({**described, "components": {"securitySchemes": schemes}}))
    return place


def read(place: Path, columns: str = COLUMNS, **options: str) -> Settings:
    schema = StructType.fromDDL(columns)
    assert isinstance(schema, StructType)
    given = {"operation": "it", "document": str(place), **options}
    return settings_of({name.lower(): text for name, text in given.items()}, schema)


def test_what_is_no_option_is_an_argument_typed_by_the_document(document: Path) -> None:
    found = read(document, Kind="a", limit="5", zip="02101", journal="j")
    assert found.arguments == {"Kind": "a", "limit": 5, "zip": "02101", "journal": "j"}  # loading has a journal, too


@pytest.mark.parametrize("how", ["option", "environment", "variable"])
def test_overlays_are_laid_on_the_driver_once(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """What travels has them; an executor that has the same settings lays nothing upon what was loaded."""
    action = {"target": "$.paths.*.post", "update": {"x-idempotent": True}}
    overlay = {"overlay": "1.1.0", "info": {"title": "t", "version": "1"}, "actions": [action]}
    (tmp_path / "ours.json").write_text(json.dumps(overlay))
    (tmp_path / "odp.toml").write_text('[env.ours]\noverlays = ["ours.json"]\n')
    monkeypatch.chdir(tmp_path)
    if how == "variable":
        monkeypatch.setenv("ODP_OVERLAYS", "ours.json")
    options = {"option": {"overlays": "ours.json"}, "environment": {"environment": "ours"}, "variable": {}}[how]
    found = read(document, Kind="a", **options)
    assert not found.careful
    assert pickle.loads(pickle.dumps(found)).api().operations["it"].replayable  # noqa: S301  # our own
    assert read(document, Kind="a", **{**options, "overlays": "none"}).careful


def test_settings_travel(document: Path) -> None:
    """And the document with them: an executor need not have it."""
    found = read(document, Kind="a", row_id="n, data.id", idempotency="/data/id", server="0")
    document.unlink()
    again = pickle.loads(pickle.dumps(found))  # noqa: S301  # our own
    assert again.columns == (("n",), ("data", "id"))
    assert again.api().operations["it"].id == "it"


@pytest.mark.parametrize(
    ("more", "options", "careful"),
    [({}, {}, True), ({}, {"idempotency": "/id"}, False), ({"x-idempotent": True}, {}, False)],
    ids=["events", "ids", "upserts"],
)
def test_what_must_not_be_sent_twice_is_known(tmp_path: Path, more: Any, options: Any, careful: bool) -> None:  # noqa: FBT001
    place = tmp_path / "document.json"
    place.write_text(json.dumps(one({**ARRAY, **more})))
    assert read(place, **options).careful is careful


def test_the_documents_own_pointer_counts_unless_it_is_switched_off(tmp_path: Path) -> None:
    place = tmp_path / "document.json"
    place.write_text(json.dumps(one({**ARRAY, "x-idempotency-pointer": "/data/id"})))
    assert read(place).idempotency == "/data/id"
    assert read(place, idempotency="false").idempotency is False


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "path.Kind: is required and missing"),
        ({"Kind": "a", "lmit": "5"}, "lmit is neither an option nor an argument of it; did you mean 'limit'?"),
        ({"Kind": "a", "reject": "r"}, "reject is neither an option nor an argument of it; did you mean 'rejects'?"),
        ({"Kind": "a", "limit": "many"}, "query.limit: must be an integer, not a string"),
        ({"Kind": "a", "twin": "1"}, "twin may be any of twin, Twin: Spark does not tell capitals apart"),
        ({"Kind": "a", "batch": "0"}, "batch must be a whole number of 1 or more"),
        ({"Kind": "a", "batch": "51"}, "batch is at most 50 here, says the document"),
        ({"Kind": "a", "max_rejects": "-1"}, "max_rejects must be a whole number of 0 or more"),
        ({"Kind": "a", "nulls": "no"}, "nulls must be omit or send"),
        ({"Kind": "a", "idempotency": "data.id"}, "idempotency must be a JSON pointer such as /data/id, or false"),
        ({"Kind": "a", "rejects": "s3://bucket/r"}, "rejects must be a path of a file system that is mounted"),
        ({"Kind": "a", "rejects": "dbfs:/r"}, "rejects must be a path of a file system that is mounted"),
        ({"Kind": "a", "report": "/no/such/file"}, "report must be in a directory that is there"),
        ({"Kind": "a", "idempotency": "/id", "row_id": "data.no"}, "row_id names data.no, which is no column"),
        ({"Kind": "a", "row_id": "n"}, "row_id makes ids, but idempotency does not say where they go"),
        ({"Kind": "a", "somekey": "canary"}, "a key is no option, for plans and logs show those: set ODP_SOME_KEY in"),
        ({"Kind": "a", "odp_some_key": "canary"}, "a key is no option"),
        ({"Kind": "a", "credentials": "canary"}, "a key is no option"),
        ({"document": "[1]"}, "document must be a path, a URL, or a JSON array of them"),
    ],
    ids=str,
)
def test_a_mistake_is_told(document: Path, options: dict[str, str], sentence: str) -> None:
    with pytest.raises(LoadError) as caught:
        read(document, **options)
    assert sentence in str(caught.value)
    assert "canary" not in str(caught.value)


def test_all_mistakes_are_told_at_once(document: Path) -> None:
    with pytest.raises(LoadError) as caught:
        read(document, "n binary", batch="x", lmit="5")
    assert str(caught.value).splitlines() == [
        "the options of this write have 4 problems",
        "  batch must be a whole number of 1 or more",
        "  lmit is neither an option nor an argument of it; did you mean 'limit'?",
        "  path.Kind: is required and missing",
        "  the column n is of the type binary, which JSON cannot write; cast it, or drop it",
    ]


def test_without_an_operation_there_is_nothing_to_do() -> None:
    with pytest.raises(LoadError, match="operation is missing: the id of the operation that takes the rows"):
        settings_of({}, StructType())


def test_an_operation_that_takes_nothing_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "document.json"
    place.write_text(json.dumps(one(method="get")))
    with pytest.raises(LoadError, match="it takes no JSON body, so there is nothing to load"):
        read(place)
