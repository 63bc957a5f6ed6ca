# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue of checks that the platform stage makes: each part lists its own, and docs/platform.md shows them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..common.findings import CRITICAL, CheckFinding

PARTS: Final = ("prerequisites", "operators", "accelerators", "openshift_ai", "identity", "monitoring", "delivery")
"""The parts of the stage in the order in which they run."""

PARTS_OF_LAYERS: Final[Mapping[str, str]] = {
    "cluster": "",
    "prerequisites": "prerequisites",
    "operators": "operators",
    "node_features": "accelerators",
    "accelerators": "accelerators",
    "queues": "openshift_ai",
    "ai_platform": "openshift_ai",
    "serving": "openshift_ai",
    "models": "openshift_ai",
    "identity": "identity",
    "monitoring": "monitoring",
    "delivery": "delivery",
}
"""The layers of the stack from the ground up, and the part that looks at each; every part looks at the cluster."""

LAYERS: Final = tuple(PARTS_OF_LAYERS)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its id says stage, part and what is checked."""

    id: str
    part: str
    layer: str
    title: str
    """what holds when it passes, in one sentence without a full stop"""
    remedy: str
    """what to do when it fails, unless the finding knows better"""
    source: str
    """where the fact comes from: a reference, a type of an API"""
    severity: str = CRITICAL
    refuses: bool = False
    """whether nothing is written while it fails"""

    def finding(self, subject: str, state: str, result: str, **more: Any) -> CheckFinding:
        """A finding of this check; `more` are further fields of the finding and beat what the check says."""
        kept: dict[str, Any] = {"severity": self.severity, "remedy": self.remedy, "refuses": self.refuses, "layer": self.layer}
        return CheckFinding(self.id, self.part, subject, state, result, **{**kept, **more})


def by_id(checks: Iterable[Check]) -> dict[str, Check]:
    """Checks by their ids, which are unique."""
    return {check.id: check for check in checks}
