# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and judges the estate of a simulated vCenter, as the stages do it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.assessment_stage import run_assessment
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.estate_sources import ReadContext
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.estate_stage import EstateRequest, run_estate
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vcenter_arguments import VcenterSettings
from ansible_collections.groundwork.readiness.plugins.plugin_utils.rule_files import checked_catalogue

from tests.counterparts.vcenter import Simulator
from tests.tools.compare_estates import Assessed, read_assessment

NOW = "2026-10-01T06:00:00Z"


@dataclass(frozen=True, slots=True)
class Read:
    """An estate as it was read, and judged."""

    path: Path
    records: dict[str, dict[str, dict[str, Any]]]
    """kind to id to record"""

    @property
    def source(self) -> dict[str, Any]:
        """The record of the only source."""
        (source,) = self.records["source"].values()
        return source

    @property
    def vms(self) -> dict[str, dict[str, Any]]:
        """Moref to VM."""
        return {vm["moref"]: vm for vm in self.records["vm"].values()}

    def assessed(self) -> Assessed:
        """What the rules say of it."""
        dest = self.path.with_name(f"assessment-of-{self.path.name}")
        run_assessment(self.path, checked_catalogue(), dest, "apply")
        return read_assessment(dest)


def login(simulator: Simulator, **overrides: Any) -> dict[str, Any]:
    """How to reach a simulator, as users write it."""
    given = {
        "hostname": simulator.host,
        "port": simulator.port,
        "username": simulator.username,
        "password": simulator.password,
        "ca_path": str(simulator.ca_path),
    }
    return {**given, **overrides}


def read(simulator: Simulator, dest: Path, **overrides: Any) -> Read:
    """The estate of a simulator, written to `dest`."""
    settings = VcenterSettings(**login(simulator, **overrides))
    run_estate(EstateRequest(sources=[{"vcenter": settings}], dest=dest, context=ReadContext(now=NOW)))
    return load(dest)


def load(path: Path) -> Read:
    """An estate that was written before."""
    records: dict[str, dict[str, dict[str, Any]]] = {}
    for record in ArtifactReader(path, "estate"):
        records.setdefault(record["kind"], {})[record["id"]] = record
    return Read(path, records)
