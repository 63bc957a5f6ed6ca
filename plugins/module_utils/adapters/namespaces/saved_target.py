# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts held against a saved target, without a cluster: what its nodes tell of accelerators, and what contracts tell of themselves.

All else is not evaluated. That is no failure of the call: it was asked for what a saved target can show.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...common.errors import ReadinessError
from ...common.findings import CRITICAL, CheckFinding
from ...common.write_findings import FAIL
from ...namespaces import check_list as checks
from ...namespaces.judging import Scene, findings_of
from ...namespaces.model import NOT_IN_TARGET
from ...namespaces.plan import Served, plan_namespaces
from ...namespaces.readings import RESOURCES
from ...namespaces.verify import verify
from ...platform.accelerators.classes import classes_of
from ...platform.accelerators.fleet import fleet_of_target
from ...platform.snapshot import ClusterFacts, Listed, PlatformSnapshot
from ...target.model import FAILED
from ...target.view import TargetView
from ..artifacts import ArtifactReader
from .artifact import header_of, problems_of, write_artifact
from .request import NamespacesRequest
from .result import NamespacesResult

_AS_ON_OPENSHIFT: Final = Served("v1beta2", cluster_quotas=True, monitors=True, profiles="v1")


def verify_saved(request: NamespacesRequest, path: Path) -> NamespacesResult:
    """What a saved target tells of the contracts. Raises ReadinessError for a file that is no target."""
    view = TargetView(ArtifactReader(path, "target"))
    cluster = view.cluster or {}
    contracts = [each.contract for each in request.placed]
    fleet = fleet_of_target(view, request.catalogue, request.platform)
    plan = plan_namespaces(contracts, classes_of(request.platform, request.catalogue), fleet, _AS_ON_OPENSHIFT, request.today)
    unread = {resource.id: Listed(FAILED, reason=f"{resource.id}: {NOT_IN_TARGET}") for resource in RESOURCES}
    facts = ClusterFacts(str(cluster.get("id", "")), str(cluster.get("kubernetes_version", "")))
    scene = Scene(contracts, plan, fleet, PlatformSnapshot(unread, cluster=facts), request.today)
    verified = verify(request.placed, scene, (), _told(scene), applied=False)
    failing = [finding for finding in verified.findings if finding.result == FAIL and finding.severity == CRITICAL]
    return NamespacesResult(
        artifact=write_artifact(request.dest, header_of(request.mode, request.today, facts.id, request.inputs), verified.records),
        findings=verified.findings,
        counts={**verified.counts, "failed": len(failing)},
        cluster=facts.id,
        warnings=request.warnings,
        failure=_failure(request, path, failing),
    )


def _told(scene: Scene) -> Iterator[CheckFinding]:
    """The findings but for that on kinds, of which a target tells nothing."""
    return (finding for finding in findings_of(scene) if finding.check != checks.KINDS.id)


def _failure(request: NamespacesRequest, path: Path, failing: list[CheckFinding]) -> ReadinessError | None:
    if not failing:
        return None
    message = f"{path.name}: {len(failing)} critical failed, of the {len(request.placed)} contracts that were held against it"
    hint = "Nothing was written. A saved target tells of accelerators alone: hold the contracts against the cluster for the rest."
    return ReadinessError("namespaces_not_kept", message, subject=path.name, problems=problems_of(failing, request.placed), hint=hint)
