# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run directory: `run.json` and the artifacts beside it.

`run.json` alone holds what differs between two equal runs: run id, times, durations and absolute paths.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..common.artifact import SCHEMA_PREFIX, SCHEMA_VERSIONS, JsonRecord
from ..common.errors import ArtifactError, ReadinessError
from ..common.version import COLLECTION_VERSION
from .artifacts import write_file

RUN_FILE = "run.json"
ARTIFACTS = {
    "estate": "estate.jsonl",
    "target": "target.jsonl",
    "assessment": "assessment.jsonl",
    "plan": "plan.jsonl",
    "platform": "platform.jsonl",
    "namespaces": "namespaces.jsonl",
}
"""Artifact of each stage that writes one."""


@dataclass(frozen=True, slots=True)
class StageRecord:
    """What a stage did: `inputs` and `artifacts` map base names to SHA-256."""

    stage: str
    host: str
    state: str
    seconds: float | None = None
    counts: Mapping[str, int] | None = None
    inputs: Mapping[str, str] | None = None
    artifacts: Mapping[str, str] | None = None
    error: Mapping[str, Any] | None = None
    reason: str = ""

    def as_record(self) -> JsonRecord:
        """The stage as it stands in run.json; what is not known is left out."""
        record: JsonRecord = {"stage": self.stage, "host": self.host, "state": self.state}
        for name in ("seconds", "counts", "inputs", "artifacts", "error"):
            value = getattr(self, name)
            if value is not None:
                record[name] = value
        if self.reason:
            record["reason"] = self.reason
        return record


class RunDirectory:
    """One run's directory; every change of `run.json` is made under a lock, so that hosts can report in parallel."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def exists(self) -> bool:
        """True when a run was opened here."""
        return (self.path / RUN_FILE).is_file()

    def read(self) -> JsonRecord:
        """The content of run.json."""
        try:
            content = json.loads((self.path / RUN_FILE).read_bytes())
        except OSError as error:
            raise ArtifactError(
                "run_missing", f"{self.path} holds no run", subject=RUN_FILE, hint="Open it with groundwork.readiness.run."
            ) from error
        except ValueError as error:
            raise ArtifactError("run_damaged", f"{RUN_FILE} is not JSON: {error}", subject=RUN_FILE) from error
        if not isinstance(content, dict) or content.get("schema") != SCHEMA_PREFIX + "run":
            raise ArtifactError("run_damaged", f"{RUN_FILE} is not the record of a run", subject=RUN_FILE)
        return content

    def write(self, content: JsonRecord) -> bool:
        """Writes run.json."""
        return write_file(self.path / RUN_FILE, (json.dumps(content, indent=2, sort_keys=True) + "\n").encode())

    def open(self, *, run_id: str, now: str, mode: str, playbook: str, started_at: str) -> bool:
        """Begins the run here; True when there was none.

        A run of the same id is begun anew: what its stages did is no result of this run. The artifacts, and the parts that
        hosts left, stay where they are until a stage replaces them; they count once it did.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReadinessError("runs_dir_unusable", f"cannot make {self.path}: {error.strerror}", subject=str(self.path)) from error
        with self._locked():
            new = not self.exists()
            major, minor = SCHEMA_VERSIONS["run"]
            content = {
                "schema": SCHEMA_PREFIX + "run",
                "schema_version": f"{major}.{minor}",
                "collection_version": COLLECTION_VERSION,
                "run_id": run_id,
                "run_dir": str(self.path),
                "now": now,
                "mode": mode,
                "playbook": playbook,
                "started_at": started_at,
                "stages": [],
            }
            self.write(content)
            return new

    def go_on(self, *, now: str, mode: str, playbook: str, anew: Collection[str] = ()) -> None:
        """Goes on with the run that is here; what its stages did stands, but for those that are done anew."""
        with self._locked():
            content = self.read()
            stages = [entry for entry in content["stages"] if entry["stage"] not in anew]
            self.write({**content, "mode": mode, "playbook": playbook, "now": now, "stages": stages})

    def record(self, stage: StageRecord) -> None:
        """Puts one stage's outcome into run.json, in place of an earlier outcome of the same stage and host."""
        with self._locked():
            content = self.read()
            others = [entry for entry in content["stages"] if (entry["stage"], entry["host"]) != (stage.stage, stage.host)]
            content["stages"] = [*others, stage.as_record()]
            self.write(content)

    def hosts_that_ran(self, stage: str) -> frozenset[str]:
        """The hosts on which a stage ran to its end in this run."""
        stages = self.read()["stages"] if self.exists() else []
        return frozenset(entry["host"] for entry in stages if entry["stage"] == stage and entry["state"] == "ran")

    def note(self, stage: StageRecord) -> bool:
        """Records what a stage could not record itself; a failure that it did record is kept. True when it was written."""
        with self._locked():
            for entry in self.read()["stages"]:
                if (entry["stage"], entry["host"]) != (stage.stage, stage.host):
                    continue
                if entry == stage.as_record() or (entry["state"] == "failed" == stage.state and entry["error"]["code"] != "task_failed"):
                    return False
        self.record(stage)
        return True
