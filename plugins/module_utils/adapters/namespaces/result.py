# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a call of the stage may go, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ...common.artifact import ArtifactWritten
from ...common.errors import ReadinessError
from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ..folder_files import FolderFiles

STAGE: Final = "namespaces"
APPLY, VERIFY, CHECK = "apply", "verify", "check"


@dataclass(frozen=True, slots=True)
class NamespacesResult:
    """What came of one call."""

    artifact: ArtifactWritten
    findings: tuple[CheckFinding, ...] = ()
    """waivers applied, sorted by id"""
    changed: bool = False
    """whether anything was written to the cluster or the GitOps folder; in check mode, whether it would be"""
    counts: Mapping[str, int] = field(default_factory=dict)
    """of findings by result, and of objects: created, updated, deleted; in check mode those that would be"""
    cluster: str = ""
    diffs: Mapping[str, tuple[ApiObject, ApiObject]] = field(default_factory=dict)
    folder: FolderFiles | None = None
    calls: int = 0
    """requests to the cluster, each attempt counted"""
    warnings: tuple[str, ...] = ()
    failure: ReadinessError | None = None
    """what keeps the call from having succeeded although the artifact is there"""
