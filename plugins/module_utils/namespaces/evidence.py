# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown of contracts beyond their objects: headroom, who uses what it is granted, and where work and data are."""

from __future__ import annotations

from dataclasses import dataclass

from ..common.artifact import JsonRecord
from ..common.findings import CheckFinding
from .capacity import headroom_findings, headroom_records, headrooms
from .facts import fact_findings
from .judging import Scene
from .load import PodLoad
from .showback import showback
from .sovereignty.findings import sovereignty_findings


@dataclass(frozen=True, slots=True)
class Evidence:
    """Findings and records beside those on objects."""

    findings: tuple[CheckFinding, ...]
    records: tuple[JsonRecord, ...]


def evidence(scene: Scene, load: PodLoad) -> Evidence:
    """All of it; `load` is what the pods of that look ask for."""
    room = headrooms(scene.kept, scene.plan, scene.snapshot, load)
    findings = (*fact_findings(scene), *headroom_findings(room), *sovereignty_findings(scene.kept, scene.snapshot, load))
    return Evidence(findings, (*headroom_records(room), *showback(scene.kept, scene.plan, scene.snapshot)))
