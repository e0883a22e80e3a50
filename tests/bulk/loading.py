"""A load in a process of its own, to be killed: events of a JSON Lines file into a sandbox on loopback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import orjson

from odp_dynamic import Api, Retry
from odp_dynamic.bulk import Row, bulk_load

POINTER = "/data/idempotence_id"


def read(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for number, line in enumerate(file):
            yield Row(orjson.loads(line), path.name, number, number + 1, line)


def main(url: str, folder: str) -> None:
    api = Api(
        base_url=url,
        credentials={"publicApiKey": "sandbox-public", "privateApiKey": "sandbox-private"},
        retry=Retry(attempts=8, backoff=0.01, longest=0.2),
        timeout=(2, 5),
    )
    here = Path(folder)
    print("begun", flush=True)  # noqa: T201  # to who waits to kill it
    report = bulk_load(
        api,
        "sendEvents",
        read(here / "events.jsonl"),
        batch=10,
        senders=3,
        journal=here / "journal",
        rejects=here / "rejects",
        resume=(here / "journal").exists(),
        idempotency=POINTER,
    )
    sys.exit(bool(report.stopped))


if __name__ == "__main__":
    main(*sys.argv[1:])
