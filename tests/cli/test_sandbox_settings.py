"""`odp sandbox`: where a user finds what a seed is, and what may be set; and that it is set."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
import requests

from odp_dynamic.sandbox import Behaviour, Fault
from odp_dynamic.sandbox._seeds import FORM

from .conftest import Odp, clean_environment


def test_the_forms_of_seeds_faults_and_settings_are_told(odp: Odp) -> None:
    told = odp("sandbox", "--forms", "--text").stdout
    seed, _, rest = told.partition("\n--faults")
    faults, _, words = rest.partition("\n--set\n")
    assert seed.startswith(f"--seed\n\n{FORM}")
    assert all(f"`{field.name}`" in faults or f'"{field.name}"' in faults for field in fields(Fault))
    names = [field.name for field in fields(Behaviour)]
    assert [line.partition(":")[0] for line in words.splitlines() if line and line[0] != " "] == names
    assert "--forms" in odp("sandbox", "--help").stdout


def test_the_forms_are_told_to_programs(odp: Odp) -> None:
    told = json.loads(odp("sandbox", "--forms", "--json").stdout)
    assert set(told["seed"]["Seed"]["properties"]) >= {"profiles", "segments"}
    assert [one["name"] for one in told["settings"]] == [field.name for field in fields(Behaviour)]
    assert told["settings"][0]["values"] == ["latest", "oldest", "survivor"]
    assert told["settings"][0]["default"] == "latest"


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("merg=oldest", "there is no setting 'merg'; did you mean 'merge'?"),
        ("merge=lastest", "merge has no 'lastest'; did you mean 'latest'?"),
        ("most_items=x", "most_items must be a number of at least 1"),
        ("merge", "--set is told as NAME=VALUE, such as merge=oldest; 'merge' has no '='"),
    ],
)
def test_a_setting_that_is_none_is_a_usage_error(odp: Odp, word: str, told: str) -> None:
    done = odp("sandbox", "--set", word)
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_seed_that_is_none_is_a_usage_error(odp: Odp, tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text("segments: [{name: vips}]")
    done = odp("sandbox", "--seed", str(tmp_path / "seed.yaml"))
    assert done.exit_code == 2
    assert "seed.yaml /segments/0/condition: is required and missing" in done.stderr


def test_the_service_does_as_was_set() -> None:
    command = [sys.executable, "-m", "odp_dynamic", "sandbox", "--json", "--set=empty_batch=refused"]
    with subprocess.Popen(  # our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment()
    ) as running:
        assert running.stderr is not None
        assert running.stdout is not None
        running.stderr.readline()  # until it is ready
        lines = iter(running.stdout.readline, "}\n")
        told = json.loads("".join([*lines, "}"]))
        key = told["environment"]["ODP_PRIVATE_API_KEY"]
        answer = requests.post(f"{told['url']}/events", json=[], headers={"x-api-key": key}, timeout=10)
        running.terminate()
        running.communicate(timeout=20)
    assert answer.status_code == 400
