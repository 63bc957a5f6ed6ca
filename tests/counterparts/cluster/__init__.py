# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real cluster to test against: etcd, kube-apiserver, its controllers and scheduler, and nodes that kwok plays.

`with cluster(crds=("forklift.konveyor.io",), nodes=[node("worker-0")]) as found:` gives a running one; what is in `Cluster` is
all that a client needs. The programs are built once, from the pins in `programs/`, into the cache outside the checkout.
Nothing runs in the pods, and no volume is provisioned.
"""

from __future__ import annotations

from tests.counterparts.cluster.audit import Audit, AuditLog, Call
from tests.counterparts.cluster.client import Answer, Client, ClusterError, condition, wait_until
from tests.counterparts.cluster.commands import Oidc
from tests.counterparts.cluster.crds import PLATFORM, VIRTUALIZATION, crd_files, crds_available
from tests.counterparts.cluster.faults import Fault, FaultProxy, Spoiled
from tests.counterparts.cluster.objects import node, virtualization_nodes
from tests.counterparts.cluster.running import Cluster
from tests.counterparts.cluster.start import cluster, shared_cluster
from tests.counterparts.cluster.webhook import DenyingWebhook

__all__ = [
    "PLATFORM",
    "VIRTUALIZATION",
    "Answer",
    "Audit",
    "AuditLog",
    "Call",
    "Client",
    "Cluster",
    "ClusterError",
    "DenyingWebhook",
    "Fault",
    "FaultProxy",
    "Oidc",
    "Spoiled",
    "cluster",
    "condition",
    "crd_files",
    "crds_available",
    "node",
    "shared_cluster",
    "virtualization_nodes",
    "wait_until",
]
