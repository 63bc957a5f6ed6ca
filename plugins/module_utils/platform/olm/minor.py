# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operators keep a cluster from its next OpenShift minor: olm.maxOpenShiftVersion.

As OLM judges it for its own ClusterOperator (pkg/controller/operators/openshift/helpers.go, v0.38.0): no property allows every
minor, a property that is no MAJOR.MINOR allows none.
"""

from __future__ import annotations

from ...common.findings import CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, NOT_EVALUATED, PASS
from ...target.objects import id_of
from .check_list import check
from .csvs import MAX_OPENSHIFT, is_copied, max_openshift
from .versions import minor_of


def blocks(allowed: str, next_minor: str) -> bool | None:
    """Whether an operator that allows OpenShift up to `allowed` (empty: all) blocks the next minor; None where that is not known."""
    if not allowed:
        return False
    wanted = minor_of(next_minor)
    if wanted is None:
        return None
    last = minor_of(allowed) if allowed.count(".") == 1 else None
    return last is None or last < wanted


def blocks_minor(csv: ApiObject, next_minor: str, subject: str, path: str = "") -> CheckFinding | None:
    """The finding on one CSV; None for a copied one, about which nothing is ever said."""
    return None if is_copied(csv) else _finding(id_of(csv), max_openshift(csv), next_minor, subject, path)


def pin_blocks_minor(csv: str, allowed: str, next_minor: str, subject: str, path: str = "") -> CheckFinding | None:
    """The finding on a pinned CSV that is not installed yet, as its catalog tells of it; None where it blocks nothing."""
    return _finding(csv, allowed, next_minor, f"{subject}, {csv}", path) if blocks(allowed, next_minor) else None


def _finding(csv: str, allowed: str, next_minor: str, subject: str, path: str) -> CheckFinding:
    answer = blocks(allowed, next_minor)
    made = check("minor")
    if answer is None:
        message = "the next OpenShift minor is not known"
        return made.finding(subject, NOT_EVALUATED, NOT_EVALUATED, message=message, path=path, remedy="give cluster.next_minor")
    if not answer:
        return made.finding(subject, IN_STEP, PASS, path=path, remedy="")
    told = (Evidence(f"ClusterServiceVersion {csv}", f"property {MAX_OPENSHIFT}", allowed, f"{next_minor} or later"),)
    message = f"{csv} allows OpenShift up to {allowed} and blocks {next_minor}"
    return made.finding(subject, CHANGED, FAIL, message=message, evidence=told, path=path)
