# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventories for the tests: artifacts, the file that names them, and Ansible's own answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactWriter, file_sha256
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader, ArtifactInput, sort_key

from tests.unit.estate.samples import VCENTER, of, vm, write_estate
from tests.unit.report.samples import NOW, assessed

CHECKOUT = Path(__file__).resolve().parents[3]
Record = dict[str, Any]

LINUX = {"guest_os_config_name": "Red Hat Enterprise Linux 9 (64-bit)"}
WINDOWS = {"guest_os_config_name": "Microsoft Windows Server 2022 (64-bit)"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of an inventory."""

    hosts: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, list[str]]
    rendered: Mapping[str, Any]
    said: str

    def group(self, name: str) -> list[str]:
        """The hosts of a group, sorted; none when there is no such group."""
        return sorted(self.groups.get(name, ()))

    def made(self) -> set[str]:
        """The groups that the plugin made."""
        return set(self.groups) - {"all", "ungrouped"}


class Ansible:
    """The process that loads inventories."""

    def __init__(self, errors: Path) -> None:
        self._errors = errors
        settings = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / "build" / "collections"), "ANSIBLE_NOCOLOR": "1"}
        settings["COLUMNS"] = "4000"
        command = [sys.executable, "-m", "tests.unit.inventory.worker"]
        with errors.open("w") as stderr:
            self._process = subprocess.Popen(
                command, cwd=CHECKOUT, env=settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
            )

    def load(self, path: Path, **request: Any) -> Loaded:
        """Loads one inventory; a traceback fails the test."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"path": str(path), **request}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or "{}")
        if not answer:
            pytest.fail(self._errors.read_text(encoding="utf-8"))
        assert "Traceback" not in answer["said"]
        return Loaded(**answer)

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()


def named(moref: str, name: str, **facts: Any) -> Record:
    """A VM of that name, in scope."""
    return vm("north", moref, name=name, **facts)


def judged(moref: str, verdict: str, **facts: Any) -> Record:
    """What an assessment says of the VM."""
    return {"kind": "vm", **assessed(f"{VCENTER}/{moref}", verdict), **facts}


def vcenter(hostname: str = "vc-north.example.com") -> Record:
    """The vCenter's own record."""
    return of("vcenter", "north", VCENTER, vcenter=VCENTER, name=hostname, hostname=hostname)


def write_assessment(path: Path, estate: Path, *records: Record) -> Path:
    """Writes an assessment of that estate."""
    header = ArtifactHeader("assessment", inputs=(ArtifactInput(estate.name, file_sha256(estate)),))
    with ArtifactWriter(path, header) as writer:
        for record in sorted(records, key=sort_key):
            writer.write(record)
        writer.finish()
    return path


def make_run(run_dir: Path, vms: list[Record], verdicts: list[Record] | None = None, started_at: str = NOW, state: str = "ran") -> Path:
    """A run with an estate, and with an assessment unless there are no verdicts or its stage did not run."""
    run_dir.mkdir(parents=True)
    directory = RunDirectory(run_dir)
    directory.open(run_id=run_dir.name, now=NOW, mode="apply", playbook="assess", started_at=started_at)
    estate = write_estate(run_dir / "estate.jsonl", [vcenter(), *vms])
    directory.record(StageRecord("estate", "localhost", "ran", 1.0))
    if verdicts is not None:
        write_assessment(run_dir / "assessment.jsonl", estate, *verdicts)
        directory.record(StageRecord("assessment", "localhost", state, 1.0, error={"code": "x"} if state == "failed" else None))
    return run_dir


def add_plan(run_dir: Path, waves: dict[str, int]) -> None:
    """Adds to a run a plan that has VMs, by their managed object ids, in waves."""
    with ArtifactWriter(run_dir / "plan.jsonl", ArtifactHeader("plan")) as writer:
        for moref, wave in sorted(waves.items()):
            writer.write({"kind": "vm", "id": f"{VCENTER}/{moref}", "state": "placed", "wave": wave})
        writer.finish()
    RunDirectory(run_dir).record(StageRecord("plan", "localhost", "ran", 1.0))


def write_inventory(folder: Path, name: str = "vms.estate.yml", **options: Any) -> Path:
    """An inventory file with these options."""
    path = folder / name
    plain = {key: str(value) if isinstance(value, Path) else value for key, value in options.items()}
    path.write_text(yaml.safe_dump({"plugin": "groundwork.readiness.estate", **plain}, sort_keys=False), encoding="utf-8")
    return path


def of_vms(folder: Path, *vms: Record, **options: Any) -> Path:
    """An inventory file on an estate of these VMs."""
    estate = write_estate(folder / "estate.jsonl", [vcenter(), *vms])
    return write_inventory(folder, estate=estate, **options)
