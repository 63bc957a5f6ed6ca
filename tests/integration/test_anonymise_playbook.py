# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook anonymise, through the real command: an export of a run, judged again as the run was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.estate.samples import source, vm, write_estate

from .playbooks import CHECKOUT, Played, play

LASTING = "sixteen or more characters"
OWNER = "Zeppelin Hospital"


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Played]:
    """A folder with a run on a small estate."""
    folder = tmp_path_factory.mktemp("anonymise")
    facts = {
        "guest_os_id": "rhel9_64Guest",
        "owner": OWNER,
        "disks": [{"path": f"[{OWNER}] a/a.vmdk", "datastore": OWNER, "capacity_bytes": 1}],
    }
    records = [source("a.xlsx", "2026-03-01"), *(vm("a.xlsx", f"vm-{number}", notes=OWNER, **facts) for number in (1, 2))]
    write_estate(folder / "saved.jsonl", records)
    return folder, play(folder, "assess", variables={"readiness_sources": [{"estate": "saved.jsonl"}]})


def verdicts(played: Played) -> list[tuple[str, float]]:
    """Verdict and score of every VM, in an order of their own."""
    lines = (played.run_dir / "assessment.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted((record["verdict"], record["score"]) for record in map(json.loads, lines) if record["kind"] == "vm")


def test_a_run_is_exported_and_the_export_is_judged_as_the_run_was(assessed: tuple[Path, Played]) -> None:
    folder, run = assessed
    assert run.code == 0, run.output
    variables = {"readiness_anonymise_key": LASTING, "readiness_anonymise_dest": "export.jsonl"}
    predicted = play(folder, "anonymise", "--check", variables=variables)
    assert predicted.code == 0, predicted.output
    assert not (folder / "export.jsonl").exists()
    made = play(folder, "anonymise", "-vvv", "--diff", variables=variables)
    assert made.code == 0, made.output
    again = play(folder, "anonymise", variables=variables)
    assert "changed=0" in again.output
    text = (folder / "export.jsonl").read_text(encoding="utf-8")
    assert OWNER not in text
    assert "saved" not in text
    assert LASTING not in made.output.replace(json.dumps(LASTING), "")
    second = play(folder, "assess", variables={"readiness_sources": [{"estate": "export.jsonl"}]}, run_id="run-2")
    assert second.code == 0, second.output
    assert verdicts(second) == verdicts(run)


def test_any_saved_estate_is_exported_without_a_run(assessed: tuple[Path, Played]) -> None:
    folder, _run = assessed
    alone = folder / "alone"
    variables = {"readiness_anonymise_src": "../saved.jsonl", "readiness_anonymise_key_file": "export.key", "readiness_run_id": "none"}
    made = play(alone, "anonymise", variables=variables)
    assert made.code == 0, made.output
    assert {path.name for path in alone.iterdir()} - {".ansible"} == {"estate-anonymised.jsonl.gz", "export.key"}


def test_the_module_shows_its_key_nowhere(assessed: tuple[Path, Played]) -> None:
    folder, _run = assessed
    command = [
        str(Path(sys.executable).with_name("ansible")),
        "localhost",
        "-m",
        "groundwork.readiness.estate_anonymise",
        "-vvvv",
        "-D",
        "-a",
    ]
    arguments = {"src": "saved.jsonl", "dest": "module.jsonl", "base_dir": str(folder), "key": f"{LASTING} of a module"}
    settings = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build" / "collections"), "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(
        [*command, json.dumps(arguments)], cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"key_origin": "given"' in done.stdout
    assert "of a module" not in done.stdout + done.stderr


def test_a_misspelt_variable_is_named(assessed: tuple[Path, Played]) -> None:
    folder, _run = assessed
    played = play(folder, "anonymise", variables={"readiness_anonymize_dest": "x.jsonl"})
    assert played.code != 0
    assert "readiness_anonymise_dest" in played.output
