# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that belong to the cluster as a whole, or to every part in the same way."""

from __future__ import annotations

from typing import Final

from ..common.findings import INFORMATION, WARNING
from .checks import PARTS, Check

CLUSTER: Final = "cluster"
"""Part of the findings on the cluster as a whole."""

LAYER_OF: Final = {
    "prerequisites": "prerequisites",
    "operators": "operators",
    "accelerators": "accelerators",
    "openshift_ai": "ai_platform",
    "identity": "identity",
    "monitoring": "monitoring",
    "delivery": "delivery",
}

IDENTITY: Final = Check(
    "platform.cluster.identity",
    CLUSTER,
    CLUSTER,
    "The cluster is the one that the document is for",
    "run it on that cluster, or correct cluster.id in the document",
    "config.openshift.io/v1 ClusterVersion spec.clusterID; else the UID of namespace kube-system",
    refuses=True,
)
OPENSHIFT: Final = Check(
    "platform.cluster.openshift",
    CLUSTER,
    CLUSTER,
    "The cluster has the OpenShift minor that the document is for",
    "upgrade the cluster, or correct cluster.openshift in the document",
    "config.openshift.io/v1 ClusterVersion status.history",
    refuses=True,
)
READINGS: Final = Check(
    "platform.cluster.reading",
    CLUSTER,
    CLUSTER,
    "Every list that the document needs could be read",
    "give the account the rights of roles/operators/files/verify_role.yml",
    "the answers of the API server",
    WARNING,
)
RIGHTS: Final = Check(
    "platform.cluster.rights",
    CLUSTER,
    CLUSTER,
    "The account may do what has to be done",
    "give the account the rights of roles/operators/files/apply_rights.yml, and those of its part beside it, such as nodes_rights.yml",
    "authorization.k8s.io/v1 SelfSubjectAccessReview",
    refuses=True,
)


def ready_check(part: str, layer: str = "") -> Check:
    """The check that something of a part works, in another layer than the part's own where one is given."""
    return Check(
        f"platform.{part}.ready",
        part,
        layer or LAYER_OF[part],
        "What has to work works, as its own controller says",
        "see what its controller says, and its events and pods",
        "status of the object: conditions by type, status and observed generation",
    )


def _gitops(part: str) -> Check:
    return Check(
        f"platform.{part}.gitops",
        part,
        LAYER_OF[part],
        "What the document asks for can be brought about by GitOps alone",
        "do it by hand, or run without readiness_platform_gitops_dir",
        "what Argo CD applies are objects; a deletion or an approval is none",
        INFORMATION,
    )


READY: Final = {part: ready_check(part) for part in PARTS}
GITOPS: Final = {part: _gitops(part) for part in PARTS}
CHECKS: Final[tuple[Check, ...]] = (IDENTITY, OPENSHIFT, READINGS, RIGHTS, *READY.values(), *GITOPS.values())
